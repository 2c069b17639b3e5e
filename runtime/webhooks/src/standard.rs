//! The three headers of Standard Webhooks 1.0.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use crate::delivery::IdPlace;
use crate::event_id::EventId;
use crate::mac::Tag;
use crate::signed::{self, Signed, SignedAt};
use crate::verify::VerifyErrorKind;

pub(crate) const ID: &str = "webhook-id";
pub(crate) const TIMESTAMP: &str = "webhook-timestamp";
pub(crate) const SIGNATURE: &str = "webhook-signature";

/// Reads the headers.
pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Signed, VerifyErrorKind> {
    let signatures = signed::single(headers, SIGNATURE)?;
    let id = EventId::new(signed::single(headers, ID)?).map_err(|_| VerifyErrorKind::Malformed)?;
    let time = SignedAt::read(signed::single(headers, TIMESTAMP)?)?;
    if is_ambiguous(id.as_str(), body) {
        return Err(VerifyErrorKind::Malformed);
    }
    let mut tags = Vec::new();
    for item in signed::items(signatures, ' ')? {
        if let Some(("v1", base64)) = item.split_once(',') {
            tags.push(tag(base64));
        }
    }
    Signed::new(prefix(&id, time.text), time.moment, IdPlace::Header(id), tags)
}

/// What is signed before the body.
pub(crate) fn prefix(id: &EventId, time: &str) -> String {
    format!("{id}.{time}.")
}

/// The signature as this scheme writes it.
pub(crate) fn write(tag: &Tag) -> String {
    format!("v1,{}", STANDARD.encode(tag))
}

/// Whether the same signature would fit another message: `a.1.2.{}` is the message `a` of time 1 with the body `2.{}`, and
/// the message `a.1` of time 2 with the body `{}`.
///
/// The specification warns senders of dots in ids. This refuses no more than both readings of such a text: no event begins
/// with digits and a dot, and other dots in ids do no harm.
fn is_ambiguous(id: &str, body: &[u8]) -> bool {
    let ends_with_number = id
        .rsplit_once('.')
        .is_some_and(|(_, end)| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit()));
    let digits = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
    ends_with_number || (digits > 0 && body.get(digits) == Some(&b'.'))
}

/// A signature in base64. Each has one spelling: padding is needed, and bits that say nothing are zero.
fn tag(base64: &str) -> Option<Tag> {
    STANDARD.decode(base64).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let written = write(&[7; 32]);
        assert_eq!(tag(written.strip_prefix("v1,").unwrap()), Some([7; 32]));
    }

    #[test]
    fn a_second_spelling_of_a_signature_is_none() {
        let one = STANDARD.encode([0; 32]);
        assert_eq!(tag(&one), Some([0; 32]));
        assert_eq!(tag(&one.replace("A=", "B=")), None);
        assert_eq!(tag(one.trim_end_matches('=')), None);
    }

    #[test]
    fn a_body_that_begins_with_digits_and_a_dot_is_ambiguous() {
        for body in ["2.{}", "1614265330.", "0.5"] {
            assert!(is_ambiguous("a", body.as_bytes()), "{body}");
        }
        for body in ["", ".", ".5", "{}", "2", "2{}.", "-1.5", " 1.5"] {
            assert!(!is_ambiguous("a", body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn an_id_that_ends_with_a_dot_and_digits_is_ambiguous() {
        for id in ["a.1", ".1", "a.b.22"] {
            assert!(is_ambiguous(id, b"{}"), "{id}");
        }
        for id in ["a", "1", "a.", "a.b", "1.a", "a.1b"] {
            assert!(!is_ambiguous(id, b"{}"), "{id}");
        }
    }
}
