//! A value of an enum that the document does not name.

/// Keeps the text of an enum value that this version of the crate does not know.
///
/// It is opaque so that nobody matches on a text that a later version turns into a variant of its own; compare
/// `as_str()` of the enum instead, which works before and after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// Keeps `value`. This is for generated code; elsewhere use the enum's `From<&str>`, which knows the known values.
    pub fn new(value: &str) -> Self {
        Self(value.into())
    }

    /// The value on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
