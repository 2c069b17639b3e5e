//! What kinds of value a schema takes, so far as one must know it to read text.
//!
//! A path, a query or a form carries text. `limit=5` is the number 5 if the schema takes integers and
//! the string `5` otherwise. The shape answers that and nothing more; whether the value is acceptable
//! is for [`crate::validate`] to say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value};

use crate::document::Place;
use crate::error::StartError;

/// The kinds a schema takes, over all its branches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    kinds: BTreeSet<Kind>,
    items: Option<Box<Shape>>,
    properties: BTreeMap<String, Shape>,
    additional: Option<Box<Shape>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Shape {
    /// Reads the shape of the schema at `place`.
    pub(crate) fn of(place: &Place<'_>) -> Result<Self, StartError> {
        let mut shape = Self::default();
        shape.absorb(place, DEEPEST, &mut Vec::new())?;
        Ok(shape)
    }

    pub(crate) fn is_array(&self) -> bool {
        self.kinds.contains(&Kind::Array)
    }

    pub(crate) fn is_object(&self) -> bool {
        self.kinds.contains(&Kind::Object)
    }

    /// The names an object of this shape declares.
    pub(crate) fn property_names(&self) -> impl Iterator<Item = &str> {
        self.properties.keys().map(String::as_str)
    }

    /// One value from its text: the first kind that the text fits, from the narrowest on.
    pub(crate) fn read(&self, text: &str) -> Value {
        let takes = |kind| self.kinds.contains(&kind);
        if takes(Kind::Boolean) && (text == "true" || text == "false") {
            return Value::Bool(text == "true");
        }
        let numeric = takes(Kind::Number) || takes(Kind::Integer) && is_plain_integer(text);
        if numeric && let Ok(number) = serde_json::from_str::<Number>(text) {
            return Value::Number(number);
        }
        Value::String(text.to_owned())
    }

    /// One list from the texts of its items.
    pub(crate) fn read_items<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Value {
        let any = Self::default();
        let items = self.items.as_deref().unwrap_or(&any);
        Value::Array(texts.into_iter().map(|text| items.read(text)).collect())
    }

    /// One object from the texts of its members.
    pub(crate) fn read_members(&self, texts: impl IntoIterator<Item = (String, String)>) -> Value {
        let mut members = Map::new();
        for (name, text) in texts {
            let value = self.member(&name).read(&text);
            members.insert(name, value);
        }
        Value::Object(members)
    }

    /// The shape of the member `name`; of any kind if nothing is known of it.
    pub(crate) fn member(&self, name: &str) -> Self {
        self.properties.get(name).or(self.additional.as_deref()).cloned().unwrap_or_default()
    }

    /// `trail` holds the references on the way here: a schema that is its own branch adds nothing.
    fn absorb(
        &mut self,
        place: &Place<'_>,
        depth: usize,
        trail: &mut Vec<String>,
    ) -> Result<(), StartError> {
        if let Some(target) = place.reference()?
            && !trail.contains(&target.pointer)
        {
            trail.push(target.pointer.clone());
            self.absorb(&target, depth, trail)?;
            trail.pop();
        }
        for branches in ["oneOf", "anyOf", "allOf"] {
            for branch in place.items(branches) {
                self.absorb(&branch, depth, trail)?;
            }
        }
        self.kinds.extend(kinds_of(place.value));
        if depth == 0 {
            return Ok(());
        }
        if let Some(items) = place.get("items") {
            self.items.get_or_insert_default().absorb(&items, depth - 1, &mut Vec::new())?;
        }
        if let Some(additional) = place.get("additionalProperties") {
            self.additional.get_or_insert_default().absorb(
                &additional,
                depth - 1,
                &mut Vec::new(),
            )?;
        }
        for (name, property) in place.members("properties") {
            let known = self.properties.entry(name.to_owned()).or_default();
            known.absorb(&property, depth - 1, &mut Vec::new())?;
        }
        Ok(())
    }
}

fn kinds_of(schema: &Value) -> Vec<Kind> {
    let kind = |name: &str| match name {
        "null" => Some(Kind::Null),
        "boolean" => Some(Kind::Boolean),
        "integer" => Some(Kind::Integer),
        "number" => Some(Kind::Number),
        "string" => Some(Kind::String),
        "array" => Some(Kind::Array),
        "object" => Some(Kind::Object),
        _ => None,
    };
    match schema.get("type") {
        Some(Value::String(name)) => kind(name).into_iter().collect(),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).filter_map(kind).collect()
        }
        _ => Vec::new(),
    }
}

/// Decimal digits with an optional minus: `1e2` is a JSON number, but nobody means it by a page.
fn is_plain_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// How values nest where text carries them: an array of objects in a form is the deepest known.
const DEEPEST: usize = 3;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(schema: &Value) -> Shape {
        Shape::of(&Place::root(schema)).unwrap()
    }

    #[test]
    fn text_is_read_by_the_kinds_of_the_schema() {
        assert_eq!(shape(&json!({"type": "integer"})).read("5"), json!(5));
        assert_eq!(shape(&json!({"type": "string"})).read("5"), json!("5"));
        assert_eq!(shape(&json!({"type": ["boolean", "null"]})).read("true"), json!(true));
        assert_eq!(shape(&json!({"type": "number"})).read("1e2"), json!(100.0));
    }

    #[test]
    fn text_that_fits_no_kind_stays_text_for_the_schema_to_refuse() {
        for text in ["1e2", "+5", "05", "5.0", "five", ""] {
            assert_eq!(shape(&json!({"type": "integer"})).read(text), json!(text));
        }
    }

    #[test]
    fn kinds_are_gathered_over_references_and_branches() {
        let document = json!({
            "oneOf": [{"$ref": "#/$defs/page"}, {"type": "null"}],
            "$defs": {"page": {"type": "integer"}},
        });
        assert_eq!(shape(&document).read("5"), json!(5));
    }

    #[test]
    fn a_schema_that_is_its_own_branch_ends() {
        let document = json!({"oneOf": [{"$ref": "#"}, {"type": "integer"}]});
        assert_eq!(shape(&document).read("5"), json!(5));
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let document = json!({"type": "object", "properties": {"again": {"$ref": "#"}}});
        assert!(shape(&document).member("again").is_object());
    }
}
