//! The header `t=TIME,v1=HEX,v1=HEX`.

use http::HeaderMap;

use crate::delivery::IdPlace;
use crate::mac::Tag;
use crate::signed::{self, Signed, SignedAt};
use crate::verify::VerifyErrorKind;

/// Reads the header. Of `t` there is exactly one; of `v1` there may be several, while a secret is replaced.
pub(crate) fn read(
    headers: &HeaderMap,
    name: &str,
    id: &'static str,
) -> Result<Signed, VerifyErrorKind> {
    let header = signed::single(headers, name)?;
    let mut time = None;
    let mut tags = Vec::new();
    for item in signed::items(header, ',')? {
        match item.split_once('=') {
            // Of two times one would be signed and the other one checked.
            Some(("t", _)) if time.is_some() => return Err(VerifyErrorKind::Malformed),
            Some(("t", text)) => time = Some(text),
            Some(("v1", hex)) => tags.push(tag(hex)),
            Some(_) | None => {}
        }
    }
    let time = SignedAt::read(time.ok_or(VerifyErrorKind::Malformed)?)?;
    Signed::new(prefix(time.text), time.moment, IdPlace::Body(id), tags)
}

/// What is signed before the body.
pub(crate) fn prefix(time: &str) -> String {
    format!("{time}.")
}

/// The signature as this scheme writes it.
pub(crate) fn write(time: &str, tag: &Tag) -> String {
    let hex: String = tag.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect();
    format!("t={time},v1={hex}")
}

fn digit(nibble: u8) -> char {
    char::from_digit(nibble.into(), 16).unwrap_or('0')
}

/// A signature in hex of either case.
fn tag(hex: &str) -> Option<Tag> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let mut tag = Tag::default();
    if !rest.is_empty() || pairs.len() != tag.len() {
        return None;
    }
    for (byte, pair) in tag.iter_mut().zip(pairs) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? << 4 | low?).ok()?;
    }
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_either_case() {
        let (lower, upper) = ("0a".repeat(32), "0A".repeat(32));
        assert_eq!((tag(&lower), tag(&upper)), (Some([10; 32]), Some([10; 32])));
    }

    #[test]
    fn hex_of_another_length_is_no_signature() {
        for length in [0, 1, 62, 63, 65, 66] {
            assert_eq!(tag(&"0".repeat(length)), None, "{length} digits");
        }
    }

    #[test]
    fn a_sign_is_no_digit() {
        assert_eq!(tag(&"+1".repeat(32)), None);
    }

    #[test]
    fn what_is_written_is_read() {
        let tag_of_all = std::array::from_fn(|at| u8::try_from(at * 8).unwrap());
        let written = write("1", &tag_of_all);
        assert_eq!(tag(written.strip_prefix("t=1,v1=").unwrap()), Some(tag_of_all));
    }
}
