//! The body of a request as the ledger keeps it: what a test looks at, without a credential.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::{CUT, is_credential_name};
use crate::percent::{Plus, decode, pairs};

/// The body as JSON, a form as an object of texts. `None` if it is empty or neither of the two.
pub(super) fn body(headers: &HeaderMap, bytes: &[u8]) -> Option<Value> {
    let media_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let mut body = if media_type.starts_with("application/x-www-form-urlencoded") {
        form(std::str::from_utf8(bytes).ok()?)?
    } else {
        serde_json::from_slice(bytes).ok()?
    };
    cut(&mut body);
    Some(body)
}

/// Changes every text of a body, the names of members too.
pub(super) fn each_text(body: &mut Value, change: &dyn Fn(&str) -> String) {
    match body {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(members) => {
            for (name, mut member) in std::mem::take(members) {
                each_text(&mut member, change);
                members.insert(change(&name), member);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn form(text: &str) -> Option<Value> {
    let mut members = Map::new();
    for (name, value) in pairs(text) {
        let name = decode(name, Plus::Space).ok()?;
        members.insert(name, Value::String(decode(value, Plus::Space).ok()?));
    }
    Some(Value::Object(members))
}

/// Cuts the value of each member that names a credential.
fn cut(body: &mut Value) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(cut),
        Value::Object(members) => {
            for (name, member) in members {
                if is_credential_name(name) {
                    *member = Value::String(CUT.to_owned());
                } else {
                    cut(member);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(media_type: &'static str, bytes: &[u8]) -> Option<Value> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, media_type.parse().unwrap());
        body(&headers, bytes)
    }

    #[test]
    fn json_is_kept_without_its_credentials() {
        let text = br#"{"a":[{"client_secret":"canary","scope":"b"}]}"#;
        let expected = json!({"a": [{"client_secret": "[redacted]", "scope": "b"}]});
        assert_eq!(read("application/json", text), Some(expected));
    }

    #[test]
    fn a_form_is_kept_without_its_credentials() {
        let text = b"scope=a+b&refresh%5Ftoken=canary";
        let expected = json!({"scope": "a b", "refresh_token": "[redacted]"});
        assert_eq!(read("application/x-www-form-urlencoded", text), Some(expected));
    }

    #[test]
    fn what_is_neither_is_not_kept() {
        assert_eq!(read("text/csv", b"a,canary"), None);
        assert_eq!(read("application/json", b""), None);
    }
}
