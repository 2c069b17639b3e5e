//! Shape B: an impl names each member once in each direction. The text does not depend on the tree behind it.

use std::fmt::Write as _;

use super::codec;
use crate::model::{Body, Presence, TAG, Type};
use crate::names::snake;

pub fn impls(out: &mut String, types: &[Type], one: &Type) {
    codec::encode(out, types, one);
    writeln!(
        out,
        "impl json::Decode for {} {{ fn decode(from: json::Node<'_>) -> Result<Self, json::DecodeError> {{",
        one.name
    )
    .unwrap();
    match &one.body {
        Body::Record(fields) => {
            out.push_str("let mut object = from.object()?;\nOk(Self {\n");
            for field in fields {
                let method = match field.presence {
                    Presence::Required | Presence::Nullable => "required",
                    Presence::Optional => "optional",
                    Presence::ThreeState => "maybe",
                };
                writeln!(out, "{}: object.{method}({:?})?,", snake(field.wire), field.wire)
                    .unwrap();
            }
            out.push_str("})\n");
        }
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
            out.push_str("_ => Self::Unknown(from.to_raw()),\n})\n");
        }
    }
    out.push_str("}}\n\n");
}
