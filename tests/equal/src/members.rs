//! Which of the members that its schemas declare a value has, through references, parts and alternatives.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Unequal;
use crate::comparison::{declared, is_modelled, places_of};
use crate::schemas::{Facet, Place, Schemas, UNIONS, branches};

/// What a value has of the members that its schemas declare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Members {
    /// Where the value has a member that may be left out.
    pub optional: Vec<String>,
    /// Where the value lacks a member, or an item of a list, that it may have. Null counts as lacking.
    pub missing: Vec<String>,
    /// The alternatives that the value is, as pointers into the document.
    pub alternatives: BTreeSet<String>,
}

/// Looks at `value`, which the schema at `pointer` describes.
pub(crate) fn members(schemas: &Schemas, pointer: &str, value: &Value) -> Result<Members, Unequal> {
    let mut found = Members::default();
    visit(schemas, "", &[schemas.place(pointer)], value, &mut found)?;
    Ok(found)
}

/// Every alternative that a value of the schema at `pointer` may be, as pointers into the document. One thing or null are
/// no alternatives.
pub(crate) fn alternatives(schemas: &Schemas, pointer: &str) -> Result<BTreeSet<String>, Unequal> {
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    let mut waiting = vec![schemas.place(pointer)];
    while let Some(place) = waiting.pop() {
        if seen.insert(place.pointer.clone()) {
            let (schema, certain) = schemas.step(&place)?;
            waiting.extend(certain);
            waiting.extend(parts(&place, schema));
            for keyword in UNIONS {
                found.extend(union(&place, schema, keyword));
                waiting.extend(branches(&place, schema, keyword));
            }
        }
    }
    Ok(found)
}

