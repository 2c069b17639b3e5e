//! Bodies: which media type, and from its bytes to a value that the schema accepts.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::envelope::Refusal;
use crate::json;
use crate::operation::{Content, Operation};
use crate::percent::{Plus, decode, pairs};
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
            Err(Refusal::invalid_content(vec![violation]))
        };
    };
    if bytes.is_empty() && !headers.contains_key(CONTENT_TYPE) {
        return if body.required {
            Err(Refusal::invalid_content(vec![Violation::new("", "the body is required")]))
        } else {
            Ok(None)
        };
    }
    let content = content_of(&body.content, headers)?;
    let value = if content.media_type == FORM {
        read_form(&content.shape, bytes)
            .map_err(|violation| Refusal::invalid_content(vec![violation]))?
    } else {
        json::read(bytes).map_err(|reason| {
            Refusal::invalid_request(format!("The body is not valid JSON: {reason}."))
        })?
    };
    let violations = match &content.check {
        Some(check) => check.violations(&value, ""),
        None => Vec::new(),
    };
    Ok(Some(ReadBody { value, violations }))
}

/// Refuses a request that accepts none of the media types it could be answered in.
pub(crate) fn check_accept(operation: &Operation, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut ranges = Vec::new();
    for line in headers.get_all(ACCEPT) {
        let line = line
            .to_str()
            .map_err(|_| Refusal::invalid_request("The header Accept is not visible ASCII."))?;
        ranges.extend(line.split(','));
    }
    let Some((_, success)) = operation.success() else { return Ok(()) };
    if ranges.is_empty() || success.content.is_empty() {
        return Ok(());
    }
    let offered =
        |range: &str| success.content.iter().any(|content| accepts(range, &content.media_type));
    if ranges.iter().any(|range| offered(range)) {
        return Ok(());
    }
    Err(Refusal::invalid_format("The resource is not available in an accepted media type."))
}

fn content_of<'c>(contents: &'c [Content], headers: &HeaderMap) -> Result<&'c Content, Refusal> {
    let line = headers
        .get(CONTENT_TYPE)
        .ok_or_else(|| Refusal::unsupported_media_type("The header Content-Type is missing."))?;
    let line = line.to_str().unwrap_or_default();
    let (essence, parameters) = line.split_once(';').unwrap_or((line, ""));
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    if charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        return Err(Refusal::unsupported_media_type("The only charset is UTF-8."));
    }
    let essence = essence.trim().to_ascii_lowercase();
    contents.iter().find(|content| content.media_type == essence).ok_or_else(|| {
        Refusal::unsupported_media_type("The operation does not take this Content-Type.")
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

/// Whether a media range of `Accept` takes `media_type` (RFC 9110, section 12.5.1).
fn accepts(range: &str, media_type: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts
        .any(|part| part.strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32)));
    let taken = essence == "*/*"
        || essence == media_type
        || essence
            .strip_suffix('*')
            .is_some_and(|class| class.ends_with('/') && media_type.starts_with(class));
    taken && !refused
}

const FORM: &str = "application/x-www-form-urlencoded";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_range_takes_a_type_its_class_or_everything() {
        for range in ["application/json", "application/*", "*/*", " Application/JSON ; q=0.5"] {
            assert!(accepts(range, "application/json"), "{range}");
        }
    }

    #[test]
    fn a_weight_of_zero_takes_nothing() {
        assert!(!accepts("application/json;q=0", "application/json"));
        assert!(!accepts("application/json; q=0.000", "application/json"));
    }

    #[test]
    fn another_class_takes_nothing() {
        assert!(!accepts("text/*", "application/json"));
        assert!(!accepts("app*", "application/json"));
    }
}
