//! A record as text.

use std::error::Error as StdError;
use std::fmt;

use specwright_store::{Form, FormError, FormErrorKind};

use super::record::Record;

/// The form of records that this version writes.
const FORM: Form = Form::new("grant", 1);

impl Record {
    /// The text that is stored: one JSON object.
    pub(crate) fn to_text(&self) -> Result<String, RecordError> {
        Ok(FORM.write(self)?)
    }

    /// Reads a stored text.
    pub(crate) fn parse(text: &str) -> Result<Self, RecordError> {
        Ok(FORM.read(text)?)
    }
}

/// A stored text that is no record. It is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// It was written by a newer version of this crate.
    Newer,
    /// It is damaged.
    Unreadable,
}

impl fmt::Display for RecordError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Newer => "the grant was written by a newer version of this library",
            Self::Unreadable => "what is stored of the grant cannot be read",
        })
    }
}

impl StdError for RecordError {}

impl From<FormError> for RecordError {
    fn from(error: FormError) -> Self {
        match error.kind() {
            FormErrorKind::Newer => Self::Newer,
            _ => Self::Unreadable,
        }
    }
}
