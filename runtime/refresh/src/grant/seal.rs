//! Tokens at rest: sealed with a key of the caller's, and bound to their place.

use std::error::Error as StdError;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use specwright_core::random::Random;
use zeroize::Zeroizing;

use super::key::GrantKey;
use crate::bearer::Generation;

/// Bytes of a nonce. At 192 bits it may be drawn at random for any number of messages.
const NONCE_BYTES: usize = 24;

/// The first word of a sealed text. Another format gets another word.
const FORMAT: &str = "s1";

/// Gives the keys that seal tokens. They must not be kept where the tokens are.
///
/// A provider is asked often and answers from memory. A key that has sealed something must stay available until
/// everything is sealed with a newer one: each renewal seals anew.
pub trait KeyProvider: fmt::Debug + Send + Sync + 'static {
    /// The key that seals from now on, and its id.
    fn newest(&self) -> (String, SealingKey);

    /// The key with this id, to open what it once sealed.
    fn key(&self, id: &str) -> Option<SealingKey>;
}

/// A key of 256 bits. It is overwritten when it is dropped.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Bytes of a key (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha).
    pub const BYTES: usize = 32;

    /// The key made of these bytes, which a cryptographic random source drew.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("SealingKey([redacted])")
    }
}

/// Keys from a list, the newest first.
#[derive(Clone, Debug)]
pub struct KeyRing {
    newest: (String, SealingKey),
    older: Vec<(String, SealingKey)>,
}

impl KeyRing {
    /// A ring with one key.
    pub fn new(id: impl Into<String>, key: SealingKey) -> Self {
        Self { newest: (id.into(), key), older: Vec::new() }
    }

    /// Adds a key that sealed before and seals no more.
    pub fn with_older(mut self, id: impl Into<String>, key: SealingKey) -> Self {
        self.older.push((id.into(), key));
        self
    }

    /// Reads a ring as an environment variable holds it: `id:key` with commas between, the newest first, each key 32
    /// bytes in base64 (RFC 4648 §4 or §5, with or without padding).
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut ring: Option<Self> = None;
        for entry in text.split(',') {
            let (id, key) = entry.trim().split_once(':').ok_or(KeyRingError::NoId)?;
            if !is_id(id) {
                return Err(KeyRingError::BadId);
            }
            let key = key_from(key).ok_or(KeyRingError::BadKey)?;
            ring = Some(match ring {
                None => Self::new(id, key),
                Some(ring) if ring.key(id).is_some() => return Err(KeyRingError::SameId),
                Some(ring) => ring.with_older(id, key),
            });
        }
        ring.ok_or(KeyRingError::NoId)
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn key_from(text: &str) -> Option<SealingKey> {
    // In place, so that no copy is left behind.
    let mut text = Zeroizing::new(text.trim_end_matches('=').as_bytes().to_vec());
    for byte in text.iter_mut() {
        *byte = match *byte {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        };
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(&*text).ok()?);
    Some(SealingKey::new(bytes.as_slice().try_into().ok()?))
}

impl KeyProvider for KeyRing {
    fn newest(&self) -> (String, SealingKey) {
        self.newest.clone()
    }

    fn key(&self, id: &str) -> Option<SealingKey> {
        let mut keys = std::iter::once(&self.newest).chain(&self.older);
        keys.find(|(known, _)| known == id).map(|(_, key)| key.clone())
    }
}

/// A text that is no list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyRingError {
    /// An entry has no id before a colon.
    NoId,
    /// An id has a character other than letters, digits, `-` and `_`.
    BadId,
    /// Two keys have one id.
    SameId,
    /// A key is not 32 bytes in base64.
    BadKey,
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::NoId => "a key is written `id:key`, and an entry has no id",
            Self::BadId => "the id of a key consists of letters, digits, `-` and `_`",
            Self::SameId => "two keys have the same id",
            Self::BadKey => "a key is 32 bytes in base64",
        })
    }
}

impl StdError for KeyRingError {}

/// Where something sealed belongs. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'p> {
    pub(crate) key: &'p GrantKey,
    pub(crate) generation: Generation,
    pub(crate) field: Field,
}

/// What is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// A pair of tokens.
    Pair,
    /// The body of an answer that holds tokens and could not be read.
    Salvage,
    /// An authorization that waits for its callback.
    Pending,
}

impl Place<'_> {
    /// What is authenticated beside the text. Every part has its length before it, so no two places read alike.
    fn associated_data(&self) -> Vec<u8> {
        let field = match self.field {
            Field::Pair => "pair",
            Field::Salvage => "salvage",
            Field::Pending => "pending",
        };
        let generation = self.generation.number().to_be_bytes();
        let parts: [&[u8]; 5] = [
            FORMAT.as_bytes(),
            self.key.tenant().as_bytes(),
            self.key.grant().as_bytes(),
            &generation,
            field.as_bytes(),
        ];
        parts
            .iter()
            .flat_map(|part| {
                (part.len() as u64).to_be_bytes().into_iter().chain(part.iter().copied())
            })
            .collect()
    }
}

/// Something sealed: the format, the id of the key, and nonce with ciphertext in base64url, with dots between.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sealed(String);

impl fmt::Debug for Sealed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Sealed([sealed])")
    }
}

impl Sealed {
    /// The text, to be kept.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// A text that was kept. Whether it is sealed shows when it is opened.
    pub(crate) fn from_text(text: String) -> Self {
        Self(text)
    }

