//! Members that no table of keywords knows, and members that a reference hides.

use specwright_source::{Diagnostic, NodeRef, Sink, codes};

use crate::keywords::Object;
use crate::resolve::most_similar;
use crate::survey::replaced_by_reference;
use crate::version::OpenApiVersion;

/// Reports every member of an object that will not be read, or that is younger than the version.
///
/// Precondition: `node` is an object that the survey reached, before the upgrade. Members whose
/// name starts with `x-` are always known.
pub(crate) fn check_members(
    node: NodeRef<'_>,
    object: Object,
    version: OpenApiVersion,
    sink: &mut Sink,
) {
    if replaced_by_reference(node, object, version) {
        check_reference_siblings(node, object, version, sink);
        return;
    }
    if object.free_members().is_some() {
        return;
    }
    for (name, value) in node.members().filter(|(name, _)| !name.starts_with("x-")) {
        let diagnostic = match object.keyword(name) {
            None => unknown(name, value, object),
            Some(keyword) if keyword.since > version => younger(name, keyword.since, version),
            Some(_) if name == "nullable" && version > OpenApiVersion::V30 => nullable(),
            Some(_) => continue,
        };
        sink.report(diagnostic.label(value.key_span(), "").at(value.pointer()));
    }
}

fn unknown(name: &str, value: NodeRef<'_>, object: Object) -> Diagnostic {
    let message = format!("`{name}` is not a member of {}", object.name());
    let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEYWORD, message);
    let taken = |name: &str| value.parent().is_some_and(|node| node.get(name).is_some());
    let names = object.keywords().iter().map(|keyword| keyword.name).filter(|name| !taken(name));
    match most_similar(name, names) {
        Some(similar) => diagnostic.help(format!("did you mean `{similar}`?")),
        None => diagnostic.help("members of your own start with `x-`"),
    }
}

fn younger(name: &str, since: OpenApiVersion, version: OpenApiVersion) -> Diagnostic {
    let message = format!("`{name}` came with OpenAPI {since}, this document is of {version}");
    Diagnostic::new(&codes::UNKNOWN_KEYWORD, message).note("it is read as if it were known")
}

fn nullable() -> Diagnostic {
    Diagnostic::new(&codes::UNKNOWN_KEYWORD, "`nullable` ended with OpenAPI 3.0")
        .note("`true` is read as: the value may also be null")
        .help("list `null` as one of several types: `type: [string, \"null\"]`")
}

/// One diagnostic for all members beside a reference: they have one cause.
fn check_reference_siblings(
    node: NodeRef<'_>,
    object: Object,
    version: OpenApiVersion,
    sink: &mut Sink,
) {
    let siblings = node.members().filter(|(name, _)| *name != "$ref" && !name.starts_with("x-"));
    let hidden = siblings.filter(|(name, _)| match object {
        Object::Schema => *name != "nullable",
        _ => version == OpenApiVersion::V30 || !["summary", "description"].contains(name),
    });
    let hidden: Vec<(&str, NodeRef<'_>)> = hidden.collect();
    if hidden.is_empty() {
        return;
    }
    let names: Vec<String> = hidden.iter().map(|(name, _)| format!("`{name}`")).collect();
    let message = format!("not read beside `$ref`: {}", names.join(", "));
    let mut diagnostic = Diagnostic::new(&codes::REFERENCE_SIBLINGS, message).at(node.pointer());
    for (_, value) in &hidden {
        diagnostic = diagnostic.label(value.key_span(), "");
    }
    sink.report(if object == Object::Schema {
        diagnostic.help("in OpenAPI 3.0 write `allOf: [{ $ref: … }]` and put the members beside it")
    } else {
        diagnostic.help("put the members into the target of the reference")
    });
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn a_misspelled_keyword_is_reported_with_the_one_that_is_meant() {
        let fixture = Fixture::schema("{ descrption: d }");
        assert_eq!(fixture.found(), ["OA0002 /components/schemas/S/descrption"]);
        assert_eq!(fixture.diagnostics[0].help.as_deref(), Some("did you mean `description`?"));
    }

    #[test]
    fn an_unknown_member_is_reported_once_for_all_references_to_its_object() {
        let fixture = Fixture::read(
            "openapi: 3.1.1\ninfo: { title: T, version: '1' }\n\
             paths: { /x: { parameters: [{ $ref: '#/components/parameters/P' }], get: { parameters: [{ $ref: '#/components/parameters/P' }] } } }\n\
             components: { parameters: { P: { name: p, in: query, schema: {}, colour: red } } }\n",
        );
        assert_eq!(fixture.found(), ["OA0002 /components/parameters/P/colour"]);
    }

    #[test]
    fn a_keyword_of_a_later_version_is_reported_and_read() {
        let fixture = Fixture::components("3.0.3", "schemas", "S", "{ const: 1 }");
        assert_eq!(fixture.found(), ["OA0002 /components/schemas/S/const"]);
        assert!(fixture.component("S").constant.is_some());
    }

    #[test]
    fn an_own_member_is_known() {
        assert_eq!(Fixture::schema("{ x-anything: 1 }").found(), [""; 0]);
    }

    #[test]
    fn members_beside_a_reference_of_3_0_are_reported_once() {
        let fixture = Fixture::components(
            "3.0.3",
            "schemas",
            "S",
            "{ items: { $ref: '#/components/schemas/S', description: d, title: t } }",
        );
        assert_eq!(fixture.found(), ["OA0104 /components/schemas/S/items"]);
    }
}
