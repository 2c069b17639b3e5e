//! An alternative of a union that the document does not name.

use std::fmt;

use crate::json::{Decode, DecodeError, Encode, Node, Writer, from_slice};
use crate::types::Json;

/// Keeps the JSON text of an alternative that this version of the crate does not know.
///
/// It is written back byte for byte. It is opaque so that nobody reads a member that a later version turns into a
/// variant of its own, and its `Debug` shows no more than its length: what nobody described may hold a secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownJson(Box<str>);

impl UnknownJson {
    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as a tree.
    pub fn to_json(&self) -> Json {
        // The text was read once, as a part of a larger one, so it can be read again.
        from_slice(self.0.as_bytes()).unwrap_or(Json::Null)
    }
}

impl fmt::Debug for UnknownJson {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "UnknownJson({} bytes)", self.0.len())
    }
}

impl Decode for UnknownJson {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        Ok(Self(from.raw().into()))
    }
}

impl Encode for UnknownJson {
    fn encode(&self, to: &mut Writer) {
        to.raw_value(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::to_vec;

    #[test]
    fn the_text_comes_back_byte_for_byte() {
        let text = br#"[{"kind":"new", "n": 12345678901234567890123, "s": "\u00e4"}]"#;
        let kept: Vec<UnknownJson> = from_slice(text).unwrap();
        assert_eq!(kept[0].as_str(), &std::str::from_utf8(text).unwrap()[1..text.len() - 1]);
        assert_eq!(to_vec(&kept).unwrap(), text);
    }

    #[test]
    fn a_string_keeps_its_quotes() {
        let kept: UnknownJson = from_slice(br#" "a\"b" "#).unwrap();
        assert_eq!(kept.as_str(), r#""a\"b""#);
        assert_eq!(kept.to_json(), Json::from("a\"b"));
    }

    #[test]
    fn debug_shows_nothing_of_the_text() {
        let kept: UnknownJson = from_slice(br#"{"client_secret":"canary"}"#).unwrap();
        assert_eq!(format!("{kept:?}"), "UnknownJson(26 bytes)");
    }
}
