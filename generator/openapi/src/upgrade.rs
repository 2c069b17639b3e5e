//! OpenAPI 3.0 to 3.1, on the tree, before it is read.
//!
//! Each rewrite is one function on one object. Sources: OpenAPI Initiative, "Upgrading from
//! OpenAPI 3.0 to 3.1", and the 3.0.4 and 3.1.1 specifications. Nodes keep their ids and spans;
//! what is added has the span of the keyword that asked for it.

use specwright_source::{Entry, Files, Kind, Loader, NodeId, NodeRef, Span, Tree};

use crate::keywords::Object;
use crate::survey::{Survey, replaced_by_reference};
use crate::version::OpenApiVersion;

/// Rewrites every object of 3.0 that the survey found. Afterwards no table of 3.0 is needed.
///
/// `nullable` is rewritten in every version: many documents of 3.1 still use it, and reading it as
/// "may be null" is safe. Objects are taken in the order of the survey; each rewrite is local, so
/// the order does not matter.
pub(crate) fn upgrade<F: Files>(loader: &mut Loader<F>, survey: &Survey) {
    for (at, object) in &survey.objects {
        let Some(version) = survey.versions.get(&at.file) else { continue };
        let Some(tree) = loader.tree_mut(at.file) else { continue };
        match (object, version) {
            (Object::Schema, OpenApiVersion::V30) => upgrade_schema(tree, at.node),
            (Object::Schema, _) => rewrite_nullable(tree, at.node),
            (Object::MediaType, OpenApiVersion::V30) => empty_binary_media_type(tree, at.node),
            (Object::Document, OpenApiVersion::V30) => rewrite_version(tree, at.node),
            _ => {}
        }
    }
}

fn upgrade_schema(tree: &mut Tree, schema: NodeId) {
    drop_reference_siblings(tree, schema);
    rewrite_exclusive_limit(tree, schema, "minimum", "exclusiveMinimum");
    rewrite_exclusive_limit(tree, schema, "maximum", "exclusiveMaximum");
    rewrite_example(tree, schema);
    rewrite_format(tree, schema);
    rewrite_nullable(tree, schema);
}

/// `openapi: 3.0.x` → `openapi: 3.1.1`.
fn rewrite_version(tree: &mut Tree, document: NodeId) {
    if let Some(version) = tree.node(document).get("openapi").map(NodeRef::id) {
        tree.set_kind(version, Kind::String("3.1.1".into()));
    }
}

/// A Reference Object of 3.0 has `$ref` alone. The survey has reported what is dropped here;
/// `nullable` stays for [`rewrite_nullable`], since its meaning beside a reference is plain.
fn drop_reference_siblings(tree: &mut Tree, schema: NodeId) {
    let node = tree.node(schema);
    if replaced_by_reference(node, Object::Schema, OpenApiVersion::V30) {
        let mut entries = node.entries().to_vec();
        entries.retain(|entry| {
            matches!(&*entry.key, "$ref" | "nullable") || entry.key.starts_with("x-")
        });
        tree.set_kind(schema, Kind::Mapping(entries));
    }
}

/// `minimum: 5, exclusiveMinimum: true` → `exclusiveMinimum: 5`; `false` says nothing.
fn rewrite_exclusive_limit(tree: &mut Tree, schema: NodeId, limit: &str, exclusive: &str) {
    let node = tree.node(schema);
    let Some(is_exclusive) = node.get(exclusive).and_then(NodeRef::as_bool) else { return };
    let mut entries = node.entries().to_vec();
    entries.retain(|entry| &*entry.key != exclusive);
    if is_exclusive {
        for entry in entries.iter_mut().filter(|entry| &*entry.key == limit) {
            entry.key = exclusive.into();
        }
    }
    tree.set_kind(schema, Kind::Mapping(entries));
}

