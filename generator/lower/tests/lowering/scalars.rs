//! Scalars, formats, fixed values, defaults.

use insta::assert_snapshot;

use crate::support::schemas;

#[test]
fn formats_choose_the_scalar() {
    assert_snapshot!(schemas(r"
        F:
          properties:
            a: { type: integer, format: int32 }
            b: { type: integer, format: uint64 }
            c: { type: number, format: float }
            d: { type: string, format: date-time }
            e: { type: string, format: date }
            f: { type: string, format: password }
            g: { type: string, format: byte }
            h: { type: string, contentEncoding: base64 }
            i: { type: string, format: email }
            j: { type: boolean }
    "), @r#"
    record F (f)
      field "a" (a): i32, optional, format "int32"
      field "b" (b): u64, optional, format "uint64"
      field "c" (c): f64, optional, format "float"
      field "d" (d): date-time, optional, format "date-time"
      field "e" (e): date, optional, format "date"
      field "f" (f): secret, optional, format "password"
      field "g" (g): base64, optional, format "byte"
      field "h" (h): base64, optional
      field "i" (i): string, optional, format "email"
      field "j" (j): bool, optional
    "#);
}

#[test]
fn an_unknown_format_is_noted_once_and_kept() {
    assert_snapshot!(schemas(r"
        A: { properties: { a: { type: string, format: iban }, b: { type: string, format: iban } } }
    "), @r#"
    note OA0206 /components/schemas/A/properties/a: format `iban` is not known
    record A (a)
      field "a" (a): string, optional, format "iban"
      field "b" (b): string, optional, format "iban"
    "#);
}

#[test]
fn a_named_text_or_number_is_a_type_and_a_named_list_another_name() {
    assert_snapshot!(schemas(r"
        Id: { type: string, pattern: '^a', description: An id. }
        Ids: { type: array, items: { $ref: '#/components/schemas/Id' } }
        Maybe: { type: [integer, 'null'] }
        R: { properties: { id: { $ref: '#/components/schemas/Id' }, maybe: { $ref: '#/components/schemas/Maybe' } } }
    "), @r#"
    newtype Id (id) of string
      description "An id."
    alias Ids (ids) = [@Id]
    newtype Maybe (maybe) of i64
    record R (r)
      field "id" (id): @Id, optional, pattern "^a"
        description "An id."
      field "maybe" (maybe): @Maybe, optional, nullable
    "#);
}

#[test]
fn strings_and_whole_numbers_are_open_choices() {
    assert_snapshot!(schemas(r"
        Color: { type: string, enum: [red, dark-green, ''], x-enum-descriptions: [Like blood.] }
        Level: { type: integer, format: int32, enum: [1, -2] }
    "), @r#"
    choice Color (color) of string, open
      value "red" (red)
        description "Like blood."
      value "dark-green" (dark green)
      value "" ()
    choice Level (level) of i32, open
      value "1" (1)
      value "-2" (2)
    "#);
}

#[test]
fn null_among_fixed_values_is_no_value_of_its_own() {
    assert_snapshot!(schemas(r"
        R: { properties: { color: { enum: [red, null] } } }
    "), @r#"
    record R (r)
      field "color" (color): @R/properties/color, optional, nullable
    choice R/properties/color (r color) of string, open
      value "red" (red)
    "#);
}

#[test]
fn fixed_values_follow_the_stated_type() {
    assert_snapshot!(schemas(r"
        Code: { type: string, enum: [1, 2] }
        Count: { type: integer, enum: ['1', '2'] }
    "), @r#"
    warning OA0203 /components/schemas/Code: an enum value is no string, though `type` says so
    warning OA0203 /components/schemas/Count: an enum value is no whole number, though `type` says so
    choice Code (code) of string, open
      value "1" (1)
      value "2" (2)
    choice Count (count) of i64, open
      value "1" (1)
      value "2" (2)
    "#);
}

#[test]
fn fixed_values_without_a_choice_keep_their_type() {
    assert_snapshot!(schemas(r"
        Flag: { enum: [true] }
        Ratio: { enum: [0.5, 1] }
        Mixed: { enum: [a, 1] }
    "), @"
    warning OA0411 /components/schemas/Mixed: not supported yet: fixed values of several kinds
    alias Flag (flag) = bool
    alias Mixed (mixed) = json
    alias Ratio (ratio) = f64
    ");
}

#[test]
fn a_default_of_another_kind_is_reported_and_left_out() {
    assert_snapshot!(schemas(r"
        R: { properties: { a: { type: integer, default: x }, b: { type: [integer, 'null'], default: null } } }
    "), @r#"
    warning OA0210 /components/schemas/R/properties/a: `default` is not a value of its schema
    record R (r)
      field "a" (a): i64, optional
      field "b" (b): i64, optional, nullable, default null
    "#);
}

#[test]
fn a_sensitive_string_is_a_secret_wherever_the_mark_stands() {
    assert_snapshot!(schemas(r"
        Token: { type: string, maxLength: 9 }
        R:
          properties:
            a: { type: [string, 'null'], x-specwright-sensitive: true }
            b: { $ref: '#/components/schemas/Token', x-specwright-sensitive: true }
            c: { $ref: '#/components/schemas/Token' }
    "), @r#"
    record R (r)
      field "a" (a): secret, optional, nullable
      field "b" (b): secret, optional, maxLength 9
      field "c" (c): @Token, optional, maxLength 9
    newtype Token (token) of string
    "#);
}

#[test]
fn a_sensitive_object_is_reported() {
    assert_snapshot!(schemas(r"
        R: { x-specwright-sensitive: true, properties: { a: { type: string } } }
    "), @r#"
    warning OA0605 /components/schemas/R/x-specwright-sensitive: only a string can be sensitive
    record R (r)
      field "a" (a): string, optional
    "#);
}

#[test]
fn a_member_with_the_name_of_a_credential_is_a_secret() {
    assert_snapshot!(schemas(r"
        R: { properties: { client_secret: { type: string }, client_id: { type: string } } }
    "), @r#"
    note OA0607 /components/schemas/R/properties/client_secret: `client_secret` is read as a secret
    record R (r)
      field "client_secret" (client secret): secret, optional
      field "client_id" (client id): string, optional
    "#);
}

#[test]
fn a_credential_that_the_document_calls_plain_is_plain() {
    assert_snapshot!(schemas(r"
        R: { properties: { password: { type: string, x-specwright-sensitive: false } } }
    "), @r#"
    record R (r)
      field "password" (password): string, optional
    "#);
}

#[test]
fn a_lifetime_or_moment_is_a_scalar_of_its_own() {
    assert_snapshot!(schemas(r"
        R: { properties: { expires_in: { type: integer, x-specwright-epoch-or-seconds: true } } }
    "), @r#"
    record R (r)
      field "expires_in" (expires in): expires-in, optional
    "#);
}

#[test]
fn a_tuple_is_reported_and_read_as_a_list() {
    assert_snapshot!(schemas(r"
        Pair: { type: array, prefixItems: [{ type: string }, { type: integer }] }
    "), @"
    warning OA0403 /components/schemas/Pair: not supported yet: an array whose places have types of their own (`prefixItems`)
    alias Pair (pair) = [json]
    ");
}

#[test]
fn null_in_lists_is_said_at_the_element() {
    assert_snapshot!(schemas(r"
        R: { properties: { a: { type: array, items: { type: [string, 'null'] } } } }
    "), @r#"
    record R (r)
      field "a" (a): [string?], optional
    "#);
}
