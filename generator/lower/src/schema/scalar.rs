//! Scalars: `type` and `format` to the kind of value.

use specwright_ir::Scalar;
use specwright_openapi::document::{JsonType, SchemaObject, Value, extension};
use specwright_source::{Diagnostic, codes};

use crate::convention::vocabulary;
use crate::lowering::Lowering;

/// Formats of strings that change the type: the OpenAPI Format Registry and JSON Schema Validation
/// §7.3.
const TYPED_TEXT: [(&str, Scalar); 5] = [
    ("byte", Scalar::Base64),
    ("date", Scalar::Date),
    ("date-time", Scalar::DateTime),
    ("date-time-local", Scalar::LocalDateTime),
    ("password", Scalar::Secret),
];

/// Formats of whole numbers that change the type. The unsigned ones are not registered.
const TYPED_INTEGERS: [(&str, Scalar); 4] = [
    ("int32", Scalar::I32),
    ("int64", Scalar::I64),
    ("uint32", Scalar::U64),
    ("uint64", Scalar::U64),
];

/// Formats that are known and change nothing: the same two sources, sorted.
const KNOWN: [&str; 39] = [
    "base64url",
    "binary",
    "char",
    "commonmark",
    "decimal",
    "decimal128",
    "double",
    "double-int",
    "duration",
    "email",
    "float",
    "hostname",
    "html",
    "http-date",
    "idn-email",
    "idn-hostname",
    "int16",
    "int8",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "media-range",
    "regex",
    "relative-json-pointer",
    "sf-binary",
    "sf-boolean",
    "sf-decimal",
    "sf-integer",
    "sf-string",
    "sf-token",
    "time",
    "uint16",
    "uint8",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// The kind of value of a scalar type. An object, an array or null is text here; callers ask for
/// scalars only.
pub(super) fn lower(lowering: &mut Lowering<'_>, schema: &SchemaObject, ty: JsonType) -> Scalar {
    note_unknown_format(lowering, schema);
    let format = schema.format.as_deref().unwrap_or_default();
    match ty {
        JsonType::Boolean => Scalar::Bool,
        JsonType::Number => Scalar::F64,
        JsonType::Integer => {
            let key = vocabulary::EPOCH_OR_SECONDS;
            let lifetime = extension(&schema.extensions, key);
            if lifetime.is_some_and(|mark| mark.value == Value::Bool(true)) {
                return Scalar::ExpiresIn;
            }
            typed(&TYPED_INTEGERS, format).unwrap_or(Scalar::I64)
        }
        JsonType::String | JsonType::Object | JsonType::Array | JsonType::Null => {
            let is_base64 = schema.content_encoding.as_deref() == Some("base64");
            let otherwise = if is_base64 { Scalar::Base64 } else { Scalar::String };
            typed(&TYPED_TEXT, format).unwrap_or(otherwise)
        }
    }
}

/// True for text whose format gives it a type of its own that is no secret.
pub(super) fn is_formatted_text(schema: &SchemaObject) -> bool {
    let sensitive = extension(&schema.extensions, vocabulary::SENSITIVE);
    let format = schema.format.as_deref().unwrap_or_default();
    let base64 = schema.content_encoding.as_deref() == Some("base64");
    sensitive.is_none_or(|mark| mark.value != Value::Bool(true))
        && typed(&TYPED_TEXT, format).map_or(base64, |scalar| scalar != Scalar::Secret)
}

fn typed(table: &[(&str, Scalar)], format: &str) -> Option<Scalar> {
    table.iter().find(|(known, _)| *known == format).map(|(_, scalar)| *scalar)
}

/// Says once for each name that it changes nothing.
fn note_unknown_format(lowering: &mut Lowering<'_>, schema: &SchemaObject) {
    let Some(format) = &schema.format else {
        return;
    };
    let known = KNOWN.contains(&format.as_str())
        || typed(&TYPED_TEXT, format).is_some()
        || typed(&TYPED_INTEGERS, format).is_some();
    if !known && lowering.formats.insert(format.clone()) {
        lowering.sink.report(
            Diagnostic::new(&codes::FORMAT_UNKNOWN, format!("format `{format}` is not known"))
                .label(schema.at.span, "first used here")
                .at(schema.at.pointer.clone())
                .note("the type stays what it is without the format"),
        );
    }
}
