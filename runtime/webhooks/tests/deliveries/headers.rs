//! How headers are read.

use http::{HeaderMap, HeaderValue};

use super::*;

#[test]
fn a_delivery_without_the_header_is_unsigned() {
    let verified = verifier().verify(&HeaderMap::new(), BODY, now());
    assert_eq!(kind(verified), Some(VerifyErrorKind::Unsigned));
}

#[test]
fn each_header_of_standard_webhooks_is_needed() {
    let good = signed(Scheme::STANDARD, STANDARD_SECRET, BODY);
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut headers = good.clone();
        headers.remove(name);
        let verified = standard_verifier().verify(&headers, BODY, now());
        assert_eq!(kind(verified), Some(VerifyErrorKind::Unsigned), "{name}");
    }
}

#[test]
fn a_header_that_is_there_twice_is_malformed() {
    for (verifier, scheme, secret) in [
        (verifier(), TIMESTAMPED, SECRET),
        (standard_verifier(), Scheme::STANDARD, STANDARD_SECRET),
    ] {
        let good = signed(scheme, secret, BODY);
        for (name, value) in &good {
            let mut headers = good.clone();
            headers.append(name, value.clone());
            let verified = verifier.verify(&headers, BODY, now());
            assert_eq!(kind(verified), Some(VerifyErrorKind::Malformed), "{name}");
        }
    }
}

#[test]
fn the_name_of_the_header_is_read_in_any_case() {
    let scheme = Scheme::timestamped("x-FAKE-signature", "/event/id");
    let verifier = Verifier::new(scheme, [SECRET]).unwrap();
    assert!(verifier.verify(&header(header_text()), BODY, now()).is_ok());
}

#[test]
fn items_may_come_in_any_order() {
    assert!(verify(format!("v1={},t={NOW}", hex())).is_ok());
}

#[test]
fn hex_may_be_in_either_case() {
    assert!(verify(format!("t={NOW},v1={}", hex().to_uppercase())).is_ok());
}

#[test]
fn items_of_other_names_are_ignored() {
    assert!(verify(format!("v0=x,t={NOW},,=,new,v1={},v2=y", hex())).is_ok());
}

#[test]
fn names_of_items_are_read_exactly() {
    for text in ["T={t},v1={hex}", "t={t},V1={hex}", " t={t},v1={hex}", "t={t}, v1={hex}"] {
        let text = text.replace("{t}", &NOW.to_string()).replace("{hex}", &hex());
        assert!(verify(&text).is_err(), "{text}");
    }
}

#[test]
fn a_header_without_a_time_is_malformed() {
    assert_eq!(kind(verify(format!("v1={}", hex()))), Some(VerifyErrorKind::Malformed));
}

#[test]
fn a_second_time_is_malformed_even_if_it_is_the_same() {
    let text = format!("{},t={NOW}", header_text());
    assert_eq!(kind(verify(text)), Some(VerifyErrorKind::Malformed));
}

#[test]
fn a_header_without_a_signature_of_the_scheme_is_unsigned() {
    for text in [format!("t={NOW}"), format!("t={NOW},v0={}", hex())] {
        assert_eq!(kind(verify(&text)), Some(VerifyErrorKind::Unsigned), "{text}");
    }
}

#[test]
fn one_signature_of_several_is_enough() {
    let wrong = "0".repeat(64);
    for text in
        [format!("t={NOW},v1={wrong},v1={}", hex()), format!("t={NOW},v1={},v1={wrong}", hex())]
    {
        assert!(verify(&text).is_ok(), "{text}");
    }
}

#[test]
fn a_signature_that_is_no_hex_does_not_spoil_another_one() {
    assert!(verify(format!("t={NOW},v1=nonsense,v1={}", hex())).is_ok());
}

#[test]
fn a_signature_that_is_no_hex_is_forged() {
    for hex in ["", "0", "nonsense", &hex()[1..], &format!("{}00", hex())] {
        let text = format!("t={NOW},v1={hex}");
        assert_eq!(kind(verify(&text)), Some(VerifyErrorKind::Forged), "{text}");
    }
}

#[test]
fn sixteen_items_are_read_and_seventeen_are_not() {
    let items = |more: usize| format!("{}{}", header_text(), ",v0=x".repeat(more));
    assert!(verify(items(14)).is_ok());
    assert_eq!(kind(verify(items(15))), Some(VerifyErrorKind::Malformed));
}

#[test]
fn sixteen_standard_signatures_are_read_and_seventeen_are_not() {
    let good = signed(Scheme::STANDARD, STANDARD_SECRET, BODY);
    let verify = |more: usize| {
        let mut headers = good.clone();
        let text = format!("{}{}", " v1a,x".repeat(more), "");
        let first = good["webhook-signature"].to_str().unwrap();
        headers.insert("webhook-signature", format!("{first}{text}").parse().unwrap());
        standard_verifier().verify(&headers, BODY, now())
    };
    assert!(verify(15).is_ok());
    assert_eq!(kind(verify(16)), Some(VerifyErrorKind::Malformed));
}

#[test]
fn a_header_of_1024_bytes_is_read_and_one_of_1025_is_not() {
    let filled = |length: usize| {
        let text = header_text() + ",v0=";
        format!("{text}{}", "x".repeat(length - text.len()))
    };
    assert!(verify(filled(1_024)).is_ok());
    assert_eq!(kind(verify(filled(1_025))), Some(VerifyErrorKind::Malformed));
}

#[test]
fn a_header_that_is_no_text_is_malformed() {
    let mut bytes = header_text().into_bytes();
    bytes.extend(b",v0=\xC3\xA9");
    assert_eq!(kind(verify(bytes)), Some(VerifyErrorKind::Malformed));
}

#[test]
fn a_standard_id_has_at_most_256_bytes() {
    let verified = |length: usize| {
        let mut headers = signed(Scheme::STANDARD, STANDARD_SECRET, BODY);
        headers.insert("webhook-id", "m".repeat(length).parse().unwrap());
        kind(standard_verifier().verify(&headers, BODY, now()))
    };
    assert_eq!(verified(256), Some(VerifyErrorKind::Forged));
    assert_eq!(verified(257), Some(VerifyErrorKind::Malformed));
}

#[test]
fn a_body_of_one_mebibyte_is_read_and_a_longer_one_is_not() {
    let verified = |length: usize| {
        let body = " ".repeat(length);
        kind(verifier().verify(&signed(TIMESTAMPED, SECRET, &body), body, now()))
    };
    assert_eq!(verified(1_048_576), None);
    assert_eq!(verified(1_048_577), Some(VerifyErrorKind::TooLarge));
}

#[test]
fn no_header_makes_it_panic() {
    let parts =
        ["t=", "v1=", ",", "=", "1773129600", "0a", "é", " ", "\t", "whsec_", "v1,", "AAAA"];
    proptest::proptest!(|(picks in proptest::collection::vec(0..parts.len(), 0..40))| {
        let text: String = picks.iter().map(|pick| parts[*pick]).collect();
        let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("t"));
        let mut headers = HeaderMap::new();
        for name in [HEADER, "webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, value.clone());
        }
        assert!(verifier().verify(&headers, BODY, now()).is_err());
        assert!(standard_verifier().verify(&headers, BODY, now()).is_err());
    });
}
