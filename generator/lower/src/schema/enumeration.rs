//! `enum` and `const`: fixed values.

use specwright_ir::{ChoiceValue, Docs, Scalar, Shape, Ty, Words};
use specwright_openapi::document::{Extension, JsonType, SchemaObject, Value, extension};
use specwright_source::{Diagnostic, codes};

use super::{Body, by_type, scalar, spellings};
use crate::lowering::{Keywords, Lowering};
use crate::unsupported::unsupported;

/// Strings and whole numbers become an open choice: a server adds values within a version. Other
/// values have no choice and keep the type they share; without one they are any JSON value.
pub(super) fn lower(lowering: &mut Lowering<'_>, schema: &Keywords<'_>) -> Body {
    let values = values(schema);
    match values.as_slice() {
        [] => return by_type(lowering, schema),
        [..] if values.iter().all(|value| matches!(value, Value::Bool(_))) => {
            return Body::ty(Ty::Scalar(Scalar::Bool));
        }
        [..] => {}
    }
    let Some(base) = base(lowering, schema, &values) else {
        return without_choice(lowering, schema, &values);
    };
    Body::Shape(Shape::Choice {
        values: choice_values(lowering, schema, &values, base),
        base,
        open: true,
    })
}

/// The values other than null. A `const` beside an `enum` is the narrower of the two.
fn values(schema: &SchemaObject) -> Vec<Value> {
    let values = match (&schema.constant, &schema.enumeration) {
        (Some(value), _) => vec![value.clone()],
        (None, values) => values.clone().unwrap_or_default(),
    };
    values.into_iter().filter(|value| *value != Value::Null).collect()
}

/// What the values have in common, with `type` to decide: YAML makes numbers of digits, and a
/// `type: string` beside them says that they are text.
fn base(lowering: &mut Lowering<'_>, schema: &SchemaObject, values: &[Value]) -> Option<Scalar> {
    let types: Vec<JsonType> = schema.types_without_null().collect();
    let all = |test: fn(&Value) -> bool| values.iter().all(test);
    let is_text = |value: &Value| matches!(value, Value::String(_));
    match types.as_slice() {
        [JsonType::String] if all(is_scalar) => {
            if !all(is_text) {
                report_kind(lowering, schema, "string");
            }
            Some(Scalar::String)
        }
        [JsonType::Integer] if all(reads_as_whole) => {
            if all(is_text) {
                report_kind(lowering, schema, "whole number");
            }
            Some(whole(lowering, schema, values))
        }
        _ if all(is_text) => Some(Scalar::String),
        _ if all(is_whole) => Some(whole(lowering, schema, values)),
        _ => None,
    }
}

fn whole(lowering: &mut Lowering<'_>, schema: &SchemaObject, values: &[Value]) -> Scalar {
    match scalar::lower(lowering, schema, JsonType::Integer) {
        base @ (Scalar::I32 | Scalar::U64) => base,
        _ if values.iter().any(|value| text(value).parse::<i64>().is_err()) => Scalar::U64,
        _ => Scalar::I64,
    }
}

fn without_choice(lowering: &mut Lowering<'_>, schema: &Keywords<'_>, values: &[Value]) -> Body {
    if values.iter().all(|value| matches!(value, Value::Number(_))) {
        return Body::ty(Ty::Scalar(Scalar::F64));
    }
    lowering.sink.report(unsupported(
        &codes::ENUM_UNSUPPORTED,
        &schema.at,
        "fixed values of several kinds",
        "read as a value of the schema's type, or any JSON value",
    ));
    match by_type(lowering, schema) {
        body @ Body::Use(_) => body,
        Body::Shape(_) => Body::ty(Ty::Json),
    }
}

fn choice_values(
    lowering: &mut Lowering<'_>,
    schema: &SchemaObject,
    values: &[Value],
    base: Scalar,
) -> Vec<ChoiceValue> {
    let spellings = spellings::of(lowering, schema, values, base);
    let mut found: Vec<ChoiceValue> = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let wire = text(value);
        if spellings.values().any(|also| also.contains(&wire)) {
            continue;
        }
        if found.iter().any(|known| known.wire == wire) {
            lowering.sink.report(
                Diagnostic::new(
                    &codes::ENUM_REPEATED,
                    format!("enum value `{wire}` is there twice"),
                )
                .label(schema.at.span, "")
                .at(schema.at.pointer.clone())
                .note("read as if it were there once"),
            );
            continue;
        }
        let name = beside(&schema.extensions, &["x-enum-varnames", "x-enumNames"], index, &wire);
        let description = beside(
            &schema.extensions,
            &["x-enum-descriptions", "x-enumDescriptions"],
            index,
            &wire,
        );
        found.push(ChoiceValue {
            hint: Words::split(name.as_deref().unwrap_or(&wire)),
            also: spellings.get(&wire).cloned().unwrap_or_default(),
            wire,
            docs: Docs { summary: None, description },
        });
    }
    found
}

/// What an extension says of one value: a list beside the values, or an object by value.
fn beside(extensions: &[Extension], names: &[&str], index: usize, wire: &str) -> Option<String> {
    let said = names.iter().find_map(|name| extension(extensions, name))?;
    let value = said.value.items().get(index).or_else(|| said.value.member(wire))?;
    value.as_str().map(str::to_owned)
}

fn report_kind(lowering: &mut Lowering<'_>, schema: &SchemaObject, kind: &str) {
    lowering.sink.report(
        Diagnostic::new(
            &codes::ENUM_KIND,
            format!("an enum value is no {kind}, though `type` says so"),
        )
        .label(schema.at.span, "")
        .at(schema.at.pointer.clone())
        .note(format!("each value is read as a {kind}"))
        .help(
            "put quotes around strings that look like numbers or `true`, and none around numbers",
        ),
    );
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null | Value::List(_) | Value::Object(_) => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
    }
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_))
}

fn is_whole(value: &Value) -> bool {
    value.as_number().is_some_and(|number| number.as_i64().or(number.as_u64().map(|_| 0)).is_some())
}

fn reads_as_whole(value: &Value) -> bool {
    is_whole(value) || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok())
}
