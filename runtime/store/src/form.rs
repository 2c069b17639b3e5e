//! Texts of rows that say in which form they are written.

use std::error::Error as StdError;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{StoreError, StoreErrorKind};

/// In which form a version of this library writes what it keeps: one JSON object, of which the member `form` is a number.
///
/// A text of a newer form is refused: what an older program does not know, it would lose on the next write.
///
/// ```
/// use specwright_store::Form;
///
/// const FORM: Form = Form::new("counter", 1);
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Counter {
///     count: u64,
/// }
///
/// # fn main() -> Result<(), specwright_store::FormError> {
/// let text = FORM.write(&Counter { count: 7 })?;
/// assert_eq!(text, r#"{"form":1,"count":7}"#);
/// assert_eq!(FORM.read::<Counter>(&text)?.count, 7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    what: &'static str,
    number: u32,
}

#[derive(Serialize)]
struct Written<'t, T> {
    form: u32,
    #[serde(flatten)]
    it: &'t T,
}

#[derive(Deserialize)]
struct Head {
    form: u32,
}

impl Form {
    /// The form `number` of `what`, a noun for errors.
    pub const fn new(what: &'static str, number: u32) -> Self {
        Self { what, number }
    }

    /// The text to store of a value that is a JSON object without a member `form`.
    pub fn write<T: Serialize>(self, value: &T) -> Result<String, FormError> {
        let written = Written { form: self.number, it: value };
        serde_json::to_string(&written).map_err(|_| self.damaged())
    }

    /// Reads a stored text.
    pub fn read<T: DeserializeOwned>(self, text: &str) -> Result<T, FormError> {
        // The form first: of what is newer nobody knows how to read the rest.
        let Head { form } = serde_json::from_str(text).map_err(|_| self.damaged())?;
        if form > self.number {
            return Err(FormError { what: self.what, kind: FormErrorKind::Newer });
        }
        serde_json::from_str(text).map_err(|_| self.damaged())
    }

    /// The cause that JSON names could quote the text, so it is left out.
    fn damaged(self) -> FormError {
        FormError { what: self.what, kind: FormErrorKind::Damaged }
    }
}

/// A stored text that is not of a [`Form`]. It is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormError {
    what: &'static str,
    kind: FormErrorKind,
}

/// What is the matter with a stored text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormErrorKind {
    /// It was written by a newer version of this library.
    Newer,
    /// It is damaged.
    Damaged,
}

impl FormError {
    /// What is the matter.
    pub fn kind(&self) -> FormErrorKind {
        self.kind
    }
}

impl From<FormError> for StoreError {
    fn from(error: FormError) -> Self {
        Self::new(StoreErrorKind::Unreadable, error)
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what;
        match self.kind {
            FormErrorKind::Newer => {
                write!(to, "the {what} was written by a newer version of this library")
            }
            FormErrorKind::Damaged => write!(to, "what is stored of the {what} cannot be read"),
        }
    }
}

impl StdError for FormError {}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form = Form::new("shelf", 2);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "is", rename_all = "snake_case")]
    enum Shelf {
        Empty,
        Full { books: u32 },
    }

    #[test]
    fn a_text_begins_with_its_form() {
        assert_eq!(FORM.write(&Shelf::Empty).unwrap(), r#"{"form":2,"is":"empty"}"#);
    }

    #[test]
    fn a_text_is_read_as_it_was_written() {
        let full = Shelf::Full { books: 7 };
        assert_eq!(FORM.read::<Shelf>(&FORM.write(&full).unwrap()).unwrap(), full);
    }

    #[test]
    fn an_older_form_is_read() {
        assert_eq!(FORM.read::<Shelf>(r#"{"form":1,"is":"empty"}"#).unwrap(), Shelf::Empty);
    }

    #[test]
    fn a_newer_form_is_refused_although_it_could_be_read() {
        let error = FORM.read::<Shelf>(r#"{"form":3,"is":"empty"}"#).unwrap_err();
        assert_eq!(error.kind(), FormErrorKind::Newer);
        let told = error.to_string();
        assert_eq!(told, "the shelf was written by a newer version of this library");
    }

    #[test]
    fn a_damaged_text_is_refused_without_a_word_of_it() {
        let texts = [
            "",
            "canary",
            r#"{"is":"canary"}"#,
            r#"{"form":"canary"}"#,
            r#"{"form":2}"#,
            r#"{"form":2,"is":"canary"}"#,
            r#"{"form":2,"is":"full","books":"canary"}"#,
        ];
        for text in texts {
            let error = FORM.read::<Shelf>(text).unwrap_err();
            assert_eq!(error.kind(), FormErrorKind::Damaged, "{text}");
            assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn a_store_holds_what_cannot_be_read() {
        let error = StoreError::from(FORM.read::<Shelf>("").unwrap_err());
        assert_eq!(error.kind(), StoreErrorKind::Unreadable);
        let cause = error.source().unwrap().to_string();
        assert_eq!(cause, "what is stored of the shelf cannot be read");
    }
}
