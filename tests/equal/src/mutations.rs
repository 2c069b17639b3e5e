//! What is found and what is let pass, on one small document. Values are mutated one place at a time.

use serde_json::{Value, json};

use crate::{Equal, Relaxations};

/// `Answer` only comes, `Order` is also sent.
fn document() -> Value {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let members = json!({
        "name": { "type": ["string", "null"] },
        "count": { "type": "number" },
        "at": { "type": "string", "format": "date-time" },
        "local": { "type": "string", "format": "date-time-local" },
        "notes": { "type": "object", "additionalProperties": { "type": "string" } },
        "free": { "type": "object" },
        "list": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } },
        "order": { "oneOf": [reference("Order"), { "type": "null" }] },
        "owner": { "anyOf": [reference("Reference"), reference("Person")] },
        "keeper": reference("KeeperRef"),
        "shape": {
            "oneOf": [reference("Circle"), reference("Square")],
            "discriminator": {
                "propertyName": "kind",
                "mapping": { "round": "#/components/schemas/Circle" },
            },
        },
        "starts": { "anyOf": [{ "type": "string", "format": "date-time" }, { "const": "now" }] },
        "state": {
            "type": "string",
            "enum": ["overlocked", "overlock"],
            "x-specwright-spellings": { "overlocked": ["overlock"] },
        },
    });
    let answer = json!({ "allOf": [
        reference("Base"),
        { "type": "object", "properties": members },
    ] });
    let body = json!({ "content": { "application/json": { "schema": reference("Order") } } });
    let reading = json!({ "content": { "application/json": { "schema": {
        "type": "object",
        "properties": { "note": { "type": ["string", "null"] } },
    } } } });
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    let person = json!({
        "type": "object",
        "required": ["id", "email"],
        "properties": { "id": { "type": "string" }, "email": { "type": "string" } },
    });
    let reference_only = json!({
        "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } },
    });
    let mut expandable = reference_only.clone();
    expandable["x-specwright-expands-to"] = json!("#/components/schemas/Person");
    json!({
        "paths": { "/orders": { "post": { "requestBody": body, "responses": { "200": reading } } } },
        "components": { "schemas": {
            "Answer": answer,
            "Base": object(json!({ "id": { "type": "string" } })),
            "Circle": object(json!({ "kind": {}, "radius": { "type": "number" } })),
            "Square": object(json!({ "kind": {}, "side": { "type": "number" } })),
            "Line": object(json!({ "text": { "type": "string" } })),
            "Order": object(json!({ "line": { "type": ["string", "null"] } })),
            "Person": person,
            "Reference": reference_only,
            "KeeperRef": expandable,
            "Odd": { "type": "object", "patternProperties": { "^x": {} } },
        } },
    })
}

/// A value with every member, needing no relaxation.
fn everything() -> Value {
    json!({
        "id": "a",
        "name": "b",
        "count": 1.5,
        "at": "2026-01-01T00:00:00Z",
        "local": "2026-01-01T00:00:00",
        "notes": { "k": "v" },
        "free": { "k": [1] },
        "list": [{ "text": "x" }, { "text": "y" }],
        "order": { "line": "c" },
        "keeper": { "id": "k", "email": "k@e.example" },
        "owner": { "id": "p", "email": "p@e.example" },
        "shape": { "kind": "round", "radius": 2 },
        "starts": "now",
        "state": "overlocked",
    })
}

#[track_caller]
fn compare(pointer: &str, came: &Value, written: &Value) -> Result<Relaxations, String> {
    let equal = Equal::of(document()).unwrap();
    equal.compare(pointer, came, written).map_err(|unequal| unequal.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "callers write literals")]
#[track_caller]
fn passes(came: Value, written: Value, expected: Relaxations) {
    assert_eq!(compare("/components/schemas/Answer", &came, &written), Ok(expected));
}

#[expect(clippy::needless_pass_by_value, reason = "callers write literals")]
#[track_caller]
fn is_found(came: Value, written: Value, expected: &str) {
    let found = compare("/components/schemas/Answer", &came, &written);
    assert_eq!(found.as_ref().map_err(String::as_str), Err(expected));
}

/// The pointer of every value inside of `value`.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut add = |name: &str, member: &Value| {
        let at = format!("{at}/{name}");
        found.push(at.clone());
        pointers(member, &at, found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| add(name, member)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| add(&index.to_string(), item));
        }
        _ => {}
    }
}

#[test]
fn the_same_json_needs_no_relaxation() {
    passes(everything(), everything(), Relaxations::default());
}

