//! Writes the source text of the types.

mod codec;
mod derive;
mod operations;
pub mod runner;
mod stream;
mod tree;
mod types;

use crate::model::{Body, Type};
use crate::shape::Shape;

/// The files of one types crate: name below `src/`, and text.
pub fn files(
    shape: Shape,
    types: &[Type],
    roots: &[usize],
    inline: bool,
) -> Vec<(&'static str, String)> {
    let modules = [
        ("records.rs", module(shape, types, |body| matches!(body, Body::Record(_)))),
        ("enums.rs", module(shape, types, |body| matches!(body, Body::Enum(_)))),
        ("unions.rs", module(shape, types, |body| matches!(body, Body::Union(_)))),
    ];
    let mut files = vec![("lib.rs", lib(shape))];
    files.extend(modules);
    if shape != Shape::Bare {
        files.push(("operations.rs", operations::text(shape, types, roots)));
    }
    if inline {
        files.iter_mut().for_each(|(_, text)| *text = inlined(text));
    }
    files
}

/// Marks the functions of the codec, so that rustc compiles them where they are called and not here.
fn inlined(text: &str) -> String {
    let marked = text
        .replace("pub fn decode_", "#[inline] pub fn decode_")
        .replace("pub fn encode_", "#[inline] pub fn encode_");
    marked
        .replace("fn decode(", "#[inline] fn decode(")
        .replace("fn encode(", "#[inline] fn encode(")
}

fn lib(shape: Shape) -> String {
    let operations = if shape == Shape::Bare { "" } else { "pub mod operations;" };
    format!(
        "//! Types.\n\nmod enums; {operations} mod records; mod unions;\n\npub use enums::*; pub use records::*; pub use unions::*;"
    )
}

fn module(shape: Shape, types: &[Type], fits: impl Fn(&Body) -> bool) -> String {
    let mut out =
        String::from("//! Types.\n\n#[allow(unused_imports)] use std::collections::BTreeMap;\n");
    if shape == Shape::Derive {
        out.push_str("#[allow(unused_imports)] use serde::{Deserialize, Deserializer, Serialize, Serializer};\n");
    }
    out.push_str("#[allow(unused_imports)] use crate::*;\n\n");
    for one in types.iter().filter(|one| fits(&one.body)) {
        types::definition(&mut out, shape, types, one);
        match shape {
            Shape::Bare => {}
            Shape::Derive => derive::impls(&mut out, one),
            Shape::ValueTree | Shape::FlatTree => tree::impls(&mut out, types, one),
            Shape::Stream => stream::impls(&mut out, types, one),
        }
    }
    out
}
