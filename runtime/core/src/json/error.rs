//! Why a text could not be read as a type.

use std::borrow::Cow;
use std::fmt;

use crate::secret::SecretString;

/// The place of an answer that does not fit, what should stand there, and what kind of value does.
///
/// The value itself may be a secret or personal. So `Display` and `Debug` name its kind only; [`Self::excerpt`] has the
/// text, for eyes that may see it.
pub struct DecodeError(Box<Facts>);

struct Facts {
    expected: Cow<'static, str>,
    found: &'static str,
    place: Place,
    excerpt: SecretString,
}

enum Place {
    /// The status or a header.
    Head,
    /// A character of the body. `pointer` is `None` when the text is not JSON at all, so that no value has a path.
    Body { pointer: Option<String>, line: usize, column: usize },
}

/// How much text the excerpt holds, in characters, before and after the place.
const EXCERPT: (usize, usize) = (40, 120);

/// The longest path that is shown. Names in it come from the server.
const MAX_POINTER: usize = 256;

impl DecodeError {
    /// An answer whose status or header is not what it should be.
    pub(crate) fn head(expected: &'static str, found: &'static str) -> Self {
        let (place, excerpt) = (Place::Head, SecretString::default());
        Self(Box::new(Facts { expected: expected.into(), found, place, excerpt }))
    }

    /// Text that is not JSON, at byte `offset`.
    #[cold]
    pub(super) fn syntax(text: &str, offset: usize, expected: &'static str) -> Self {
        let found = match text.as_bytes().get(offset) {
            None => "the end",
            Some(b'"') => "a string",
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            Some(b'-' | b'0'..=b'9') => "a number",
            Some(_) => "other text",
        };
        Self::at(text, offset, None, expected.into(), found)
    }

    /// Bytes that are not UTF-8 from `offset` on.
    #[cold]
    pub(crate) fn encoding(body: &[u8], offset: usize) -> Self {
        let text = String::from_utf8_lossy(body.get(..offset).unwrap_or_default());
        Self::at(&text, offset, None, "UTF-8 text".into(), "other bytes")
    }

    /// A value of another kind than the type has, at byte `offset`.
    #[cold]
    pub(super) fn value(
        text: &str,
        offset: usize,
        pointer: &str,
        expected: Cow<'static, str>,
        found: &'static str,
    ) -> Self {
        // Control characters could forge a line in a log.
        let pointer = pointer
            .chars()
            .map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char })
            .take(MAX_POINTER)
            .collect();
        Self::at(text, offset, Some(pointer), expected, found)
    }

    fn at(
        text: &str,
        offset: usize,
        pointer: Option<String>,
        expected: Cow<'static, str>,
        found: &'static str,
    ) -> Self {
        let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let column = in_line.trim_start_matches('\u{feff}').chars().count() + 1;
        let shown = before.char_indices().rev().take(EXCERPT.0).last().map_or(0, |(at, _)| at);
        let excerpt: String = before
            .get(shown..)
            .unwrap_or_default()
            .chars()
            .chain(after.chars().take(EXCERPT.1))
            .collect();
        let place = Place::Body { pointer, line, column };
        Self(Box::new(Facts { expected, found, place, excerpt: excerpt.into() }))
    }

    /// What should stand there, in words.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// The kind of what stands there, in words; never the value.
    pub fn found(&self) -> &str {
        self.0.found
    }

    /// JSON Pointer (RFC 6901) of the place; empty for the whole value, `None` if the text is not JSON or the place is
    /// no part of it.
    pub fn pointer(&self) -> Option<&str> {
        match &self.0.place {
            Place::Head => None,
            Place::Body { pointer, .. } => pointer.as_deref(),
        }
    }

    /// Whether the place is the status or a header, and not the body.
    pub fn is_of_head(&self) -> bool {
        matches!(self.0.place, Place::Head)
    }

    /// Line of the place, from 1; 0 for a status or header.
    pub fn line(&self) -> usize {
        match self.0.place {
            Place::Head => 0,
            Place::Body { line, .. } => line,
        }
    }

    /// Column of the place in characters, from 1; 0 for a status or header.
    pub fn column(&self) -> usize {
        match self.0.place {
            Place::Head => 0,
            Place::Body { column, .. } => column,
        }
    }

    /// The text around the place, at most 160 characters. It may hold secrets or personal data; do not log it.
    pub fn excerpt(&self) -> &str {
        self.0.excerpt.expose()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts { expected, found, place, .. } = &*self.0;
        write!(to, "expected {expected} ")?;
        match place {
            Place::Head => to.write_str("in the head of the answer")?,
            Place::Body { pointer, line, column } => match pointer.as_deref() {
                None => write!(to, "at line {line}, column {column}")?,
                Some("") => write!(to, "at the top (line {line}, column {column})")?,
                Some(pointer) => write!(to, "at `{pointer}` (line {line}, column {column})")?,
            },
        }
        write!(to, ", found {found}")
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "DecodeError({self})")
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::json::from_slice;

    type Shelves = BTreeMap<String, Vec<i64>>;

    #[test]
    fn names_path_expectation_kind_and_place() {
        let error = from_slice::<Shelves>(b"{\"a/b\": [1,\n\"canary\"]}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected an integer at `/a~1b/1` (line 2, column 1), found a string"
        );
        assert_eq!(error.pointer(), Some("/a~1b/1"));
    }

    #[test]
    fn the_value_is_in_the_excerpt_only() {
        let error = from_slice::<Shelves>(br#"{"a": ["canary"]}"#).unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert_eq!(error.excerpt(), r#"{"a": ["canary"]}"#);
    }

    #[test]
    fn the_excerpt_is_bounded() {
        let text = format!("[\"{}\"", "\u{e9}".repeat(5_000));
        let error = from_slice::<Shelves>(text.as_bytes()).unwrap_err();
        assert!(error.excerpt().chars().count() <= 160);
    }

    #[test]
    fn a_member_name_cannot_forge_a_log_line() {
        let error = from_slice::<Shelves>(br#"{"a\nERROR b": 1}"#).unwrap_err();
        assert_eq!(error.pointer(), Some("/a\u{fffd}ERROR b"));
    }

    #[test]
    fn the_whole_value_has_the_empty_path() {
        let error = from_slice::<Shelves>(b" 1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected an object at the top (line 1, column 2), found a number"
        );
    }
}
