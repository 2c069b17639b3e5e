//! Secrets in other spellings: a client may put one into a URL, where it is percent-encoded, and a
//! reason may name it by a JSON Pointer.

/// `text`, with `label` wherever it spells `secret`.
pub(super) fn cut(text: &str, secret: &str, label: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match spelled(rest.as_bytes(), secret.as_bytes()) {
            Some(length) => {
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

/// How many bytes at the start of `text` spell `secret`. `None` if they do not.
fn spelled(text: &[u8], secret: &[u8]) -> Option<usize> {
    let rest = secret.iter().try_fold(text, |text, byte| after(text, *byte))?;
    (!secret.is_empty()).then_some(text.len() - rest.len())
}

/// What follows `byte` at the start of `text`.
fn after(text: &[u8], byte: u8) -> Option<&[u8]> {
    let (first, rest) = text.split_first()?;
    match (first, byte) {
        (b'%', _) => after_escape(rest, byte).or_else(|| (byte == b'%').then_some(rest)),
        // RFC 6901, section 3.
        (b'~', b'/') => rest.strip_prefix(b"1"),
        (b'+', b' ') => Some(rest),
        (first, byte) => (*first == byte).then_some(rest),
    }
}

/// What follows the hex digits of `byte`. An escape that was escaped again, as in `%2541`, counts.
fn after_escape(mut text: &[u8], byte: u8) -> Option<&[u8]> {
    let digits = format!("{byte:02x}");
    while let Some((pair, rest)) = text.split_at_checked(2) {
        if pair.eq_ignore_ascii_case(digits.as_bytes()) {
            return Some(rest);
        }
        text = text.strip_prefix(b"25")?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_cut_in_every_spelling_of_a_url() {
        for text in ["k/1 +%", "k%2F1%20%2B%25", "%6b%2f1+%2b%25", "k%252F1 %2525252B%25"] {
            assert_eq!(cut(&format!("a={text}&b"), "k/1 +%", "[cut]"), "a=[cut]&b", "{text}");
        }
    }

    #[test]
    fn a_secret_is_cut_out_of_a_json_pointer() {
        assert_eq!(cut("/query/a~1b", "a/b", "[cut]"), "/query/[cut]");
    }

    #[test]
    fn what_is_no_secret_stays_as_it_was_sent() {
        let text = "a%2Gb=100%&ä=%61%";
        assert_eq!(cut(text, "canary", "[cut]"), text);
    }

    #[test]
    fn a_secret_is_cut_as_often_as_it_stands_there() {
        assert_eq!(cut("%61a", "a", "[cut]"), "[cut][cut]");
    }
}
