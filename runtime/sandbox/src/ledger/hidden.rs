//! Secrets that must not be written, in whatever spelling they come: a client may put one into a
//! URL, where it is percent-encoded, and a reason may name it by a JSON Pointer.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

/// What must not be written, and what stands in its place.
///
/// In the order of their bytes, so that a text is searched for all of them at once: a server that
/// minted ten thousand tokens is as quick as a new one.
#[derive(Default)]
pub(super) struct Hidden {
    labels: BTreeMap<Vec<u8>, String>,
    /// The bytes of the shortest secret.
    shortest: usize,
}

impl Hidden {
    pub(super) fn add(&mut self, secret: &str, label: String) {
        if secret.is_empty() {
            return;
        }
        if self.labels.is_empty() || secret.len() < self.shortest {
            self.shortest = secret.len();
        }
        self.labels.insert(secret.as_bytes().to_vec(), label);
    }

    /// `text`, with a label wherever it spells a secret.
    pub(super) fn cut(&self, text: &str) -> String {
        // No spelling is shorter than what it spells.
        if self.labels.is_empty() || text.len() < self.shortest {
            return text.to_owned();
        }
        let mut kept = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match self.at_the_start_of(rest.as_bytes()) {
                Some((length, label)) => {
                    kept.push_str(label);
                    length
                }
                None => {
                    kept.push(first);
                    first.len_utf8()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        kept
    }

    /// How many bytes at the start of `text` spell a secret, and its label. Of several the longest.
    fn at_the_start_of(&self, text: &[u8]) -> Option<(usize, &str)> {
        let mut found = None;
        let mut open = vec![(Vec::new(), text)];
        while let Some((read, rest)) = open.pop() {
            for (byte, rest) in readings(rest) {
                let mut read = read.clone();
                read.push(byte);
                let from = (Bound::Included(read.as_slice()), Bound::Unbounded);
                let Some((secret, label)) = self.labels.range::<[u8], _>(from).next() else {
                    continue;
                };
                let length = text.len() - rest.len();
                if *secret == read && found.is_none_or(|(longest, _)| longest < length) {
                    found = Some((length, label.as_str()));
                }
                if secret.starts_with(&read) {
                    open.push((read, rest));
                }
            }
        }
        found
    }
}

/// The bytes that the start of `text` may stand for, each with what follows it.
fn readings(text: &[u8]) -> Vec<(u8, &[u8])> {
    let Some((first, rest)) = text.split_first() else { return Vec::new() };
    let mut readings = vec![(*first, rest)];
    match first {
        b'+' => readings.push((b' ', rest)),
        // RFC 6901, section 3.
        b'~' => readings.extend(rest.strip_prefix(b"1").map(|rest| (b'/', rest))),
        b'%' => {
            // An escape that was escaped again, as in `%2541`, counts.
            let mut digits = Some(rest);
            while let Some((pair, rest)) = digits.and_then(|text| text.split_at_checked(2)) {
                readings.extend(byte_of(pair).map(|byte| (byte, rest)));
                digits = (pair == b"25").then_some(rest);
            }
        }
        _ => {}
    }
    readings
}

fn byte_of(pair: &[u8]) -> Option<u8> {
    // `from_str_radix` takes a sign as well.
    if !pair.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()
}

/// Shows how many there are.
impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hidden({})", self.labels.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, secret: &str) -> String {
        let mut hidden = Hidden::default();
        hidden.add(secret, "[cut]".to_owned());
        hidden.cut(text)
    }

    #[test]
    fn a_secret_is_cut_in_every_spelling_of_a_url() {
        for text in ["k/1 +%", "k%2F1%20%2B%25", "%6b%2f1+%2b%25", "k%252F1 %2525252B%25"] {
            assert_eq!(cut(&format!("a={text}&b"), "k/1 +%"), "a=[cut]&b", "{text}");
        }
    }

    #[test]
    fn a_secret_is_cut_out_of_a_json_pointer() {
        assert_eq!(cut("/query/a~1b", "a/b"), "/query/[cut]");
    }

    #[test]
    fn what_is_no_secret_stays_as_it_was_sent() {
        let text = "a%2Gb=100%&ä=%61%";
        assert_eq!(cut(text, "canary"), text);
    }

    #[test]
    fn a_secret_is_cut_as_often_as_it_stands_there() {
        assert_eq!(cut("%61a", "a"), "[cut][cut]");
    }

    #[test]
    fn of_two_secrets_that_begin_alike_the_longer_one_is_cut() {
        let mut hidden = Hidden::default();
        hidden.add("canary", "[one]".to_owned());
        hidden.add("canary-two", "[two]".to_owned());
        assert_eq!(hidden.cut("canary-two canary-tw"), "[two] [one]-tw");
    }
}
