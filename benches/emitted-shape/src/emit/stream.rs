//! Shape C: a table of names, a slot for each member, a loop over what the reader finds.

use std::fmt::Write as _;

use super::codec;
use crate::model::{Body, Field, Presence, TAG, Type};
use crate::names::snake;

pub fn impls(out: &mut String, types: &[Type], one: &Type) {
    codec::encode(out, types, one);
    writeln!(
        out,
        "impl json::Decode for {} {{ fn decode(from: &mut json::Reader<'_>) -> Result<Self, json::DecodeError> {{",
        one.name
    )
    .unwrap();
    match &one.body {
        Body::Record(fields) => record(out, fields),
        Body::Enum(_) => out.push_str("from.string().map(|text| Self::from_text(&text))\n"),
        Body::Union(variants) => {
            writeln!(out, "Ok(match &*from.tag({TAG:?})? {{").unwrap();
            for &variant in variants {
                let variant = &types[variant].name;
                writeln!(
                    out,
                    "{:?} => Self::{variant}(json::Decode::decode(from)?),",
                    snake(variant)
                )
                .unwrap();
            }
            out.push_str("_ => Self::Unknown(from.raw()?),\n})\n");
        }
    }
    out.push_str("}}\n\n");
}

fn record(out: &mut String, fields: &[Field]) {
    let names: Vec<_> = fields.iter().map(|field| format!("{:?}", field.wire)).collect();
    writeln!(out, "static FIELDS: &[&str] = &[{}];", names.join(", ")).unwrap();
    for field in fields {
        let empty =
            if field.presence == Presence::ThreeState { "json::Maybe::Absent" } else { "None" };
        writeln!(out, "let mut {} = {empty};", snake(field.wire)).unwrap();
    }
    out.push_str("let mut object = from.object(FIELDS)?;\nwhile let Some(index) = object.next_field()? { match index {\n");
    for (index, field) in fields.iter().enumerate() {
        let name = snake(field.wire);
        match field.presence {
            Presence::Required | Presence::Nullable => {
                writeln!(out, "{index} => {name} = Some(object.value()?),")
            }
            Presence::Optional | Presence::ThreeState => {
                writeln!(out, "{index} => {name} = object.value()?,")
            }
        }
        .unwrap();
    }
    out.push_str("_ => object.skip()?,\n}}\nOk(Self {\n");
    for field in fields {
        let name = snake(field.wire);
        match field.presence {
            Presence::Required | Presence::Nullable => {
                writeln!(out, "{name}: json::required({name}, {:?})?,", field.wire)
            }
            Presence::Optional | Presence::ThreeState => writeln!(out, "{name},"),
        }
        .unwrap();
    }
    out.push_str("})\n");
}
