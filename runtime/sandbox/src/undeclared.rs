//! Members of a request that no schema declares.
//!
//! JSON Schema takes a member that no schema speaks of. A vendor that takes one does nothing with it,
//! so a client that misspells a member would never learn of it: such a member is refused here, at any
//! depth. Two kinds of object take whatever comes: one whose schemas say themselves what becomes of
//! further members, and one whose schemas declare no member at all.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value};

use crate::document::Place;
use crate::error::StartError;
use crate::json::escape;
use crate::validate::{Check, Schemas, Violation};

/// The members that a schema declares, and all that it leads to.
#[derive(Debug)]
pub(crate) struct Declared {
    /// Where the schema itself stands.
    root: String,
    /// By the JSON Pointer to it.
    schemas: BTreeMap<String, Schema>,
}

/// What one schema says about the members and items of a value. Texts are JSON Pointers to schemas.
#[derive(Debug, Default)]
struct Schema {
    /// `properties`; `None` if the schema has none.
    properties: Option<BTreeMap<String, String>>,
    /// The schema says what becomes of members that are not in `properties`.
    settles_the_rest: bool,
    /// The schema of the members that are not in `properties`.
    rest: Option<String>,
    first_items: Vec<String>,
    items: Option<String>,
    /// Schemas that hold for the same value: `$ref` and `allOf`.
    same: Vec<String>,
    /// Schemas that hold for the same value if it fits them.
    branches: Vec<(String, Check)>,
}

impl Declared {
    /// Reads what the schema at `place` declares.
    pub(crate) fn read(place: &Place<'_>, schemas: &Schemas<'_>) -> Result<Self, StartError> {
        let mut known = BTreeMap::new();
        let mut waiting = vec![place.clone()];
        while let Some(place) = waiting.pop() {
            if let Entry::Vacant(entry) = known.entry(place.pointer.clone()) {
                entry.insert(Schema::read(&place, schemas, &mut waiting)?);
            }
        }
        Ok(Self { root: place.pointer.clone(), schemas: known })
    }

    /// The members of `value`, which fits the schema, that are not declared.
    pub(crate) fn violations(&self, value: &Value, prefix: &str) -> Vec<Violation> {
        let mut found = Vec::new();
        self.look(value, prefix, &[&self.root], &mut found);
        found
    }

    fn look(&self, value: &Value, at: &str, pointers: &[&str], found: &mut Vec<Violation>) {
        let mut holding = BTreeMap::new();
        for pointer in pointers {
            self.gather(value, pointer, &mut holding);
        }
        let holding: Vec<&Schema> = holding.into_values().collect();
        match value {
            Value::Object(members) => self.look_into(members, at, &holding, found),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let inside: Vec<&str> =
                        holding.iter().filter_map(|schema| schema.item(index)).collect();
                    self.look(item, &format!("{at}/{index}"), &inside, found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn look_into(
        &self,
        members: &Map<String, Value>,
        at: &str,
        holding: &[&Schema],
        found: &mut Vec<Violation>,
    ) {
        let is_closed = holding.iter().any(|schema| schema.properties.is_some())
            && !holding.iter().any(|schema| schema.settles_the_rest);
        for (name, member) in members {
            let at = format!("{at}/{}", escape(name));
            if is_closed && !holding.iter().any(|schema| schema.property(name).is_some()) {
                found.push(Violation::new(at, "the member is not known"));
                continue;
            }
            let inside: Vec<&str> =
                holding.iter().filter_map(|schema| schema.member(name)).collect();
            self.look(member, &at, &inside, found);
        }
    }

    /// The schemas that hold for `value` because the one at `pointer` does.
    fn gather<'s>(
        &'s self,
        value: &Value,
        pointer: &'s str,
        holding: &mut BTreeMap<&'s str, &'s Schema>,
    ) {
        let Some(schema) = self.schemas.get(pointer) else { return };
        if holding.insert(pointer, schema).is_some() {
            return;
        }
        let fitting = schema.branches.iter().filter(|(_, check)| check.accepts(value));
        for pointer in schema.same.iter().chain(fitting.map(|(pointer, _)| pointer)) {
            self.gather(value, pointer, holding);
        }
    }
}

impl Schema {
    /// Reads the schema at `place`; those it leads to are put into `waiting`.
    fn read<'d>(
        place: &Place<'d>,
        schemas: &Schemas<'_>,
        waiting: &mut Vec<Place<'d>>,
    ) -> Result<Self, StartError> {
        let mut lead = |place: Place<'d>| {
            let pointer = place.pointer.clone();
            waiting.push(place);
            pointer
        };
        let mut schema = Self::default();
        if place.get("properties").is_some() {
            let members = place.members("properties").into_iter();
            let members = members.map(|(name, member)| (name.to_owned(), lead(member)));
            schema.properties = Some(members.collect());
        }
        schema.settles_the_rest = REST.iter().any(|keyword| place.get(keyword).is_some());
        schema.rest = place.get("additionalProperties").map(&mut lead);
        schema.first_items = place.items("prefixItems").into_iter().map(&mut lead).collect();
        schema.items = place.get("items").map(&mut lead);
        let same = place.reference()?.into_iter().chain(place.items("allOf"));
        schema.same = same.map(&mut lead).collect();
        for branch in branches(place) {
            let check = schemas.check(&branch.pointer)?;
            schema.branches.push((lead(branch), check));
        }
        Ok(schema)
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.properties.as_ref()?.get(name).map(String::as_str)
    }

