//! The key itself.

use std::fmt;

use http::HeaderValue;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use specwright_core::random::Random;

/// The longest key: the limit of the APIs that state one.
const MAX_LENGTH: usize = 255;

/// Names one logical operation towards the server, whatever the number of attempts.
///
/// A key is no secret: it appears in logs and errors, because it is what support of the API asks for. It must not be
/// guessable all the same, since on some servers it opens a stored answer; so [`IdempotencyKey::mint`] draws 122 random
/// bits.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    value: HeaderValue,
}

impl IdempotencyKey {
    /// Makes a new key: the text of a random UUID (RFC 9562 §5.4).
    ///
    /// `random` must be fit for cryptographic keys, as every [`Random`] is. A cheap generator that is copied with a
    /// virtual machine or a fork would give the same key to two different operations, and the second would silently
    /// get the answer of the first.
    pub fn mint(random: &dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        let text = uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
        Self { value: header_value(&text).unwrap_or_else(|_| unreachable!("a UUID is a key")) }
    }

    /// Takes the caller's own key: 1 to 255 visible ASCII characters, without blanks.
    ///
    /// For operations that must stay one across restarts of the program. A key must never name two different requests:
    /// a server may answer the second with what it stored for the first.
    pub fn new(text: impl AsRef<str>) -> Result<Self, KeyError> {
        header_value(text.as_ref()).map(|value| Self { value })
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        self.value.to_str().unwrap_or_else(|_| unreachable!("a key is visible ASCII"))
    }

    /// The value of the header that carries the key.
    pub fn header_value(&self) -> &HeaderValue {
        &self.value
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_tuple("IdempotencyKey").field(&self.as_str()).finish()
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}

/// Its text, for whoever keeps it beside an operation.
impl Serialize for IdempotencyKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A text that cannot be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// It has no character.
    Empty,
    /// It has more than 255 characters.
    TooLong,
    /// It has a character that is not visible ASCII.
    Character,
}

impl fmt::Display for KeyError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Empty => "an idempotency key needs at least one character",
            Self::TooLong => "an idempotency key has at most 255 characters",
            Self::Character => {
                "an idempotency key consists of visible ASCII characters without blanks"
            }
        })
    }
}

impl std::error::Error for KeyError {}

fn header_value(text: &str) -> Result<HeaderValue, KeyError> {
    if text.is_empty() {
        return Err(KeyError::Empty);
    }
    if text.len() > MAX_LENGTH {
        return Err(KeyError::TooLong);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(KeyError::Character);
    }
    HeaderValue::from_str(text).map_err(|_| KeyError::Character)
}

#[cfg(test)]
mod tests {
    use specwright_core::random::OsRandom;

    use super::*;

    /// The same bytes each time.
    #[derive(Debug)]
    struct Constant(u8);

    impl Random for Constant {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_minted_key_is_the_text_of_a_version_4_uuid() {
        let key = IdempotencyKey::mint(&Constant(0xff));
        assert_eq!(key.as_str(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn two_minted_keys_differ() {
        assert_ne!(IdempotencyKey::mint(&OsRandom), IdempotencyKey::mint(&OsRandom));
    }

    #[test]
    fn the_callers_key_is_sent_as_it_is() {
        let key = IdempotencyKey::new("invoice-7/create").unwrap();
        assert_eq!(key.header_value(), "invoice-7/create");
    }

    #[test]
    fn a_key_that_would_break_the_header_is_refused() {
        for text in ["a b", "a\r\nX-Other: 1", "a\0", "schlüssel", "\u{7f}"] {
            assert_eq!(IdempotencyKey::new(text), Err(KeyError::Character), "{text:?}");
        }
    }

    #[test]
    fn a_key_has_1_to_255_characters() {
        assert_eq!(IdempotencyKey::new(""), Err(KeyError::Empty));
        assert!(IdempotencyKey::new("k".repeat(255)).is_ok());
        assert_eq!(IdempotencyKey::new("k".repeat(256)), Err(KeyError::TooLong));
    }

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is() {
        let key = IdempotencyKey::new("invoice-7/create").unwrap();
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(text, "\"invoice-7/create\"");
        assert_eq!(serde_json::from_str::<IdempotencyKey>(&text).unwrap(), key);
        assert!(serde_json::from_str::<IdempotencyKey>("\"a b\"").is_err());
    }
}
