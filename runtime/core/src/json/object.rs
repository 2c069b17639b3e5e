//! The members of one object, by name.

use std::collections::BTreeMap;

use super::decode::Decode;
use super::error::DecodeError;
use super::node::Node;
use super::tree::{Slot, entries, take_entry};
use crate::types::{Maybe, MergePatch};

/// The members of an object, for a decoder to ask for one by one.
///
/// When a name stands there twice, one of the two is read; RFC 8259 §4 leaves open which.
#[derive(Debug)]
pub struct Object<'t> {
    node: Node<'t>,
    /// Behind the member that was found last. Servers mostly write members in the order of the schema, and generated
    /// decoders ask in that order, so the search mostly ends at its first step.
    cursor: Cursor<'t>,
    /// Which members were asked for, by their position: a bit each for the first 64, a list for the others.
    asked: u64,
    asked_beyond: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Cursor<'t> {
    slots: &'t [Slot],
    position: u32,
}

impl<'t> Object<'t> {
    pub(super) fn new(node: Node<'t>) -> Self {
        let cursor = Cursor { slots: node.children(), position: 0 };
        Self { node, cursor, asked: 0, asked_beyond: Vec::new() }
    }

    /// A member that must be there.
    pub fn required<T: Decode>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        self.member(name)?.decode()
    }

    /// A member that may be left out. `null` counts as left out: servers write both for the same thing.
    pub fn optional<T: Decode>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        match self.find(name) {
            Some(node) if !node.is_null() => node.decode().map(Some),
            _ => Ok(None),
        }
    }

    /// A member that must be there and may be `null`.
    pub fn nullable<T: Decode>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        let node = self.member(name)?;
        if node.is_null() { Ok(None) } else { node.decode().map(Some) }
    }

    /// A member whose absence and whose `null` mean different things.
    pub fn maybe<T: Decode>(&mut self, name: &'static str) -> Result<Maybe<T>, DecodeError> {
        match self.find(name) {
            None => Ok(Maybe::Absent),
            Some(node) if node.is_null() => Ok(Maybe::Null),
            Some(node) => node.decode().map(Maybe::Value),
        }
    }

    /// A member that is merged into what the server has; left out, it changes nothing.
    pub fn merge_patch<T: Decode>(
        &mut self,
        name: &'static str,
    ) -> Result<MergePatch<T>, DecodeError> {
        self.find(name).map_or(Ok(MergePatch::Unchanged), Node::decode)
    }

    /// The members that were neither asked for nor are `known`: OpenAPI's `additionalProperties`.
    ///
    /// Call it last. `known` are names that need no asking, as their value is fixed.
    pub fn rest<T: Decode>(&mut self, known: &[&str]) -> Result<BTreeMap<String, T>, DecodeError> {
        let mut rest = BTreeMap::new();
        for (position, (key, slots)) in (0..).zip(entries(self.node.children())) {
            let name = self.node.tree().string(key).unwrap_or_default();
            if !self.was_asked(position) && !known.contains(&name) {
                rest.insert(name.to_owned(), self.node.at(slots).decode()?);
            }
        }
        Ok(rest)
    }

    /// The value of a member that must be there.
    pub(super) fn member(&mut self, name: &str) -> Result<Node<'t>, DecodeError> {
        self.find(name).ok_or_else(|| self.node.missing(name))
    }

    /// The value of a member, if it is there. Looking is cheap, where an error would look for its place in the whole text.
    pub(super) fn find(&mut self, name: &str) -> Option<Node<'t>> {
        let start = Cursor { slots: self.node.children(), position: 0 };
        self.find_from(self.cursor, name).or_else(|| self.find_from(start, name))
    }

    fn find_from(&mut self, mut cursor: Cursor<'t>, name: &str) -> Option<Node<'t>> {
        while let Some((key, slots)) = take_entry(&mut cursor.slots) {
            let position = cursor.position;
            cursor.position += 1;
            if self.node.tree().string(key) == Some(name) {
                self.cursor = cursor;
                self.mark(position);
                return Some(self.node.at(slots));
            }
        }
        None
    }

    fn mark(&mut self, position: u32) {
        match 1_u64.checked_shl(position) {
            Some(bit) => self.asked |= bit,
            None => self.asked_beyond.push(position),
        }
    }

    fn was_asked(&self, position: u32) -> bool {
        match 1_u64.checked_shl(position) {
            Some(bit) => self.asked & bit != 0,
            None => self.asked_beyond.contains(&position),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use crate::json::{Decode, DecodeError, Node, from_slice};
    use crate::types::Maybe;

    #[derive(Debug, PartialEq)]
    struct Card {
        id: i64,
        note: Option<String>,
        shelf: Option<i64>,
        due: Maybe<i64>,
        rest: BTreeMap<String, i64>,
    }

    impl Decode for Card {
        fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
            let mut object = from.object()?;
            Ok(Self {
                id: object.required("id")?,
                note: object.optional("note")?,
                shelf: object.nullable("shelf")?,
                due: object.maybe("due")?,
                rest: object.rest(&["kind"])?,
            })
        }
    }

    fn card(text: &str) -> Result<Card, DecodeError> {
        from_slice(text.as_bytes())
    }

    #[test]
    fn members_are_found_in_any_order() {
        let forward = card(r#"{"id":1,"note":"n","shelf":2,"due":3}"#).unwrap();
        let backward = card(r#"{"due":3,"shelf":2,"note":"n","id":1}"#).unwrap();
        assert_eq!(forward, backward);
        assert_eq!(forward.due, Maybe::Value(3));
    }

    #[test]
    fn a_name_with_escapes_is_the_same_name() {
        assert_eq!(card(r#"{"\u0069d":7,"shelf":null}"#).unwrap().id, 7);
    }

    #[test]
    fn absent_and_null_are_one_for_optional_and_two_for_maybe() {
        let absent = card(r#"{"id":1,"shelf":null}"#).unwrap();
        let null = card(r#"{"id":1,"shelf":null,"note":null,"due":null}"#).unwrap();
        assert_eq!((&absent.note, &absent.due), (&None, &Maybe::Absent));
        assert_eq!((&null.note, &null.due), (&None, &Maybe::Null));
    }

    #[test]
    fn a_missing_member_is_named() {
        assert_eq!(
            card(r#"{"id":1}"#).unwrap_err().to_string(),
            "expected the member `shelf` at the top (line 1, column 1), found none"
        );
    }

    #[test]
    fn the_rest_is_neither_asked_for_nor_known() {
        let card = card(r#"{"a":1,"id":1,"kind":"card","shelf":2,"b":2}"#).unwrap();
        assert_eq!(card.rest, BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]));
    }

    #[test]
    fn the_rest_leaves_out_members_asked_for_beyond_the_64th() {
        let mut text = String::from("{");
        for index in 0..70 {
            write!(text, "\"m{index}\":0,").unwrap();
        }
        text.push_str("\"id\":1,\"shelf\":2}");
        let card = card(&text).unwrap();
        assert_eq!(card.rest.len(), 70);
    }
}
