//! What a request is recognized by, without keeping it.

use std::error::Error as StdError;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use http::{HeaderValue, Method};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use specwright_core::operation::Idempotency;
use specwright_core::random::Random;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::operation_id::OperationId;

/// What is authenticated first. Another way to read a request gets another word.
const FORMAT: &[u8] = b"specwright-fingerprint-2";

/// The parts of a request that make it this one and no other. Whoever resumes an operation supplies them again.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    /// What a second execution does, as the document says.
    pub idempotency: Idempotency,
    /// The method.
    pub method: &'a Method,
    /// The path and the query, as they are sent.
    pub path_and_query: &'a str,
    /// The media type of the body, if there is one.
    pub content_type: Option<&'a HeaderValue>,
    /// The body, as it is sent.
    pub body: &'a [u8],
}

impl fmt::Debug for RequestParts<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "RequestParts({}, {} bytes)", self.method, self.body.len())
    }
}

/// The secret behind fingerprints, 256 bits: one for an installation, the same in all of its processes and after each start.
///
/// Bodies hold names and telephone numbers, of which there are few enough to try them all. With the secret apart from the
/// rows, somebody who reads the rows cannot even tell whether two operations have one body. So it must not be kept beside
/// them. The memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct FingerprintKey(Zeroizing<[u8; 32]>);

impl FingerprintKey {
    /// The key made of these bytes, which a cryptographic random source drew once.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a key as an environment variable holds it: 32 bytes in base64 (RFC 4648 §4 or §5, with or without padding).
    pub fn parse(text: &str) -> Result<Self, FingerprintKeyError> {
        // In place, so that no copy is left behind.
        let mut text = Zeroizing::new(text.trim().trim_end_matches('=').as_bytes().to_vec());
        for byte in text.iter_mut() {
            *byte = match *byte {
                b'+' => b'-',
                b'/' => b'_',
                other => other,
            };
        }
        let decoded = URL_SAFE_NO_PAD.decode(&*text).map_err(|_| FingerprintKeyError(()))?;
        let bytes = Zeroizing::new(decoded);
        bytes.as_slice().try_into().map(Self::new).map_err(|_| FingerprintKeyError(()))
    }

    /// A new key, for a journal that ends with its process.
    pub fn draw(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes);
        Self(bytes)
    }

    /// What the request of an operation is recognized by.
    pub(crate) fn fingerprint(
        &self,
        operation: &OperationId,
        request: &RequestParts<'_>,
    ) -> Fingerprint {
        let (class, header) = class_of(request.idempotency);
        let parts = [
            FORMAT,
            operation.account().as_bytes(),
            operation.name().as_bytes(),
            class,
            header.as_bytes(),
            request.method.as_str().as_bytes(),
            request.path_and_query.as_bytes(),
            // A header cannot be empty and absent in one request, and an empty one names no type either.
            request.content_type.map_or(b"".as_slice(), HeaderValue::as_bytes),
            request.body,
        ];
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        for part in parts {
            // Every part has its length before it, so no two requests read alike.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Fingerprint(mac.finalize().into_bytes().into())
    }
}

/// What a second execution does decides what an entry means: without the key's header the server never knew the key. So it
/// belongs to the request, as the name of the header does, in which case makes no difference (RFC 9110 §5.1).
fn class_of(idempotency: Idempotency) -> (&'static [u8], String) {
    match idempotency {
        Idempotency::Safe => (b"safe", String::new()),
        Idempotency::Idempotent => (b"idempotent", String::new()),
        Idempotency::Key { header, .. } => (b"key", header.to_ascii_lowercase()),
        Idempotency::Unsafe => (b"unsafe", String::new()),
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("FingerprintKey([redacted])")
    }
}

/// A text that is no key of fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FingerprintKeyError(());

impl fmt::Display for FingerprintKeyError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a key of fingerprints is 32 bytes in base64")
    }
}

impl StdError for FingerprintKeyError {}

