//! Objects, `allOf`, `$ref` with siblings.

use insta::assert_snapshot;

use crate::support::{schemas, sent_and_received};

#[test]
fn a_record_has_its_members_in_document_order_with_their_facets() {
    assert_snapshot!(schemas(r"
        Order:
          description: An order.
          required: [number]
          properties:
            number: { type: string, maxLength: 9, readOnly: true, description: Its number. }
            count: { type: integer, default: 1, minimum: 1, deprecated: true }
            accountID: { type: string, format: uuid, writeOnly: true }
    "), @r#"
    record Order (order)
      description "An order."
      field "number" (number): string, required, read only, maxLength 9
        description "Its number."
      field "count" (count): i64, optional, default 1, minimum 1, deprecated
      field "accountID" (account id): string, optional, write only, format "uuid"
    "#);
}

#[test]
fn presence_has_four_cases() {
    assert_snapshot!(schemas(r"
        P:
          required: [a, b]
          properties:
            a: { type: string }
            b: { type: [string, 'null'] }
            c: { type: string }
            d: { oneOf: [{ type: string }, { type: 'null' }] }
    "), @r#"
    record P (p)
      field "a" (a): string, required
      field "b" (b): string, required, nullable
      field "c" (c): string, optional
      field "d" (d): string, optional, nullable
    "#);
}

#[test]
fn other_members_are_kept_only_if_they_have_a_schema() {
    assert_snapshot!(schemas(r"
        Closed: { properties: { a: { type: string } }, additionalProperties: false }
        Open: { properties: { a: { type: string } }, additionalProperties: true }
        Rest: { properties: { a: { type: string } }, additionalProperties: { type: integer } }
    "), @r#"
    record Closed (closed)
      field "a" (a): string, optional
    record Open (open)
      field "a" (a): string, optional
    record Rest (rest)
      field "a" (a): string, optional
      rest i64
    "#);
}

#[test]
fn an_object_without_members_is_a_map() {
    assert_snapshot!(schemas(r"
        Any: { type: object }
        Numbers: { type: object, additionalProperties: { type: [number, 'null'] } }
        Patterns: { type: object, patternProperties: { '^x': { type: string } } }
        Empty: { type: object, additionalProperties: false }
    "), @"
    alias Any (any) = {json}
    record Empty (empty)
    alias Numbers (numbers) = {f64?}
    alias Patterns (patterns) = {string}
    ");
}

#[test]
fn patterns_of_several_types_are_reported_and_read_as_json() {
    assert_snapshot!(schemas(r"
        P:
          type: object
          patternProperties: { '^x': { type: string }, '^y': { type: integer } }
    "), @"
    warning OA0410 /components/schemas/P: not supported yet: members whose type depends on their name (`patternProperties`)
    alias P (p) = {json}
    ");
}

#[test]
fn a_schema_inside_another_is_called_by_the_way_to_it() {
    assert_snapshot!(schemas(r"
        Event:
          properties:
            data: { properties: { lines: { type: array, items: { properties: { a: {} } } } } }
    "), @r#"
    record Event (event)
      field "data" (data): @Event/properties/data, optional
    record Event/properties/data (event data)
      field "lines" (lines): [@Event/properties/data/properties/lines/items], optional
    record Event/properties/data/properties/lines/items (event data lines item)
      field "a" (a): json, optional
    "#);
}

#[test]
fn prose_beside_a_reference_belongs_to_the_member() {
    assert_snapshot!(schemas(r"
        Money: { description: An amount., properties: { cents: { type: integer } } }
        Item:
          properties:
            price: { $ref: '#/components/schemas/Money', description: What it costs., deprecated: true }
            refund: { $ref: '#/components/schemas/Money' }
    "), @r#"
    record Item (item)
      field "price" (price): @Money, optional, deprecated
        description "What it costs."
      field "refund" (refund): @Money, optional
        description "An amount."
    record Money (money)
      description "An amount."
      field "cents" (cents): i64, optional
    "#);
}

#[test]
fn members_beside_a_reference_are_merged_with_its_target() {
    assert_snapshot!(schemas(r"
        Base: { properties: { id: { type: string } } }
        More:
          $ref: '#/components/schemas/Base'
          required: [id, name]
          properties: { name: { type: string } }
    "), @r#"
    record Base (base)
      field "id" (id): string, optional
    record More (more)
      field "id" (id): string, required
      field "name" (name): string, required
    "#);
}

#[test]
fn all_of_records_is_one_record() {
    assert_snapshot!(schemas(r"
        Base: { required: [id], properties: { id: { type: string }, at: { properties: { x: {} } } } }
        Pet:
          allOf:
            - $ref: '#/components/schemas/Base'
            - { type: object, properties: { name: { type: string } }, additionalProperties: { type: string } }
          required: [name]
    "), @r#"
    record Base (base)
      field "id" (id): string, required
      field "at" (at): @Base/properties/at, optional
    record Base/properties/at (base at)
      field "x" (x): json, optional
    record Pet (pet)
      field "id" (id): string, required
      field "at" (at): @Base/properties/at, optional
      field "name" (name): string, required
      rest string
    "#);
}

#[test]
fn all_of_one_reference_is_that_type() {
    assert_snapshot!(schemas(r"
        Base: { properties: { id: { type: string } } }
        Pet:
          properties:
            base: { description: Mine., type: object, allOf: [{ $ref: '#/components/schemas/Base' }, { deprecated: true }] }
    "), @r#"
    record Base (base)
      field "id" (id): string, optional
    record Pet (pet)
      field "base" (base): @Base, optional
        description "Mine."
    "#);
}

#[test]
fn a_member_of_two_branches_is_what_both_say() {
    assert_snapshot!(schemas(r"
        A: { properties: { owner: { properties: { id: { type: string } } } } }
        B:
          allOf:
            - $ref: '#/components/schemas/A'
            - properties: { owner: { properties: { name: { type: string } }, required: [name] } }
    "), @r#"
    record A (a)
      field "owner" (owner): @A/properties/owner, optional
    record A/properties/owner (a owner)
      field "id" (id): string, optional
    record B (b)
      field "owner" (owner): @B/properties/owner, optional
    record B/properties/owner (b owner)
      field "id" (id): string, optional
      field "name" (name): string, required
    "#);
}

#[test]
fn branches_that_disagree_are_reported_and_the_first_one_stands() {
    assert_snapshot!(schemas(r"
        Item:
          allOf:
            - properties: { price: { type: integer } }
            - properties: { price: { type: string } }
    "), @r#"
    error OA0204 /components/schemas/Item/allOf/1/properties/price: `allOf` branches disagree on the type of `price`
    record Item (item)
      field "price" (price): i64, optional
    "#);
}

#[test]
fn alternatives_inside_all_of_that_nothing_tells_apart_are_any_json() {
    assert_snapshot!(schemas(r"
        U:
          allOf:
            - properties: { a: { type: string } }
            - oneOf: [{ properties: { b: {} } }, { properties: { c: {} } }]
    "), @"
    warning OA0402 /components/schemas/U: not supported yet: alternatives that cannot be told apart by one member or by their JSON kind
    alias U (u) = json
    ");
}

#[test]
fn a_constant_is_written_in_requests_and_a_choice_in_responses() {
    assert_snapshot!(sent_and_received(r"
        Sent: { required: [kind], properties: { kind: { const: a }, n: { const: 1 } } }
        Received: { required: [kind], properties: { kind: { const: b } } }
    "), @r#"
    record Received (received), response
      field "kind" (kind): @Received/properties/kind, required, const "b"
    choice Received/properties/kind (received kind) of string, open, response
      value "b" (b)
    record Sent (sent), request
      constant "kind" = "a"
      field "n" (n): @Sent/properties/n, optional, const 1
    choice Sent/properties/n (sent n) of i64, open, request
      value "1" (1)
    "#);
}

#[test]
fn the_schemas_true_and_false_are_any_value_and_none() {
    assert_snapshot!(schemas(r"
        Any: true
        Never: false
        R: { properties: { any: true, never: false, list: { type: array, items: {} } } }
    "), @r#"
    alias Any (any) = json
    alias Never (never) = nothing
    record R (r)
      field "any" (any): json, optional
      field "list" (list): [json], optional
    "#);
}

#[test]
fn usage_follows_the_members_that_travel() {
    assert_snapshot!(sent_and_received(r"
        Sent: { properties: { made: { $ref: '#/components/schemas/Stamp', readOnly: true }, both: { $ref: '#/components/schemas/Tag' } } }
        Received: { properties: { both: { type: array, items: { $ref: '#/components/schemas/Tag' } } } }
        Stamp: { properties: { at: { type: string } } }
        Tag: { properties: { text: { type: string } } }
    "), @r#"
    record Received (received), response
      field "both" (both): [@Tag], optional
    record Sent (sent), request
      field "made" (made): @Stamp, optional, read only
      field "both" (both): @Tag, optional
    record Stamp (stamp)
      field "at" (at): string, optional
    record Tag (tag), request, response
      field "text" (text): string, optional
    "#);
}
