//! Members of a token answer that is no readable JSON.
//!
//! A server that has answered 200 has issued tokens, and often ended the old ones. What is in the answer is then worth
//! more than its form: it may have been cut, have a warning before it, be wrapped in an envelope, or use single quotes.

use serde_json::{Map, Value};

/// Reads those of `names` that can be found in `body`, whatever stands around them.
///
/// A member is a name in quotes, a colon, and a value: a text in quotes of the same kind, a number, or nothing
/// (`null`). A value that is cut off by the end of the body is not read, because half a token is none. The first place
/// with a readable value counts, but one that says nothing gives way to one that says something: what stands before an
/// answer may name its members too, and a token that is there must not be missed for that.
pub(crate) fn members(body: &[u8], names: &[&str]) -> Map<String, Value> {
    let mut found = Map::new();
    for (at, quote) in body.iter().enumerate().filter(|(_, byte)| matches!(byte, b'"' | b'\'')) {
        let Some(rest) = body.get(at + 1..) else { break };
        let name = names.iter().find(|name| opens_with(rest, name.as_bytes(), *quote));
        let Some(name) = name.filter(|name| found.get(**name).is_none_or(says_nothing)) else {
            continue;
        };
        if let Some(value) = rest.get(name.len() + 1..).and_then(value) {
            found.insert((*name).to_owned(), value);
        }
    }
    found
}

fn says_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

fn opens_with(rest: &[u8], name: &[u8], quote: u8) -> bool {
    rest.strip_prefix(name).is_some_and(|after| after.first() == Some(&quote))
}

/// The value after the name, whose closing quote is passed.
fn value(rest: &[u8]) -> Option<Value> {
    let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    match rest.split_first()? {
        (b'"', _) => double_quoted(rest),
        (b'\'', text) => single_quoted(text),
        _ => literal(rest),
    }
}

/// A JSON text (RFC 8259 §7), with its quotes. The second one is the first that no backslash escapes.
fn double_quoted(rest: &[u8]) -> Option<Value> {
    let mut escaped = false;
    let closing = rest.iter().skip(1).position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    })?;
    serde_json::from_slice(rest.get(..closing + 2)?).ok()
}

/// A text in single quotes. There is no one rule for escapes in it, and tokens need none.
fn single_quoted(text: &[u8]) -> Option<Value> {
    let end = text.iter().position(|byte| *byte == b'\'')?;
    let inside = std::str::from_utf8(text.get(..end)?).ok()?;
    (!inside.contains('\\')).then(|| Value::String(inside.to_owned()))
}

/// A number or a word. It ends at a byte that can follow it: at the end of the body it may go on.
fn literal(rest: &[u8]) -> Option<Value> {
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace())?;
    match rest.get(..end)? {
        b"null" | b"None" | b"nil" => Some(Value::Null),
        word => serde_json::from_slice(word).ok().filter(Value::is_number),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAMES: [&str; 3] = ["access_token", "refresh_token", "expires_in"];

    fn salvaged(body: &str) -> Value {
        Value::Object(members(body.as_bytes(), &NAMES))
    }

    #[test]
    fn members_are_found_whatever_stands_around_them() {
        let whole = r#""access_token":"fake-a","refresh_token":"fake-r","expires_in":7200"#;
        for body in [
            format!("{{{whole}"),
            format!("{{{whole},\"sco"),
            format!("PHP Warning: 'x' in \"y\"\n{{{whole}}}"),
            format!(")]}}',\n{{{whole}}}"),
            format!(r#"{{"data":{{{whole}}},"meta":{{}}}}"#),
            format!("[{{{whole}}}]"),
            format!("cb({{{whole}}});"),
        ] {
            // A number at the very end may go on, so it is not read.
            let number = if body.ends_with("7200") { json!(null) } else { json!(7200) };
            let found = salvaged(&body);
            assert_eq!(found["access_token"], "fake-a", "{body}");
            assert_eq!(found["refresh_token"], "fake-r", "{body}");
            assert_eq!(*found.get("expires_in").unwrap_or(&Value::Null), number, "{body}");
        }
    }

    #[test]
    fn single_quotes_and_words_of_other_languages_are_read() {
        let body = "{'access_token': 'fake-a', 'refresh_token': None, 'expires_in': 60}";
        let expected = json!({"access_token":"fake-a","refresh_token":null,"expires_in":60});
        assert_eq!(salvaged(body), expected);
    }

    #[test]
    fn a_value_that_is_cut_off_is_not_read() {
        for body in [
            r#"{"access_token":"fake"#,
            r#"{"access_token":"fake\"#,
            r#"{"access_token":"fake\""#,
            r#"{"access_token":"#,
            r#"{"access_token"  "#,
            r#"{"access_token"#,
            r#"{"expires_in":72"#,
            "{'access_token': 'fake",
        ] {
            assert_eq!(salvaged(body), json!({}), "{body}");
        }
    }

    #[test]
    fn escapes_of_json_are_undone() {
        assert_eq!(salvaged(r#"{"access_token":"a\/b\u0063\\""#), json!({"access_token":"a/bc\\"}));
    }

    #[test]
    fn a_name_inside_of_a_text_is_no_member() {
        let body = r#"{"note":"the \"access_token\": \"fake\" of","#;
        assert_eq!(salvaged(body), json!({}));
    }

    #[test]
    fn the_first_readable_value_counts() {
        let body =
            r#"{"access_token":{"x":1},"y":{"access_token":"first"},"access_token":"second","#;
        assert_eq!(salvaged(body), json!({"access_token":"first"}));
    }

    #[test]
    fn a_token_counts_although_something_before_it_says_that_there_is_none() {
        for before in
            ["{'access_token': None}", r#""access_token":null "#, r#"{"access_token":""}"#]
        {
            let body = format!(r#"{before}{{"access_token":"fake","access_token":"later","#);
            assert_eq!(salvaged(&body), json!({"access_token":"fake"}), "{body}");
        }
    }

    #[test]
    fn words_that_are_no_value_are_not_read() {
        assert_eq!(salvaged(r#"{"access_token":fake,"refresh_token":true,"#), json!({}));
    }
}
