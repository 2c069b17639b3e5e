//! Span tree to OpenAPI 3.1 document.
//!
//! Input: the tree of an OpenAPI 3.0, 3.1 or 3.2 file after its overlays, in the loader that reads
//! the files it refers to. Output: a [`Document`] in the terms of 3.1.
//!
//! Invariants:
//!
//! - Reading never fails and never panics. A damaged place gives a located diagnostic and the best
//!   reading there is; the rest of the document is read as if nothing had happened.
//! - Nothing is dropped without a word: a member that no table of keywords knows is reported.
//! - Damage never weakens a request: a damaged `security` asks for credentials.
//! - A schema node is read once, so a schema that holds itself is a cycle of ids.
//!
//! This crate decides what the text says, never what it means for a program: merging of `allOf`,
//! unions and names are the business of lowering.

pub mod compat_openapiv3;
pub mod document;
#[cfg(test)]
mod fixture;
mod keywords;
mod read;
mod resolve;
mod survey;
mod unknown;
mod upgrade;
pub mod version;

use specwright_source::{Diagnostic, FileId, Files, Loader, NodeRef, Sink, codes};

pub use compat_openapiv3::Unreadable;
pub use document::Document;
pub use version::OpenApiVersion;

/// Reads the document in the file `main` and everything it refers to.
///
/// The trees in the loader are upgraded to 3.1 on the way and stay so. Diagnostics come in the
/// order in which the stages find them, not in that of the text. `None` only if the loader
/// has no tree for `main`, or if the file is of Swagger 2.0, which is reported as `OA0007`.
pub fn read_document<F: Files>(
    loader: &mut Loader<F>,
    main: FileId,
    sink: &mut Sink,
) -> Option<Document> {
    let version = version(loader.tree(main)?.root(), sink)?;
    let survey = survey::survey(loader, main, version, sink);
    upgrade::upgrade(loader, &survey);
    read::read(loader, main, version, &survey, sink)
}