/// `example: x` → `examples: [x]`.
fn rewrite_example(tree: &mut Tree, schema: NodeId) {
    let node = tree.node(schema);
    if node.get("examples").is_some() {
        return;
    }
    let Some(example) = node.get("example") else { return };
    let (example, span) = (example.id(), example.span());
    let mut entries = node.entries().to_vec();
    let list = tree.add(Kind::Sequence(vec![example]), span);
    for entry in entries.iter_mut().filter(|entry| &*entry.key == "example") {
        entry.key = "examples".into();
        entry.value = list;
    }
    tree.set_kind(schema, Kind::Mapping(entries));
}

/// `format: binary` → `contentMediaType: application/octet-stream`, `format: byte` and
/// `format: base64` → `contentEncoding: base64`. Formats of other types than `string` stay.
fn rewrite_format(tree: &mut Tree, schema: NodeId) {
    let node = tree.node(schema);
    if node.get("type").is_some_and(|ty| ty.as_str() != Some("string")) {
        return;
    }
    let Some(format) = node.get("format") else { return };
    let (keyword, value) = match format.as_str() {
        Some("binary") => ("contentMediaType", "application/octet-stream"),
        Some("byte" | "base64") => ("contentEncoding", "base64"),
        _ => return,
    };
    if node.get(keyword).is_some() {
        return;
    }
    let format = format.id();
    let mut entries = node.entries().to_vec();
    for entry in entries.iter_mut().filter(|entry| &*entry.key == "format") {
        entry.key = keyword.into();
    }
    tree.set_kind(schema, Kind::Mapping(entries));
    tree.set_kind(format, Kind::String(value.into()));
}

/// `schema: { type: string, format: binary }` of a whole body says nothing in 3.1: the media type
/// alone means bytes. The parts of forms keep their schemas.
///
/// Runs before or after the rewrite of the schema itself.
fn empty_binary_media_type(tree: &mut Tree, media: NodeId) {
    let node = tree.node(media);
    let range = node.key().unwrap_or("");
    if range.starts_with("multipart/") || range == "application/x-www-form-urlencoded" {
        return;
    }
    let Some(schema) = node.get("schema") else { return };
    let says_bytes = schema.entries().len() == 2
        && schema.get("type").and_then(NodeRef::as_str) == Some("string")
        && schema.members().any(|(name, value)| {
            matches!(
                (name, value.as_str()),
                ("format", Some("binary")) | ("contentMediaType", Some("application/octet-stream"))
            )
        });
    if says_bytes {
        let mut entries = node.entries().to_vec();
        entries.retain(|entry| &*entry.key != "schema");
        tree.set_kind(media, Kind::Mapping(entries));
    }
}

/// `nullable: true` → `null` among the types, the enum values or the alternatives.
///
/// | beside `nullable` | becomes |
/// |---|---|
/// | `type: string` | `type: [string, "null"]`, `enum` gets `null` |
/// | `oneOf` or `anyOf` | one more alternative `type: "null"` |
/// | `$ref`, `allOf` | `anyOf: [{ … }, { type: "null" }]`, annotations outside |
/// | nothing that limits the type | nothing: it may be null already |
///
/// 3.0.3 gives `nullable` an effect beside `type` only; documents mean what the table says.
fn rewrite_nullable(tree: &mut Tree, schema: NodeId) {
    let node = tree.node(schema);
    let Some(nullable) = node.get("nullable") else { return };
    let (is_nullable, span) = (nullable.as_bool() == Some(true), nullable.key_span());
    let has = |name: &str| node.get(name).is_some();
    let needs_wrapper = has("$ref") || has("allOf") || (has("oneOf") && has("anyOf"));
    let mut entries = node.entries().to_vec();
    entries.retain(|entry| &*entry.key != "nullable");
    if is_nullable && needs_wrapper {
        entries = wrapped(tree, node_span(tree, schema), entries, span);
    } else if is_nullable {
        allow_null(tree, &mut entries, span);
    }
    tree.set_kind(schema, Kind::Mapping(entries));
}

