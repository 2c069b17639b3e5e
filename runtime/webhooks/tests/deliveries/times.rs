//! When a delivery was signed, and what it may say of that.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::*;

#[test]
fn a_signature_is_taken_for_300_seconds() {
    assert_eq!(signed_ago(300), None);
    assert_eq!(signed_ago(301), Some(VerifyErrorKind::Stale));
}

#[test]
fn a_signature_is_taken_60_seconds_ahead() {
    assert_eq!(signed_ahead(60), None);
    assert_eq!(signed_ahead(61), Some(VerifyErrorKind::Early));
}

#[test]
fn the_tolerance_ends_within_a_second() {
    let headers = signed(TIMESTAMPED, SECRET, BODY);
    let verified = |later: Duration| kind(verifier().verify(&headers, BODY, now() + later));
    assert_eq!(verified(Duration::from_secs(300)), None);
    assert_eq!(
        verified(Duration::from_secs(300) + Duration::from_millis(1)),
        Some(VerifyErrorKind::Stale)
    );
}

#[test]
fn both_tolerances_can_be_set() {
    let verifier =
        verifier().with_past(Duration::from_secs(10)).with_future(Duration::from_secs(2));
    let verified = |seconds: u64| {
        let headers = signed_at(TIMESTAMPED, SECRET, seconds, BODY);
        kind(verifier.verify(&headers, BODY, now()))
    };
    assert_eq!([verified(NOW - 10), verified(NOW + 2)], [None, None]);
    assert_eq!(verified(NOW - 11), Some(VerifyErrorKind::Stale));
    assert_eq!(verified(NOW + 3), Some(VerifyErrorKind::Early));
}

#[test]
fn an_old_time_that_was_not_signed_is_forged_and_not_stale() {
    let text = header_text().replace(&NOW.to_string(), &(NOW - 86_400).to_string());
    assert_eq!(kind(verify(text)), Some(VerifyErrorKind::Forged));
}

#[test]
fn a_new_time_cannot_be_put_on_an_old_signature() {
    let old = signed_at(TIMESTAMPED, SECRET, NOW - 86_400, BODY);
    let text = old[HEADER].to_str().unwrap().replace(&(NOW - 86_400).to_string(), &NOW.to_string());
    assert_eq!(kind(verify(text)), Some(VerifyErrorKind::Forged));
}

#[test]
fn the_first_second_and_the_last_one_are_times() {
    assert_eq!(signed_with("0"), Some(VerifyErrorKind::Stale));
    assert_eq!(signed_with("99999999999"), Some(VerifyErrorKind::Early));
}

#[test]
fn leading_zeros_are_signed_as_they_came() {
    assert_eq!(signed_with("01773129600"), None);
}

#[test]
fn a_time_that_is_written_otherwise_than_it_was_signed_is_forged() {
    assert_eq!(kind(verify(header_text().replace("t=", "t=0"))), Some(VerifyErrorKind::Forged));
}

#[test]
fn what_is_no_time_is_malformed_however_it_is_signed() {
    for text in [
        "",
        "-1",
        "+1773129600",
        "-9223372036854775808",
        "9223372036854775807",
        "18446744073709551615",
        "18446744073709551616",
        "100000000000",
        "000000000000",
        "001773129600",
        "1773129600.0",
        "1.7731296e9",
        "0x69afd380",
        "1_773_129_600",
        " 1773129600",
        "1773129600 ",
        "NaN",
        "2026-03-10",
    ] {
        assert_eq!(signed_with(text), Some(VerifyErrorKind::Malformed), "{text}");
    }
}

#[test]
fn digits_of_other_scripts_are_no_time() {
    for text in ["１７７３１２９６００", "١٧٧٣١٢٩٦٠٠"] {
        let verified = verify(format!("t={text},v1={}", hex()));
        assert_eq!(kind(verified), Some(VerifyErrorKind::Malformed), "{text}");
    }
}

#[test]
fn a_clock_before_1970_finds_everything_early() {
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1_000);
    let verified = verifier().verify(&header(header_text()), BODY, before);
    assert_eq!(kind(verified), Some(VerifyErrorKind::Early));
}

#[test]
fn a_delivery_says_when_it_was_signed() {
    let headers = signed_at(Scheme::STANDARD, STANDARD_SECRET, NOW - 5, BODY);
    let delivery = standard_verifier().verify(&headers, BODY, now()).unwrap();
    assert_eq!(delivery.signed_at(), at(NOW - 5));
}

fn signed_ago(seconds: u64) -> Option<VerifyErrorKind> {
    let headers = signed_at(TIMESTAMPED, SECRET, NOW - seconds, BODY);
    kind(verifier().verify(&headers, BODY, now()))
}

fn signed_ahead(seconds: u64) -> Option<VerifyErrorKind> {
    let headers = signed_at(TIMESTAMPED, SECRET, NOW + seconds, BODY);
    kind(verifier().verify(&headers, BODY, now()))
}

/// What is said of a time that the vendor has signed, written like this.
fn signed_with(text: &str) -> Option<VerifyErrorKind> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{text}.{BODY}").as_bytes());
    let code = mac.finalize().into_bytes();
    kind(verify(format!("t={text},v1={code:x}")))
}
