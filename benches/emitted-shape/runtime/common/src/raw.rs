use crate::{Encode, Writer};

/// JSON text that no generated type describes, kept as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct RawJson(Box<str>);

impl RawJson {
    /// Keeps text that a parser has accepted.
    pub fn from_checked(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }
}

impl Encode for RawJson {
    fn encode(&self, to: &mut Writer) {
        to.raw(&self.0);
    }
}
