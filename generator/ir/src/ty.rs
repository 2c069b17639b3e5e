//! Types: definitions that deserve a name, and uses of them.

use crate::api::{Docs, Origin};
use crate::literal::Literal;
use crate::words::Words;

/// Index into [`crate::Api::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub usize);

/// A definition that a back end gives a name.
#[derive(Clone, Debug)]
pub struct TypeDef {
    /// Stable key: the JSON Pointer of the defining schema (`/components/schemas/Contact`).
    pub key: String,
    /// Words of the component key, or a path of words for an inline schema.
    pub hint: Words,
    /// What a value looks like.
    pub shape: Shape,
    /// Prose.
    pub docs: Docs,
    /// `deprecated: true`.
    pub deprecated: bool,
    /// Where values of the type travel.
    pub usage: Usage,
    /// Where the schema stands.
    pub origin: Origin,
}

/// Where values of a type travel; computed by the usage analysis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Some request can hold it.
    pub request: bool,
    /// Some response, error or webhook can hold it.
    pub response: bool,
}

/// The form of a definition.
#[derive(Clone, Debug)]
pub enum Shape {
    /// An object with known members.
    Record {
        /// Members in document order.
        fields: Vec<Field>,
        /// Members with a fixed value that are always written: `grant_type: client_credentials`.
        constants: Vec<(String, Literal)>,
        /// What becomes of other members.
        rest: Rest,
    },
    /// A fixed set of strings or whole numbers.
    Choice {
        /// The known values in document order.
        values: Vec<ChoiceValue>,
        /// `String` or one of the whole numbers.
        base: Scalar,
        /// True if unknown values are kept, which is the rule.
        open: bool,
    },
    /// One of several types.
    Union {
        /// The alternatives in document order.
        variants: Vec<Variant>,
        /// How a reader tells them apart.
        dispatch: Dispatch,
        /// True if an unknown alternative is kept as JSON, which is the rule.
        open: bool,
    },
    /// Plain text or a whole number with a name of its own: an id, an alert's number. Not another name
    /// for it: whoever expects one kind of id cannot be given another.
    Newtype(Scalar),
    /// Another object, of which there is the id alone or all of it.
    Expandable {
        /// The id: a scalar, or a definition that is one.
        id: Ty,
        /// The object: a record, or a union of records.
        whole: Ty,
        /// Members that the whole object always has, apart from `id`, sorted. One of them shows that
        /// it is whole.
        signs: Vec<String>,
    },
    /// A change of a map that the API merges into what it has: keys to set, keys to remove, all keys
    /// to remove, or nothing. Values are of this type. It stands in a member of a record and nowhere
    /// else, because nothing but an object can leave it out.
    MergePatch(Ty),
    /// Another name for a type, with constraints of its own.
    Alias(Ty),
}

/// Members of an object beyond the known ones.
#[derive(Clone, Debug)]
pub enum Rest {
    /// Dropped on reading; none can be written.
    Ignore,
    /// Kept as values of this type.
    Collect(Ty),
}

/// One value of a [`Shape::Choice`].
#[derive(Clone, Debug)]
pub struct ChoiceValue {
    /// The value on the wire; whole numbers as their digits.
    pub wire: String,
    /// Other spellings, which are read as this value and never written.
    pub also: Vec<String>,
    /// Words of the value; may be empty (`""`, `+`), which the naming stage solves.
    pub hint: Words,
    /// Prose, from `x-enumDescriptions` and the like.
    pub docs: Docs,
}

/// One alternative of a [`Shape::Union`].
#[derive(Clone, Debug)]
pub struct Variant {
    /// Words of the tag or of the alternative's type.
    pub hint: Words,
    /// What it holds.
    pub ty: Ty,
    /// With [`Dispatch::Tag`] the values that select it, at least one; the first one is written where
    /// the alternative does not say which. With [`Dispatch::Literal`] the one text that the
    /// alternative is; empty for the alternative that is any other text. Empty with every other
    /// dispatch.
    pub tags: Vec<String>,
    /// Prose of the alternative.
    pub docs: Docs,
}

/// How a reader finds the alternative of a union.
#[derive(Clone, Debug)]
pub enum Dispatch {
    /// By the string in one member, and by nothing else.
    Tag {
        /// The member's name.
        property: String,
    },
    /// By the JSON kind, which differs for each alternative; same order as the variants.
    Kind(Vec<JsonKind>),
    /// By the members that are there: the first question whose answer is yes decides. One question
    /// a variant, in the order of asking.
    Members(Vec<MembersQuestion>),
    /// By the text: a variant with a tag is that text and holds nothing, and the one variant without
    /// a tag is any other text of its form.
    Literal,
}

