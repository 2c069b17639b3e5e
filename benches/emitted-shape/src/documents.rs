//! Documents that fit the types.

use serde_json::{Map, Value as Json, json};

use crate::model::{Body, Field, Presence, TAG, Type, Value};
use crate::names::snake;
use crate::rng::Rng;

/// Makes documents from types.
pub struct Documents<'a> {
    pub types: &'a [Type],
    pub rng: Rng,
}

impl Documents<'_> {
    /// A document of the type at `index`.
    pub fn of(&mut self, index: usize) -> Json {
        let types = self.types;
        match &types[index].body {
            Body::Record(fields) => Json::Object(self.record(fields)),
            Body::Enum(values) => match self.rng.percent(5) {
                true => json!("added_by_the_server_later"),
                false => json!(self.rng.pick(values)),
            },
            Body::Union(variants) => self.union(variants),
        }
    }

    /// An envelope of about `bytes` bytes.
    pub fn page(&mut self, index: usize, bytes: usize) -> Json {
        let Body::Record(fields) = &self.types[index].body else {
            unreachable!("the page is a record")
        };
        let Value::List(element) = &fields[0].value else {
            unreachable!("its first member is a list")
        };
        let (mut items, mut size) = (Vec::new(), 0);
        while size < bytes {
            let item = self.value(element);
            size += item.to_string().len();
            items.push(item);
        }
        json!({ "items": items, "nextCursor": "b2Zmc2V0PTUw", "total": 1_234 })
    }

    fn union(&mut self, variants: &[usize]) -> Json {
        if self.rng.percent(5) {
            return json!({ TAG: "added_by_the_server_later", "anything": [1, null, "é"] });
        }
        let variant = *self.rng.pick(variants);
        let mut document = json!({ TAG: snake(&self.types[variant].name) });
        let members = self.of(variant);
        let all = document.as_object_mut().expect("made above");
        all.extend(members.as_object().expect("a variant is a record").clone());
        document
    }

    fn record(&mut self, fields: &[Field]) -> Map<String, Json> {
        let mut members = Map::new();
        for field in fields {
            let value = match field.presence {
                Presence::Required => Some(self.value(&field.value)),
                Presence::Nullable if self.rng.percent(30) => Some(Json::Null),
                Presence::ThreeState if self.rng.percent(30) => Some(Json::Null),
                Presence::Nullable => Some(self.value(&field.value)),
                Presence::Optional | Presence::ThreeState => {
                    self.rng.percent(60).then(|| self.value(&field.value))
                }
            };
            if let Some(value) = value {
                members.insert(field.wire.to_owned(), value);
            }
        }
        members
    }

    fn value(&mut self, value: &Value) -> Json {
        match value {
            Value::Text => json!(self.text()),
            Value::DateTime => {
                json!(format!("2026-0{}-1{}T08:30:00Z", self.rng.between(1, 9), self.rng.below(10)))
            }
            Value::Int => json!(self.rng.below(100_000) as i64 - 5_000),
            // Never a whole number: 1.0 and 1 are the same value to us, but not to the comparison.
            Value::Float => json!(self.rng.below(10_000) as f64 + 0.25),
            Value::Bool => json!(self.rng.percent(50)),
            Value::Named(index) => self.of(*index),
            Value::List(element) => (0..self.rng.below(4)).map(|_| self.value(element)).collect(),
            Value::Map(element) => {
                let entries =
                    (0..self.rng.below(4)).map(|at| (format!("key {at}"), self.value(element)));
                Json::Object(entries.collect())
            }
        }
    }

    fn text(&mut self) -> String {
        let words = [
            "Harbour",
            "unit 12",
            "møte",
            "say \"hi\"",
            "two\nlines",
            "a longer piece of plain text",
            "x",
        ];
        let count = self.rng.between(1, 3);
        self.rng.sample(&words, count).join(" ")
    }
}