fn visit(
    schemas: &Schemas,
    at: &str,
    places: &[Place],
    value: &Value,
    found: &mut Members,
) -> Result<(), Unequal> {
    let facets = schemas.facets(places, value)?;
    found.alternatives.extend(facets.iter().filter_map(|facet| union_of(schemas, facet)));
    match value {
        Value::Object(members) => {
            let names: BTreeSet<&String> = facets.iter().flat_map(names).collect();
            if members.is_empty() && is_modelled(&facets) {
                found.missing.push(format!("{at}/*"));
            }
            for name in &names {
                let at = format!("{at}/{name}");
                match members.get(*name) {
                    None | Some(Value::Null) => found.missing.push(at),
                    Some(_) if !facets.iter().any(|facet| requires(facet, name)) => {
                        found.optional.push(at);
                    }
                    Some(_) => {}
                }
            }
            for (name, member) in members {
                let mut places = declared(&facets, name);
                if places.is_empty() {
                    places = places_of(&facets, "additionalProperties");
                }
                visit(schemas, &format!("{at}/{name}"), &places, member, found)?;
            }
        }
        Value::Array(items) => {
            if items.is_empty() {
                found.missing.push(format!("{at}/0"));
            }
            let places = places_of(&facets, "items");
            for (index, item) in items.iter().enumerate() {
                visit(schemas, &format!("{at}/{index}"), &places, item, found)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(())
}

fn names<'f>(facet: &'f Facet<'_>) -> impl Iterator<Item = &'f String> {
    facet.schema["properties"].as_object().into_iter().flat_map(serde_json::Map::keys)
}

fn requires(facet: &Facet<'_>, name: &str) -> bool {
    let required = facet.schema["required"].as_array();
    required.is_some_and(|required| required.iter().any(|required| required == name))
}

/// The pointer of the facet if it is one of several alternatives.
fn union_of(schemas: &Schemas, facet: &Facet<'_>) -> Option<String> {
    let (rest, _) = facet.place.pointer.rsplit_once('/')?;
    let (schema, keyword) = rest.rsplit_once('/')?;
    UNIONS.contains(&keyword).then_some(())?;
    let place = Place { pointer: schema.to_owned(), direction: facet.place.direction };
    let union = union(&place, schemas.document().pointer(schema)?, keyword);
    union.into_iter().find(|pointer| *pointer == facet.place.pointer)
}

/// The alternatives of a schema; none if it is one thing or null.
fn union(place: &Place, schema: &Value, keyword: &str) -> Vec<String> {
    let mut union = branches(place, schema, keyword);
    union.retain(|branch| {
        let index = branch.pointer.rsplit('/').next().and_then(|index| index.parse().ok());
        index.is_some_and(|index: usize| schema[keyword][index]["type"] != "null")
    });
    let pointers = union.into_iter().map(|place| place.pointer);
    if pointers.len() > 1 { pointers.collect() } else { Vec::new() }
}

/// The schemas of members and items.
fn parts(place: &Place, schema: &Value) -> Vec<Place> {
    let properties = schema["properties"].as_object().into_iter().flat_map(serde_json::Map::keys);
    let keywords = ["items", "additionalProperties"];
    let inside = keywords.iter().filter(|keyword| schema[**keyword].is_object());
    properties
        .map(|name| place.property(name))
        .chain(inside.map(|keyword| place.child(keyword)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::Equal;

    use super::*;

    fn equal() -> Equal {
        let object = |required: Value, properties: Value| json!({ "type": "object", "required": required, "properties": properties });
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let contact = json!({ "oneOf": [reference("Id"), reference("New"), { "type": "null" }] });
        let order = object(
            json!(["contact"]),
            json!({
                "contact": contact,
                "lines": { "type": "array", "items": reference("Line") },
                "notes": { "type": "object", "additionalProperties": { "type": "string" } },
                "site": { "oneOf": [reference("Id"), { "type": "null" }] },
            }),
        );
        let mut id = object(json!(["id"]), json!({ "id": { "type": "string" } }));
        id["additionalProperties"] = json!(false);
        Equal::of(json!({ "components": { "schemas": {
            "Order": order,
            "Id": id,
            "New": object(json!(["email"]), json!({ "email": {}, "name": {} })),
            "Line": object(json!([]), json!({ "text": {} })),
        } } }))
        .unwrap()
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write literals")]
    fn of(value: Value) -> Members {
        equal().members("/components/schemas/Order", &value).unwrap()
    }

    #[test]
    fn a_value_with_what_is_required_has_nothing_optional() {
        assert_eq!(of(json!({ "contact": { "id": "a" } })).optional, [""; 0]);
    }

    #[test]
    fn a_member_that_may_be_left_out_is_optional() {
        let value = json!({ "contact": { "email": "a", "name": "b" }, "notes": { "k": "v" } });
        assert_eq!(of(value).optional, ["/notes", "/contact/name"]);
    }

    #[test]
    fn what_is_left_out_is_missing_everywhere() {
        let value = json!({ "contact": { "email": "a" }, "lines": [{}], "site": null });
        assert_eq!(of(value).missing, ["/notes", "/site", "/contact/name", "/lines/0/text"]);
    }

    #[test]
    fn a_list_or_a_map_without_anything_shows_no_item() {
        let value = json!({
            "contact": { "id": "a" }, "lines": [], "notes": {}, "site": { "id": "b" },
        });
        assert_eq!(of(value).missing, ["/lines/0", "/notes/*"]);
    }

    #[test]
    fn the_alternative_of_a_union_is_named() {
        let alternatives =
            of(json!({ "contact": { "id": "a" }, "site": { "id": "b" } })).alternatives;
        assert_eq!(
            alternatives.into_iter().collect::<Vec<_>>(),
            ["/components/schemas/Order/properties/contact/oneOf/0"]
        );
    }

    #[test]
    fn every_alternative_that_a_schema_offers_is_listed() {
        let alternatives = equal().alternatives("/components/schemas/Order").unwrap();
        assert_eq!(
            alternatives.into_iter().collect::<Vec<_>>(),
            [
                "/components/schemas/Order/properties/contact/oneOf/0",
                "/components/schemas/Order/properties/contact/oneOf/1"
            ]
        );
    }
}
