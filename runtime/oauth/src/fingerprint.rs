//! Texts drawn at random, and what is kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use specwright_core::random::Random;
use specwright_core::types::SecretString;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Bytes behind a text that nobody may guess. RFC 9700 and RFC 7636 §7.1 ask for 128 and 256 bits.
const RANDOM_BYTES: usize = 32;

/// A text of 43 characters (`A-Z`, `a-z`, `0-9`, `-`, `_`) with 256 random bits.
pub(crate) fn random_text(random: &dyn Random) -> SecretString {
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
    random.fill(&mut *bytes);
    URL_SAFE_NO_PAD.encode(*bytes).into()
}

/// The SHA-256 of a text that is to be recognized and not to be kept.
///
/// Comparison takes the same time wherever two of them differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fingerprint([u8; 32]);

/// What a fingerprint is taken of. One of one kind never equals one of another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// The `state` of an authorization.
    State(&'a str),
    /// The session of a browser. Taken together with the state, which nobody can guess: that of a short session id
    /// alone could be found by trying.
    Session { state: &'a str, session: &'a str },
}

impl Fingerprint {
    pub(crate) fn of(subject: Subject<'_>) -> Self {
        let mut hash = Sha256::new();
        match subject {
            Subject::State(state) => {
                hash.update(b"state\0");
                hash.update(state);
            }
            Subject::Session { state, session } => {
                hash.update(b"session\0");
                // Of fixed length, so no two pairs are written alike.
                hash.update(Sha256::digest(state));
                hash.update(session);
            }
        }
        Self(hash.finalize().into())
    }

    /// As text of 43 characters.
    pub(crate) fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads what [`Self::to_text`] wrote.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

#[cfg(test)]
mod tests {
    use specwright_testkit::SeededRandom;

    use super::*;

    #[test]
    fn a_random_text_has_43_characters_that_need_no_escape() {
        let text = random_text(&SeededRandom::new(1));
        assert_eq!(text.expose().len(), 43);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(text.expose().bytes().all(plain));
    }

    #[test]
    fn each_bit_of_a_random_text_is_drawn() {
        let random = SeededRandom::new(1);
        assert_ne!(random_text(&random), random_text(&random));
    }

    #[test]
    fn a_fingerprint_is_that_of_its_subject_alone() {
        let state = Fingerprint::of(Subject::State("a"));
        assert_eq!(state, Fingerprint::of(Subject::State("a")));
        assert_ne!(state, Fingerprint::of(Subject::State("b")));
        let session = |state, session| Fingerprint::of(Subject::Session { state, session });
        assert_ne!(session("a", "b"), session("a", "c"));
        assert_ne!(session("a", "b"), session("c", "b"));
        assert_ne!(session("a", "bc"), session("ab", "c"));
    }

    #[test]
    fn a_fingerprint_is_read_as_it_was_written() {
        let state = Fingerprint::of(Subject::State("a"));
        assert_eq!(Fingerprint::from_text(&state.to_text()), Some(state));
        for text in ["", "a", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43)] {
            assert_eq!(Fingerprint::from_text(text), None, "{text}");
        }
    }
}
