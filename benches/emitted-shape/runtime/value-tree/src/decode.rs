use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use shape_json_common::DecodeError;

use crate::Node;

/// Decodes a value from JSON text.
pub fn from_slice<T: Decode>(body: &[u8]) -> Result<T, DecodeError> {
    T::decode(Node::new(&parse(body)?))
}

fn parse(body: &[u8]) -> Result<Value, DecodeError> {
    serde_json::from_slice(body).map_err(|error| DecodeError::syntax(error.column(), "JSON"))
}

/// A value that can be read from a node of a parsed document.
pub trait Decode: Sized {
    /// Reads the value.
    fn decode(from: Node<'_>) -> Result<Self, DecodeError>;
}

impl Decode for String {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.string().map(Cow::into_owned)
    }
}

impl Decode for i64 {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.int()
    }
}

impl Decode for f64 {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.float()
    }
}

impl Decode for bool {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.bool()
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        if from.is_null() { Ok(None) } else { T::decode(from).map(Some) }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let mut list = Vec::new();
        for (index, node) in from.items()?.enumerate() {
            list.push(T::decode(node).map_err(|error| error.at_index(index))?);
        }
        Ok(list)
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let mut map = BTreeMap::new();
        for (key, node) in from.entries()? {
            let value = T::decode(node).map_err(|error| error.in_key(&key))?;
            map.insert(key.into_owned(), value);
        }
        Ok(map)
    }
}
