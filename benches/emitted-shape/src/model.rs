//! The types that every shape writes, without a word about how.

/// One of the 300 types.
pub struct Type {
    pub name: String,
    /// How many records may be nested below this type. Keeps documents finite and small.
    pub level: usize,
    pub body: Body,
}

pub enum Body {
    Record(Vec<Field>),
    /// The values that the document names; the server may add others.
    Enum(Vec<&'static str>),
    /// The variants, each an index into the list of types. The member [`TAG`] tells them apart.
    Union(Vec<usize>),
}

/// The member that names a union's variant.
pub const TAG: &str = "kind";

pub struct Field {
    pub wire: &'static str,
    pub presence: Presence,
    pub value: Value,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Presence {
    Required,
    /// Required, but may be null.
    Nullable,
    /// May be left out.
    Optional,
    /// May be left out or null, and the two differ.
    ThreeState,
}

pub enum Value {
    Text,
    DateTime,
    Int,
    Float,
    Bool,
    Named(usize),
    List(Box<Value>),
    Map(Box<Value>),
}
