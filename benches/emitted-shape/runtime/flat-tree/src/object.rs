use shape_json_common::{DecodeError, Maybe};

use crate::tree::Kind;
use crate::{Decode, Node};

/// The members of one object.
#[derive(Debug)]
pub struct Object<'t> {
    node: Node<'t>,
    first: u32,
    end: u32,
    /// Where the next search starts. Servers mostly write members in the order of the schema, so it mostly ends there.
    cursor: u32,
}

impl<'t> Object<'t> {
    pub(crate) fn new(node: Node<'t>) -> Self {
        let first = node.index() + 1;
        Self { node, first, end: node.slot().next, cursor: first }
    }

    /// The member `name`, if it is there.
    pub fn find(&mut self, name: &str) -> Option<Node<'t>> {
        let start = self.cursor;
        self.search(name, start, self.end).or_else(|| self.search(name, self.first, start))
    }

    fn search(&mut self, name: &str, from: u32, to: u32) -> Option<Node<'t>> {
        let mut at = from;
        while at < to {
            let (key, value) = (self.node.at(at), self.node.at(at + 1));
            at = value.slot().next;
            let same = match key.slot().kind {
                Kind::Plain => key.text() == name,
                _ => key.string().is_ok_and(|key| key == name),
            };
            if same {
                self.cursor = at;
                return Some(value);
            }
        }
        None
    }

    /// The member `name`, which must be there.
    pub fn need(&mut self, name: &'static str) -> Result<Node<'t>, DecodeError> {
        self.find(name).ok_or_else(|| self.node.fail(DecodeError::missing(name)))
    }

    /// The member `name`, unless it is left out or null.
    fn given(&mut self, name: &str) -> Option<Node<'t>> {
        self.find(name).filter(|node| !node.is_null())
    }

    /// A member that must be there.
    pub fn required<T: Decode>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        T::decode(self.need(name)?)
    }

    /// A member that may be left out; null counts as left out.
    pub fn optional<T: Decode>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        self.given(name).map(T::decode).transpose()
    }

    /// A member with three states.
    pub fn maybe<T: Decode>(&mut self, name: &'static str) -> Result<Maybe<T>, DecodeError> {
        match self.find(name) {
            None => Ok(Maybe::Absent),
            Some(node) if node.is_null() => Ok(Maybe::Null),
            Some(node) => T::decode(node).map(Maybe::Value),
        }
    }
}
