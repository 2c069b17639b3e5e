//! Looking for secrets in bytes, in whatever way they are spelled.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::tap::Secret;

/// The secrets of a run, in every spelling that is looked for.
///
/// They are kept by their first bytes, so that a text is read once for all of them.
#[derive(Debug, Default)]
pub struct Search {
    spelled: BTreeMap<[u8; FIRST], Vec<Spelled>>,
}

/// No spelling of a secret is shorter.
const FIRST: usize = 8;

#[derive(Debug)]
struct Spelled {
    name: String,
    bytes: Vec<u8>,
}

impl Search {
    /// A search for these texts.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let mut search = Self::default();
        for secret in secrets {
            search.add(&secret.name, secret.value.as_bytes());
        }
        search
    }

    /// Looks for these bytes as well.
    pub fn add(&mut self, name: &str, secret: &[u8]) {
        for (spelling, bytes) in spellings(secret) {
            if let Some(first) = bytes.first_chunk() {
                let name = format!("{name} {spelling}");
                self.spelled.entry(*first).or_default().push(Spelled { name, bytes });
            }
        }
    }

    /// What is found in these bytes: the names of the secrets, with their spelling.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, first) in bytes.windows(FIRST).enumerate() {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(spelled) = first.first_chunk().and_then(|first| self.spelled.get(first))
            else {
                continue;
            };
            let here = spelled.iter().filter(|spelled| rest.starts_with(&spelled.bytes));
            found.extend(here.map(|spelled| spelled.name.clone()));
        }
        found
    }
}

/// A secret as it is, and as programs write bytes: base64 of both alphabets (RFC 4648) wherever it stands in what is
/// encoded, hexadecimal, percent-encoded (RFC 3986 §2.1), and as the numbers that `Debug` shows of bytes.
fn spellings(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let each = |write: fn(&u8) -> String, between: &str| {
        secret.iter().map(write).collect::<Vec<_>>().join(between).into_bytes()
    };
    let mut spellings = vec![
        ("as it is", secret.to_vec()),
        ("hexadecimal", each(|byte| format!("{byte:02x}"), "")),
        ("hexadecimal", each(|byte| format!("{byte:02X}"), "")),
        ("percent-encoded", each(|byte| format!("%{byte:02x}"), "")),
        ("percent-encoded", each(|byte| format!("%{byte:02X}"), "")),
        ("as in a form", percent_encoded(secret)),
        ("as numbers", each(u8::to_string, ", ")),
    ];
    for before in 0..3 {
        let bytes = [vec![0; before], secret.to_vec()].concat();
        // Characters that hold a bit of what stands before or behind are not known. One is six bits.
        let known = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let known = text.as_bytes().get(known.clone()).unwrap_or_default();
            spellings.push(("base64", known.to_vec()));
        }
    }
    spellings
}

/// As a form or a query holds it: unreserved characters stay (RFC 3986 §2.3).
fn percent_encoded(secret: &[u8]) -> Vec<u8> {
    let write = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => vec![*byte],
        other => format!("%{other:02X}").into_bytes(),
    };
    secret.iter().flat_map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANTED: &str = "fake+secret/1";

    fn finds(text: &str) -> bool {
        !Search::new([&Secret::new("planted", PLANTED)]).found_in(text.as_bytes()).is_empty()
    }

    #[test]
    fn every_spelling_of_a_planted_secret_is_found() {
        for text in [
            "before fake+secret/1 behind",
            "fake%2Bsecret%2F1",
            "66616b652b7365637265742f31",
            "66616B652B7365637265742F31",
            "[102, 97, 107, 101, 43, 115, 101, 99, 114, 101, 116, 47, 49]",
        ] {
            assert!(finds(text), "{text}");
        }
    }

    #[test]
    fn it_is_found_in_base64_wherever_it_stands() {
        for before in ["", "a", "ab", "abc", "client:"] {
            for behind in ["", "x", "xy"] {
                let text = format!("{before}{PLANTED}{behind}");
                assert!(finds(&STANDARD_NO_PAD.encode(&text)), "{text}");
                assert!(finds(&URL_SAFE_NO_PAD.encode(&text)), "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert!(!finds("fake+sacred/1, and ZmFrZStzYWNyZWQvMQ"));
    }
}
