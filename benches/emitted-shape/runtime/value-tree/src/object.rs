use serde_json::{Map, Value};
use shape_json_common::{DecodeError, Maybe};

use crate::{Decode, Node};

/// The members of one object.
#[derive(Debug)]
pub struct Object<'t>(&'t Map<String, Value>);

impl<'t> Object<'t> {
    pub(crate) fn new(members: &'t Map<String, Value>) -> Self {
        Self(members)
    }

    /// The member `name`, if it is there.
    pub fn find(&mut self, name: &str) -> Option<Node<'t>> {
        self.0.get(name).map(Node::new)
    }

    /// A member that must be there.
    pub fn required<T: Decode>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        let node = self.find(name).ok_or_else(|| DecodeError::missing(name))?;
        T::decode(node).map_err(|error| error.in_field(name))
    }

    /// A member that may be left out; null counts as left out.
    pub fn optional<T: Decode>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        match self.find(name) {
            Some(node) if !node.is_null() => {
                T::decode(node).map(Some).map_err(|error| error.in_field(name))
            }
            _ => Ok(None),
        }
    }

    /// A member with three states.
    pub fn maybe<T: Decode>(&mut self, name: &'static str) -> Result<Maybe<T>, DecodeError> {
        match self.find(name) {
            None => Ok(Maybe::Absent),
            Some(node) if node.is_null() => Ok(Maybe::Null),
            Some(node) => T::decode(node).map(Maybe::Value).map_err(|error| error.in_field(name)),
        }
    }
}
