//! Equal: whether what was decoded and encoded again is what came.
//!
//! The same JSON, after four relaxations, each of which is counted: members that no schema declares are dropped where
//! additional properties are not modelled; null is absent in types that only answers hold; numbers are compared by
//! value, date-times by instant. The schemas are those of the document, read here once more, so that a mistake of the
//! generator cannot excuse itself.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::AddAssign;

use jiff::Timestamp;
use serde_json::{Map, Number, Value};

/// How often each relaxation was needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Relaxations {
    undeclared: usize,
    null_or_absent: usize,
    numbers: usize,
    instants: usize,
}

/// Compares `written` with `came`, both of which the component `name` of `document` describes.
pub(crate) fn equal(
    document: &Value,
    name: &str,
    came: &Value,
    written: &Value,
) -> Result<Relaxations, String> {
    let mut comparison = Comparison {
        document,
        requests: request_components(document),
        relaxations: Relaxations::default(),
        differences: Vec::new(),
    };
    let place = comparison.component(name);
    comparison.value("", place, came, written);
    if comparison.differences.is_empty() {
        Ok(comparison.relaxations)
    } else {
        Err(comparison.differences.join("\n"))
    }
}

struct Comparison<'d> {
    document: &'d Value,
    /// The components that a request can hold: in them null and absent differ.
    requests: BTreeSet<String>,
    relaxations: Relaxations,
    differences: Vec<String>,
}

/// A schema and the kind of component it stands in.
#[derive(Clone, Copy)]
struct Place<'d> {
    schema: &'d Value,
    direction: Direction,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    AnswersOnly,
    Requests,
}

impl<'d> Comparison<'d> {
    fn component(&self, name: &str) -> Place<'d> {
        let schema = &self.document["components"]["schemas"][name];
        assert!(schema.is_object(), "the document has no schema {name}");
        let direction =
            if self.requests.contains(name) { Direction::Requests } else { Direction::AnswersOnly };
        Place { schema, direction }
    }

    fn value(&mut self, at: &str, place: Place<'d>, came: &Value, written: &Value) {
        let place = self.narrow(place, came);
        match (came, written) {
            (Value::Object(came), Value::Object(written)) => self.object(at, place, came, written),
            (Value::Array(came), Value::Array(written)) if came.len() == written.len() => {
                let place = Place { schema: &place.schema["items"], ..place };
                for (index, (came, written)) in came.iter().zip(written).enumerate() {
                    self.value(&format!("{at}/{index}"), place, came, written);
                }
            }
            _ if came == written => {}
            (Value::Number(came), Value::Number(written)) if same_number(came, written) => {
                self.relaxations.numbers += 1;
            }
            (Value::String(came), Value::String(written))
                if place.schema["format"] == "date-time" && same_instant(came, written) =>
            {
                self.relaxations.instants += 1;
            }
            _ => self.differences.push(format!("{at}: {came} became {written}")),
        }
    }

    fn object(
        &mut self,
        at: &str,
        place: Place<'d>,
        came: &Map<String, Value>,
        written: &Map<String, Value>,
    ) {
        let additional = &place.schema["additionalProperties"];
        let modelled = additional.is_object() || additional == &Value::Bool(true);
        let names: BTreeSet<&String> = came.keys().chain(written.keys()).collect();
        for name in names {
            let declared = place.schema["properties"].get(name);
            let member = Place { schema: declared.unwrap_or(additional), ..place };
            let at = format!("{at}/{name}");
            match (came.get(name), written.get(name)) {
                (Some(came), Some(written)) => self.value(&at, member, came, written),
                (Some(_), None) if declared.is_none() && !modelled => {
                    self.relaxations.undeclared += 1;
                }
                (Some(Value::Null), None) | (None, Some(Value::Null))
                    if declared.is_some() && place.direction == Direction::AnswersOnly =>
                {
                    self.relaxations.null_or_absent += 1;
                }
                (came, written) => {
                    self.differences.push(format!("{at}: {came:?} became {written:?}"));
                }
            }
        }
    }

    /// The schema that speaks of `value`, behind references and alternatives.
    fn narrow(&self, mut place: Place<'d>, value: &Value) -> Place<'d> {
        loop {
            assert!(place.schema.get("allOf").is_none(), "`allOf` is not understood here");
            place = if let Some(name) = component_name(&place.schema["$ref"]) {
                self.component(name)
            } else if let Some(branch) = branch(place, value) {
                Place { schema: branch, ..place }
            } else {
                return place;
            };
        }
    }
}

/// The alternative of a `oneOf`: by its tag if it has a discriminator, otherwise the one that is not null.
fn branch<'d>(place: Place<'d>, value: &Value) -> Option<&'d Value> {
    let branches = place.schema["oneOf"].as_array()?;
    if let Some(tag) = place.schema["discriminator"]["propertyName"].as_str() {
        let mapping = &place.schema["discriminator"]["mapping"];
        let target = mapping.get(value[tag].as_str()?)?;
        return branches.iter().find(|branch| branch["$ref"] == *target);
    }
    branches.iter().find(|branch| (branch["type"] == "null") == value.is_null())
}

