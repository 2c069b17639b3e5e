//! `oneOf`, `anyOf` and several types.

use insta::assert_snapshot;

use crate::support::{schemas, sent_and_received};

#[test]
fn a_mapping_names_its_schemas_by_reference_or_by_name() {
    assert_snapshot!(schemas(r"
        Pet:
          oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }]
          discriminator: { propertyName: kind, mapping: { meow: '#/components/schemas/Cat', woof: Dog } }
        Cat: { properties: { kind: { type: string } } }
        Dog: { properties: { kind: { type: string } } }
    "), @r#"
    record Cat (cat)
      field "kind" (kind): string, optional
    record Dog (dog)
      field "kind" (kind): string, optional
    union Pet (pet) by tag "kind", open
      variant (meow): @Cat "meow"
      variant (woof): @Dog "woof"
    "#);
}

#[test]
fn without_a_mapping_the_component_is_the_tag() {
    assert_snapshot!(schemas(r"
        Pet:
          anyOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }]
          discriminator: { propertyName: kind }
        Cat: { properties: { kind: { type: string } } }
        Dog: { properties: { kind: { type: string, const: dog } } }
    "), @r#"
    record Cat (cat)
      field "kind" (kind): string, optional
    record Dog (dog)
      field "kind" (kind): @Dog/properties/kind, optional, const "dog"
    choice Dog/properties/kind (dog kind) of string, open
      value "dog" (dog)
    union Pet (pet) by tag "kind", open
      variant (cat): @Cat "Cat"
      variant (dog): @Dog "dog"
    "#);
}

#[test]
fn alternatives_of_one_type_are_one_with_several_tags() {
    assert_snapshot!(schemas(r"
        Pet:
          oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }]
          discriminator:
            propertyName: kind
            mapping: { wolf: Dog, dog: Dog, cat: Cat }
        Cat: { properties: { kind: { type: string } } }
        Dog: { properties: { kind: { type: string } } }
    "), @r#"
    record Cat (cat)
      field "kind" (kind): string, optional
    record Dog (dog)
      field "kind" (kind): string, optional
    union Pet (pet) by tag "kind", open
      variant (cat): @Cat "cat"
      variant (dog): @Dog "dog" | "wolf"
    "#);
}

