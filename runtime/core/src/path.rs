//! The path of a request: a template, filled and checked.

use percent_encoding::percent_decode;

use crate::encode_error::{EncodeError, Place};

/// Puts each value, encoded already, in its place, and checks the path that results.
pub(crate) fn fill(template: &str, values: &[(String, String)]) -> Result<String, EncodeError> {
    let parameter = |name, problem| Err(EncodeError::parameter(Place::Path, name, problem));
    let mut path = String::new();
    let mut places = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((place, after)) = after.split_once('}') else {
            return Err(EncodeError::path("has a `{` without a `}`"));
        };
        let Some((_, value)) = values.iter().find(|(name, _)| name == place) else {
            return parameter(place, "is missing");
        };
        path.push_str(literal);
        path.push_str(value);
        places.push(place);
        rest = after;
    }
    path.push_str(rest);
    match values.iter().find(|(name, _)| !places.contains(&name.as_str())) {
        Some((name, _)) => parameter(name, "has no place in the path"),
        None => check(path),
    }
}

/// Checks the whole path once more: two harmless values side by side can make a `..`, and a caller of an undocumented
/// endpoint writes the path by hand.
fn check(path: String) -> Result<String, EncodeError> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(EncodeError::path("does not begin with one `/`"));
    }
    if !is_url_text(&path, b"/") {
        return Err(EncodeError::path("has a character that must be encoded"));
    }
    if has_dot_segment(&path) {
        return Err(EncodeError::path("holds a `.` or `..` segment"));
    }
    Ok(path)
}

/// Whether someone on the way may read a segment of `path` as `.` or `..`.
///
/// Some servers decode `%2F` before they split a path, some proxies decode twice, and some read a backslash as a slash.
pub(crate) fn has_dot_segment(path: &str) -> bool {
    let mut text = path.as_bytes().to_vec();
    for _ in 0..3 {
        let mut segments = text.split(|byte| matches!(byte, b'/' | b'\\'));
        if segments.any(|segment| matches!(segment, b"." | b"..")) {
            return true;
        }
        text = percent_decode(&text).collect();
    }
    false
}

/// Whether `text` has only characters of a path segment (RFC 3986 §3.3, `pchar`), whole percent escapes, and `also`.
pub(crate) fn is_url_text(text: &str, also: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fine = match byte {
            b'%' => [bytes.next(), bytes.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            byte => {
                byte.is_ascii_alphanumeric()
                    || b"-._~!$&'()*+,;=:@".contains(&byte)
                    || also.contains(&byte)
            }
        };
        if !fine {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{fill, has_dot_segment};

    #[track_caller]
    fn refused(template: &str, values: &[(&str, &str)], message: &str) {
        let values: Vec<_> = values.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        assert_eq!(fill(template, &values).unwrap_err().to_string(), message);
    }

    #[test]
    fn two_harmless_texts_cannot_make_a_dot_segment_together() {
        let problem = "the path holds a `.` or `..` segment";
        refused("/v1/{a}{b}", &[("a", "."), ("b", ".")], problem);
        refused("/v1/{a}./x", &[("a", ".")], problem);
        refused("/v1/%2{a}", &[("a", "e")], problem);
    }

    #[test]
    fn every_place_is_filled_and_every_value_has_a_place() {
        refused("/a/{id}", &[], "the path parameter `id` is missing");
        refused("/a", &[("id", "1")], "the path parameter `id` has no place in the path");
    }

    #[test]
    fn a_value_is_no_template() {
        let values = [("a".to_owned(), "%7Bb%7D".to_owned())];
        assert_eq!(fill("/{a}/{a}", &values).unwrap(), "/%7Bb%7D/%7Bb%7D");
    }

    #[test]
    fn a_path_by_hand_is_checked() {
        for (path, problem) in [
            ("a", "does not begin with one `/`"),
            ("//evil.example/a", "does not begin with one `/`"),
            ("/a/../b", "holds a `.` or `..` segment"),
            ("/a/%2e%2E/b", "holds a `.` or `..` segment"),
            ("/a/%252e%252e/b", "holds a `.` or `..` segment"),
            ("/a\\..\\b", "has a character that must be encoded"),
            ("/a b", "has a character that must be encoded"),
            ("/a#b", "has a character that must be encoded"),
            ("/a%2", "has a character that must be encoded"),
            ("/a%2g", "has a character that must be encoded"),
            ("/a{b", "has a `{` without a `}`"),
        ] {
            refused(path, &[], &format!("the path {problem}"));
        }
    }

    #[test]
    fn dots_within_a_name_are_no_dot_segment() {
        assert!(!has_dot_segment("/a/.../b..c/.d/e."));
    }
}
