//! Alternatives that are told apart by the members they must have.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::support::{lines, schemas};

/// How a union of these alternatives is told apart: the shape, then the questions.
#[track_caller]
fn told_apart(alternatives: &str) -> String {
    lines(&schemas(&format!("U: {{ oneOf: [{alternatives}] }}")), &["union", "variant", "alias"])
}

/// An object of text members; those with `!` are required.
fn object(members: &str) -> String {
    let names = || members.split(' ').filter(|name| !name.is_empty());
    let required: Vec<&str> = names().filter_map(|name| name.strip_suffix('!')).collect();
    let properties: Vec<String> =
        names().map(|name| format!("{}: {{ type: string }}", name.trim_end_matches('!'))).collect();
    format!(
        "{{ type: object, required: [{}], properties: {{ {} }} }}",
        required.join(", "),
        properties.join(", ")
    )
}

#[track_caller]
fn objects(alternatives: &[&str]) -> String {
    let alternatives: Vec<String> = alternatives.iter().map(|members| object(members)).collect();
    told_apart(&alternatives.join(", "))
}

#[test]
fn a_member_of_its_own_in_each_needs_no_order() {
    assert_snapshot!(objects(&["a! x", "b! x", "c! d! x"]), @r#"
    union U (u) by members, open
    variant (u variant1): @U/oneOf/0 ["a"]
    variant (u variant2): @U/oneOf/1 ["b"]
    variant (u variant3): @U/oneOf/2 ["c", "d"]
    "#);
}

#[test]
fn what_the_others_have_too_is_asked_last() {
    assert_snapshot!(objects(&["id!", "id! x!", "id! y!"]), @r#"
    union U (u) by members, open
    variant (u variant1): @U/oneOf/0 ["id"], question 3
    variant (u variant2): @U/oneOf/1 ["x"], question 1
    variant (u variant3): @U/oneOf/2 ["y"], question 2
    "#);
}

#[test]
fn one_member_is_enough_where_order_matters_and_none_may_lack_where_it_does_not() {
    assert_snapshot!(objects(&["key!", "key! x! y!"]), @r#"
    union U (u) by members, open
    variant (u variant1): @U/oneOf/0 ["key"], question 2
    variant (u variant2): @U/oneOf/1 any of ["x", "y"], question 1
    "#);
    assert_snapshot!(objects(&["key! z!", "key! x! y!"]), @r#"
    union U (u) by members, open
    variant (u variant1): @U/oneOf/0 ["z"]
    variant (u variant2): @U/oneOf/1 ["x", "y"]
    "#);
}

#[test]
fn an_alternative_that_another_one_hides_is_found_when_that_one_is_gone() {
    assert_snapshot!(objects(&["a! b c", "b! c", "c!"]), @r#"
    union U (u) by members, open
    variant (u variant1): @U/oneOf/0 ["a"]
    variant (u variant2): @U/oneOf/1 ["b"]
    variant (u variant3): @U/oneOf/2 ["c"]
    "#);
    assert_snapshot!(objects(&["c!", "b! c", "a! b c"]), @r#"
    union U (u) by members, open
    variant (u variant1): @U/oneOf/0 ["c"], question 3
    variant (u variant2): @U/oneOf/1 ["b"]
    variant (u variant3): @U/oneOf/2 ["a"], question 1
    "#);
}

#[test]
fn alternatives_that_no_member_tells_apart_are_any_json() {
    for alternatives in [
        // The last one requires nothing.
        &["a!", "a"][..],
        &["a! b", "b"],
        // The same objects twice, and two pairs that hide each other.
        &["a! b!", "a! b!"],
        &["a! b", "a b!", "c!"],
        // Nothing is required at all.
        &["a", "b"],
    ] {
        assert_eq!(objects(alternatives), "alias U (u) = json", "{alternatives:?}");
    }
}

#[test]
fn objects_without_known_members_and_other_values_have_no_members_to_ask_for() {
    for other in ["{ type: object }", "{ type: object, additionalProperties: { type: string } }"] {
        let told = told_apart(&format!("{}, {other}", object("a!")));
        assert_eq!(told, "alias U (u) = json", "{other}");
    }
}

#[test]
fn unions_without_alternatives_are_no_unions() {
    for alternatives in ["", "{ type: 'null' }", "{ type: 'null' }, { const: null }"] {
        assert_eq!(told_apart(alternatives), "alias U (u) = json", "{alternatives:?}");
    }
}

#[test]
fn a_union_among_the_alternatives_has_what_all_of_its_own_have() {
    assert_snapshot!(lines(&schemas(&format!(
        r"
        U: {{ oneOf: [{}, {{ $ref: '#/components/schemas/V' }}] }}
        V: {{ oneOf: [{}, {}, {{ type: 'null' }}] }}
    ", object("id!"), object("id name! a!"), object("id name! b!"))), &["union", "variant"]), @r#"
    union U (u) by members, open
    variant (u variant1): @U/oneOf/0 ["id"], question 2
    variant (v): @V ["name"], question 1
    union V (v) by members, open
    variant (v variant1): @V/oneOf/0 ["a"]
    variant (v variant2): @V/oneOf/1 ["b"]
    "#);
}

#[test]
fn unions_that_lead_back_to_themselves_by_members_are_told_apart() {
    assert_snapshot!(lines(&schemas(r"
        U: { oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }] }
        A: { required: [id], properties: { id: { $ref: '#/components/schemas/U' } } }
        B: { required: [id, b], properties: { id: { type: string }, b: { $ref: '#/components/schemas/U' } } }
    "), &["union", "variant", "error"]), @r#"
    union U (u) by members, open
    variant (a): @A ["id"], question 2
    variant (b): @B ["b"], question 1
    "#);
}

#[test]
fn a_circle_of_alternatives_is_cut_and_any_json() {
    assert_snapshot!(lines(&schemas(r"
        U: { oneOf: [{ $ref: '#/components/schemas/V' }, { required: [a], properties: { a: { type: string } } }] }
        V: { oneOf: [{ $ref: '#/components/schemas/U' }, { required: [b], properties: { b: { type: string } } }] }
    "), &["union", "variant", "alias", "error"]), @"
    error OA0103 /components/schemas/V/oneOf/0: this schema leads back to itself by way of `#/components/schemas/U`
    alias U (u) = json
    alias V (v) = json
    ");
}

#[test]
fn unions_of_unions_of_unions_are_walked_once() {
    // Each level names all of the next one: a walk that forgets where it was never ends.
    let mut text = String::new();
    for level in 0..10 {
        for index in 0..10 {
            let next: Vec<String> = (0..10)
                .map(|next| format!("{{ $ref: '#/components/schemas/L{}N{next}' }}", level + 1))
                .collect();
            let _ = writeln!(text, "L{level}N{index}: {{ oneOf: [{}] }}", next.join(", "));
        }
    }
    for index in 0..10 {
        let _ = writeln!(text, "L10N{index}: {}", object(&format!("id! m{index}!")));
    }
    let dump = schemas(&text);
    assert!(dump.contains("union L9N0 (l9 n0) by members"));
}
