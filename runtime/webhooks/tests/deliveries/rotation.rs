//! Several secrets, while one takes the place of another.

use super::*;

const SECRETS: [&str; 4] = ["fake-one", "fake-two", "fake-three", "fake-four"];

#[test]
fn each_of_four_secrets_verifies() {
    let verifier = Verifier::new(TIMESTAMPED, SECRETS).unwrap();
    for secret in SECRETS {
        let headers = signed(TIMESTAMPED, secret, BODY);
        assert!(verifier.verify(&headers, BODY, now()).is_ok(), "{secret}");
    }
}

#[test]
fn a_secret_that_was_taken_away_verifies_nothing() {
    let verifier = Verifier::new(TIMESTAMPED, SECRETS.into_iter().skip(1)).unwrap();
    let headers = signed(TIMESTAMPED, SECRETS[0], BODY);
    assert_eq!(kind(verifier.verify(&headers, BODY, now())), Some(VerifyErrorKind::Forged));
}

#[test]
fn no_secret_and_five_secrets_make_no_verifier() {
    let none: [&str; 0] = [];
    assert_eq!(Verifier::new(TIMESTAMPED, none).err(), Some(SecretsError::None));
    assert_eq!(Verifier::new(TIMESTAMPED, ["a"; 5]).err(), Some(SecretsError::TooMany));
}

#[test]
fn what_is_signed_with_old_and_new_secret_is_verified_by_either() {
    let hex_of = |secret| {
        let headers = signed(TIMESTAMPED, secret, BODY);
        headers[HEADER].to_str().unwrap().rsplit('=').next().unwrap().to_owned()
    };
    let both = header(format!("t={NOW},v1={},v1={}", hex_of("fake-old"), hex_of("fake-new")));
    for secret in ["fake-old", "fake-new"] {
        assert_eq!(verify_with(TIMESTAMPED, secret, &both), Ok(true), "{secret}");
    }
    assert_eq!(verify_with(TIMESTAMPED, "fake-other", &both), Ok(false));
}

#[test]
fn nothing_shows_a_secret_or_a_body() {
    let verifier = Verifier::new(TIMESTAMPED, ["canary-secret"]).unwrap();
    let signer = Signer::new(TIMESTAMPED, "canary-secret").unwrap();
    let body = r#"{"event":{"id":"evt_fake_0001","data":"canary-body"}}"#;
    let headers = signer.sign(&id(), now(), body.as_bytes()).unwrap();
    let delivery = verifier.verify(&headers, body, now()).unwrap();
    let forged = verifier.verify(&headers, "canary-body", now()).unwrap_err();
    let shown = format!("{verifier:?} {signer:?} {delivery:?} {forged:?} {forged}");
    assert!(!shown.contains("canary"), "{shown}");
}