/// The version that a document declares. A version nobody knows is read as 3.1.
fn version(root: NodeRef<'_>, sink: &mut Sink) -> Option<OpenApiVersion> {
    if let Some(swagger) = root.get("swagger").filter(|_| root.get("openapi").is_none()) {
        sink.report(
            Diagnostic::new(&codes::VERSION, "this is a document of Swagger 2.0")
                .label(swagger.span(), "")
                .at(swagger.pointer())
                .note("OpenAPI 3.0, 3.1 and 3.2 are read")
                .help("convert it to OpenAPI 3, for instance with `swagger2openapi`"),
        );
        return None;
    }
    let Some(member) = root.get("openapi") else {
        if root.is_mapping() {
            sink.report(
                Diagnostic::new(&codes::VERSION, "an OpenAPI document needs `openapi`")
                    .label(root.span(), "")
                    .at(root.pointer())
                    .note("it is read as OpenAPI 3.1"),
            );
        }
        return Some(OpenApiVersion::V31);
    };
    let text = match (member.as_str(), member.as_number()) {
        (Some(text), _) => text,
        (None, Some(number)) => number.as_str(),
        (None, None) => "",
    };
    let version = OpenApiVersion::parse(text);
    if version.is_none() {
        sink.report(
            Diagnostic::new(&codes::VERSION, format!("OpenAPI version `{text}` is not known"))
                .label(member.span(), "")
                .at(member.pointer())
                .note("it is read as OpenAPI 3.1"),
        );
    }
    Some(version.unwrap_or(OpenApiVersion::V31))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use specwright_source::{Budget, Loader, MemoryFiles, Sink};

    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn swagger_2_0_is_refused_at_its_version() {
        let files = MemoryFiles::default().with("a.yaml", "swagger: '2.0'\npaths: {}\n");
        let mut loader = Loader::new(files, Path::new(""), Budget::DEFAULT).unwrap();
        let mut sink = Sink::default();
        let main = loader.open(Path::new("a.yaml"), &mut sink).unwrap();
        assert!(read_document(&mut loader, main, &mut sink).is_none());
        let found = &sink.diagnostics()[0];
        assert_eq!(found.code.id, "OA0007");
        assert_eq!(found.pointer.clone().unwrap_or_default().to_string(), "/swagger");
    }

    #[test]
    fn a_version_that_nobody_knows_is_read_as_3_1() {
        let fixture =
            Fixture::read("openapi: 4.0.0\ninfo: { title: T, version: '1' }\npaths: {}\n");
        assert_eq!(fixture.document.version, OpenApiVersion::V31);
        assert_eq!(fixture.found(), ["OA0007 /openapi"]);
    }

    #[test]
    fn a_version_without_quotes_is_a_version() {
        let fixture = Fixture::read("openapi: 3.1\ninfo: { title: T, version: '1' }\npaths: {}\n");
        assert_eq!(fixture.document.version, OpenApiVersion::V31);
        assert!(fixture.is_clean());
    }

    #[test]
    fn any_kind_of_value_in_any_place_leaves_a_document() {
        let whole = r"openapi: 3.1.1
info: { title: T, version: '1', contact: { name: n }, license: { name: n } }
servers: [{ url: /, variables: { v: { default: d } } }]
tags: [{ name: t }]
security: [{ s: [] }]
paths:
  /x:
    parameters: [{ name: p, in: query, schema: { type: string } }]
    post:
      requestBody: { content: { a/b: { schema: {}, encoding: { e: { headers: { h: { schema: {} } } } } } } }
      responses: { 200: { description: d, headers: { h: { schema: {} } }, links: { l: { operationId: o } } } }
      callbacks: { c: { e: { get: {} } } }
components:
  securitySchemes: { s: { type: oauth2, flows: { implicit: { authorizationUrl: u, scopes: { a: b } } } } }
  schemas:
    S: { discriminator: { propertyName: p, mapping: { m: S } }, properties: { p: { items: { $ref: '#/components/schemas/S' } } }, required: [p], enum: [1], xml: { name: n } }
";
        let places = places_of(whole);
        assert!(places.len() > 70, "{}", places.len());
        for place in places {
            for damage in
                ["null", "true", "7", "word", "[]", "{}", "[[7]]", "{ $ref: 7 }", "{ k: { k: 7 } }"]
            {
                let text = damaged(whole, &place, damage);
                let files = MemoryFiles::default().with("a.json", text.clone());
                let mut loader = Loader::new(files, Path::new(""), Budget::DEFAULT).unwrap();
                let mut sink = Sink::default();
                let main = loader.open(Path::new("a.json"), &mut sink).unwrap();
                assert!(read_document(&mut loader, main, &mut sink).is_some(), "{text}");
            }
        }
    }

    /// The JSON Pointers of everything in a YAML text.
    fn places_of(yaml: &str) -> Vec<String> {
        fn walk(value: &serde_json::Value, place: &str, places: &mut Vec<String>) {
            let members: Vec<(String, &serde_json::Value)> = match value {
                serde_json::Value::Object(members) => {
                    members.iter().map(|(name, value)| (name.clone(), value)).collect()
                }
                serde_json::Value::Array(items) => {
                    items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect()
                }
                _ => Vec::new(),
            };
            for (name, value) in members {
                let place = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                places.push(place.clone());
                walk(value, &place, places);
            }
        }
        let mut places = Vec::new();
        walk(&serde_yaml::from_str(yaml).unwrap(), "", &mut places);
        places
    }

    /// The text as JSON with one value replaced.
    fn damaged(yaml: &str, place: &str, damage: &str) -> String {
        let mut value: serde_json::Value = serde_yaml::from_str(yaml).unwrap();
        *value.pointer_mut(place).unwrap() = serde_yaml::from_str(damage).unwrap();
        value.to_string()
    }
}
