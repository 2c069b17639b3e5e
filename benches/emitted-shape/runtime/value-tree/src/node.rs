use std::borrow::Cow;

use serde_json::Value;
use shape_json_common::{DecodeError, RawJson};

use crate::Object;

/// A view on one value of a parsed document.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t>(&'t Value);

impl<'t> Node<'t> {
    /// A view on `value`.
    pub fn new(value: &'t Value) -> Self {
        Self(value)
    }

    /// Whether the value is null.
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// The members of an object.
    pub fn object(self) -> Result<Object<'t>, DecodeError> {
        self.0.as_object().map(Object::new).ok_or_else(|| DecodeError::wrong("an object"))
    }

    /// The text of a string.
    pub fn string(self) -> Result<Cow<'t, str>, DecodeError> {
        self.0.as_str().map(Cow::Borrowed).ok_or_else(|| DecodeError::wrong("a string"))
    }

    /// An integer.
    pub fn int(self) -> Result<i64, DecodeError> {
        self.0.as_i64().ok_or_else(|| DecodeError::wrong("an integer"))
    }

    /// A number.
    pub fn float(self) -> Result<f64, DecodeError> {
        self.0.as_f64().ok_or_else(|| DecodeError::wrong("a number"))
    }

    /// A truth value.
    pub fn bool(self) -> Result<bool, DecodeError> {
        self.0.as_bool().ok_or_else(|| DecodeError::wrong("true or false"))
    }

    /// The text of the member that names a union's variant.
    pub fn tag(self, name: &'static str) -> Result<Cow<'t, str>, DecodeError> {
        let tag = self.object()?.find(name).ok_or_else(|| DecodeError::missing(name))?;
        tag.string().map_err(|error| error.in_field(name))
    }

    /// The elements of a list.
    pub fn items(self) -> Result<impl ExactSizeIterator<Item = Node<'t>>, DecodeError> {
        let items = self.0.as_array().ok_or_else(|| DecodeError::wrong("a list"))?;
        Ok(items.iter().map(Node))
    }

    /// The entries of a map.
    pub fn entries(self) -> Result<impl Iterator<Item = (Cow<'t, str>, Node<'t>)>, DecodeError> {
        let entries = self.0.as_object().ok_or_else(|| DecodeError::wrong("an object"))?;
        Ok(entries.iter().map(|(key, value)| (Cow::Borrowed(key.as_str()), Node(value))))
    }

    /// The value as JSON text.
    pub fn to_raw(self) -> RawJson {
        RawJson::from_checked(self.0.to_string())
    }
}
