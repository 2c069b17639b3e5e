use std::borrow::Cow;
use std::collections::BTreeMap;

use shape_json_common::DecodeError;

use crate::Node;
use crate::tree::Tree;

/// Decodes a value from JSON text.
pub fn from_slice<T: Decode>(body: &[u8]) -> Result<T, DecodeError> {
    let tree = Tree::parse(body)?;
    T::decode(Node::root(&tree))
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
        for node in from.items()? {
            list.push(T::decode(node)?);
        }
        Ok(list)
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let mut map = BTreeMap::new();
        for (key, node) in from.entries()? {
            map.insert(key.into_owned(), T::decode(node)?);
        }
        Ok(map)
    }
}
