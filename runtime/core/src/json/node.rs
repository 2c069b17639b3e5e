//! A view on one value of a parsed text.

use std::borrow::Cow;

use serde_json::{Map, Number};

use super::decode::Decode;
use super::error::DecodeError;
use super::object::Object;
use super::tree::{Slot, Tree, Value, entries, items};
use crate::types::Json;

/// One value of a parsed text. It is small and `Copy`; decoders take it by value.
///
/// It knows its place, so that every error names path, line and column.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    slots: &'t [Slot],
}

/// The kind of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl NodeKind {
    fn text(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

impl<'t> Node<'t> {
    pub(super) fn root(tree: &'t Tree<'t>) -> Self {
        Self { tree, slots: &tree.slots }
    }

    /// Reads the value as a type.
    pub fn decode<T: Decode>(self) -> Result<T, DecodeError> {
        T::decode(self)
    }

    /// The kind of the value, to tell alternatives apart.
    pub fn kind(self) -> NodeKind {
        match self.slot().value {
            Value::Null => NodeKind::Null,
            Value::True | Value::False => NodeKind::Bool,
            Value::Number => NodeKind::Number,
            Value::Plain | Value::Escaped(_) => NodeKind::String,
            Value::List(_) => NodeKind::Array,
            Value::Object(_) => NodeKind::Object,
        }
    }

    /// Whether the value is `null`.
    pub fn is_null(self) -> bool {
        self.slot().value == Value::Null
    }

    /// The boolean.
    pub fn bool(self) -> Result<bool, DecodeError> {
        match self.slot().value {
            Value::True => Ok(true),
            Value::False => Ok(false),
            _ => Err(self.error("a boolean")),
        }
    }

    /// The text of the number, as written.
    pub fn number(self) -> Result<&'t str, DecodeError> {
        match self.slot().value {
            Value::Number => Ok(self.raw()),
            _ => Err(self.error("a number")),
        }
    }

    /// The string.
    pub fn str(self) -> Result<&'t str, DecodeError> {
        self.tree.string(self.slot()).ok_or_else(|| self.error("a string"))
    }

    /// The items of an array.
    pub fn items(self) -> Result<impl Iterator<Item = Self>, DecodeError> {
        match self.slot().value {
            Value::List(_) => {
                Ok(items(self.children()).map(move |slots| Self { tree: self.tree, slots }))
            }
            _ => Err(self.error("an array")),
        }
    }

    /// The members of an object as a map, in the order of the text.
    pub fn entries(self) -> Result<impl Iterator<Item = (&'t str, Self)>, DecodeError> {
        match self.slot().value {
            Value::Object(_) => Ok(entries(self.children()).map(move |(key, slots)| {
                (self.tree.string(key).unwrap_or_default(), Self { tree: self.tree, slots })
            })),
            _ => Err(self.error("an object")),
        }
    }

    /// The members of an object by their names.
    pub fn object(self) -> Result<Object<'t>, DecodeError> {
        match self.slot().value {
            Value::Object(_) => Ok(Object::new(self)),
            _ => Err(self.error("an object")),
        }
    }

    /// The string in the member that tells the alternatives of a union apart.
    pub fn tag(self, property: &str) -> Result<&'t str, DecodeError> {
        self.object()?.member(property)?.str()
    }

    /// The string that tells alternatives apart where it stands deeper. `pointer` is a JSON Pointer (RFC 6901) through
    /// objects, as in `/event/type`.
    pub fn tag_at(self, pointer: &str) -> Result<&'t str, DecodeError> {
        let mut node = self;
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            node = node.object()?.member(&name)?;
        }
        node.str()
    }

    /// Whether the value is an object that has all of these members.
    pub fn has(self, names: &[&str]) -> bool {
        let Ok(mut object) = self.object() else { return false };
        names.iter().all(|name| object.find(name).is_some())
    }

    /// The text of the value, as written.
    pub fn raw(self) -> &'t str {
        let slot = self.slot();
        // The span of a string is without its quotes.
        let quote = usize::from(matches!(slot.value, Value::Plain | Value::Escaped(_)));
        let (start, end) = ((slot.start as usize).saturating_sub(quote), slot.end as usize + quote);
        self.tree.text.get(start..end).unwrap_or_default()
    }

    /// The error that this value is not what was `expected`, which completes "expected ...".
    #[cold]
    pub fn error(self, expected: impl Into<Cow<'static, str>>) -> DecodeError {
        self.failure(expected.into(), self.kind().text())
    }

    #[cold]
    pub(super) fn missing(self, name: &str) -> DecodeError {
        self.failure(format!("the member `{name}`").into(), "none")
    }

    fn failure(self, expected: Cow<'static, str>, found: &'static str) -> DecodeError {
        let start = self.slot().start;
        let pointer = self.tree.pointer(start);
        // The span of a string is without its quotes, but the quote is where the value starts.
        let quote = u32::from(self.kind() == NodeKind::String);
        let offset = start.saturating_sub(quote) as usize;
        DecodeError::value(self.tree.text, offset, &pointer, expected, found)
    }

    /// The value as a tree that owns its parts.
    pub(super) fn to_json(self) -> Result<Json, DecodeError> {
        Ok(match self.slot().value {
            Value::Null => Json::Null,
            Value::True => Json::Bool(true),
            Value::False => Json::Bool(false),
            Value::Number => Json::Number(
                number(self.raw()).ok_or_else(|| self.error("a number of at most 64 bits"))?,
            ),
            Value::Plain | Value::Escaped(_) => Json::String(self.str()?.to_owned()),
            Value::List(_) => {
                Json::Array(self.items()?.map(Self::to_json).collect::<Result<_, _>>()?)
            }
            Value::Object(_) => Json::Object(
                self.entries()?
                    .map(|(name, value)| Ok((name.to_owned(), value.to_json()?)))
                    .collect::<Result<Map<_, _>, DecodeError>>()?,
            ),
        })
    }

    pub(super) fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    pub(super) fn at(self, slots: &'t [Slot]) -> Self {
        Self { tree: self.tree, slots }
    }

    /// The slots below the value.
    pub(super) fn children(self) -> &'t [Slot] {
        self.slots.get(1..self.slot().size()).unwrap_or_default()
    }

    /// A node has a slot always: the reader refuses a text without a value.
    fn slot(self) -> Slot {
        self.slots.first().copied().unwrap_or(Slot { start: 0, end: 0, value: Value::Null })
    }
}

/// The number that is nearest to a text. `serde_json` reads floats faster, but may miss the last digit.
fn number(text: &str) -> Option<Number> {
    let unsigned = || text.parse::<u64>().ok().map(Number::from);
    // Only a float knows a negative zero.
    let signed = || text.parse::<i64>().ok().filter(|&number| number != 0).map(Number::from);
    unsigned().or_else(signed).or_else(|| Number::from_f64(text.parse().ok()?))
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_tuple("Node").field(&self.kind()).finish()
    }
}
