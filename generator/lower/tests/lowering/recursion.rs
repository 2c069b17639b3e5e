//! Types that hold themselves.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use specwright_ir::lock::{Lock, TypeLock};

use crate::support::{lowered_with, schemas};

#[test]
fn the_smallest_key_of_a_cycle_holds_the_pointer() {
    assert_snapshot!(schemas(r"
        B: { properties: { a: { $ref: '#/components/schemas/A' } } }
        A: { properties: { b: { $ref: '#/components/schemas/B' }, n: { type: string } } }
    "), @r#"
    record A (a)
      field "b" (b): @B, optional, indirect
      field "n" (n): string, optional
    record B (b)
      field "a" (a): @A, optional
    "#);
}

#[test]
fn a_list_ends_a_cycle() {
    assert_snapshot!(schemas(r"
        Tree: { properties: { children: { type: array, items: { $ref: '#/components/schemas/Tree' } } } }
    "), @r#"
    record Tree (tree)
      field "children" (children): [@Tree], optional
    "#);
}

#[test]
fn a_cycle_through_a_union_is_broken_at_the_record() {
    assert_snapshot!(schemas(r"
        Any: { oneOf: [{ type: string }, { $ref: '#/components/schemas/Not' }] }
        Not: { properties: { of: { $ref: '#/components/schemas/Any' } } }
    "), @r#"
    union Any (any) by kind, open
      variant (string): string string
      variant (not): @Not object
    record Not (not)
      field "of" (of): @Any, optional, indirect
    "#);
}

#[test]
fn the_lock_decides_where_the_pointer_is() {
    let locked =
        TypeLock { name: "B".to_owned(), indirect: vec!["a".to_owned()], ..TypeLock::default() };
    let types = BTreeMap::from([("/components/schemas/B".to_owned(), locked)]);
    let lock = Lock { types, ..Lock::default() };
    assert_snapshot!(lowered_with(&lock, r"
components:
  schemas:
    A: { properties: { b: { $ref: '#/components/schemas/B' } } }
    B: { properties: { a: { $ref: '#/components/schemas/A' } } }
    "), @r#"
    record A (a)
      field "b" (b): @B, optional
    record B (b)
      field "a" (a): @A, optional, indirect
    "#);
}

#[test]
fn a_schema_that_refers_to_its_own_inside_is_a_definition() {
    assert_snapshot!(schemas(r"
        A:
          properties:
            b: { properties: { again: { $ref: '#/components/schemas/A/properties/b' } } }
    "), @r#"
    record A (a)
      field "b" (b): @A/properties/b, optional
    record A/properties/b (a b)
      field "again" (again): @A/properties/b, optional, indirect
    "#);
}

#[test]
fn a_list_of_nothing_but_itself_is_cut_and_reported() {
    assert_snapshot!(schemas(r"
        Nested: { type: array, items: { $ref: '#/components/schemas/Nested' } }
        One: { type: object, additionalProperties: { $ref: '#/components/schemas/Two' } }
        Two: { type: array, items: { $ref: '#/components/schemas/One' } }
    "), @"
    error OA0201 /components/schemas/Nested: a list or map is made of nothing but itself
    error OA0201 /components/schemas/One: a list or map is made of nothing but itself
    alias Nested (nested) = [json]
    alias One (one) = {json}
    alias Two (two) = [@One]
    ");
}
