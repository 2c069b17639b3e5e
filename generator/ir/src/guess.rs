//! What the document does not say and somebody had to decide.

use crate::api::Origin;

/// A decision that the document left open.
///
/// It is no problem, or a diagnostic would say so. But whoever reviews the client should find each of
/// them in one place, and see when one changes: `api.lock` holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// What was decided about: the key of a type or an operation, or a JSON Pointer into the document.
    pub key: String,
    /// Which question was open.
    pub kind: GuessKind,
    /// The answer, in one line.
    pub value: String,
    /// Why this answer, as half a sentence.
    pub because: String,
    /// Where the answer would stand if the document gave it.
    pub origin: Origin,
}

/// A question that a document leaves open. The order is that of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuessKind {
    /// How the alternatives of a union are told apart.
    Dispatch,
    /// Whether a union is a reference to an object, or all of it.
    Expandable,
    /// Which group an operation without a tag belongs to.
    Group,
    /// What tells the items of a list apart.
    Identity,
    /// What an operation without an `operationId` is called in its group.
    Method,
    /// Whether text or a number with a name is a kind of its own.
    Newtype,
    /// What the request of an operation without an `operationId` is called.
    Request,
    /// Whether a text is a credential.
    Secret,
    /// Which server is meant.
    Server,
    /// Where a webhook says which event it is.
    WebhookTag,
}

impl GuessKind {
    /// The question in one word, as `api.lock` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Expandable => "expandable",
            Self::Group => "group",
            Self::Identity => "identity",
            Self::Method => "method",
            Self::Newtype => "newtype",
            Self::Request => "request",
            Self::Secret => "secret",
            Self::Server => "server",
            Self::WebhookTag => "webhook_tag",
        }
    }
}
