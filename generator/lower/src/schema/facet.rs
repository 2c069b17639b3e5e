//! What a schema says about a value beside its type: prose, default, limits, direction.

use specwright_ir::{Access, Constraints, Docs, Literal};
use specwright_openapi::document::{Place, SchemaId, SchemaObject, Value};

use super::{is_prose, stands_for};
use crate::literal::literal;
use crate::lowering::{Lowering, docs};

/// References followed for prose and limits.
const MAX_DEPTH: usize = 64;

/// The facets of one use of a schema.
#[derive(Debug, Default)]
pub(crate) struct Facets {
    pub(crate) docs: Docs,
    pub(crate) default: Option<Value>,
    pub(crate) format: Option<String>,
    pub(crate) constraints: Constraints,
    pub(crate) deprecated: bool,
    read_only: bool,
    write_only: bool,
}

impl Facets {
    pub(crate) fn access(&self) -> Access {
        match (self.read_only, self.write_only) {
            (true, false) => Access::ReadOnly,
            (false, true) => Access::WriteOnly,
            (true, true) | (false, false) => Access::ReadWrite,
        }
    }

    /// Takes what is not known yet: the use speaks before the type it uses.
    fn absorb(&mut self, schema: &SchemaObject) {
        if self.docs == Docs::default() {
            self.docs = docs(schema.title.as_ref(), schema.description.as_ref());
        }
        self.default = self.default.take().or_else(|| schema.default.clone());
        self.format = self.format.take().or_else(|| schema.format.clone());
        self.read_only |= schema.read_only;
        self.write_only |= schema.write_only;
        for (keyword, value) in rules(schema) {
            if !self.constraints.rules.iter().any(|(known, _)| *known == keyword) {
                self.constraints.rules.push((keyword, value));
            }
        }
    }
}

/// The facets of a schema where it is used, and where it stands.
pub(crate) fn facets(lowering: &Lowering<'_>, id: SchemaId) -> (Facets, Place) {
    let mut facets = Facets::default();
    let mut next = Some(id);
    for depth in 0..MAX_DEPTH {
        let Some(schema) = next.and_then(|id| lowering.keywords(id)) else {
            break;
        };
        facets.absorb(&schema);
        for branch in schema.all_of.iter().filter(|id| is_prose(lowering, **id)) {
            if let Some(branch) = lowering.keywords(*branch) {
                facets.absorb(&branch);
            }
        }
        if depth == 0 {
            facets.deprecated = schema.deprecated;
        }
        next = next.and_then(|id| stands_for(lowering, id));
    }
    facets.constraints.rules.sort_by_key(|(keyword, _)| position(keyword));
    (facets, lowering.place(id))
}

/// The order of JSON Schema Validation §6.
const ORDER: [&str; 15] = [
    "const",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "contentMediaType",
];

fn position(keyword: &str) -> usize {
    ORDER.iter().position(|known| *known == keyword).unwrap_or(ORDER.len())
}

fn rules(schema: &SchemaObject) -> Vec<(&'static str, Literal)> {
    let numbers = [
        ("multipleOf", &schema.multiple_of),
        ("maximum", &schema.maximum),
        ("exclusiveMaximum", &schema.exclusive_maximum),
        ("minimum", &schema.minimum),
        ("exclusiveMinimum", &schema.exclusive_minimum),
        ("maxLength", &schema.max_length),
        ("minLength", &schema.min_length),
        ("maxItems", &schema.max_items),
        ("minItems", &schema.min_items),
        ("maxProperties", &schema.max_properties),
        ("minProperties", &schema.min_properties),
    ];
    let mut rules: Vec<(&'static str, Literal)> = numbers
        .into_iter()
        .filter_map(|(keyword, value)| {
            value.as_ref().map(|number| (keyword, Literal::Number(number.to_string())))
        })
        .collect();
    rules.extend(schema.constant.as_ref().map(|value| ("const", literal(value))));
    let texts = [("pattern", &schema.pattern), ("contentMediaType", &schema.content_media_type)];
    rules.extend(texts.into_iter().filter_map(|(keyword, text)| {
        text.as_ref().map(|text| (keyword, Literal::String(text.clone())))
    }));
    rules.extend(schema.unique_items.then_some(("uniqueItems", Literal::Bool(true))));
    rules
}