#[test]
fn every_value_that_is_lost_is_found() {
    let mut places = Vec::new();
    pointers(&everything(), "", &mut places);
    assert!(places.len() > 20, "{places:?}");
    for place in places {
        let mut written = everything();
        let (parent, name) = place.rsplit_once('/').unwrap();
        match written.pointer_mut(parent).unwrap() {
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            parent => drop(parent.as_object_mut().unwrap().remove(name)),
        }
        let found = compare("/components/schemas/Answer", &everything(), &written);
        assert!(found.is_err(), "{place} was lost");
    }
}

#[test]
fn every_value_that_is_another_is_found() {
    let mut places = Vec::new();
    pointers(&everything(), "", &mut places);
    for place in places {
        let mut written = everything();
        *written.pointer_mut(&place).unwrap() = json!("another");
        let found = compare("/components/schemas/Answer", &everything(), &written);
        assert!(found.is_err(), "{place} became another");
    }
}

#[test]
fn a_member_that_no_schema_declares_may_be_dropped() {
    let expected = Relaxations { undeclared: 1, ..Relaxations::default() };
    passes(json!({ "new": 1 }), json!({}), expected);
}

#[test]
fn a_modelled_additional_property_may_not_be_dropped() {
    let came = json!({ "notes": { "a": "b" } });
    is_found(came, json!({ "notes": {} }), "/notes/a: \"b\" is gone");
}

#[test]
fn a_member_of_an_object_that_declares_none_may_not_be_dropped() {
    is_found(json!({ "free": { "a": 1 } }), json!({ "free": {} }), "/free/a: 1 is gone");
}

#[test]
fn a_declared_member_may_not_be_dropped() {
    is_found(json!({ "name": "a" }), json!({}), "/name: \"a\" is gone");
}

#[test]
fn a_member_that_one_part_declares_may_not_be_dropped() {
    is_found(json!({ "id": "a" }), json!({}), "/id: \"a\" is gone");
}

#[test]
fn a_member_may_not_appear() {
    is_found(json!({}), json!({ "name": "a" }), "/name: \"a\" came from nowhere");
}

#[test]
fn null_is_absent_in_a_type_that_only_comes() {
    let expected = Relaxations { null_or_absent: 1, ..Relaxations::default() };
    passes(json!({ "name": null }), json!({}), expected);
}

#[test]
fn null_is_absent_in_an_answer_without_a_name() {
    let pointer = "/paths/~1orders/post/responses/200/content/application~1json/schema";
    let expected = Relaxations { null_or_absent: 1, ..Relaxations::default() };
    assert_eq!(compare(pointer, &json!({ "note": null }), &json!({})), Ok(expected));
}

#[test]
fn null_is_not_absent_in_a_type_that_is_sent() {
    let came = json!({ "order": { "line": null } });
    is_found(came, json!({ "order": {} }), "/order/line: null is gone");
}

#[test]
fn null_is_not_absent_in_the_body_of_a_request() {
    let pointer = "/paths/~1orders/post/requestBody/content/application~1json/schema";
    let found = compare(pointer, &json!({ "line": null }), &json!({}));
    assert_eq!(found, Err("/line: null is gone".to_owned()));
}

#[test]
fn numbers_are_compared_by_value() {
    let expected = Relaxations { numbers: 1, ..Relaxations::default() };
    passes(json!({ "count": 2.0 }), json!({ "count": 2 }), expected);
}

#[test]
fn another_number_is_found() {
    is_found(json!({ "count": 2 }), json!({ "count": 3 }), "/count: 2 became 3");
}

#[test]
fn date_times_are_compared_by_instant() {
    let expected = Relaxations { instants: 1, ..Relaxations::default() };
    let came = json!({ "at": "2026-01-01T01:00:00.000+01:00" });
    passes(came, json!({ "at": "2026-01-01T00:00:00Z" }), expected);
}

#[test]
fn a_nanosecond_is_another_instant() {
    let expected =
        "/at: \"2026-01-01T00:00:00.000000001Z\" became \"2026-01-01T00:00:00.000000002Z\"";
    let came = json!({ "at": "2026-01-01T00:00:00.000000001Z" });
    is_found(came, json!({ "at": "2026-01-01T00:00:00.000000002Z" }), expected);
}

#[test]
fn a_date_time_among_alternatives_is_compared_by_instant() {
    let expected = Relaxations { instants: 1, ..Relaxations::default() };
    let came = json!({ "starts": "2026-01-01T01:00:00+01:00" });
    passes(came, json!({ "starts": "2026-01-01T00:00:00Z" }), expected);
}

