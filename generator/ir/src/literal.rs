//! Values that a document gives: defaults, constants and the like.

/// A JSON value in which numbers keep their digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A string.
    String(String),
    /// An array.
    List(Vec<Literal>),
    /// An object; its members are sorted by name.
    Object(Vec<(String, Literal)>),
}
