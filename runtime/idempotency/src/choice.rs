//! Which key a call carries, decided once before its first attempt.

use std::fmt;

use http::HeaderName;
use specwright_core::operation::Idempotency;
use specwright_core::random::Random;

use crate::key::IdempotencyKey;

/// A key together with the header that carries it.
///
/// It is made outside of the loop of attempts and only borrowed inside, so all attempts carry the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyHeader {
    /// The header's name, from the document.
    pub name: HeaderName,
    /// The key.
    pub key: IdempotencyKey,
}

/// Chooses the key of one call.
///
/// An operation whose document names a key header always gets a key: the caller's own, or a new one. Any other
/// operation gets none; a key for it would promise what the server does not keep, so it is an error.
pub fn choose_key(
    operation: Idempotency,
    given: Option<IdempotencyKey>,
    random: &dyn Random,
) -> Result<Option<KeyHeader>, KeyChoiceError> {
    match (operation, given) {
        (Idempotency::Key { header, .. }, given) => {
            let name = HeaderName::try_from(header).map_err(|_| KeyChoiceError::Header)?;
            let key = given.unwrap_or_else(|| IdempotencyKey::mint(random));
            Ok(Some(KeyHeader { name, key }))
        }
        (Idempotency::Safe | Idempotency::Idempotent | Idempotency::Unsafe, None) => Ok(None),
        (Idempotency::Safe | Idempotency::Idempotent | Idempotency::Unsafe, Some(_)) => {
            Err(KeyChoiceError::NotKeyed)
        }
    }
}

/// A key that cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyChoiceError {
    /// The caller gave a key, but the document does not say that the operation takes one.
    NotKeyed,
    /// The document's name for the header is no name of a header.
    Header,
}

impl fmt::Display for KeyChoiceError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::NotKeyed => "the operation takes no idempotency key",
            Self::Header => "the document's idempotency header has no usable name",
        })
    }
}

impl std::error::Error for KeyChoiceError {}

#[cfg(test)]
mod tests {
    use specwright_core::random::OsRandom;

    use super::*;

    const KEYED: Idempotency =
        Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) };

    #[test]
    fn a_keyed_operation_gets_a_key_under_the_documents_header() {
        let chosen = choose_key(KEYED, None, &OsRandom).unwrap().unwrap();
        assert_eq!(chosen.name, "idempotency-key");
        assert_eq!(chosen.key.as_str().len(), 36);
    }

    #[test]
    fn two_calls_get_different_keys() {
        let first = choose_key(KEYED, None, &OsRandom).unwrap();
        assert_ne!(choose_key(KEYED, None, &OsRandom).unwrap(), first);
    }

    #[test]
    fn the_callers_key_wins() {
        let own = IdempotencyKey::new("invoice-7/create").unwrap();
        let chosen = choose_key(KEYED, Some(own.clone()), &OsRandom).unwrap().unwrap();
        assert_eq!(chosen.key, own);
    }

    #[test]
    fn a_key_for_an_operation_that_takes_none_is_an_error() {
        let own = IdempotencyKey::new("invoice-7/create").unwrap();
        for operation in [Idempotency::Safe, Idempotency::Idempotent, Idempotency::Unsafe] {
            assert_eq!(choose_key(operation, None, &OsRandom), Ok(None));
            assert_eq!(
                choose_key(operation, Some(own.clone()), &OsRandom),
                Err(KeyChoiceError::NotKeyed)
            );
        }
    }
}
