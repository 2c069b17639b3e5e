//! Values that must not be shown.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::StartError;

/// A credential. Its `Debug` says only that there is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// By what it is looked up.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// Compares in a time that does not tell how far the two agree.
    pub(crate) fn matches(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The SHA-256 of a credential. How far two of them agree tells nothing of the credentials, so they
/// can be keys of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    pub(crate) fn of(value: &str) -> Self {
        Self(Sha256::digest(value).into())
    }
}

/// Where new credentials come from.
#[derive(Clone, Debug, Default)]
pub(crate) enum SecretSource {
    /// The operating system: nobody can guess them.
    #[default]
    System,
    /// The same in every run with the same seed, for tests that shall repeat. Anybody can guess them.
    Seeded { seed: u64, drawn: u64 },
}

impl SecretSource {
    /// Invents an opaque value of 43 characters, the form of the vendor's tokens.
    pub(crate) fn invent(&mut self) -> Result<Secret, StartError> {
        let bytes = match self {
            Self::System => {
                let mut bytes = [0_u8; 32];
                getrandom::fill(&mut bytes).map_err(|_| StartError::Randomness)?;
                bytes
            }
            Self::Seeded { seed, drawn } => {
                *drawn += 1;
                let hash = Sha256::new().chain_update(seed.to_be_bytes());
                hash.chain_update(drawn.to_be_bytes()).finalize().into()
            }
        };
        Ok(Secret(URL_SAFE_NO_PAD.encode(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_from_a_seed_is_the_same_in_every_run_and_never_repeats() {
        let (mut one, mut other) = (
            SecretSource::Seeded { seed: 7, drawn: 0 },
            SecretSource::Seeded { seed: 7, drawn: 0 },
        );
        let first = one.invent().unwrap();
        assert_eq!(first, other.invent().unwrap());
        assert_ne!(first, one.invent().unwrap());
        assert_eq!(first.expose().len(), 43);
    }
}