/// Whether an object has some members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembersQuestion {
    /// The variant that the answer yes means, by its place.
    pub variant: usize,
    /// How many of the members it takes.
    pub takes: Takes,
    /// The members, at least one.
    pub members: Vec<String>,
}

/// How many members of a list must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Each of them.
    All,
    /// One of them.
    Any,
}

/// The kinds of JSON value, with numbers apart by wholeness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonKind {
    /// `null`.
    Null,
    /// `true` or `false`.
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

impl JsonKind {
    /// The kind as JSON Schema calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// A use of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// A definition.
    Def(TypeId),
    /// A scalar.
    Scalar(Scalar),
    /// An array.
    List(Box<Ty>),
    /// An object with any names and values of one type.
    Map(Box<Ty>),
    /// The same type or `null`, where a place other than a field allows it.
    Nullable(Box<Ty>),
    /// Any JSON value.
    Json,
    /// No value at all: the schema `false`, or an empty body.
    Nothing,
}

impl Ty {
    /// The definition of which every value of this type holds one in place, not in a list or map.
    pub fn held_directly(&self) -> Option<TypeId> {
        match self {
            Self::Def(id) => Some(*id),
            Self::Nullable(inner) => inner.held_directly(),
            Self::Scalar(_) | Self::List(_) | Self::Map(_) | Self::Json | Self::Nothing => None,
        }
    }
}

/// Values without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
    /// `true` or `false`.
    Bool,
    /// 32-bit whole number (`format: int32`).
    I32,
    /// 64-bit whole number; also `integer` without a format.
    I64,
    /// `format: uint32` and `uint64`, common outside the registry.
    U64,
    /// `number`, whatever its format.
    F64,
    /// Text, with a format that changes nothing about its type (`uri`, `email`, `uuid`, …).
    String,
    /// Text that no log may hold (`format: password`, `x-specwright-sensitive`).
    Secret,
    /// RFC 3339 `date-time`.
    DateTime,
    /// RFC 3339 `full-date`.
    Date,
    /// A date and a time of day without a zone (`format: date-time-local`).
    LocalDateTime,
    /// Text that holds base64 (`contentEncoding: base64`, `format: byte`).
    Base64,
    /// Seconds, or by a server's mistake the epoch second at which they end
    /// (`x-specwright-epoch-or-seconds`).
    ExpiresIn,
}

impl Scalar {
    /// The scalar in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::F64 => "f64",
            Self::String => "string",
            Self::Secret => "secret",
            Self::DateTime => "date-time",
            Self::Date => "date",
            Self::LocalDateTime => "date-time-local",
            Self::Base64 => "base64",
            Self::ExpiresIn => "expires-in",
        }
    }

    /// True for whole numbers of any width.
    pub fn is_whole_number(self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::U64)
    }

    /// True if a name makes a kind of its own of it, as [`Shape::Newtype`] does.
    pub fn can_be_newtype(self) -> bool {
        self == Self::String || self.is_whole_number()
    }
}

/// A member of a record.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name on the wire.
    pub wire: String,
    /// Words of the name.
    pub hint: Words,
    /// Type of the value when it is neither absent nor null.
    pub ty: Ty,
    /// Whether the value may be absent or null.
    pub presence: Presence,
    /// `default`.
    pub default: Option<Literal>,
    /// `readOnly` or `writeOnly`.
    pub access: Access,
    /// Held behind a pointer, because the type holds itself.
    pub indirect: bool,
    /// Limits on the value, for documentation.
    pub constraints: Constraints,
    /// `format` as written, for documentation.
    pub format: Option<String>,
    /// Prose; of the use if it has some, else of the type.
    pub docs: Docs,
    /// `deprecated: true`.
    pub deprecated: bool,
    /// Where the member's schema stands.
    pub origin: Origin,
}

/// The four cases of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The member must be there.
    pub required: bool,
    /// The value may be `null`.
    pub nullable: bool,
}

/// Directions in which a member may travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Both.
    #[default]
    ReadWrite,
    /// Responses only.
    ReadOnly,
    /// Requests only.
    WriteOnly,
}

/// Assertions of JSON Schema that limit a value. Documented, never enforced: a server is the
/// authority on what it accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    /// Keyword and value, in the order of the JSON Schema specification, for instance
    /// `("maxLength", 500)`.
    pub rules: Vec<(&'static str, Literal)>,
}
