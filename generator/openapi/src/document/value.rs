//! JSON values that a document gives: defaults, constants, examples, extensions.

use std::collections::BTreeMap;

use specwright_source::{Kind, NodeRef, Number};

/// A JSON value in which numbers keep their digits and objects their order.
///
/// `==` is the identity of what was written: `1` and `1.0` differ, and so do two orders of the
/// same members. [`Value::same_json`] compares as JSON Schema does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    List(Vec<Value>),
    /// An object in file order.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Copies a node with everything in it.
    pub fn of(node: NodeRef<'_>) -> Self {
        match node.kind() {
            Kind::Null => Self::Null,
            Kind::Bool(value) => Self::Bool(*value),
            Kind::Number(number) => Self::Number(number.clone()),
            Kind::String(text) => Self::String(text.to_string()),
            Kind::Sequence(_) => Self::List(node.items().map(Self::of).collect()),
            Kind::Mapping(_) => Self::Object(
                node.members().map(|(name, value)| (name.to_owned(), Self::of(value))).collect(),
            ),
        }
    }

    /// The text, if the value is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if the value is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if the value is one.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements; empty if the value is no array.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The members; empty if the value is no object.
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The member of a name, if the value is an object that has it.
    pub fn member(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Equality of JSON Schema (Core §4.2.2): numbers by value, members in any order.
    pub fn same_json(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => {
                one == two || one.as_f64().is_some_and(|value| two.as_f64() == Some(value))
            }
            (Self::List(one), Self::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a.same_json(b))
            }
            (Self::Object(one), Self::Object(two)) => {
                let two: BTreeMap<&str, &Self> =
                    two.iter().map(|(name, value)| (name.as_str(), value)).collect();
                one.len() == two.len()
                    && one.iter().all(|(name, value)| {
                        two.get(name.as_str()).is_some_and(|other| value.same_json(other))
                    })
            }
            _ => self == other,
        }
    }
}
