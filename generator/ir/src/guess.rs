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
    /// Which question was open: `dispatch`, `expandable`, `newtype`, `secret`, `group`, `method`,
    /// `request`, `server` or `webhook_tag`.
    pub kind: &'static str,
    /// The answer, in one line.
    pub value: String,
    /// Why this answer, as half a sentence.
    pub because: String,
    /// Where the answer would stand if the document gave it.
    pub origin: Origin,
}
