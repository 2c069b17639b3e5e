//! Documents that contradict themselves: a report and the best reading.

use insta::assert_snapshot;

use crate::support::{lines, lowered, schemas};

fn head(dump: &str) -> String {
    lines(dump, &["error", "warning", "note", "path", "query", "header", "security"])
}

#[test]
fn a_path_parameter_without_a_description_is_a_string() {
    assert_snapshot!(head(&lowered("paths: { '/a/{id}': { get: {} } }")), @r#"
    error OA0302 /paths/~1a~1{id}/get: path parameter `id` is not described
    path "id" (id): string, required, simple
    "#);
}

#[test]
fn a_path_parameter_that_the_path_lacks_is_left_out() {
    let dump = lowered(
        "paths: { /a: { get: { parameters: [{ name: id, in: path, required: true, schema: {} }] } } }",
    );
    assert_snapshot!(head(&dump), @"warning OA0303 /paths/~1a/get: path parameter `id` is not in the path");
}

#[test]
fn a_brace_without_its_end_is_text() {
    assert_snapshot!(head(&lowered("paths: { '/a/{id': { get: {} } }")), @"error OA0307 /paths/~1a~1{id/get: a path has `{` without `}`");
}

#[test]
fn header_fields_of_the_protocol_are_no_parameters() {
    let dump = lowered(
        "paths: { /a: { get: { parameters: [{ name: Accept, in: header, schema: { type: string } }] } } }",
    );
    assert_snapshot!(head(&dump), @"warning OA0306 /paths/~1a/get/parameters/0: header `Accept` is not a parameter");
}

#[test]
fn an_operation_id_used_twice_is_reported() {
    let dump =
        lowered("paths: { /a: { get: { operationId: x } }, /b: { get: { operationId: x } } }");
    assert_snapshot!(head(&dump), @"warning OA0301 /paths/~1b/get: `operationId` `x` is used twice");
}

#[test]
fn security_that_nobody_declares_is_still_asked_for() {
    let dump = lowered("paths: { /a: { get: { security: [{ ghost: [] }] } } }");
    assert_snapshot!(head(&dump), @r#"
    warning OA0310 /paths/~1a/get/security/0/ghost: security scheme `ghost` is not declared in `components.securitySchemes`
    security "ghost" []
    "#);
}

#[test]
fn a_required_member_that_is_not_described_is_reported() {
    assert_snapshot!(schemas("R: { required: [ghost], properties: { a: { type: string } } }"), @r#"
    warning OA0202 /components/schemas/R: required member `ghost` is not described
    record R (r)
      field "a" (a): string, optional
    "#);
}

#[test]
fn an_enum_value_that_is_there_twice_counts_once() {
    assert_snapshot!(schemas("E: { type: string, enum: [a, a] }"), @r#"
    warning OA0207 /components/schemas/E: enum value `a` is there twice
    choice E (e) of string, open
      value "a" (a)
    "#);
}

#[test]
fn an_assertion_without_a_form_is_reported() {
    assert_snapshot!(schemas("R: { type: string, not: { const: a } }"), @"
    warning OA0404 /components/schemas/R: not supported yet: the assertion `not`
    newtype R (r) of string
    ");
}

#[test]
fn subtypes_by_all_of_are_reported_at_the_parent() {
    assert_snapshot!(schemas(r"
        Pet: { properties: { kind: { type: string } }, discriminator: { propertyName: kind } }
        Cat: { allOf: [{ $ref: '#/components/schemas/Pet' }, { properties: { lives: { type: integer } } }] }
    "), @r#"
    warning OA0407 /components/schemas/Pet: not supported yet: a `discriminator` without `oneOf`, which means every schema that extends this one
    record Cat (cat)
      field "kind" (kind): string, optional
      field "lives" (lives): i64, optional
    record Pet (pet)
      field "kind" (kind): string, optional
    "#);
}

#[test]
fn a_long_chain_of_references_does_not_exhaust_the_stack() {
    let link = |index: usize| {
        let next = (index + 1) % 10_000;
        format!("S{index}: {{ properties: {{ n: {{ $ref: '#/components/schemas/S{next}' }} }} }}")
    };
    let chain: Vec<String> = (0..10_000).map(link).collect();
    let dump = schemas(&chain.join("\n"));
    assert_eq!(dump.matches("indirect").count(), 1);
}

#[test]
fn a_long_chain_of_all_of_is_reported() {
    let link = |index: usize| {
        let next = index + 1;
        format!(
            "S{index}: {{ required: [a], allOf: [{{ $ref: '#/components/schemas/S{next}' }}] }}"
        )
    };
    let mut chain: Vec<String> = (0..2_000).map(link).collect();
    chain.push("S2000: { properties: { a: {} } }".to_owned());
    assert!(schemas(&chain.join("\n")).contains("OA0401"), "a merge of any depth was accepted");
}