/// Adds `null` wherever the keywords limit what a value may be.
fn allow_null(tree: &mut Tree, entries: &mut [Entry], span: Span) {
    for entry in entries {
        let node = tree.node(entry.value);
        let has_null = node.items().any(|item| matches!(item.kind(), Kind::Null));
        let lists_null = node.items().any(|item| item.as_str() == Some("null"));
        let mut items: Vec<NodeId> = node.items().map(NodeRef::id).collect();
        let added = match (&*entry.key, node.kind()) {
            ("type", Kind::String(ty)) if &**ty != "null" => {
                items.push(entry.value);
                Kind::String("null".into())
            }
            ("type", Kind::Sequence(_)) if !lists_null => Kind::String("null".into()),
            ("enum", Kind::Sequence(_)) if !has_null => Kind::Null,
            ("oneOf" | "anyOf", Kind::Sequence(_)) => null_schema(tree, span),
            _ => continue,
        };
        items.push(tree.add(added, span));
        let place = node_span(tree, entry.value);
        entry.value = tree.add(Kind::Sequence(items), place);
    }
}

/// `anyOf: [{ keywords }, { type: "null" }]` with the annotations outside, where a reader of the
/// member looks for them. A lone `allOf` of one schema needs no object of its own.
fn wrapped(tree: &mut Tree, place: Span, entries: Vec<Entry>, span: Span) -> Vec<Entry> {
    let (mut outer, inner): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| is_annotation(&entry.key));
    let only = match inner.as_slice() {
        [entry] if &*entry.key == "allOf" => match tree.node(entry.value).kind() {
            Kind::Sequence(items) if items.len() == 1 => items.first().copied(),
            _ => None,
        },
        _ => None,
    };
    let branch = only.unwrap_or_else(|| tree.add(Kind::Mapping(inner), place));
    let null = null_schema(tree, span);
    let null = tree.add(null, span);
    let value = tree.add(Kind::Sequence(vec![branch, null]), place);
    outer.push(Entry { key: "anyOf".into(), key_span: span, value });
    outer
}

fn null_schema(tree: &mut Tree, span: Span) -> Kind {
    let value = tree.add(Kind::String("null".into()), span);
    Kind::Mapping(vec![Entry { key: "type".into(), key_span: span, value }])
}

fn node_span(tree: &Tree, node: NodeId) -> Span {
    tree.node(node).span()
}

fn is_annotation(keyword: &str) -> bool {
    const ANNOTATIONS: &[&str] = &[
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
        "xml",
    ];
    keyword.starts_with("x-") || ANNOTATIONS.contains(&keyword)
}

#[cfg(test)]
mod tests {
    use crate::document::Value;
    use crate::fixture::Fixture;

    /// The schema `S` of a 3.0 document after the upgrade, and the one written by hand for 3.1.
    #[track_caller]
    fn assert_schema(written: &str, expected: &str) {
        let upgraded = Fixture::components("3.0.3", "schemas", "S", written).upgraded;
        let by_hand = Fixture::components("3.1.1", "schemas", "S", expected).upgraded;
        assert!(upgraded.same_json(&by_hand), "{upgraded:#?}");
    }

    #[test]
    fn nullable_becomes_a_type() {
        assert_schema("{ type: string, nullable: true }", "{ type: [string, 'null'] }");
    }

    #[test]
    fn nullable_false_is_taken_away() {
        assert_schema("{ type: string, nullable: false }", "{ type: string }");
    }

    #[test]
    fn nullable_beside_an_enum_adds_the_value_null() {
        assert_schema(
            "{ type: string, nullable: true, enum: [a] }",
            "{ type: [string, 'null'], enum: [a, null] }",
        );
    }

    #[test]
    fn nullable_beside_an_enum_with_null_adds_nothing_to_it() {
        assert_schema(
            "{ type: string, nullable: true, enum: [a, null] }",
            "{ type: [string, 'null'], enum: [a, null] }",
        );
    }

    #[test]
    fn nullable_beside_a_reference_becomes_an_alternative() {
        assert_schema(
            "{ properties: { a: { $ref: '#/components/schemas/S', nullable: true } } }",
            "{ properties: { a: { anyOf: [{ $ref: '#/components/schemas/S' }, { type: 'null' }] } } }",
        );
    }

