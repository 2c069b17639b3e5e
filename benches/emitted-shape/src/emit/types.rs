//! Definitions. They differ between shapes only in serde's attributes and in the type of a three-state member.

use std::fmt::Write as _;

use crate::model::{Body, Field, Presence, TAG, Type, Value};
use crate::names::{pascal, snake};
use crate::shape::Shape;

pub fn definition(out: &mut String, shape: Shape, types: &[Type], one: &Type) {
    let name = &one.name;
    let serde = if shape == Shape::Derive && !matches!(one.body, Body::Enum(_)) {
        ", Serialize, Deserialize"
    } else {
        ""
    };
    writeln!(
        out,
        "/// One `{name}` as the server describes it.\n#[derive(Clone, Debug, PartialEq{serde})]"
    )
    .unwrap();
    match &one.body {
        Body::Record(fields) => {
            writeln!(out, "pub struct {name} {{").unwrap();
            for field in fields {
                member(out, shape, types, field);
            }
            out.push_str("}\n\n");
        }
        Body::Enum(values) => {
            writeln!(out, "pub enum {name} {{").unwrap();
            for value in values {
                writeln!(out, "/// `{value}`\n{},", pascal(value)).unwrap();
            }
            out.push_str("/// A value that this version does not know.\nUnknown(String),\n}\n\n");
            text_methods(out, name, values);
        }
        Body::Union(variants) => union(out, shape, types, name, variants),
    }
}

fn union(out: &mut String, shape: Shape, types: &[Type], name: &str, variants: &[usize]) {
    if shape == Shape::Derive {
        writeln!(out, "#[serde(tag = \"{TAG}\")]").unwrap();
    }
    writeln!(out, "pub enum {name} {{").unwrap();
    for &variant in variants {
        let variant = &types[variant].name;
        writeln!(out, "/// `{}`", snake(variant)).unwrap();
        if shape == Shape::Derive {
            writeln!(out, "#[serde(rename = \"{}\")]", snake(variant)).unwrap();
        }
        writeln!(out, "{variant}({variant}),").unwrap();
    }
    let unknown = if shape == Shape::Derive {
        "#[serde(untagged)] Unknown(serde_json::Value)"
    } else {
        "Unknown(json::RawJson)"
    };
    writeln!(out, "/// A variant that this version does not know.\n{unknown},\n}}\n").unwrap();
}

fn member(out: &mut String, shape: Shape, types: &[Type], field: &Field) {
    let (wire, rust) = (field.wire, snake(field.wire));
    let value = rust_type(types, &field.value);
    let three_state = if shape == Shape::Derive { "Option<Option" } else { "json::Maybe" };
    let full = match field.presence {
        Presence::Required => value,
        Presence::Nullable | Presence::Optional => format!("Option<{value}>"),
        Presence::ThreeState if shape == Shape::Derive => format!("{three_state}<{value}>>"),
        Presence::ThreeState => format!("{three_state}<{value}>"),
    };
    writeln!(out, "/// The member `{wire}`.").unwrap();
    if shape == Shape::Derive {
        attribute(out, field.presence, wire, &rust);
    }
    writeln!(out, "pub {rust}: {full},").unwrap();
}

fn attribute(out: &mut String, presence: Presence, wire: &str, rust: &str) {
    let mut parts = Vec::new();
    if wire != rust {
        parts.push(format!("rename = \"{wire}\""));
    }
    match presence {
        Presence::Required | Presence::Nullable => {}
        Presence::Optional => parts.push("default, skip_serializing_if = \"Option::is_none\"".to_owned()),
        Presence::ThreeState => parts.push(
            "default, deserialize_with = \"support::present\", skip_serializing_if = \"Option::is_none\"".to_owned(),
        ),
    }
    if !parts.is_empty() {
        writeln!(out, "#[serde({})]", parts.join(", ")).unwrap();
    }
}

fn rust_type(types: &[Type], value: &Value) -> String {
    match value {
        Value::Text | Value::DateTime => "String".to_owned(),
        Value::Int => "i64".to_owned(),
        Value::Float => "f64".to_owned(),
        Value::Bool => "bool".to_owned(),
        Value::Named(index) => types[*index].name.clone(),
        Value::List(element) => format!("Vec<{}>", rust_type(types, element)),
        Value::Map(element) => format!("BTreeMap<String, {}>", rust_type(types, element)),
    }
}

/// The two directions of an open enum, the same in every shape.
fn text_methods(out: &mut String, name: &str, values: &[&str]) {
    writeln!(
        out,
        "impl {name} {{\n/// The text on the wire.\npub fn as_str(&self) -> &str {{ match self {{"
    )
    .unwrap();
    for value in values {
        writeln!(out, "Self::{} => {value:?},", pascal(value)).unwrap();
    }
    out.push_str("Self::Unknown(text) => text,\n}}\n\n");
    out.push_str("/// The value that stands for `text`.\npub fn from_text(text: &str) -> Self { match text {\n");
    for value in values {
        writeln!(out, "{value:?} => Self::{},", pascal(value)).unwrap();
    }
    out.push_str("_ => Self::Unknown(text.to_owned()),\n}}}\n\n");
}
