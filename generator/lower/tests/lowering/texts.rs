//! Texts with a name, a form or several spellings.

use insta::assert_snapshot;

use crate::support::{lines, schemas};

#[test]
fn only_plain_text_and_whole_numbers_become_types_of_their_own() {
    assert_snapshot!(lines(&schemas(r"
        A: { type: string, format: uuid }
        B: { type: integer, format: uint64 }
        C: { type: string, format: date-time }
        D: { type: string, x-specwright-sensitive: true }
        E: { type: boolean }
        F: { $ref: '#/components/schemas/A' }
        G: { allOf: [{ $ref: '#/components/schemas/A' }, { description: An A. }] }
        H: { allOf: [{ type: string }, { maxLength: 3 }] }
        I: { type: number }
        J: { type: string, enum: [a] }
    "), &["newtype", "alias", "choice"]), @"
    newtype A (a) of string
    newtype B (b) of u64
    alias C (c) = date-time
    alias D (d) = secret
    alias E (e) = bool
    alias F (f) = @A
    alias G (g) = @A
    newtype H (h) of string
    alias I (i) = f64
    choice J (j) of string, open
    ");
}

#[test]
fn a_time_without_a_zone_has_a_type_of_its_own() {
    assert_snapshot!(schemas(r"
        R: { properties: { at: { type: string, format: date-time-local, default: '2026-01-02T03:04:05' } } }
    "), @r#"
    record R (r)
      field "at" (at): date-time-local, optional, format "date-time-local", default "2026-01-02T03:04:05"
    "#);
}

#[test]
fn fixed_texts_beside_one_form_are_told_apart_by_the_text() {
    assert_snapshot!(schemas(r"
        Start: { oneOf: [{ const: now, description: The present. }, { type: string, format: date-time }, { enum: [never, null] }] }
        R: { properties: { start: { $ref: '#/components/schemas/Start' } } }
    "), @r#"
    record R (r)
      field "start" (start): @Start, optional, nullable
    union Start (start) by text, open
      variant (now): nothing "now"
        description "The present."
      variant (date time): date-time
      variant (never): nothing "never"
    "#);
}

#[test]
fn fixed_texts_beside_plain_text_two_forms_or_a_secret_stay_a_choice() {
    for other in [
        "{ type: string }",
        "{ type: string, format: uuid }",
        "{ type: string, format: date }, { type: string, format: date-time }",
        "{ type: string, format: date }, { type: string }",
        "{ type: string, format: password }",
    ] {
        let dump = schemas(&format!("Start: {{ anyOf: [{{ const: now }}, {other}] }}"));
        assert_eq!(lines(&dump, &["union", "choice"]), "choice Start (start) of string, open");
    }
}

#[test]
fn a_form_without_fixed_texts_is_that_form() {
    let dump =
        schemas("A: { oneOf: [{ type: string, format: date }, { type: string, format: date }] }");
    assert_eq!(dump, "alias A (a) = date\n");
}

#[test]
fn a_fixed_text_that_is_there_twice_leaves_a_choice() {
    let dump =
        schemas("A: { oneOf: [{ const: a }, { enum: [a, b] }, { type: string, format: date }] }");
    assert_eq!(lines(&dump, &["union", "choice"]), "choice A (a) of string, open");
}

#[test]
fn one_value_may_have_several_spellings() {
    assert_snapshot!(schemas(r"
        State: { type: string, enum: [open, overlock, overlocked], x-specwright-spellings: { overlocked: [overlock, over-locked] } }
    "), @r#"
    choice State (state) of string, open
      value "open" (open)
      value "overlocked" (overlocked) or "over-locked" or "overlock"
    "#);
}

#[test]
fn spellings_that_contradict_each_other_are_reported_and_left_out() {
    assert_snapshot!(schemas(r"
        A: { type: string, enum: [a, b], x-specwright-spellings: { c: [a] } }
        B: { type: string, enum: [a, b], x-specwright-spellings: { a: [b], b: [a] } }
        C: { type: string, enum: [a, b], x-specwright-spellings: { a: [x, x], b: [x] } }
        D: { type: integer, enum: [1, 2], x-specwright-spellings: { '1': ['2'] } }
        E: { type: string, enum: [a], x-specwright-spellings: { a: b } }
    "), @r#"
    warning OA0602 /components/schemas/E/x-specwright-spellings: `x-specwright-spellings` has the wrong form
    warning OA0610 /components/schemas/A/x-specwright-spellings: `c` is none of the values
    warning OA0610 /components/schemas/B/x-specwright-spellings: `b` cannot be a spelling of `a`: it stands for something else
    warning OA0610 /components/schemas/B/x-specwright-spellings: `a` cannot be a spelling of `b`: it stands for something else
    warning OA0610 /components/schemas/C/x-specwright-spellings: `x` cannot be a spelling of `a`: it stands for something else
    warning OA0610 /components/schemas/C/x-specwright-spellings: `x` cannot be a spelling of `b`: it stands for something else
    warning OA0610 /components/schemas/D/x-specwright-spellings: a number has no other spelling
    choice A (a) of string, open
      value "a" (a)
      value "b" (b)
    choice B (b) of string, open
      value "a" (a)
      value "b" (b)
    choice C (c) of string, open
      value "a" (a) or "x"
      value "b" (b)
    choice D (d) of i64, open
      value "1" (1)
      value "2" (2)
    choice E (e) of string, open
      value "a" (a)
    "#);
}

#[test]
fn a_member_called_like_a_credential_is_a_secret_under_any_name() {
    assert_snapshot!(lines(&schemas(r"
        Token: { type: string }
        Label: { type: string, x-specwright-sensitive: false }
        R:
          properties:
            access_token: { $ref: '#/components/schemas/Token' }
            password: { $ref: '#/components/schemas/Label' }
    "), &["field"]), @r#"
    field "access_token" (access token): secret, optional
    field "password" (password): @Label, optional
    "#);
}
