//! Whatever of a delivery is changed, it is refused.

use http::{HeaderMap, HeaderValue};

use super::*;

#[test]
fn a_delivery_as_it_was_signed_is_verified() {
    assert!(verify(header_text()).is_ok());
    let headers = signed(Scheme::STANDARD, STANDARD_SECRET, BODY);
    assert!(standard_verifier().verify(&headers, BODY, now()).is_ok());
}

#[test]
fn every_flipped_bit_of_a_body_is_noticed() {
    for (scheme, secret) in SCHEMES {
        let headers = signed(scheme, secret, BODY);
        let verifier = Verifier::new(scheme, [secret]).unwrap();
        for body in flips(BODY.as_bytes()) {
            let verified = verifier.verify(&headers, body.clone(), now());
            assert_eq!(kind(verified), Some(VerifyErrorKind::Forged), "{body:?}");
        }
    }
}

#[test]
fn every_body_that_is_shorter_or_longer_is_refused() {
    for (scheme, secret) in SCHEMES {
        let headers = signed(scheme, secret, BODY);
        let verifier = Verifier::new(scheme, [secret]).unwrap();
        let shorter = (0..BODY.len()).map(|end| BODY[..end].to_owned());
        for body in shorter.chain([format!("{BODY} "), format!("{BODY}\0"), format!(" {BODY}")]) {
            let verified = verifier.verify(&headers, body.clone(), now());
            assert_eq!(kind(verified), Some(VerifyErrorKind::Forged), "{body}");
        }
    }
}

#[test]
fn every_flipped_bit_of_a_header_is_noticed() {
    for (scheme, secret) in SCHEMES {
        let good = signed(scheme, secret, BODY);
        let verifier = Verifier::new(scheme, [secret]).unwrap();
        for (name, value) in &good {
            for changed in flips(value.as_bytes()) {
                // What no header can hold does not arrive. Hex means the same in either case.
                let Ok(changed) = HeaderValue::from_bytes(&changed) else { continue };
                let mut headers = good.clone();
                headers.insert(name, changed.clone());
                let verified = verifier.verify(&headers, BODY, now()).is_ok();
                assert_eq!(verified, is_same_hex(value, &changed), "{name}: {changed:?}");
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_a_secret_is_noticed() {
    for (scheme, secret) in SCHEMES {
        let headers = signed(scheme, secret, BODY);
        for changed in flips(secret.as_bytes()) {
            // A secret is text.
            let Ok(changed) = String::from_utf8(changed) else { continue };
            assert_ne!(verify_with(scheme, &changed, &headers), Ok(true), "{changed}");
        }
    }
}

#[test]
fn a_signature_of_other_secrets_is_forged() {
    let other = signed(TIMESTAMPED, "fake-endpoint-secret-0002", BODY);
    assert_eq!(kind(verifier().verify(&other, BODY, now())), Some(VerifyErrorKind::Forged));
}

#[test]
fn the_signature_of_another_delivery_is_forged() {
    let other = signed(TIMESTAMPED, SECRET, "{}");
    assert_eq!(kind(verifier().verify(&other, BODY, now())), Some(VerifyErrorKind::Forged));
}

#[test]
fn a_signature_is_worth_nothing_under_another_scheme() {
    let scheme = Scheme::STANDARD.with_secret_form(specwright_webhooks::SecretForm::Text);
    let verifier = Verifier::new(scheme, [SECRET]).unwrap();
    let headers = signed(TIMESTAMPED, SECRET, BODY);
    assert_eq!(kind(verifier.verify(&headers, BODY, now())), Some(VerifyErrorKind::Unsigned));
}

#[test]
fn what_is_not_json_is_forged_and_nothing_else() {
    let body = vec![0xFF; 64];
    let verified = verifier().verify(&header(header_text()), body, now());
    assert_eq!(kind(verified), Some(VerifyErrorKind::Forged));
}

#[test]
fn a_signed_body_that_is_not_json_is_verified() {
    let headers = signed(TIMESTAMPED, SECRET, "[[[[");
    let delivery = verifier().verify(&headers, "[[[[", now()).unwrap();
    assert!(delivery.id().is_err());
    assert!(delivery.event::<Vec<bool>>().is_err());
}

#[test]
fn a_signature_that_fits_two_messages_is_refused_for_either() {
    let old = NOW - 1_000;
    let message =
        |id: &str, seconds: u64, body: &str| (signed_message(id, seconds, body), body.to_owned());
    let one = message("msg", old, &format!("{NOW}.{{}}"));
    let other = message(&format!("msg.{old}"), NOW, "{}");
    assert_eq!(one.0["webhook-signature"], other.0["webhook-signature"]);
    for (headers, body) in [one, other] {
        let verified = standard_verifier().verify(&headers, body, now());
        assert_eq!(kind(verified), Some(VerifyErrorKind::Malformed));
    }
}

fn signed_message(id: &str, seconds: u64, body: &str) -> HeaderMap {
    let id = EventId::new(id).unwrap();
    Signer::new(Scheme::STANDARD, STANDARD_SECRET)
        .unwrap()
        .sign(&id, at(seconds), body.as_bytes())
        .unwrap()
}

/// Whether both are a `t` and a signature in hex of any case. Hex means the same in either case, so nothing was changed.
fn is_same_hex(one: &HeaderValue, other: &HeaderValue) -> bool {
    let parts = |value: &HeaderValue| {
        let (before, hex) = value.to_str().ok()?.split_once("v1=")?;
        before.starts_with("t=").then(|| (before.to_owned(), hex.to_ascii_lowercase()))
    };
    parts(one).is_some() && parts(one) == parts(other)
}

const SCHEMES: [(Scheme, &str); 2] = [(TIMESTAMPED, SECRET), (Scheme::STANDARD, STANDARD_SECRET)];

/// The bytes with one bit changed, for each bit.
fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        changed
    })
}
