//! Walks two values and the schemas that hold for them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use crate::direction::Direction;
use crate::schemas::{Facet, Place, Schemas};
use crate::{Relaxations, Unequal};

/// One comparison on its way.
pub(crate) struct Comparison<'d> {
    schemas: &'d Schemas,
    relaxations: Relaxations,
    differences: Vec<String>,
}

impl<'d> Comparison<'d> {
    pub(crate) fn new(schemas: &'d Schemas) -> Self {
        Self { schemas, relaxations: Relaxations::default(), differences: Vec::new() }
    }

    /// Compares two values that the schema at `pointer` describes.
    pub(crate) fn of(
        mut self,
        pointer: &str,
        came: &Value,
        written: &Value,
    ) -> Result<Relaxations, Unequal> {
        self.value("", &[self.schemas.place(pointer)], came, written);
        if self.differences.is_empty() {
            Ok(self.relaxations)
        } else {
            Err(Unequal(self.differences))
        }
    }

    fn value(&mut self, at: &str, places: &[Place], came: &Value, written: &Value) {
        let facets = match self.schemas.facets(places, came) {
            Ok(facets) => facets,
            Err(Unequal(reasons)) => return self.differences.extend(reasons),
        };
        match (came, written) {
            (Value::Object(came), Value::Object(written)) => {
                self.object(at, &facets, came, written);
            }
            (Value::Array(came), Value::Array(written)) if came.len() == written.len() => {
                let items = places_of(&facets, "items");
                for (index, (came, written)) in came.iter().zip(written).enumerate() {
                    self.value(&format!("{at}/{index}"), &items, came, written);
                }
            }
            _ if came == written => {}
            (Value::Number(came), Value::Number(written)) if same_number(came, written) => {
                self.relaxations.numbers += 1;
            }
            (Value::String(came), Value::String(written))
                if is_date_time(&facets) && same_instant(came, written) =>
            {
                self.relaxations.instants += 1;
            }
            (Value::String(came), Value::String(written))
                if is_lesser_spelling(&facets, came, written) =>
            {
                self.relaxations.spellings += 1;
            }
            _ => self.differences.push(format!("{at}: {came} became {written}")),
        }
    }

    fn object(
        &mut self,
        at: &str,
        facets: &[Facet<'_>],
        came: &Map<String, Value>,
        written: &Map<String, Value>,
    ) {
        let additional = places_of(facets, "additionalProperties");
        let modelled = is_modelled(facets);
        let names: BTreeSet<&String> = came.keys().chain(written.keys()).collect();
        for name in names {
            let declared = declared(facets, name);
            let at = format!("{at}/{name}");
            match (came.get(name), written.get(name)) {
                (Some(came), Some(written)) => {
                    let places = if declared.is_empty() { &additional } else { &declared };
                    self.value(&at, places, came, written);
                }
                (Some(_), None) if declared.is_empty() && !modelled => {
                    self.relaxations.undeclared += 1;
                }
                (Some(Value::Null), None) | (None, Some(Value::Null)) if only_comes(&declared) => {
                    self.relaxations.null_or_absent += 1;
                }
                (Some(came), None) => self.differences.push(format!("{at}: {came} is gone")),
                (None, written) => {
                    let written = written.unwrap_or(&Value::Null);
                    self.differences.push(format!("{at}: {written} came from nowhere"));
                }
            }
        }
    }
}

/// Where the facets have `keyword`, if they have a schema there.
pub(crate) fn places_of(facets: &[Facet<'_>], keyword: &str) -> Vec<Place> {
    let with = facets.iter().filter(|facet| facet.schema[keyword].is_object());
    with.map(|facet| facet.place.child(keyword)).collect()
}

/// Where the facets declare the member `name`.
pub(crate) fn declared(facets: &[Facet<'_>], name: &str) -> Vec<Place> {
    let with = facets.iter().filter(|facet| facet.schema["properties"].get(name).is_some());
    with.map(|facet| facet.place.property(name)).collect()
}

/// Whether members that nobody declares are kept: where the document says so, and where it declares none at all.
pub(crate) fn is_modelled(facets: &[Facet<'_>]) -> bool {
    let free = |facet: &Facet<'_>| {
        let additional = &facet.schema["additionalProperties"];
        additional.is_object() || additional == &Value::Bool(true)
    };
    let silent = |facet: &Facet<'_>| facet.schema.get("properties").is_none();
    facets.iter().any(free) || facets.iter().all(silent)
}

fn only_comes(declared: &[Place]) -> bool {
    !declared.is_empty() && declared.iter().all(|place| place.direction == Direction::Answers)
}

fn is_date_time(facets: &[Facet<'_>]) -> bool {
    facets.iter().any(|facet| facet.schema["format"] == "date-time")
}

/// `x-specwright-spellings` has the lesser spellings of a value under the main one.
fn is_lesser_spelling(facets: &[Facet<'_>], came: &str, written: &str) -> bool {
    let lesser = |facet: &Facet<'_>| {
        let spellings = facet.schema["x-specwright-spellings"].get(written);
        spellings.and_then(Value::as_array).is_some_and(|lesser| lesser.iter().any(|it| it == came))
    };
    facets.iter().any(lesser)
}

/// Whether two numbers differ in their writing only. Integers have one writing.
fn same_number(one: &Number, other: &Number) -> bool {
    (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}

fn same_instant(one: &str, other: &str) -> bool {
    let instant = |text: &str| text.parse::<Timestamp>().ok();
    instant(one).is_some() && instant(one) == instant(other)
}
