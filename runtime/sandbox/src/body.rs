//! Bodies: which media type, and from its bytes to a value that the schema accepts.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::json;
use crate::operation::{Content, Operation};
use crate::percent::{Plus, decode, pairs};
use crate::refusal::{Cause, Refusal};
use crate::shape::Shape;
use crate::validate::Violation;

/// A body that was read, and what is wrong with it.
///
/// The two are apart because the token endpoint looks into a body that breaks its schema: it must
/// tell an unknown grant from a damaged one.
#[derive(Debug)]
pub(crate) struct ReadBody {
    pub(crate) value: Value,
    pub(crate) violations: Vec<Violation>,
}

/// Reads the body of a request. `None` where there is none and none is needed.
pub(crate) fn read(
    operation: &Operation,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<Option<ReadBody>, Refusal> {
    let Some(body) = &operation.body else {
        return if bytes.is_empty() {
            Ok(None)
        } else {
            let violation = Violation::new("", "the operation takes no body");
            Err(Refusal::content(vec![violation]))
        };
    };
    if bytes.is_empty() && !headers.contains_key(CONTENT_TYPE) {
        return if body.required {
            Err(Refusal::content(vec![Violation::new("", "the body is required")]))
        } else {
            Ok(None)
        };
    }
    let content = content_of(&body.content, headers)?;
    let value = if content.media_type == FORM {
        read_form(&content.shape, bytes).map_err(|violation| Refusal::content(vec![violation]))?
    } else {
        json::read(bytes).map_err(|reason| {
            Refusal::new(Cause::Unreadable, format!("The body is not valid JSON: {reason}."))
        })?
    };
    let violations = match &content.check {
        Some(check) => check.violations(&value, ""),
        None => Vec::new(),
    };
    Ok(Some(ReadBody { value, violations }))
}

fn content_of<'c>(contents: &'c [Content], headers: &HeaderMap) -> Result<&'c Content, Refusal> {
    let line = headers
        .get(CONTENT_TYPE)
        .ok_or_else(|| Refusal::new(Cause::MediaType, "The header Content-Type is missing."))?;
    let line = line.to_str().unwrap_or_default();
    let (essence, parameters) = line.split_once(';').unwrap_or((line, ""));
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    if charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        return Err(Refusal::new(Cause::MediaType, "The only charset is UTF-8."));
    }
    let essence = essence.trim().to_ascii_lowercase();
    contents.iter().find(|content| content.media_type == essence).ok_or_else(|| {
        Refusal::new(Cause::MediaType, "The operation does not take this Content-Type.")
    })
}

/// Reads `application/x-www-form-urlencoded`: a member is one pair, an array one pair an item.
fn read_form(shape: &Shape, bytes: &[u8]) -> Result<Value, Violation> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Violation::new("", "the form is not UTF-8"))?;
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in pairs(text) {
        let decoded = |raw| decode(raw, Plus::Space).map_err(|reason| Violation::new("", reason));
        let (name, value) = (decoded(name)?, decoded(value)?);
        match fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => fields.push((name, vec![value])),
        }
    }
    let mut form = Map::new();
    for (name, values) in fields {
        let member = shape.member(&name);
        let value = match values.as_slice() {
            texts if member.is_array() => member.read_items(texts.iter().map(String::as_str)),
            [text] => member.read(text),
            more => {
                let reason =
                    format!("the field is given {} times and may be given once", more.len());
                return Err(Violation::new(format!("/{}", json::escape(&name)), reason));
            }
        };
        form.insert(name, value);
    }
    Ok(Value::Object(form))
}

const FORM: &str = "application/x-www-form-urlencoded";
