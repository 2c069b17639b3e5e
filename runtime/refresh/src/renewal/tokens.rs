//! A pair of tokens, in the open for as long as it is needed.

use specwright_core::random::Random;
use specwright_core::types::SecretString;
use zeroize::Zeroizing;

use super::answer::Issued;
use crate::bearer::Generation;
use crate::grant::{Field, GrantKey, KeyProvider, Place, SealError, Sealed};

/// The two tokens of one generation.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    /// `None` if the answer that brought the pair was damaged there.
    pub(crate) access: Option<SecretString>,
    /// `None` if the server gives none: the grant cannot be renewed, or needs no token for it.
    pub(crate) refresh: Option<SecretString>,
}

impl Tokens {
    /// The tokens that a server issued.
    pub(crate) fn issued(issued: &Issued) -> Self {
        Self { access: issued.access_token.clone(), refresh: issued.refresh_token.clone() }
    }

    /// Seals the pair for a generation of a grant.
    pub(crate) fn seal(
        &self,
        key: &GrantKey,
        generation: Generation,
        keys: &dyn KeyProvider,
        random: &dyn Random,
    ) -> Result<Sealed, SealError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(self.written_length()));
        for token in [&self.access, &self.refresh] {
            write(&mut plain, token.as_ref())?;
        }
        Sealed::seal(&plain, Place { key, generation, field: Field::Pair }, keys, random)
    }

    /// Opens a pair that was sealed for a generation of a grant.
    pub(crate) fn open(
        sealed: &Sealed,
        key: &GrantKey,
        generation: Generation,
        keys: &dyn KeyProvider,
    ) -> Result<Self, SealError> {
        let plain = sealed.open(Place { key, generation, field: Field::Pair }, keys)?;
        let (access, rest) = read(&plain).ok_or(SealError::Damaged)?;
        let (refresh, rest) = read(rest).ok_or(SealError::Damaged)?;
        if rest.is_empty() { Ok(Self { access, refresh }) } else { Err(SealError::Damaged) }
    }

    /// Room for all of it, so that the vector never moves and leaves a copy behind.
    fn written_length(&self) -> usize {
        let length =
            |token: &Option<SecretString>| token.as_ref().map_or(0, |token| token.expose().len());
        2 * LENGTH_BYTES + length(&self.access) + length(&self.refresh)
    }
}

/// Before each token stands its length. No token is empty, so zero says that there is none.
const LENGTH_BYTES: usize = 4;

fn write(to: &mut Vec<u8>, token: Option<&SecretString>) -> Result<(), SealError> {
    let token = token.map_or("", |token| token.expose());
    let length = u32::try_from(token.len()).map_err(|_| SealError::TooLarge)?;
    to.extend_from_slice(&length.to_be_bytes());
    to.extend_from_slice(token.as_bytes());
    Ok(())
}

fn read(from: &[u8]) -> Option<(Option<SecretString>, &[u8])> {
    let (length, rest) = from.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (token, rest) = rest.split_at_checked(length)?;
    let token = std::str::from_utf8(token).ok()?;
    Some(((!token.is_empty()).then(|| token.into()), rest))
}
