//! Members and alternatives of one schema.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::support::{lines, schemas};

fn about(dump: &str) -> String {
    let starts = ["note", "warning", "error", "record", "field", "union", "variant", "alias"];
    lines(dump, &starts)
}

/// Two kinds of animal.
const PETS: &str = r"
        Cat: { required: [kind, lives], properties: { kind: { type: string }, lives: { type: integer } } }
        Dog: { required: [kind, name], properties: { kind: { type: string }, name: { type: string } } }
";

#[test]
fn alternatives_by_tag_take_in_the_members_beside_them() {
    assert_snapshot!(about(&schemas(&format!(r"
        Owned:
          description: An animal of somebody.
          allOf:
            - {{ required: [owner], properties: {{ owner: {{ type: string }} }} }}
            - oneOf: [{{ $ref: '#/components/schemas/Cat' }}, {{ $ref: '#/components/schemas/Dog' }}]
              discriminator: {{ propertyName: kind, mapping: {{ cat: Cat, dog: Dog }} }}
        {PETS}
    "))), @r#"
    record Cat (cat)
    field "kind" (kind): string, required
    field "lives" (lives): i64, required
    record Dog (dog)
    field "kind" (kind): string, required
    field "name" (name): string, required
    union Owned (owned) by tag "kind", open
    variant (cat): @Owned/oneOf/0 "cat"
    variant (dog): @Owned/oneOf/1 "dog"
    record Owned/oneOf/0 (owned cat)
    field "owner" (owner): string, required
    field "kind" (kind): string, required
    field "lives" (lives): i64, required
    record Owned/oneOf/1 (owned dog)
    field "owner" (owner): string, required
    field "kind" (kind): string, required
    field "name" (name): string, required
    "#);
}

#[test]
fn a_union_by_reference_keeps_the_names_of_its_components_as_tags() {
    assert_snapshot!(lines(&schemas(&format!(r"
        Pet:
          oneOf: [{{ $ref: '#/components/schemas/Cat' }}, {{ $ref: '#/components/schemas/Dog' }}, {{ type: 'null' }}]
          discriminator: {{ propertyName: kind }}
        Owned:
          allOf: [{{ $ref: '#/components/schemas/Pet' }}]
          properties: {{ owner: {{ type: string }} }}
        {PETS}
    ")), &["warning", "union", "variant"]), @r#"
    union Owned (owned) by tag "kind", open
    variant (cat): @Owned/oneOf/0 "Cat"
    variant (dog): @Owned/oneOf/1 "Dog"
    union Pet (pet) by tag "kind", open
    variant (cat): @Cat "Cat"
    variant (dog): @Dog "Dog"
    "#);
}

#[test]
fn alternatives_by_members_take_in_the_members_beside_them() {
    assert_snapshot!(about(&schemas(r"
        Payer:
          required: [id]
          properties: { id: { type: string } }
          anyOf:
            - { required: [email], properties: { email: { type: string } } }
            - { required: [phone], properties: { phone: { type: string } } }
    ")), @r#"
    union Payer (payer) by members, open
    variant (payer variant1): @Payer/anyOf/0 ["email"]
    variant (payer variant2): @Payer/anyOf/1 ["phone"]
    record Payer/anyOf/0 (payer variant1)
    field "id" (id): string, required
    field "email" (email): string, required
    record Payer/anyOf/1 (payer variant2)
    field "id" (id): string, required
    field "phone" (phone): string, required
    "#);
}

#[test]
fn an_alternative_that_says_all_of_it_already_keeps_its_name() {
    assert_snapshot!(lines(&schemas(&format!(r"
        Pet:
          required: [kind]
          properties: {{ kind: {{ type: string }} }}
          oneOf: [{{ $ref: '#/components/schemas/Cat' }}, {{ $ref: '#/components/schemas/Dog' }}]
          discriminator: {{ propertyName: kind, mapping: {{ cat: Cat, dog: Dog }} }}
        {PETS}
    ")), &["warning", "union", "variant", "record"]), @r#"
    record Cat (cat)
    record Dog (dog)
    union Pet (pet) by tag "kind", open
    variant (cat): @Cat "cat"
    variant (dog): @Dog "dog"
    "#);
}

#[test]
fn a_base_whose_alternatives_are_its_children_is_one_of_them() {
    assert_snapshot!(about(&schemas(r"
        Pet:
          required: [kind]
          properties: { kind: { type: string }, age: { type: integer } }
          oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }]
          discriminator: { propertyName: kind }
        Cat: { allOf: [{ $ref: '#/components/schemas/Pet' }, { properties: { lives: { type: integer } } }] }
        Dog: { allOf: [{ $ref: '#/components/schemas/Pet' }], properties: { name: { type: string } } }
        Puppy: { allOf: [{ $ref: '#/components/schemas/Dog' }, { properties: { weeks: { type: integer } } }] }
    ")), @r#"
    record Cat (cat)
    field "kind" (kind): string, required
    field "age" (age): i64, optional
    field "lives" (lives): i64, optional
    record Dog (dog)
    field "kind" (kind): string, required
    field "age" (age): i64, optional
    field "name" (name): string, optional
    union Pet (pet) by tag "kind", open
    variant (cat): @Cat "Cat"
    variant (dog): @Dog "Dog"
    record Puppy (puppy)
    field "kind" (kind): string, required
    field "age" (age): i64, optional
    field "name" (name): string, optional
    field "weeks" (weeks): i64, optional
    "#);
}

#[test]
fn the_discriminator_may_stand_beside_the_alternatives() {
    assert_snapshot!(lines(&schemas(&format!(r"
        Pet:
          allOf:
            - {{ properties: {{ owner: {{ type: string }} }}, discriminator: {{ propertyName: kind }} }}
            - {{ oneOf: [{{ $ref: '#/components/schemas/Cat' }}, {{ $ref: '#/components/schemas/Dog' }}] }}
        {PETS}
    ")), &["warning", "union", "variant"]), @r#"
    union Pet (pet) by tag "kind", open
    variant (cat): @Pet/oneOf/0 "Cat"
    variant (dog): @Pet/oneOf/1 "Dog"
    "#);
}

#[test]
fn alternatives_of_alternatives_take_in_both_bases() {
    assert_snapshot!(about(&schemas(r"
        A:
          required: [a]
          properties: { a: { type: string } }
          oneOf:
            - { required: [b], properties: { b: { type: string } }, oneOf: [{ required: [x], properties: { x: { type: string } } }, { required: [y], properties: { y: { type: string } } }] }
            - { required: [c], properties: { c: { type: string } } }
    ")), @r#"
    union A (a) by members, open
    variant (a variant1): @A/oneOf/0 ["b"]
    variant (a variant2): @A/oneOf/1 ["c"]
    union A/oneOf/0 (a variant1) by members, open
    variant (a variant1 variant1): @A/oneOf/0/oneOf/0 ["x"]
    variant (a variant1 variant2): @A/oneOf/0/oneOf/1 ["y"]
    record A/oneOf/0/oneOf/0 (a variant1 variant1)
    field "a" (a): string, required
    field "b" (b): string, required
    field "x" (x): string, required
    record A/oneOf/0/oneOf/1 (a variant1 variant2)
    field "a" (a): string, required
    field "b" (b): string, required
    field "y" (y): string, required
    record A/oneOf/1 (a variant2)
    field "a" (a): string, required
    field "c" (c): string, required
    "#);
}

#[test]
fn alternatives_that_only_require_members_leave_the_record_in_all_of_too() {
    assert_snapshot!(about(&schemas(r"
        Who:
          allOf:
            - { properties: { email: { type: string }, phone: { type: string } } }
            - { anyOf: [{ required: [email] }, { required: [phone] }] }
            - { oneOf: [{ required: [email] }, { not: { required: [email] } }] }
    ")), @r#"
    warning OA0404 /components/schemas/Who/allOf/1: not supported yet: alternatives that only say which members are required together
    warning OA0404 /components/schemas/Who/allOf/2: not supported yet: alternatives that only say which members are required together
    record Who (who)
    field "email" (email): string, optional
    field "phone" (phone): string, optional
    "#);
}

#[test]
fn what_cannot_take_members_in_is_any_json() {
    for (schema, problem) in [
        (
            "{ allOf: [{ oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }] }, { anyOf: [{ type: object }, { type: string }] }] }",
            "alternatives (`oneOf`, `anyOf`) in two parts of a schema",
        ),
        (
            "{ properties: { a: { type: string } }, oneOf: [{ $ref: '#/components/schemas/Cat' }, { type: string }] }",
            "alternatives that are no objects, beside members",
        ),
        (
            "{ properties: { a: { type: string } }, oneOf: [{ $ref: '#/components/schemas/Cat' }, true] }",
            "alternatives that are no objects, beside members",
        ),
        (
            "{ items: { type: string }, oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }] }",
            "alternatives (`oneOf`, `anyOf`) beside elements",
        ),
    ] {
        let dump = schemas(&format!("        U: {schema}\n{PETS}"));
        assert!(dump.contains(problem), "{dump}");
        assert!(dump.contains("alias U (u) = json"), "{dump}");
    }
}

#[test]
fn alternatives_that_lead_back_through_members_of_others_are_cut_off() {
    assert_snapshot!(lines(&schemas(r"
        A: { required: [p], properties: { p: { type: string } }, oneOf: [{ $ref: '#/components/schemas/B' }, { $ref: '#/components/schemas/C' }] }
        B: { allOf: [{ $ref: '#/components/schemas/D' }, { required: [q], properties: { q: { type: string } } }] }
        C: { required: [c], properties: { c: { type: string } } }
        D: { oneOf: [{ $ref: '#/components/schemas/A' }, { required: [e], properties: { e: { type: string } } }] }
    "), &["error", "warning", "union", "alias", "record"]), @"
    warning OA0401 /components/schemas/A/oneOf/0/oneOf/0: not supported yet: alternatives that lead back to themselves
    warning OA0402 /components/schemas/A/oneOf/0: not supported yet: alternatives that cannot be told apart by one member or by their JSON kind
    warning OA0402 /components/schemas/A: not supported yet: alternatives that cannot be told apart by one member or by their JSON kind
    warning OA0401 /components/schemas/B/oneOf/0/oneOf/0: not supported yet: alternatives that lead back to themselves
    warning OA0402 /components/schemas/B/oneOf/0: not supported yet: alternatives that cannot be told apart by one member or by their JSON kind
    warning OA0402 /components/schemas/B: not supported yet: alternatives that cannot be told apart by one member or by their JSON kind
    warning OA0401 /components/schemas/D/oneOf/0/oneOf/0/oneOf/0: not supported yet: alternatives that lead back to themselves
    warning OA0402 /components/schemas/D: not supported yet: alternatives that cannot be told apart by one member or by their JSON kind
    alias A (a) = json
    alias B (b) = json
    record C (c)
    alias D (d) = json
    ");
}

#[test]
fn unions_that_multiply_are_bounded() {
    // Each level takes its members into ten alternatives, each of which is a union of ten.
    let mut text = String::new();
    for level in 0..9 {
        let all: Vec<String> = (0..10)
            .map(|index| format!("{{ $ref: '#/components/schemas/A{level}N{index}' }}"))
            .collect();
        let _ = writeln!(text, "U{level}: {{ oneOf: [{}] }}", all.join(", "));
        for index in 0..10 {
            let own = format!(
                "{{ required: [m{level}n{index}], properties: {{ m{level}n{index}: {{ type: string }} }} }}"
            );
            let next = format!("{{ $ref: '#/components/schemas/U{}' }}", level + 1);
            let _ = writeln!(text, "A{level}N{index}: {{ allOf: [{own}, {next}] }}");
        }
    }
    text.push_str("U9: { required: [end], properties: { end: { type: string } } }\n");
    let dump = schemas(&text);
    assert!(dump.contains("alternatives inside alternatives, too many of them"));
    assert!(dump.contains("union U8 (u8) by members"));
    assert!(dump.lines().count() < 100_000, "{}", dump.lines().count());
}

#[test]
fn a_tag_that_is_no_text_is_none() {
    assert_snapshot!(lines(&schemas(r"
        Pet:
          oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }]
          discriminator: { propertyName: kind, mapping: { '1': Cat, '2': Dog } }
        Cat: { required: [kind, lives], properties: { kind: { type: integer, const: 1 }, lives: { type: integer } } }
        Dog: { required: [kind, name], properties: { kind: { const: 2 }, name: { type: string } } }
    "), &["warning", "union", "variant"]), @r#"
    warning OA0208 /components/schemas/Pet: an alternative has no tag of its own in the `discriminator`
    union Pet (pet) by members, open
    variant (cat): @Cat ["lives"]
    variant (dog): @Dog ["name"]
    "#);
}

#[test]
fn what_is_wrong_with_the_members_is_said_once() {
    assert_snapshot!(lines(&schemas(&format!(r"
        Owned:
          allOf:
            - {{ required: [owner, missing], dependentRequired: {{ owner: [kind] }}, properties: {{ owner: {{ type: string }} }} }}
            - oneOf: [{{ $ref: '#/components/schemas/Cat' }}, {{ $ref: '#/components/schemas/Dog' }}]
        {PETS}
    ")), &["warning"]), @"
    warning OA0202 /components/schemas/Owned: required member `missing` is not described
    warning OA0404 /components/schemas/Owned: not supported yet: the assertion `dependentRequired`
    ");
}
