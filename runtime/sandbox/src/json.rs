//! JSON as a strict reader sees it: a member given twice is refused.
//!
//! `serde_json::Value` keeps the last of two members silently, and a client that writes its
//! `grant_type` twice would pass.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads one JSON text, or says what is wrong with it. Never repeats the text itself.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

/// Sets `value` at `pointer` (RFC 6901), making the objects on the way.
pub(crate) fn insert(target: &mut Value, pointer: &str, value: Value) {
    let mut place = target;
    for key in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(members) = place else { return };
        place = members.entry(unescape(key)).or_insert(Value::Null);
    }
    *place = value;
}

/// One segment of a JSON Pointer, from its written form.
fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// One segment of a JSON Pointer, in its written form.
pub(crate) fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Strict)?;
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member `{name}` is given twice")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_given_twice_is_refused() {
        let refusal = read(br#"{"a":{"b":1,"b":2}}"#).unwrap_err();
        assert!(refusal.starts_with("the member `b` is given twice"), "{refusal}");
    }

    #[test]
    fn text_after_the_value_is_refused() {
        assert!(read(b"{} {}").is_err());
    }

    #[test]
    fn a_value_is_read_as_it_stands() {
        let value = read(br#"{"a":[1,-2,2.5,"x",null,true]}"#).unwrap();
        assert_eq!(value, json!({"a": [1, -2, 2.5, "x", null, true]}));
    }

    #[test]
    fn insert_makes_the_objects_on_the_way() {
        let mut body = json!({"meta": {"request_id": "r"}});
        insert(&mut body, "/meta/pagination/next", json!(2));
        assert_eq!(body, json!({"meta": {"request_id": "r", "pagination": {"next": 2}}}));
    }
}
