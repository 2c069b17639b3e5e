//! A record as text.

use std::error::Error as StdError;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::record::Record;

/// The form of records that this version writes. A newer form is refused: what an older program does not know, it would
/// lose on the next write.
const FORM: u32 = 1;

#[derive(Serialize)]
struct Written<'r> {
    form: u32,
    #[serde(flatten)]
    record: &'r Record,
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

impl Record {
    /// The text that is stored: one JSON object.
    pub(crate) fn to_text(&self) -> Result<String, RecordError> {
        serde_json::to_string(&Written { form: FORM, record: self })
            .map_err(|_| RecordError::Unreadable)
    }

    /// Reads a stored text.
    pub(crate) fn parse(text: &str) -> Result<Self, RecordError> {
        let Form { form } = serde_json::from_str(text).map_err(|_| RecordError::Unreadable)?;
        if form > FORM {
            return Err(RecordError::Newer);
        }
        serde_json::from_str(text).map_err(|_| RecordError::Unreadable)
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
