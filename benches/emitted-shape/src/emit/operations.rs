//! The places where a client asks for a codec: one pair of functions for each root.

use std::fmt::Write as _;

use crate::model::Type;
use crate::names::snake;
use crate::shape::Shape;

pub fn text(shape: Shape, types: &[Type], roots: &[usize]) -> String {
    let mut out = String::from("//! What operations send and receive.\n\nuse crate::*;\n\n");
    let (error, decode, encode) = match shape {
        Shape::Derive => {
            ("serde_json::Error", "serde_json::from_slice(body)", "serde_json::to_vec(value)")
        }
        _ => ("json::DecodeError", "json::from_slice(body)", "json::to_vec(value)"),
    };
    let written =
        if shape == Shape::Derive { "Result<Vec<u8>, serde_json::Error>" } else { "Vec<u8>" };
    for &root in roots {
        let (name, function) = (&types[root].name, snake(&types[root].name));
        writeln!(
            out,
            "/// Reads a [`{name}`].\npub fn decode_{function}(body: &[u8]) -> Result<{name}, {error}> {{ {decode} }}\n\n\
             /// Writes a [`{name}`].\npub fn encode_{function}(value: &{name}) -> {written} {{ {encode} }}\n"
        )
        .unwrap();
    }
    out
}
