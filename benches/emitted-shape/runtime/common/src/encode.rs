use std::collections::BTreeMap;

use crate::{Maybe, Writer};

/// A value that can be written as JSON.
///
/// Object-safe: the writer sees every value as `&dyn Encode`, so none of it is compiled again for each type.
pub trait Encode {
    /// Writes the value.
    fn encode(&self, to: &mut Writer);

    /// Whether an optional member that holds this value is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Encodes a value to JSON text.
pub fn to_vec(value: &dyn Encode) -> Vec<u8> {
    let mut writer = Writer::default();
    value.encode(&mut writer);
    writer.into_bytes()
}

impl Encode for String {
    fn encode(&self, to: &mut Writer) {
        to.string(self);
    }
}

impl Encode for i64 {
    fn encode(&self, to: &mut Writer) {
        to.int(*self);
    }
}

impl Encode for f64 {
    fn encode(&self, to: &mut Writer) {
        to.float(*self);
    }
}

impl Encode for bool {
    fn encode(&self, to: &mut Writer) {
        to.bool(*self);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, to: &mut Writer) {
        match self {
            Some(value) => value.encode(to),
            None => to.null(),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Encode> Encode for Maybe<T> {
    fn encode(&self, to: &mut Writer) {
        match self {
            Maybe::Value(value) => value.encode(to),
            Maybe::Null | Maybe::Absent => to.null(),
        }
    }

    fn is_absent(&self) -> bool {
        matches!(self, Maybe::Absent)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, to: &mut Writer) {
        to.list(&mut self.iter().map(|item| item as &dyn Encode));
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode(&self, to: &mut Writer) {
        let mut object = to.object();
        for (key, value) in self {
            object.field(key, value);
        }
        object.end();
    }
}
