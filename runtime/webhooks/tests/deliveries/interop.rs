//! In both directions with the library of the Standard Webhooks project.

use http::HeaderMap;
use standardwebhooks::Webhook;

use super::*;

const BODIES: [&str; 4] = [BODY, "", "{}", r#"{"name":"é 🦀"}"#];

#[test]
fn what_the_other_library_signs_is_verified() {
    for body in BODIES {
        let verified = standard_verifier().verify(&signed_by_the_other(NOW, body), body, now());
        assert_eq!(verified.unwrap().id().unwrap(), id(), "{body}");
    }
}

#[test]
fn the_other_library_signs_the_same() {
    for body in BODIES {
        assert_eq!(
            signed(Scheme::STANDARD, STANDARD_SECRET, body),
            signed_by_the_other(NOW, body),
            "{body}"
        );
    }
}

/// The other library compares with the clock of the machine, so this is signed by it.
#[test]
#[expect(clippy::disallowed_methods, reason = "the other library reads the clock of the machine")]
fn the_other_library_verifies_what_is_signed_here() {
    let other = Webhook::new(STANDARD_SECRET).unwrap();
    let signer = Signer::new(Scheme::STANDARD, STANDARD_SECRET).unwrap();
    for body in BODIES {
        let headers = signer.sign(&id(), SystemTime::now(), body.as_bytes()).unwrap();
        assert!(other.verify(body.as_bytes(), &headers).is_ok(), "{body}");
        assert!(other.verify(b"other", &headers).is_err(), "{body}");
    }
}

#[test]
fn a_secret_without_its_prefix_is_the_same_secret() {
    let bare = STANDARD_SECRET.strip_prefix("whsec_").unwrap();
    let headers = signed_by_the_other(NOW, BODY);
    assert_eq!(verify_with(Scheme::STANDARD, bare, &headers), Ok(true));
}

#[test]
fn signatures_with_keys_of_two_parts_are_ignored() {
    let mut headers = signed_by_the_other(NOW, BODY);
    let symmetric = headers["webhook-signature"].to_str().unwrap().to_owned();
    headers.insert("webhook-signature", format!("v1a,ZmFrZQ== {symmetric}").parse().unwrap());
    assert!(standard_verifier().verify(&headers, BODY, now()).is_ok());
    headers.insert("webhook-signature", symmetric.replace("v1,", "v1a,").parse().unwrap());
    let verified = standard_verifier().verify(&headers, BODY, now());
    assert_eq!(kind(verified), Some(VerifyErrorKind::Unsigned));
}

fn signed_by_the_other(seconds: u64, body: &str) -> HeaderMap {
    let other = Webhook::new(STANDARD_SECRET).unwrap();
    let time = i64::try_from(seconds).unwrap();
    let signature = other.sign(id().as_str(), time, body.as_bytes()).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("webhook-id", id().as_str().parse().unwrap());
    headers.insert("webhook-timestamp", seconds.to_string().parse().unwrap());
    headers.insert("webhook-signature", signature.parse().unwrap());
    headers
}