    fn member(&self, name: &str) -> Option<&str> {
        self.property(name).or(self.rest.as_deref())
    }

    fn item(&self, index: usize) -> Option<&str> {
        self.first_items.get(index).or(self.items.as_ref()).map(String::as_str)
    }
}

fn branches<'d>(place: &Place<'d>) -> Vec<Place<'d>> {
    let unions = ["oneOf", "anyOf"].into_iter().flat_map(|keyword| place.items(keyword));
    let conditions = ["if", "then", "else"].into_iter().filter_map(|keyword| place.get(keyword));
    let dependent = place.members("dependentSchemas").into_iter().map(|(_, schema)| schema);
    unions.chain(conditions).chain(dependent).collect()
}

/// The keywords that say what becomes of members that are not in `properties`.
const REST: [&str; 3] = ["additionalProperties", "patternProperties", "unevaluatedProperties"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn undeclared(schema: &Value, value: &Value) -> Vec<String> {
        let schemas = Schemas::of(schema).unwrap();
        let declared = Declared::read(&Place::root(schema), &schemas).unwrap();
        declared.violations(value, "").into_iter().map(|violation| violation.pointer).collect()
    }

    #[test]
    fn a_member_is_found_at_any_depth() {
        let schema = json!({"properties": {"a": {"items": {"properties": {"b": {}}}}}});
        assert_eq!(undeclared(&schema, &json!({"a": [{"b": 1}, {"c": 1}]})), ["/a/1/c"]);
    }

    #[test]
    fn parts_of_all_of_declare_together() {
        let schema = json!({
            "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"b": {"properties": {"y": {}}}}}],
            "$defs": {"base": {"properties": {"a": {}, "b": {"properties": {"x": {}}}}}},
        });
        let value = json!({"a": 1, "b": {"x": 1, "y": 2, "z": 3}, "c": 4});
        assert_eq!(undeclared(&schema, &value), ["/b/z", "/c"]);
    }

    #[test]
    fn only_the_branch_that_fits_declares() {
        let schema = json!({"oneOf": [
            {"properties": {"kind": {"const": "a"}, "x": {}}, "required": ["kind"]},
            {"properties": {"kind": {"const": "b"}, "y": {}}, "required": ["kind"]},
        ]});
        assert_eq!(undeclared(&schema, &json!({"kind": "a", "x": 1, "y": 2})), ["/y"]);
    }

    #[test]
    fn a_schema_that_speaks_of_further_members_is_left_to_json_schema() {
        for keyword in REST {
            let schema = json!({"properties": {"a": {}}, (keyword): {"properties": {"b": {}}}});
            assert_eq!(undeclared(&schema, &json!({"a": 1, "c": "d"})), [""; 0], "{keyword}");
        }
    }

    #[test]
    fn a_further_member_is_looked_into() {
        let schema = json!({"additionalProperties": {"properties": {"b": {}}}});
        assert_eq!(undeclared(&schema, &json!({"any": {"c": 1}})), ["/any/c"]);
    }

    #[test]
    fn an_object_without_declared_members_takes_all() {
        assert_eq!(undeclared(&json!({"type": "object"}), &json!({"a": {"b": 1}})), [""; 0]);
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let schema = json!({"properties": {"again": {"$ref": "#"}}, "allOf": [{"$ref": "#"}]});
        assert_eq!(undeclared(&schema, &json!({"again": {"more": 1}})), ["/again/more"]);
    }
}
