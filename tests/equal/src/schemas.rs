//! The schemas of a document that speak of a value.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::rc::Rc;

use jsonschema::{Draft, Registry, RegistryBuilder, Validator};
use serde_json::{Value, json};

use crate::Unequal;
use crate::direction::{COMPONENTS, Direction, component, sent_components, target};

/// The schemas of one document.
pub(crate) struct Schemas {
    document: Value,
    registry: Registry<'static>,
    sent: BTreeSet<String>,
    /// Compiled once each: a document has few places with alternatives, and a test asks for them often.
    checks: RefCell<BTreeMap<String, Rc<Validator>>>,
}

/// Where a schema stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) pointer: String,
    pub(crate) direction: Direction,
}

/// A schema that holds for a value, behind references, parts and alternatives.
#[derive(Clone, Debug)]
pub(crate) struct Facet<'d> {
    pub(crate) place: Place,
    pub(crate) schema: &'d Value,
}

impl Schemas {
    pub(crate) fn of(document: Value) -> Result<Self, Unequal> {
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(DOCUMENT, document.clone())
            .and_then(RegistryBuilder::prepare)
            .map_err(|error| Unequal(vec![format!("the document: {error}")]))?;
        let sent = sent_components(&document);
        Ok(Self { document, registry, sent, checks: RefCell::default() })
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// The place that `pointer` names.
    pub(crate) fn place(&self, pointer: &str) -> Place {
        let sent = match component(pointer).and_then(|rest| rest.split('/').next()) {
            Some(name) => self.sent.contains(&format!("{COMPONENTS}{name}")),
            None => pointer.starts_with("/paths/") && pointer.contains("/requestBody/"),
        };
        let direction = if sent { Direction::Requests } else { Direction::Answers };
        Place { pointer: pointer.to_owned(), direction }
    }

    /// Every schema that holds for `value` at `places`: what they refer to, all parts of an `allOf`, and of alternatives
    /// those that fit.
    pub(crate) fn facets(
        &self,
        places: &[Place],
        value: &Value,
    ) -> Result<Vec<Facet<'_>>, Unequal> {
        let mut facets: Vec<Facet<'_>> = Vec::new();
        let mut waiting: Vec<Place> = places.to_vec();
        while let Some(place) = waiting.pop() {
            if facets.iter().any(|facet| facet.place.pointer == place.pointer) {
                continue;
            }
            let (schema, certain) = self.step(&place)?;
            waiting.extend(certain);
            waiting.extend(self.whole(schema));
            for keyword in UNIONS {
                waiting.extend(self.chosen(&place, schema, keyword, value)?);
            }
            facets.push(Facet { place, schema });
        }
        Ok(facets)
    }

    /// The schema at a place, and the places that speak of every value of it: what it refers to, and its parts.
    pub(crate) fn step(&self, place: &Place) -> Result<(&Value, Vec<Place>), Unequal> {
        let Some(schema) = self.document.pointer(&place.pointer) else {
            return Err(not_understood(place, "there is no schema here"));
        };
        if let Some(keyword) = NOT_UNDERSTOOD.iter().find(|keyword| schema.get(keyword).is_some()) {
            return Err(not_understood(place, &format!("`{keyword}` is not understood")));
        }
        let mut certain = branches(place, schema, "allOf");
        if schema.get("$ref").is_some() {
            let pointer = target(schema);
            let pointer = pointer.ok_or_else(|| not_understood(place, "`$ref` leads elsewhere"))?;
            certain.push(match component(pointer) {
                Some(_) => self.place(pointer),
                None => Place { pointer: pointer.to_owned(), direction: place.direction },
            });
        }
        Ok((schema, certain))
    }

    /// The resource that may stand whole where the schema describes a reference to it: `x-specwright-expands-to`.
    fn whole(&self, schema: &Value) -> Option<Place> {
        let pointer = schema["x-specwright-expands-to"].as_str()?.strip_prefix('#')?;
        Some(self.place(pointer))
    }

    /// The alternatives that speak of `value`: the one that the tag names, or all that hold. None of them does where the
    /// value is of a kind that the document does not know; such a value has to stay as it is.
    fn chosen(
        &self,
        place: &Place,
        schema: &Value,
        keyword: &str,
        value: &Value,
    ) -> Result<Vec<Place>, Unequal> {
        let branches = branches(place, schema, keyword);
        let Some(tag) = schema["discriminator"]["propertyName"].as_str() else {
            let mut chosen = Vec::new();
            for branch in branches {
                if self.check(&branch)?.is_valid(value) {
                    chosen.push(branch);
                }
            }
            return Ok(chosen);
        };
        let named = named(schema, &value[tag]);
        Ok(branches
            .into_iter()
            .filter(|branch| named.is_some() && self.reference(branch) == named)
            .collect())
    }

    fn reference(&self, place: &Place) -> Option<String> {
        let schema = self.document.pointer(&place.pointer)?;
        schema["$ref"].as_str().map(str::to_owned)
    }

    fn check(&self, place: &Place) -> Result<Rc<Validator>, Unequal> {
        if let Some(check) = self.checks.borrow().get(&place.pointer) {
            return Ok(Rc::clone(check));
        }
        let reference = json!({ "$ref": format!("{DOCUMENT}#{}", fragment(&place.pointer)) });
        let check = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .offline()
            .should_validate_formats(true)
            .build(&reference)
            .map_err(|error| not_understood(place, &error.to_string()))?;
        let check = Rc::new(check);
        self.checks.borrow_mut().insert(place.pointer.clone(), Rc::clone(&check));
        Ok(check)
    }
}

impl Place {
    /// The place of a part of this schema.
    pub(crate) fn child(&self, keyword: &str) -> Self {
        Self { pointer: format!("{}/{keyword}", self.pointer), direction: self.direction }
    }

    /// The place of the property `name` of this schema.
    pub(crate) fn property(&self, name: &str) -> Self {
        self.child(&format!("properties/{}", name.replace('~', "~0").replace('/', "~1")))
    }
}

/// The places of what `keyword` lists.
pub(crate) fn branches(place: &Place, schema: &Value, keyword: &str) -> Vec<Place> {
    let count = schema[keyword].as_array().map_or(0, Vec::len);
    (0..count).map(|index| place.child(&format!("{keyword}/{index}"))).collect()
}

/// The reference to the alternative that a tag names: by the mapping, or else by the name of the component.
fn named(schema: &Value, tag: &Value) -> Option<String> {
    let tag = match tag {
        Value::String(tag) => tag.clone(),
        Value::Number(tag) => tag.to_string(),
        _ => return None,
    };
    let mapped = schema["discriminator"]["mapping"].get(&tag).and_then(Value::as_str);
    let name = mapped.unwrap_or(&tag);
    Some(if name.contains('#') { name.to_owned() } else { format!("#{COMPONENTS}{name}") })
}

fn not_understood(place: &Place, reason: &str) -> Unequal {
    Unequal(vec![format!("{}: {reason}", place.pointer)])
}

/// A JSON Pointer as the fragment of a URI (RFC 6901, section 6).
fn fragment(pointer: &str) -> String {
    let mut written = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"/~-._".contains(&byte) {
            written.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}

/// The keywords that list alternatives.
pub(crate) const UNIONS: [&str; 2] = ["oneOf", "anyOf"];

/// Keywords that say something of members or items which is not looked at here.
const NOT_UNDERSTOOD: [&str; 7] = [
    "$dynamicRef",
    "dependentSchemas",
    "if",
    "patternProperties",
    "prefixItems",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// The name under which the document is registered. Nothing is ever fetched from it.
const DOCUMENT: &str = "urn:equal:document";