/// Whether two numbers differ in their writing only. Integers have one writing.
fn same_number(one: &Number, other: &Number) -> bool {
    (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}

fn same_instant(one: &str, other: &str) -> bool {
    let instant = |text: &str| text.parse::<Timestamp>().ok();
    instant(one).is_some() && instant(one) == instant(other)
}

/// Every component that a parameter or a body of an operation reaches.
fn request_components(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = Vec::new();
    for path in document["paths"].as_object().into_iter().flat_map(Map::values) {
        waiting.push(&path["parameters"]);
        for operation in path.as_object().into_iter().flat_map(Map::values) {
            waiting.extend([&operation["parameters"], &operation["requestBody"]]);
        }
    }
    while let Some(value) = waiting.pop() {
        let target = value["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
        if let Some(name) = component_name(&value["$ref"])
            && !found.insert(name.to_owned())
        {
            continue;
        }
        waiting.extend(target.and_then(|pointer| document.pointer(pointer)));
        match value {
            Value::Object(members) => waiting.extend(members.values()),
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    found
}

fn component_name(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix("#/components/schemas/")
}

impl AddAssign for Relaxations {
    fn add_assign(&mut self, other: Self) {
        self.undeclared += other.undeclared;
        self.null_or_absent += other.null_or_absent;
        self.numbers += other.numbers;
        self.instants += other.instants;
    }
}

impl fmt::Display for Relaxations {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { undeclared, null_or_absent, numbers, instants } = self;
        write!(
            to,
            "{undeclared} undeclared members dropped, {null_or_absent} times null or absent, {numbers} numbers by value, \
             {instants} date-times by instant"
        )
    }
}

mod tests {
    use serde_json::{Value, json};

    use super::{Relaxations, equal};

    /// `Answer` only comes, `Order` is also sent.
    fn document() -> Value {
        let members = json!({
            "name": { "type": ["string", "null"] },
            "count": { "type": "number" },
            "at": { "type": "string", "format": "date-time" },
            "notes": { "type": "object", "additionalProperties": { "type": "string" } },
            "list": { "type": "array", "items": { "type": "string" } },
            "order": { "oneOf": [{ "$ref": "#/components/schemas/Order" }, { "type": "null" }] },
        });
        let body = json!({ "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Order" },
        } } });
        json!({
            "paths": { "/orders": { "post": { "requestBody": body } } },
            "components": { "schemas": {
                "Answer": { "type": "object", "properties": members },
                "Order": { "type": "object", "properties": {
                    "line": { "type": ["string", "null"] },
                } },
            } },
        })
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write literals")]
    #[track_caller]
    fn check(came: Value, written: Value, expected: Result<Relaxations, &str>) {
        let found = equal(&document(), "Answer", &came, &written);
        assert_eq!(found.as_ref().map_err(String::as_str), expected.as_ref().map_err(|text| *text));
    }

    #[test]
    fn the_same_json_needs_no_relaxation() {
        let value = json!({ "name": "a", "count": 1, "list": ["x"], "order": { "line": null } });
        check(value.clone(), value, Ok(Relaxations::default()));
    }

    #[test]
    fn a_member_that_no_schema_declares_may_be_dropped() {
        let expected = Relaxations { undeclared: 1, ..Relaxations::default() };
        check(json!({ "new": 1 }), json!({}), Ok(expected));
    }

    #[test]
    fn a_modelled_additional_property_may_not_be_dropped() {
        let expected = "/notes/a: Some(String(\"b\")) became None";
        check(json!({ "notes": { "a": "b" } }), json!({ "notes": {} }), Err(expected));
    }

    #[test]
    fn a_declared_member_may_not_be_dropped() {
        check(json!({ "name": "a" }), json!({}), Err("/name: Some(String(\"a\")) became None"));
    }

    #[test]
    fn a_member_may_not_appear() {
        check(json!({}), json!({ "name": "a" }), Err("/name: None became Some(String(\"a\"))"));
    }

    #[test]
    fn null_is_absent_in_a_type_that_only_comes() {
        let expected = Relaxations { null_or_absent: 1, ..Relaxations::default() };
        check(json!({ "name": null }), json!({}), Ok(expected));
    }

    #[test]
    fn null_is_not_absent_in_a_type_that_is_sent() {
        let expected = "/order/line: Some(Null) became None";
        check(json!({ "order": { "line": null } }), json!({ "order": {} }), Err(expected));
    }

    #[test]
    fn numbers_are_compared_by_value() {
        let expected = Relaxations { numbers: 1, ..Relaxations::default() };
        check(json!({ "count": 2.0 }), json!({ "count": 2 }), Ok(expected));
    }

    #[test]
    fn another_number_is_a_difference() {
        check(json!({ "count": 2 }), json!({ "count": 3 }), Err("/count: 2 became 3"));
    }

    #[test]
    fn date_times_are_compared_by_instant() {
        let expected = Relaxations { instants: 1, ..Relaxations::default() };
        let came = json!({ "at": "2026-01-01T01:00:00.000+01:00" });
        check(came, json!({ "at": "2026-01-01T00:00:00Z" }), Ok(expected));
    }

    #[test]
    fn another_instant_is_a_difference() {
        let expected = "/at: \"2026-01-01T00:00:00Z\" became \"2026-01-01T00:00:01Z\"";
        let came = json!({ "at": "2026-01-01T00:00:00Z" });
        check(came, json!({ "at": "2026-01-01T00:00:01Z" }), Err(expected));
    }

    #[test]
    fn text_that_is_no_date_time_is_compared_as_text() {
        let expected = "/name: \"2026-01-01T00:00:00Z\" became \"2026-01-01T00:00:00.0Z\"";
        let came = json!({ "name": "2026-01-01T00:00:00Z" });
        check(came, json!({ "name": "2026-01-01T00:00:00.0Z" }), Err(expected));
    }

    #[test]
    fn a_shorter_list_is_a_difference() {
        check(json!({ "list": ["x"] }), json!({ "list": [] }), Err("/list: [\"x\"] became []"));
    }
}
