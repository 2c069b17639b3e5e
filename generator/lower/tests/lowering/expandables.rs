//! References that may arrive whole.

use insta::assert_snapshot;

use crate::support::{lines, schemas};

fn about(dump: &str) -> String {
    lines(dump, &["note", "warning", "error", "expandable", "union", "alias", "record"])
}

/// A reference that says it expands to `Contact`, with that and other schemas.
fn expanded(reference: &str, others: &str) -> String {
    let extension = "x-specwright-expands-to: '#/components/schemas/Contact'";
    about(&schemas(&format!(
        r"
        Ref: {{ {reference}, {extension} }}
        {others}
    "
    )))
}

#[test]
fn a_reference_names_what_it_expands_to() {
    assert_snapshot!(about(&schemas(r"
        ContactId: { type: string }
        Contact: { required: [id, name, email], properties: { id: { $ref: '#/components/schemas/ContactId' }, name: { type: string }, email: { type: string }, note: { type: string } } }
        ContactRef: { required: [id], properties: { id: { $ref: '#/components/schemas/ContactId' } }, x-specwright-expands-to: '#/components/schemas/Contact' }
    ")), @r#"
    record Contact (contact)
    expandable ContactRef (contact ref): @ContactId or @Contact ["email", "name"]
    "#);
}

#[test]
fn of_several_targets_counts_what_all_of_them_require() {
    assert_snapshot!(expanded("required: [id], properties: { id: { type: string } }", r"
        Contact: { oneOf: [{ $ref: '#/components/schemas/Person' }, { $ref: '#/components/schemas/Firm' }], discriminator: { propertyName: type } }
        Person: { required: [id, type, name], properties: { id: { type: string }, type: { type: string }, name: { type: string } } }
        Firm: { required: [type, id, seat], properties: { id: { type: string }, type: { type: string }, seat: { type: string } } }
    "), @r#"
    union Contact (contact) by tag "type", open
    record Firm (firm)
    record Person (person)
    expandable Ref (ref): string or @Contact ["type"]
    "#);
}

#[test]
fn an_expansion_that_does_not_fit_leaves_a_plain_object() {
    let id = "required: [id], properties: { id: { type: string } }";
    let whole =
        "{ required: [id, name], properties: { id: { type: string }, name: { type: string } } }";
    for (reference, contact, problem) in [
        (
            id,
            "{ required: [id], properties: { id: { type: string }, name: { type: string } } }",
            "requires nothing beside",
        ),
        (
            id,
            "{ required: [id, name], properties: { id: { type: integer }, name: { type: string } } }",
            "different types",
        ),
        (
            id,
            "{ required: [name], properties: { id: { type: string }, name: { type: string } } }",
            "the target has no `id`",
        ),
        (
            id,
            "{ required: [id, name], properties: { id: { type: [string, 'null'] }, name: { type: string } } }",
            "the target has no `id`",
        ),
        (id, "{ type: string }", "the target is no object"),
        (id, "{ type: array, items: { type: string } }", "the target is no object"),
        (
            id,
            "{ oneOf: [{ required: [id, a], properties: { id: { type: string }, a: { type: string } } }, { required: [id, b], properties: { id: { type: integer }, b: { type: string } } }] }",
            "several types",
        ),
        (
            id,
            "{ oneOf: [{ required: [id, a], properties: { id: { type: string }, a: { type: string } } }, { type: string }] }",
            "the target is no object",
        ),
        (id, "{ $ref: '#/components/schemas/Ref' }", "requires nothing beside"),
        ("properties: { id: { type: string } }", whole, "the reference has no `id`"),
        (
            "required: [id], properties: { id: { type: array, items: { type: string } } }",
            whole,
            "different types",
        ),
        (
            "required: [id], properties: { id: { type: string }, url: { type: string } }",
            whole,
            "members beside `id`",
        ),
        (
            "required: [id], properties: { id: { type: string } }, additionalProperties: { type: string }",
            whole,
            "members beside `id`",
        ),
        ("type: string", whole, "the reference is no object"),
    ] {
        let dump = expanded(reference, &format!("Contact: {contact}"));
        let warning = dump.lines().find(|line| line.contains("OA0609")).unwrap_or_default();
        assert!(warning.contains(problem), "{problem}: {dump}");
        assert!(!dump.contains("expandable"), "{dump}");
    }
}

#[test]
fn a_target_that_is_not_there_is_reported() {
    let dump = expanded("required: [id], properties: { id: { type: string } }", "");
    assert!(dump.contains("there is no schema `#/components/schemas/Contact`"), "{dump}");
}

#[test]
fn a_union_of_an_id_and_the_whole_is_recognized() {
    assert_snapshot!(about(&schemas(r"
        Id: { type: string }
        Contact: { required: [id, name], properties: { id: { $ref: '#/components/schemas/Id' }, name: { type: string } } }
        A: { anyOf: [{ required: [id], properties: { id: { type: string } } }, { $ref: '#/components/schemas/Contact' }] }
        B: { properties: { owner: { oneOf: [{ $ref: '#/components/schemas/Contact' }, { $ref: '#/components/schemas/Ref' }, { type: 'null' }] } } }
        Ref: { required: [id], properties: { id: { $ref: '#/components/schemas/Id' } } }
    ")), @r#"
    note OA0608 /components/schemas/A: read as a reference or the whole object
    note OA0608 /components/schemas/B/properties/owner: read as a reference or the whole object
    expandable A (a): @Id or @Contact ["name"]
    record B (b)
    expandable B/properties/owner (b owner): @Id or @Contact ["name"]
    record Contact (contact)
    record Ref (ref)
    "#);
}

#[test]
fn a_union_of_an_id_and_a_union_of_objects_is_recognized() {
    assert_snapshot!(about(&schemas(r"
        A: { anyOf: [{ required: [id], properties: { id: { type: string } } }, { $ref: '#/components/schemas/Any' }] }
        Any: { oneOf: [{ required: [id, type], properties: { id: { type: string }, type: { const: a } } }, { required: [id, type], properties: { id: { type: string }, type: { const: b } } }] }
    ")), @r#"
    note OA0608 /components/schemas/A: read as a reference or the whole object
    expandable A (a): string or @Any ["type"]
    union Any (any) by tag "type", open
    record Any/oneOf/0 (any a)
    record Any/oneOf/1 (any b)
    "#);
}

#[test]
fn other_unions_of_two_stay_unions() {
    for alternatives in [
        // An id of another type, no id in one, more than an id in both, three alternatives.
        "[{ required: [id], properties: { id: { type: integer } } }, { required: [id, a], properties: { id: { type: string }, a: { type: string } } }]",
        "[{ required: [key], properties: { key: { type: string } } }, { required: [id, a], properties: { id: { type: string }, a: { type: string } } }]",
        "[{ required: [id, b], properties: { id: { type: string }, b: { type: string } } }, { required: [id, a], properties: { id: { type: string }, a: { type: string } } }]",
        "[{ required: [id], properties: { id: { type: string }, b: { type: string } } }, { required: [id, a], properties: { id: { type: string }, a: { type: string } } }]",
        "[{ required: [id], properties: { id: { type: string } } }, { required: [id, a], properties: { id: { type: string }, a: { type: string } } }, { required: [id, b], properties: { id: { type: string }, b: { type: string } } }]",
    ] {
        let dump = schemas(&format!("A: {{ oneOf: {alternatives} }}"));
        assert!(dump.contains("union A (a) by members"), "{dump}");
    }
}

#[test]
fn objects_that_refer_to_each_other_need_no_other_pointer() {
    assert_snapshot!(schemas(r"
        Contact: { required: [id, friend], properties: { id: { type: string }, friend: { $ref: '#/components/schemas/Ref' } } }
        Ref: { required: [id], properties: { id: { type: string } }, x-specwright-expands-to: '#/components/schemas/Contact' }
    "), @r#"
    record Contact (contact)
      field "id" (id): string, required
      field "friend" (friend): @Ref, required
    expandable Ref (ref): string or @Contact ["friend"]
    "#);
}
