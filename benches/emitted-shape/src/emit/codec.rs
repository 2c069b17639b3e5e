//! What shapes B and C share: encoding.

use std::fmt::Write as _;

use crate::model::{Body, Presence, TAG, Type};
use crate::names::snake;

pub fn encode(out: &mut String, types: &[Type], one: &Type) {
    writeln!(
        out,
        "impl json::Encode for {} {{ fn encode(&self, to: &mut json::Writer) {{",
        one.name
    )
    .unwrap();
    match &one.body {
        Body::Record(fields) => {
            out.push_str("let mut object = to.object();\n");
            for field in fields {
                let method = match field.presence {
                    Presence::Required | Presence::Nullable => "field",
                    Presence::Optional => "optional",
                    Presence::ThreeState => "maybe",
                };
                writeln!(out, "object.{method}({:?}, &self.{});", field.wire, snake(field.wire))
                    .unwrap();
            }
            out.push_str("object.end();\n");
        }
        Body::Enum(_) => out.push_str("to.string(self.as_str());\n"),
        Body::Union(variants) => {
            out.push_str("match self {\n");
            for &variant in variants {
                let variant = &types[variant].name;
                let text = snake(variant);
                writeln!(out, "Self::{variant}(variant) => to.tagged({TAG:?}, {text:?}, variant),")
                    .unwrap();
            }
            out.push_str("Self::Unknown(document) => json::Encode::encode(document, to),\n}\n");
        }
    }
    out.push_str("}}\n\n");
}
