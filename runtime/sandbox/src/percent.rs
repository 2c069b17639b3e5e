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
