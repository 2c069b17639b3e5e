//! JSON Pointers (RFC 6901).

use std::fmt;

/// A JSON Pointer; the empty pointer names the whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer {
    tokens: Vec<Box<str>>,
}

impl Pointer {
    /// The pointer to the whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads `/a/b~1c` or, as a URI fragment, `#/a/b~1c` (RFC 6901 §5 and §6).
    ///
    /// `None` if the text is neither empty nor starts with `/` after an optional `#`. In the
    /// fragment form percent escapes are decoded.
    pub fn parse(text: &str) -> Option<Self> {
        let (text, fragment) = match text.strip_prefix('#') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        if text.is_empty() {
            return Some(Self::root());
        }
        let tokens = text.strip_prefix('/')?.split('/').map(|token| {
            let token = if fragment { percent_decode(token) } else { token.to_owned() };
            token.replace("~1", "/").replace("~0", "~").into_boxed_str()
        });
        Some(Self { tokens: tokens.collect() })
    }

    /// The reference tokens, unescaped.
    pub fn tokens(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.tokens.iter().map(|token| &**token)
    }

    /// The pointer to a member or an element of the node this pointer names.
    #[must_use]
    pub fn join(&self, token: impl Into<Box<str>>) -> Self {
        let mut tokens = self.tokens.clone();
        tokens.push(token.into());
        Self { tokens }
    }

    /// The pointer to the node that holds this one; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.tokens.split_last()?;
        Some(Self { tokens: rest.to_vec() })
    }

    /// The last token.
    pub fn last(&self) -> Option<&str> {
        self.tokens.last().map(|token| &**token)
    }

    /// True if `self` is `other` or names something inside it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.tokens.starts_with(&other.tokens)
    }

    /// The normalised JSONPath (RFC 9535 §2.7) of the same node, as overlays name it.
    pub fn to_json_path(&self) -> String {
        let mut path = String::from("$");
        for token in self.tokens() {
            let plain = token
                .starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && token.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if plain {
                path.push('.');
                path.push_str(token);
            } else if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()) {
                path.push('[');
                path.push_str(token);
                path.push(']');
            } else {
                path.push_str("['");
                path.push_str(&token.replace('\\', "\\\\").replace('\'', "\\'"));
                path.push_str("']");
            }
        }
        path
    }
}

impl FromIterator<Box<str>> for Pointer {
    fn from_iter<I: IntoIterator<Item = Box<str>>>(tokens: I) -> Self {
        Self { tokens: tokens.into_iter().collect() }
    }
}

/// Writes the string form of RFC 6901 §5.
impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in self.tokens() {
            write!(f, "/{}", token.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

pub(crate) fn percent_decode(token: &str) -> String {
    let bytes = token.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escape = (bytes[index] == b'%').then(|| token.get(index + 1..index + 3)).flatten();
        if let Some(value) = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(value);
            index += 3;
        } else {
            decoded.push(bytes[index]);
            index += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_round_trip() {
        let pointer = Pointer::root().join("paths").join("/a/{b}").join("x~y");
        assert_eq!(pointer.to_string(), "/paths/~1a~1{b}/x~0y");
        assert_eq!(Pointer::parse(&pointer.to_string()), Some(pointer));
    }

    #[test]
    fn a_fragment_is_percent_decoded() {
        let pointer = Pointer::parse("#/paths/~1a~1%7Bb%7D").map(|pointer| pointer.to_string());
        assert_eq!(pointer.as_deref(), Some("/paths/~1a~1{b}"));
        assert_eq!(Pointer::parse("name"), None);
    }

    #[test]
    fn a_json_path_quotes_what_is_not_a_plain_name() {
        let pointer = Pointer::parse("/paths/~1a~1b/get/parameters/0/it's");
        let path = pointer.map(|pointer| pointer.to_json_path());
        assert_eq!(path.as_deref(), Some(r"$.paths['/a/b'].get.parameters[0]['it\'s']"));
    }
}