/// The HMAC-SHA-256 (RFC 2104) of a request and of the operation that it belongs to.
///
/// Comparison takes the same time wherever two of them differ.
#[derive(Clone, Copy, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Fingerprint")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| D::Error::custom("a fingerprint is 32 bytes in base64url"))
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
    use specwright_core::random::OsRandom;

    use super::*;

    fn operation() -> OperationId {
        OperationId::new("account", "name").unwrap()
    }

    fn request(body: &[u8]) -> RequestParts<'_> {
        RequestParts {
            idempotency: Idempotency::Key {
                header: "Idempotency-Key",
                retention_seconds: Some(86_400),
            },
            method: &Method::POST,
            path_and_query: "/contacts?expand=site",
            content_type: None,
            body,
        }
    }

    fn key() -> FingerprintKey {
        FingerprintKey::new([7; 32])
    }

    #[test]
    fn a_key_is_read_in_either_alphabet_of_base64_with_or_without_padding() {
        let bytes = [0xfb; 32];
        let fingerprint = |key: &FingerprintKey| key.fingerprint(&operation(), &request(b"{}"));
        let expected = fingerprint(&FingerprintKey::new(bytes));
        let texts =
            [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].map(|it| it.encode(bytes));
        for text in texts {
            let key = FingerprintKey::parse(&format!(" {text}\n")).unwrap();
            assert_eq!(fingerprint(&key), expected, "{text}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_none() {
        for bytes in [0, 31, 33] {
            let read = FingerprintKey::parse(&STANDARD.encode(vec![7; bytes]));
            assert_eq!(read.err(), Some(FingerprintKeyError(())), "{bytes}");
        }
        assert!(FingerprintKey::parse("k1:secret").is_err());
    }

    #[test]
    fn the_same_request_has_the_same_fingerprint() {
        let first = key().fingerprint(&operation(), &request(b"{}"));
        assert_eq!(key().fingerprint(&operation(), &request(b"{}")), first);
    }

    #[test]
    fn any_other_part_gives_another_fingerprint() {
        let first = key().fingerprint(&operation(), &request(b"{}"));
        let json = HeaderValue::from_static("application/json");
        let others = [
            request(b"{ }"),
            RequestParts { method: &Method::PUT, ..request(b"{}") },
            RequestParts { path_and_query: "/contacts", ..request(b"{}") },
            RequestParts { path_and_query: "/contacts?expand=site{}", ..request(b"") },
            RequestParts { content_type: Some(&json), ..request(b"{}") },
            RequestParts { idempotency: Idempotency::Safe, ..request(b"{}") },
            RequestParts { idempotency: Idempotency::Idempotent, ..request(b"{}") },
            RequestParts { idempotency: Idempotency::Unsafe, ..request(b"{}") },
            RequestParts {
                idempotency: Idempotency::Key { header: "Key", retention_seconds: None },
                ..request(b"{}")
            },
        ];
        for other in others {
            assert_ne!(key().fingerprint(&operation(), &other), first, "{other:?}");
        }
    }

    #[test]
    fn the_name_of_the_header_is_the_same_in_any_case() {
        let first = key().fingerprint(&operation(), &request(b"{}"));
        let idempotency = Idempotency::Key { header: "idempotency-KEY", retention_seconds: None };
        let other = RequestParts { idempotency, ..request(b"{}") };
        assert_eq!(key().fingerprint(&operation(), &other), first);
    }

    #[test]
    fn the_same_request_of_another_operation_has_another_fingerprint() {
        let first = key().fingerprint(&operation(), &request(b"{}"));
        for (account, name) in [("account", "other"), ("other", "name"), ("accountn", "ame")] {
            let other = OperationId::new(account, name).unwrap();
            assert_ne!(key().fingerprint(&other, &request(b"{}")), first, "{other:?}");
        }
    }

    #[test]
    fn without_the_key_nobody_can_compute_it() {
        let first = key().fingerprint(&operation(), &request(b"{}"));
        let other = FingerprintKey::draw(&OsRandom);
        assert_ne!(other.fingerprint(&operation(), &request(b"{}")), first);
    }

    #[test]
    fn it_is_the_hmac_of_all_parts_with_their_lengths() {
        // Computed apart, by another implementation of HMAC, so that it stays what processes of another version find.
        let text =
            serde_json::to_string(&key().fingerprint(&operation(), &request(b"{}"))).unwrap();
        assert_eq!(text, "\"GeqDvoFPr4kvOq6ny5YkJD-xbfOhs9Fj0RZP9cwKwyY\"");
    }

    #[test]
    fn a_fingerprint_is_read_as_it_was_written_and_nothing_else_is() {
        let first = key().fingerprint(&operation(), &request(b"{}"));
        let text = serde_json::to_string(&first).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&text).unwrap(), first);
        for text in ["\"\"", "\"AAAA\"", "7", &format!("\"{}\"", "A".repeat(44))] {
            assert!(serde_json::from_str::<Fingerprint>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_shows_neither_key_nor_body() {
        let key = FingerprintKey::new(*b"canary-canary-canary-canary-cana");
        let request = request(b"canary");
        let shown = format!("{key:?} {request:?} {:?}", key.fingerprint(&operation(), &request));
        assert!(!shown.contains("canary") && !shown.contains("99, 97"), "{shown}");
    }
}
