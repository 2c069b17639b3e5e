//! Every example of both documents, decoded into its generated type and encoded again.

use std::collections::BTreeSet;

use equal::Relaxations;
use serde_json::Value;

use crate::report::round_trip;
use crate::types::Types;
use crate::{stora, understory};
use vendors::{Document, escape, members, schema_name};

#[test]
fn every_example_of_stora_is_equal() {
    check(&stora::document(), stora::TYPES, 212);
}

#[test]
fn every_example_of_understory_is_equal() {
    check(&understory::document(), understory::TYPES, 95);
}

#[test]
fn every_type_that_is_listed_has_an_example() {
    assert_eq!(unused(&stora::document(), stora::TYPES), [""; 0]);
    assert_eq!(unused(&understory::document(), understory::TYPES), [""; 0]);
}

#[test]
fn an_example_is_found_wherever_it_stands() {
    let document: Value = serde_json::from_str(include_str!("examples.json")).unwrap();
    let found = find(&document);
    let found: Vec<String> =
        found.iter().map(|it| format!("{} is a {}", it.value, it.schema)).collect();
    assert_eq!(
        found,
        [
            "1 is a /components/parameters/A/schema",
            "2 is a /components/schemas/Example",
            "3 is a /components/schemas/Example/properties/example",
            "4 is a /paths/~1a/post/requestBody/content/application~1json/schema",
            "5 is a /paths/~1a/post/requestBody/content/application~1json/schema",
        ]
    );
}

/// An example and the place of its schema.
struct Example<'d> {
    /// Where the example stands.
    pointer: String,
    schema: String,
    value: &'d Value,
}

#[expect(clippy::print_stdout, reason = "each relaxation that was used is to be seen")]
#[track_caller]
fn check(document: &Document, types: Types, least: usize) {
    let examples = find(document.raw());
    let mut total = Relaxations::default();
    let mut wrong = Vec::new();
    for example in &examples {
        let came = example.value.to_string();
        match round_trip(document, types, &example.schema, came.as_bytes()) {
            Ok(relaxations) => total += relaxations,
            Err(reason) => wrong.push(format!("{}: {reason}", example.pointer)),
        }
    }
    println!("equal: {} of {} examples: {total}", examples.len() - wrong.len(), examples.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(examples.len() >= least, "{} examples", examples.len());
}

/// The names of listed types that no example has.
fn unused(document: &Document, types: Types) -> Vec<&'static str> {
    let raw = document.raw();
    let schemas = find(raw).into_iter().filter_map(|example| raw.pointer(&example.schema));
    let used: BTreeSet<String> = schemas.map(schema_name).collect();
    types.iter().map(|(name, _)| *name).filter(|name| !used.contains(*name)).collect()
}

/// Every example of the document.
fn find(document: &Value) -> Vec<Example<'_>> {
    let mut found = Vec::new();
    visit(document, "", Names::Keywords, &mut found);
    found
}

/// What the names of an object's members are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Words of OpenAPI or JSON Schema.
    Keywords,
    /// Names that the document's author chose.
    Chosen,
}

fn visit<'d>(value: &'d Value, at: &str, names: Names, found: &mut Vec<Example<'d>>) {
    if let Value::Array(items) = value {
        for (index, item) in items.iter().enumerate() {
            visit(item, &format!("{at}/{index}"), Names::Keywords, found);
        }
    }
    let schema = match value.get("schema") {
        Some(_) => format!("{at}/schema"),
        None => at.to_owned(),
    };
    for (name, member) in members(value) {
        let at = format!("{at}/{}", escape(name));
        let mut add = |pointer: String, value: &'d Value| {
            found.push(Example { pointer, schema: schema.clone(), value });
        };
        match name.as_str() {
            _ if names == Names::Chosen => visit(member, &at, Names::Keywords, found),
            "example" => add(at, member),
            "examples" if member.is_array() => {
                let items = member.as_array().into_iter().flatten().enumerate();
                items.for_each(|(index, item)| add(format!("{at}/{index}"), item));
            }
            "examples" => {
                for (name, example) in members(member) {
                    add(format!("{at}/{}", escape(name)), &example["value"]);
                }
            }
            // Values, not descriptions of values.
            "const" | "default" | "enum" => {}
            "properties" | "schemas" | "paths" | "webhooks" | "content" | "parameters"
            | "responses" | "headers" | "mapping" | "callbacks" | "patternProperties" => {
                visit(member, &at, Names::Chosen, found);
            }
            _ => visit(member, &at, Names::Keywords, found),
        }
    }
}
