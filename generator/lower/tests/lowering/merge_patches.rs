//! Changes of maps.

use insta::assert_snapshot;

use crate::support::{lines, lowered, schemas};

#[test]
fn a_marked_map_is_a_merge_patch() {
    assert_snapshot!(schemas(r"
        A: { type: object, additionalProperties: { type: [string, 'null'] }, x-specwright-merge-patch: { empty: clear } }
        B: { additionalProperties: {}, x-specwright-merge-patch: { empty: clear } }
        C: { $ref: '#/components/schemas/A' }
        R:
          properties:
            a: { $ref: '#/components/schemas/C', description: The labels. }
            b: { type: object, additionalProperties: { type: integer }, x-specwright-merge-patch: { empty: clear } }
    "), @r#"
    merge patch A (a) of string
    merge patch B (b) of json
    alias C (c) = @A
    record R (r)
      field "a" (a): @C, optional
        description "The labels."
      field "b" (b): @R/properties/b, optional
    merge patch R/properties/b (r b) of i64
    "#);
}

#[test]
fn what_is_no_map_is_no_merge_patch() {
    assert_snapshot!(lines(&schemas(r"
        A: { type: object, properties: { a: { type: string } }, x-specwright-merge-patch: { empty: clear } }
        B: { type: object, x-specwright-merge-patch: { empty: clear } }
        C: { type: object, additionalProperties: false, x-specwright-merge-patch: { empty: clear } }
        D: { type: object, additionalProperties: { type: string }, x-specwright-merge-patch: { empty: keep } }
    "), &["warning", "merge patch", "record", "alias"]), @"
    warning OA0602 /components/schemas/D/x-specwright-merge-patch: `x-specwright-merge-patch` has the wrong form
    warning OA0602 /components/schemas/A/x-specwright-merge-patch: only a map can be a merge patch
    warning OA0602 /components/schemas/B/x-specwright-merge-patch: only a map can be a merge patch
    warning OA0602 /components/schemas/C/x-specwright-merge-patch: only a map can be a merge patch
    record A (a)
    alias B (b) = {json}
    record C (c)
    alias D (d) = {string}
    ");
}

#[test]
fn a_merge_patch_that_nothing_can_leave_out_is_a_map() {
    assert_snapshot!(lines(&lowered(r"
paths:
  /things:
    patch:
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/P' } } } }
      responses: {}
components:
  schemas:
    P: { additionalProperties: { type: string }, x-specwright-merge-patch: { empty: clear } }
    Q: { $ref: '#/components/schemas/P' }
    R: { properties: { list: { type: array, items: { $ref: '#/components/schemas/Q' } } } }
    S: { additionalProperties: { $ref: '#/components/schemas/P' } }
    T: { oneOf: [{ $ref: '#/components/schemas/P' }, { type: string }] }
    U: { additionalProperties: { $ref: '#/components/schemas/U' }, x-specwright-merge-patch: { empty: clear } }
"), &["warning", "error", "merge patch", "field", "alias", "variant", "\"application"]), @r#"
    warning OA0602 /components/schemas/R: a merge patch is no member here
    warning OA0602 /components/schemas/S: a merge patch is no member here
    warning OA0602 /components/schemas/T: a merge patch is no member here
    warning OA0602 /components/schemas/U: a merge patch is no member here
    warning OA0602 /paths/~1things/patch: a merge patch is no member here
    error OA0201 /components/schemas/U: a list or map is made of nothing but itself
    merge patch P (p) of string
    alias Q (q) = @P
    field "list" (list): [{string?}], optional
    alias S (s) = {{string?}}
    variant (p): {string?} object
    variant (string): string string
    merge patch U (u) of {json}
    "application/json" as json: {string?}
    "#);
}
