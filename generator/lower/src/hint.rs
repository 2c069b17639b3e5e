//! Words for definitions without a name, from where they stand.
//!
//! A hint depends on the place of a schema alone, never on who was the first to use it. So neither
//! the order of a document nor a new reference changes the hint of an old type.

use std::collections::BTreeMap;

use specwright_ir::Words;
use specwright_openapi::Document;
use specwright_openapi::document::{SchemaObject, Value};
use specwright_source::Pointer;

/// Words of the places from which schemas hang.
pub(crate) struct Hints {
    roots: BTreeMap<Pointer, Words>,
    branches: BTreeMap<Pointer, Words>,
}

impl Hints {
    pub(crate) fn new(document: &Document) -> Self {
        let mut hints = Self { roots: BTreeMap::new(), branches: BTreeMap::new() };
        for (name, id) in &document.components {
            hints.add_root(document.schema(*id).at().pointer.clone(), Words::split(name));
        }
        for schema in document.schemas.iter().filter_map(|schema| schema.as_object()) {
            for id in schema.one_of.iter().chain(&schema.any_of) {
                if let Some(branch) = document.schema(*id).as_object() {
                    let words = branch_words(document, branch);
                    hints.branches.extend(words.map(|words| (branch.at.pointer.clone(), words)));
                }
            }
        }
        hints
    }

    /// Says how everything below a place is called. The first word given stands.
    pub(crate) fn add_root(&mut self, pointer: Pointer, words: Words) {
        self.roots.entry(pointer).or_insert(words);
    }

    /// Says how the alternative at a place is called among its siblings.
    pub(crate) fn add_branch(&mut self, pointer: Pointer, words: Words) {
        self.branches.entry(pointer).or_insert(words);
    }

    /// The words of the schema at a place; never empty.
    pub(crate) fn of(&self, pointer: &Pointer) -> Words {
        let tokens: Vec<&str> = pointer.tokens().collect();
        let root = (0..=tokens.len()).rev().find_map(|depth| {
            let place: Pointer = tokens.iter().take(depth).copied().map(Box::from).collect();
            self.roots.get(&place).map(|words| (depth, words.clone()))
        });
        let (depth, base) = root.unwrap_or_default();
        let words = self.descend(base, pointer, depth, tokens.get(depth..).unwrap_or_default());
        if words.is_empty() { Words::split("model") } else { words }
    }

    /// Follows the keywords of JSON Schema from a root down to a schema.
    fn descend(&self, base: Words, pointer: &Pointer, depth: usize, steps: &[&str]) -> Words {
        let mut words = base;
        let mut index = 0;
        while let Some(step) = steps.get(index) {
            let next = steps.get(index + 1).copied();
            let (taken, part) = match (*step, next) {
                ("properties" | "$defs" | "definitions" | "dependentSchemas", Some(name)) => {
                    (2, Words::split(name))
                }
                ("patternProperties", Some(_)) => (2, Words::split("value")),
                ("additionalProperties" | "unevaluatedProperties", _) => (1, Words::split("value")),
                ("items", _) => (1, Words::split("item")),
                ("prefixItems", Some(_)) => (2, Words::split("item")),
                ("allOf", Some(_)) => (2, Words::default()),
                ("oneOf" | "anyOf", Some(number)) => {
                    let at: Pointer =
                        pointer.tokens().take(depth + index + 2).map(Box::from).collect();
                    let known = self.branches.get(&at).cloned();
                    (2, known.unwrap_or_else(|| ordinal(number)))
                }
                ("components" | "schemas" | "schema" | "paths" | "content" | "responses", _) => {
                    (1, Words::default())
                }
                (name, _) => (1, Words::split(name)),
            };
            words = words.join(&part);
            index += taken;
        }
        words
    }
}

/// `oneOf/0` is called `variant 1`: people count from one.
fn ordinal(number: &str) -> Words {
    let number = number.parse::<usize>().map_or(0, |number| number + 1);
    Words::split(&format!("variant {number}"))
}

/// An alternative that says by a fixed member what it is, is called that.
fn branch_words(document: &Document, branch: &SchemaObject) -> Option<Words> {
    branch.properties.iter().filter(|(name, _)| branch.required.contains(name)).find_map(
        |(_, id)| {
            let property = document.schema(*id).as_object()?;
            let listed = property.enumeration.as_deref().unwrap_or_default();
            let fixed = property.constant.as_ref().or(match listed {
                [one] => Some(one),
                _ => None,
            });
            let fixed = fixed.and_then(Value::as_str)?;
            Some(Words::split(fixed)).filter(|words| !words.is_empty())
        },
    )
}