    /// Seals `plain` for `place` with the newest key.
    pub(crate) fn seal(
        plain: &[u8],
        place: Place<'_>,
        keys: &dyn KeyProvider,
        random: &dyn Random,
    ) -> Result<Self, SealError> {
        let (id, key) = keys.newest();
        let mut nonce = [0; NONCE_BYTES];
        random.fill(&mut nonce);
        let payload = Payload { msg: plain, aad: &place.associated_data() };
        let sealed =
            key.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::TooLarge)?;
        let body = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat());
        Ok(Self(format!("{FORMAT}.{id}.{body}")))
    }

    /// Opens what was sealed for `place`.
    pub(crate) fn open(
        &self,
        place: Place<'_>,
        keys: &dyn KeyProvider,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (format, rest) = self.0.split_once('.').ok_or(SealError::Damaged)?;
        let (id, body) = rest.rsplit_once('.').ok_or(SealError::Damaged)?;
        if format != FORMAT {
            return Err(SealError::Damaged);
        }
        let key = keys.key(id).ok_or(SealError::UnknownKey)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError::Damaged)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Damaged)?;
        let payload = Payload { msg: sealed, aad: &place.associated_data() };
        let plain =
            key.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| SealError::Damaged)?;
        Ok(Zeroizing::new(plain))
    }
}

/// Tokens that cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// The key that sealed them is not there any more.
    UnknownKey,
    /// They were changed, or belong to another grant or another time.
    Damaged,
    /// They are larger than a cipher takes.
    TooLarge,
}

impl fmt::Display for SealError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::UnknownKey => "the key that sealed the tokens is not provided",
            Self::Damaged => "the sealed tokens were changed, or do not belong to this grant",
            Self::TooLarge => "the tokens are too large to be sealed",
        })
    }
}

impl StdError for SealError {}

#[cfg(test)]
mod tests {
    use specwright_core::random::OsRandom;

    use super::*;

    fn ring() -> KeyRing {
        KeyRing::new("new", SealingKey::new([1; 32])).with_older("old", SealingKey::new([2; 32]))
    }

    fn place(key: &GrantKey, generation: u64) -> Place<'_> {
        Place { key, generation: Generation::new(generation), field: Field::Pair }
    }

    fn sealed(key: &GrantKey) -> Sealed {
        Sealed::seal(b"canary", place(key, 3), &ring(), &OsRandom).unwrap()
    }

    fn key() -> GrantKey {
        GrantKey::new("tenant", "grant")
    }

    #[test]
    fn what_was_sealed_opens_in_its_place() {
        let opened = sealed(&key()).open(place(&key(), 3), &ring()).unwrap();
        assert_eq!(opened.as_slice(), b"canary");
    }

    #[test]
    fn it_opens_nowhere_else() {
        let sealed = sealed(&key());
        for (tenant, grant) in [("other", "grant"), ("tenant", "other"), ("tenantg", "rant")] {
            let key = GrantKey::new(tenant, grant);
            let opened = sealed.open(place(&key, 3), &ring());
            assert_eq!(opened.unwrap_err(), SealError::Damaged, "{tenant} {grant}");
        }
        let earlier = sealed.open(place(&key(), 2), &ring());
        assert_eq!(earlier.unwrap_err(), SealError::Damaged);
        let field = Field::Salvage;
        let other = sealed.open(Place { field, ..place(&key(), 3) }, &ring());
        assert_eq!(other.unwrap_err(), SealError::Damaged);
    }

    #[test]
    fn a_change_of_any_character_is_noticed() {
        let Sealed(text) = sealed(&key());
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = Sealed(String::from_utf8(changed).unwrap());
            assert!(changed.open(place(&key(), 3), &ring()).is_err(), "{at}");
        }
    }

    #[test]
    fn an_older_key_opens_and_the_newest_seals() {
        let old = KeyRing::new("old", SealingKey::new([2; 32]));
        let before = Sealed::seal(b"canary", place(&key(), 3), &old, &OsRandom).unwrap();
        assert!(before.open(place(&key(), 3), &ring()).is_ok());
        let opened = sealed(&key()).open(place(&key(), 3), &old);
        assert_eq!(opened.unwrap_err(), SealError::UnknownKey);
    }

    #[test]
    fn the_same_text_is_never_sealed_alike() {
        assert_ne!(sealed(&key()), sealed(&key()));
    }

    #[test]
    fn debug_shows_neither_key_nor_text() {
        let key_bytes = SealingKey::new(*b"canary-canary-canary-canary-cana");
        let ring = KeyRing::new("k", key_bytes);
        let shown = format!("{ring:?} {:?}", sealed(&key()));
        assert!(!shown.contains("canary") && !shown.contains("99, 97"), "{shown}");
    }

    #[test]
    fn a_ring_is_read_from_a_line() {
        let key = URL_SAFE_NO_PAD.encode([1; 32]);
        let padded = base64::engine::general_purpose::STANDARD.encode([2; 32]);
        let ring = KeyRing::parse(&format!("2026-11:{key}, 2026-05:{padded}")).unwrap();
        assert_eq!(ring.newest().0, "2026-11");
        assert!(ring.key("2026-05").is_some() && ring.key("other").is_none());
    }

    #[test]
    fn a_ring_that_cannot_be_read_is_refused_without_a_word_of_it() {
        let key = URL_SAFE_NO_PAD.encode([1; 32]);
        for (text, expected) in [
            (String::new(), KeyRingError::NoId),
            (key.clone(), KeyRingError::NoId),
            (format!(":{key}"), KeyRingError::BadId),
            (format!("a.b:{key}"), KeyRingError::BadId),
            (format!("a:{key},a:{key}"), KeyRingError::SameId),
            ("a:canary".to_owned(), KeyRingError::BadKey),
            (format!("a:{key}AAAA"), KeyRingError::BadKey),
        ] {
            let error = KeyRing::parse(&text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("canary"));
        }
    }
}