#[test]
fn a_fixed_word_among_alternatives_is_compared_as_text() {
    let expected = "/starts: \"now\" became \"2026-01-01T00:00:00Z\"";
    is_found(json!({ "starts": "now" }), json!({ "starts": "2026-01-01T00:00:00Z" }), expected);
}

#[test]
fn local_date_times_are_compared_as_text() {
    let expected = "/local: \"2026-01-01T00:00:00\" became \"2026-01-01T00:00:00.0\"";
    let came = json!({ "local": "2026-01-01T00:00:00" });
    is_found(came, json!({ "local": "2026-01-01T00:00:00.0" }), expected);
}

#[test]
fn text_that_is_no_date_time_is_compared_as_text() {
    let expected = "/name: \"2026-01-01T00:00:00Z\" became \"2026-01-01T00:00:00.0Z\"";
    let came = json!({ "name": "2026-01-01T00:00:00Z" });
    is_found(came, json!({ "name": "2026-01-01T00:00:00.0Z" }), expected);
}

#[test]
fn a_lesser_spelling_may_become_the_main_one() {
    let expected = Relaxations { spellings: 1, ..Relaxations::default() };
    passes(json!({ "state": "overlock" }), json!({ "state": "overlocked" }), expected);
}

#[test]
fn the_main_spelling_may_not_become_a_lesser_one() {
    let expected = "/state: \"overlocked\" became \"overlock\"";
    is_found(json!({ "state": "overlocked" }), json!({ "state": "overlock" }), expected);
}

#[test]
fn a_whole_resource_may_not_become_a_reference_to_it() {
    let came = json!({ "owner": { "id": "p", "email": "p@e.example" } });
    let written = json!({ "owner": { "id": "p" } });
    is_found(came, written, "/owner/email: \"p@e.example\" is gone");
}

#[test]
fn a_whole_resource_in_the_place_of_its_reference_may_not_shrink() {
    let came = json!({ "keeper": { "id": "k", "email": "k@e.example" } });
    let written = json!({ "keeper": { "id": "k" } });
    is_found(came, written, "/keeper/email: \"k@e.example\" is gone");
}

#[test]
fn a_reference_needs_no_member_of_the_whole() {
    let owner = json!({ "owner": { "id": "p" } });
    passes(owner.clone(), owner, Relaxations::default());
}

#[test]
fn a_member_of_the_alternative_that_the_tag_names_may_not_be_dropped() {
    let came = json!({ "shape": { "kind": "round", "radius": 2 } });
    let written = json!({ "shape": { "kind": "round" } });
    is_found(came, written, "/shape/radius: 2 is gone");
}

#[test]
fn a_member_of_another_alternative_than_the_tag_names_is_undeclared() {
    let expected = Relaxations { undeclared: 1, ..Relaxations::default() };
    let came = json!({ "shape": { "kind": "round", "side": 2 } });
    passes(came, json!({ "shape": { "kind": "round" } }), expected);
}

#[test]
fn a_tag_that_is_not_mapped_names_a_component() {
    let came = json!({ "shape": { "kind": "Square", "side": 2 } });
    let written = json!({ "shape": { "kind": "Square" } });
    is_found(came, written, "/shape/side: 2 is gone");
}

#[test]
fn what_fits_no_alternative_has_to_stay_as_it_is() {
    let came = json!({ "shape": { "kind": "Star", "points": 5 } });
    let written = json!({ "shape": { "kind": "Star" } });
    is_found(came, written, "/shape/points: 5 is gone");
}

#[test]
fn a_shorter_list_is_found() {
    let came = json!({ "list": [{ "text": "x" }] });
    is_found(came, json!({ "list": [] }), "/list: [{\"text\":\"x\"}] became []");
}

#[test]
fn a_keyword_that_is_not_understood_is_no_excuse() {
    let found = compare("/components/schemas/Odd", &json!({ "x": 1 }), &json!({ "x": 1 }));
    let expected = "/components/schemas/Odd: `patternProperties` is not understood";
    assert_eq!(found, Err(expected.to_owned()));
}

#[test]
fn a_schema_that_is_not_there_is_no_excuse() {
    let found = compare("/components/schemas/None", &json!(1), &json!(1));
    let expected = "/components/schemas/None: there is no schema here";
    assert_eq!(found, Err(expected.to_owned()));
}