    #[test]
    fn nullable_beside_one_of_becomes_one_more_alternative() {
        assert_schema(
            "{ oneOf: [{ type: string }, { type: object }], nullable: true }",
            "{ oneOf: [{ type: string }, { type: object }, { type: 'null' }] }",
        );
    }

    #[test]
    fn nullable_beside_all_of_leaves_annotations_outside() {
        assert_schema(
            "{ allOf: [{ type: object }, { required: [a] }], nullable: true, description: D }",
            "{ description: D, anyOf: [{ allOf: [{ type: object }, { required: [a] }] }, { type: 'null' }] }",
        );
    }

    #[test]
    fn nullable_beside_all_of_one_schema_needs_no_wrapper() {
        assert_schema(
            "{ allOf: [{ type: object }], nullable: true }",
            "{ anyOf: [{ type: object }, { type: 'null' }] }",
        );
    }

    #[test]
    fn nullable_without_a_limit_says_nothing() {
        assert_schema("{ nullable: true, description: D }", "{ description: D }");
    }

    #[test]
    fn a_boolean_exclusive_limit_becomes_the_limit() {
        assert_schema(
            "{ minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false }",
            "{ exclusiveMinimum: 1, maximum: 9 }",
        );
    }

    #[test]
    fn an_example_becomes_a_list() {
        assert_schema("{ type: array, example: [1] }", "{ type: array, examples: [[1]] }");
    }

    #[test]
    fn binary_becomes_a_media_type() {
        assert_schema(
            "{ type: string, format: binary }",
            "{ type: string, contentMediaType: application/octet-stream }",
        );
    }

    #[test]
    fn byte_and_base64_become_an_encoding() {
        for format in ["byte", "base64"] {
            assert_schema(
                &format!("{{ type: string, format: {format} }}"),
                "{ type: string, contentEncoding: base64 }",
            );
        }
    }

    #[test]
    fn what_stands_beside_a_reference_is_dropped() {
        assert_schema(
            "{ properties: { a: { $ref: '#/components/schemas/S', type: string } } }",
            "{ properties: { a: { $ref: '#/components/schemas/S' } } }",
        );
    }

    #[test]
    fn keywords_inside_data_are_left_alone() {
        assert_schema(
            "{ type: object, default: { nullable: true, example: 1 } }",
            "{ type: object, default: { nullable: true, example: 1 } }",
        );
    }

    #[test]
    fn a_body_of_bytes_becomes_an_empty_media_type() {
        let written = "{ content: { image/png: { schema: { type: string, format: binary } } } }";
        let upgraded = Fixture::components("3.0.3", "requestBodies", "B", written).upgraded;
        let by_hand = "{ content: { image/png: {} } }";
        let by_hand = Fixture::components("3.1.1", "requestBodies", "B", by_hand).upgraded;
        assert!(upgraded.same_json(&by_hand), "{upgraded:#?}");
    }

    #[test]
    fn a_part_of_bytes_keeps_its_schema() {
        let written =
            "{ content: { multipart/form-data: { schema: { type: string, format: binary } } } }";
        let fixture = Fixture::components("3.0.3", "requestBodies", "B", written);
        assert_eq!(fixture.document.schemas.len(), 1);
    }

    #[test]
    fn the_version_string_is_rewritten() {
        let upgraded = Fixture::schema("{}").upgraded;
        assert_eq!(upgraded.member("openapi").and_then(Value::as_str), Some("3.1.1"));
        let upgraded = Fixture::components("3.0.0", "schemas", "S", "{}").upgraded;
        assert_eq!(upgraded.member("openapi").and_then(Value::as_str), Some("3.1.1"));
    }

    #[test]
    fn nullable_in_a_document_of_3_1_is_understood_and_reported() {
        let fixture = Fixture::schema("{ type: string, nullable: true }");
        assert!(fixture.component("S").lists_null());
        assert_eq!(fixture.found(), ["OA0002 /components/schemas/S/nullable"]);
    }
}