#[test]
fn an_alternative_without_a_tag_is_reported() {
    assert_snapshot!(schemas(r"
        Pet:
          oneOf: [{ properties: { a: { type: string } } }, { $ref: '#/components/schemas/Dog' }]
          discriminator: { propertyName: kind }
        Dog: { properties: { kind: { type: string } } }
    "), @r#"
    warning OA0208 /components/schemas/Pet: an alternative has no tag of its own in the `discriminator`
    warning OA0402 /components/schemas/Pet: not supported yet: alternatives that cannot be told apart by one member or by their JSON kind
    record Dog (dog)
      field "kind" (kind): string, optional
    alias Pet (pet) = json
    "#);
}

#[test]
fn a_required_constant_tells_alternatives_apart_without_a_discriminator() {
    assert_snapshot!(schemas(r"
        Event:
          oneOf:
            - { required: [type], properties: { type: { const: made }, id: { type: string } } }
            - { required: [type], properties: { type: { enum: [kept, lost] } } }
    "), @r#"
    union Event (event) by tag "type", open
      variant (made): @Event/oneOf/0 "made"
      variant (kept): @Event/oneOf/1 "kept" | "lost"
    record Event/oneOf/0 (event made)
      field "type" (type): @Event/oneOf/0/properties/type, required, const "made"
      field "id" (id): string, optional
    choice Event/oneOf/0/properties/type (event made type) of string, open
      value "made" (made)
    record Event/oneOf/1 (event variant2)
      field "type" (type): @Event/oneOf/1/properties/type, required
    choice Event/oneOf/1/properties/type (event variant2 type) of string, open
      value "kept" (kept)
      value "lost" (lost)
    "#);
}

#[test]
fn a_tag_of_one_value_is_written_by_the_record_that_is_sent() {
    assert_snapshot!(sent_and_received(r"
        Sent:
          oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }]
          discriminator: { propertyName: kind, mapping: { a: A, b: B } }
        A: { required: [kind], properties: { kind: { type: string, enum: [a] } } }
        B: { required: [kind], properties: { kind: { type: string }, mode: { type: string, enum: [x] } } }
        Received: { type: string }
    "), @r#"
    record A (a), request
      constant "kind" = "a"
    record B (b), request
      field "kind" (kind): string, required
      field "mode" (mode): @B/properties/mode, optional
    choice B/properties/mode (b mode) of string, open, request
      value "x" (x)
    newtype Received (received) of string, response
    union Sent (sent) by tag "kind", open, request
      variant (a): @A "a"
      variant (b): @B "b"
    "#);
}

#[test]
fn alternatives_of_different_json_kinds_are_told_apart_by_kind() {
    assert_snapshot!(schemas(r"
        Value:
          oneOf: [{ type: string }, { type: integer }, { type: array, items: { type: string } }, { $ref: '#/components/schemas/R' }]
        Several: { type: [string, boolean, 'null'] }
        R: { properties: { several: { $ref: '#/components/schemas/Several' } } }
    "), @r#"
    record R (r)
      field "several" (several): @Several, optional, nullable
    union Several (several) by kind, open
      variant (string): string string
      variant (boolean): bool boolean
    union Value (value) by kind, open
      variant (string): string string
      variant (integer): i64 number
      variant (list): [string] array
      variant (r): @R object
    "#);
}

#[test]
fn alternatives_with_required_members_of_their_own_are_told_apart_by_them() {
    assert_snapshot!(schemas(r"
        Who:
          anyOf:
            - { required: [email], properties: { email: { type: string }, name: { type: string } } }
            - { required: [phone], properties: { phone: { type: string }, name: { type: string } } }
    "), @r#"
    union Who (who) by members, open
      variant (who variant1): @Who/anyOf/0 ["email"]
      variant (who variant2): @Who/anyOf/1 ["phone"]
    record Who/anyOf/0 (who variant1)
      field "email" (email): string, required
      field "name" (name): string, optional
    record Who/anyOf/1 (who variant2)
      field "phone" (phone): string, required
      field "name" (name): string, optional
    "#);
}

#[test]
fn known_strings_beside_any_string_are_an_open_choice() {
    assert_snapshot!(schemas(r"
        Model: { anyOf: [{ type: string }, { type: string, enum: [small, large] }] }
    "), @r#"
    choice Model (model) of string, open
      value "small" (small)
      value "large" (large)
    "#);
}

#[test]
fn fixed_strings_of_several_alternatives_are_one_choice() {
    assert_snapshot!(schemas(r"
        Size: { oneOf: [{ const: small }, { type: string, enum: [large, small] }] }
    "), @r#"
    choice Size (size) of string, open
      value "small" (small)
      value "large" (large)
    "#);
}

#[test]
fn one_alternative_beside_null_is_that_type() {
    assert_snapshot!(schemas(r"
        A: { properties: { x: { type: string } } }
        R: { properties: { a: { anyOf: [{ $ref: '#/components/schemas/A' }, { type: 'null' }] } } }
    "), @r#"
    record A (a)
      field "x" (x): string, optional
    record R (r)
      field "a" (a): @A, optional, nullable
    "#);
}

#[test]
fn alternatives_that_nothing_tells_apart_are_reported_and_read_as_json() {
    assert_snapshot!(schemas(r"
        U: { oneOf: [{ properties: { a: { type: string } } }, { properties: { b: { type: string } } }] }
    "), @"
    warning OA0402 /components/schemas/U: not supported yet: alternatives that cannot be told apart by one member or by their JSON kind
    alias U (u) = json
    ");
}

#[test]
fn alternatives_that_only_require_members_leave_the_record() {
    assert_snapshot!(schemas(r"
        Who:
          properties: { email: { type: string }, phone: { type: string } }
          anyOf: [{ required: [email] }, { required: [phone] }]
    "), @r#"
    warning OA0404 /components/schemas/Who: not supported yet: alternatives that only say which members are required together
    record Who (who)
      field "email" (email): string, optional
      field "phone" (phone): string, optional
    "#);
}
