//! The mix of types: of fifty, 35 records, 11 open enums and 4 tagged unions.

use crate::model::{Body, Field, Presence, Type, Value};
use crate::names::{ENUM_VALUES, FIELDS, NOUNS, QUALIFIERS};
use crate::rng::Rng;

const BLOCK: usize = 50;
const ENUMS: usize = 11;
const UNIONS: usize = 4;
const DEEPEST: usize = 4;

/// Builds `count` types. A type mentions only earlier ones, so none is recursive.
pub fn types(count: usize) -> Vec<Type> {
    let mut mix = Mix { rng: Rng::new(2026), types: Vec::new() };
    for index in 0..count {
        let body = match index % BLOCK {
            place if place < ENUMS => mix.open_enum(),
            place if place >= BLOCK - UNIONS => mix.union(),
            _ => mix.record(),
        };
        let level = mix.level(&body);
        mix.types.push(Type { name: name(index), level, body });
    }
    mix.types
}

/// A different pair of words for each index below 324.
fn name(index: usize) -> String {
    let (noun, round) = (index % NOUNS.len(), index / NOUNS.len());
    format!("{}{}", QUALIFIERS[(noun + round) % QUALIFIERS.len()], NOUNS[noun])
}

/// The envelope that list operations return. The run-time figures are taken on it.
pub fn page(types: &[Type]) -> Type {
    let deepest =
        types.iter().rposition(|one| matches!(one.body, Body::Record(_)) && one.level == DEEPEST);
    let record = deepest.expect("the mix has records of every level");
    let fields = vec![
        Field {
            wire: "items",
            presence: Presence::Required,
            value: Value::List(Box::new(Value::Named(record))),
        },
        Field { wire: "nextCursor", presence: Presence::Nullable, value: Value::Text },
        Field { wire: "total", presence: Presence::Optional, value: Value::Int },
    ];
    Type { name: "ResultPage".to_owned(), level: DEEPEST + 1, body: Body::Record(fields) }
}

struct Mix {
    rng: Rng,
    types: Vec<Type>,
}

impl Mix {
    fn level(&self, body: &Body) -> usize {
        let below = |index: usize| self.types[index].level;
        match body {
            Body::Enum(_) => 0,
            Body::Union(variants) => variants.iter().copied().map(below).max().unwrap_or(0),
            Body::Record(fields) => {
                let named = fields.iter().filter_map(|field| named(&field.value));
                named
                    .filter(|&index| !self.is_enum(index))
                    .map(|index| below(index) + 1)
                    .max()
                    .unwrap_or(0)
            }
        }
    }

    fn is_enum(&self, index: usize) -> bool {
        matches!(self.types[index].body, Body::Enum(_))
    }

    fn open_enum(&mut self) -> Body {
        let count = self.rng.between(3, 9);
        Body::Enum(self.rng.sample(ENUM_VALUES, count))
    }

    fn union(&mut self) -> Body {
        let records =
            self.indexes(|one| matches!(one.body, Body::Record(_)) && one.level < DEEPEST);
        let count = self.rng.between(3, 4);
        Body::Union(self.rng.sample(&records, count))
    }

    fn record(&mut self) -> Body {
        let count = self.rng.between(4, 16);
        let names = self.rng.sample(FIELDS, count);
        let field = |wire| Field { wire, presence: self.presence(), value: self.value() };
        Body::Record(names.into_iter().map(field).collect())
    }

    fn presence(&mut self) -> Presence {
        match self.rng.below(100) {
            0..42 => Presence::Required,
            42..50 => Presence::Nullable,
            50..94 => Presence::Optional,
            _ => Presence::ThreeState,
        }
    }

    fn value(&mut self) -> Value {
        match self.rng.below(100) {
            0..36 => Value::Text,
            36..45 => Value::DateTime,
            45..59 => Value::Int,
            59..63 => Value::Float,
            63..73 => Value::Bool,
            73..83 => self.named_enum(),
            83..90 => self.named_record(),
            90..92 => self.named_union(),
            92..98 => Value::List(Box::new(self.element())),
            _ => Value::Map(Box::new(self.element())),
        }
    }

    fn element(&mut self) -> Value {
        match self.rng.below(100) {
            0..50 => self.named_record(),
            50..75 => Value::Text,
            75..85 => Value::Int,
            _ => self.named_enum(),
        }
    }

    fn named_enum(&mut self) -> Value {
        self.named(|one| matches!(one.body, Body::Enum(_)))
    }

    fn named_record(&mut self) -> Value {
        self.named(|one| matches!(one.body, Body::Record(_)) && one.level < DEEPEST)
    }

    fn named_union(&mut self) -> Value {
        self.named(|one| matches!(one.body, Body::Union(_)) && one.level < DEEPEST)
    }

    /// A mention of an earlier type; text while there is none of that kind.
    fn named(&mut self, fits: impl Fn(&Type) -> bool) -> Value {
        let candidates = self.indexes(fits);
        if candidates.is_empty() { Value::Text } else { Value::Named(*self.rng.pick(&candidates)) }
    }

    fn indexes(&self, fits: impl Fn(&Type) -> bool) -> Vec<usize> {
        (0..self.types.len()).filter(|&index| fits(&self.types[index])).collect()
    }
}

/// The type that a value mentions.
pub fn named(value: &Value) -> Option<usize> {
    match value {
        Value::Named(index) => Some(*index),
        Value::List(element) | Value::Map(element) => named(element),
        Value::Text | Value::DateTime | Value::Int | Value::Float | Value::Bool => None,
    }
}
