//! Percent-decoding that refuses what it cannot read (RFC 3986, section 2.1).

/// What a literal `+` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plus {
    /// A space: in a query and in a form, as the vendor's server reads them.
    Space,
    /// Itself: in a path.
    Literal,
}

/// Decodes `raw`, or says what is wrong with it.
pub(crate) fn decode(raw: &str, plus: Plus) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = rest.next().and_then(hex).ok_or(BROKEN)?;
                let low = rest.next().and_then(hex).ok_or(BROKEN)?;
                high << 4 | low
            }
            b'+' if plus == Plus::Space => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| "the percent-encoded bytes are not UTF-8")
}

/// The name/value pairs of a query or a form, still encoded. A pair without `=` has an empty value.
pub(crate) fn pairs(raw: &str) -> impl Iterator<Item = (&str, &str)> {
    raw.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Encodes whatever is not unreserved (RFC 3986, section 2.3).
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    encoded
}

fn digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

const BROKEN: &str = "`%` is not followed by two hex digits";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_is_a_space_in_a_query_only() {
        assert_eq!(decode("a+b", Plus::Space).as_deref(), Ok("a b"));
        assert_eq!(decode("a+b", Plus::Literal).as_deref(), Ok("a+b"));
    }

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        let text = "a b+c/ä%?";
        assert_eq!(encode(text), "a%20b%2Bc%2F%C3%A4%25%3F");
        assert_eq!(decode(&encode(text), Plus::Space).as_deref(), Ok(text));
    }

    #[test]
    fn a_broken_escape_is_refused() {
        for raw in ["%", "%4", "%zz"] {
            assert_eq!(decode(raw, Plus::Space), Err(BROKEN), "{raw}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert!(decode("%ff", Plus::Space).is_err());
    }

    #[test]
    fn a_pair_is_cut_at_its_first_equals_sign() {
        let cut: Vec<_> = pairs("a=b=c&&d").collect();
        assert_eq!(cut, [("a", "b=c"), ("d", "")]);
    }
}
