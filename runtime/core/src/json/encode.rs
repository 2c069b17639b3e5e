//! From a value to JSON text.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::writer::Writer;
use crate::secret::SecretString;
use crate::types::{Date, DateTime, Json, LocalDateTime, Maybe, UnknownValue};

/// A type that can be written as JSON.
///
/// The writer sees it as `dyn`, so that nothing is compiled again for each type.
pub trait Encode {
    /// Writes the value.
    fn encode(&self, to: &mut Writer);
}

impl Encode for bool {
    fn encode(&self, to: &mut Writer) {
        to.bool(*self);
    }
}

macro_rules! integers {
    ($($ty:ident),*) => {$(
        impl Encode for $ty {
            fn encode(&self, to: &mut Writer) {
                to.integer((*self).into());
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

impl Encode for f64 {
    fn encode(&self, to: &mut Writer) {
        to.float(*self);
    }
}

impl Encode for f32 {
    fn encode(&self, to: &mut Writer) {
        to.float32(*self);
    }
}

impl Encode for str {
    fn encode(&self, to: &mut Writer) {
        to.str(self);
    }
}

impl Encode for String {
    fn encode(&self, to: &mut Writer) {
        to.str(self);
    }
}

impl Encode for UnknownValue {
    fn encode(&self, to: &mut Writer) {
        to.str(self.as_str());
    }
}

/// A request is where a secret is meant to go.
impl Encode for SecretString {
    fn encode(&self, to: &mut Writer) {
        to.str(self.expose());
    }
}

impl Encode for DateTime {
    fn encode(&self, to: &mut Writer) {
        to.str(&self.to_string());
    }
}

impl Encode for LocalDateTime {
    fn encode(&self, to: &mut Writer) {
        to.str(&self.to_string());
    }
}

impl Encode for Date {
    fn encode(&self, to: &mut Writer) {
        to.str(&self.to_string());
    }
}

impl Encode for Bytes {
    fn encode(&self, to: &mut Writer) {
        to.str(&STANDARD.encode(self));
    }
}

impl Encode for () {
    fn encode(&self, to: &mut Writer) {
        to.null();
    }
}

impl Encode for Json {
    fn encode(&self, to: &mut Writer) {
        to.value(self);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, to: &mut Writer) {
        match self {
            Some(value) => value.encode(to),
            None => to.null(),
        }
    }
}

/// Only an object can leave a member out; elsewhere an absent value is `null`.
impl<T: Encode> Encode for Maybe<T> {
    fn encode(&self, to: &mut Writer) {
        match self {
            Self::Value(value) => value.encode(to),
            Self::Null | Self::Absent => to.null(),
        }
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, to: &mut Writer) {
        (**self).encode(to);
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode(&self, to: &mut Writer) {
        (**self).encode(to);
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, to: &mut Writer) {
        to.list(&mut self.iter().map(|item| item as &dyn Encode));
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, to: &mut Writer) {
        self.as_slice().encode(to);
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode(&self, to: &mut Writer) {
        let mut object = to.object();
        for (name, value) in self {
            object.required(name, value);
        }
        object.end();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::Encode;
    use crate::json::{Decode, from_slice, to_vec};
    use crate::types::{DateTime, Json};

    fn round<T: Encode + Decode>(value: &T) -> T {
        from_slice(&to_vec(value).unwrap()).unwrap()
    }

    #[track_caller]
    fn writes(value: &dyn Encode, expected: &str) {
        assert_eq!(String::from_utf8(to_vec(value).unwrap()).unwrap(), expected);
    }

    #[test]
    fn scalars_have_their_usual_text() {
        writes(&i64::MIN, "-9223372036854775808");
        writes(&u64::MAX, "18446744073709551615");
        writes(&0.1_f32, "0.1");
        writes(&1.0_f64, "1.0");
        writes(&1e300_f64, "1e300");
        writes(&"a\"b\\\n\u{1}\u{1f4da}", "\"a\\\"b\\\\\\n\\u0001\u{1f4da}\"");
        writes(&Bytes::from("hi"), "\"aGk=\"");
        writes(&(), "null");
    }

    #[test]
    fn every_control_character_is_escaped() {
        for control in '\0'..' ' {
            let text = to_vec(&control.to_string()).unwrap();
            assert_eq!(serde_json::from_slice::<String>(&text).unwrap(), control.to_string());
        }
    }

    #[test]
    fn a_number_that_json_lacks_is_an_error_and_not_null() {
        for value in [f64::NAN, f64::INFINITY] {
            let error = to_vec(&vec![value]).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the body holds a number that JSON cannot write (infinite or not a number)"
            );
        }
    }

    fn any_json(float: impl Strategy<Value = f64> + 'static) -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<u64>().prop_map(Json::from),
            float.prop_map(Json::from),
            any::<String>().prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_comes_back(value in any_json(any::<f64>())) {
            prop_assert_eq!(round(&value), value);
        }

        #[test]
        fn what_is_written_is_json_to_others(value in any_json(Just(0.5))) {
            let text = to_vec(&value).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Json>(&text).unwrap(), value);
        }

        #[test]
        fn any_string_comes_back(value in any::<String>()) {
            prop_assert_eq!(round(&value), value);
        }

        #[test]
        fn any_integer_comes_back(value in any::<i64>()) {
            prop_assert_eq!(round(&value), value);
        }

        #[test]
        fn any_finite_float_comes_back(
            value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        ) {
            prop_assert_eq!(round(&value).to_bits(), value.to_bits());
        }

        #[test]
        fn any_bytes_come_back(value in prop::collection::vec(any::<u8>(), 0..64)) {
            let value = Bytes::from(value);
            prop_assert_eq!(round(&value), value);
        }

        #[test]
        fn any_map_of_lists_comes_back(
            value in prop::collection::btree_map(any::<String>(), prop::collection::vec(any::<Option<bool>>(), 0..4), 0..8),
        ) {
            let value: BTreeMap<String, Vec<Option<bool>>> = value;
            prop_assert_eq!(round(&value), value);
        }

        #[test]
        fn any_instant_comes_back(seconds in 0_u64..200_000_000_000, nanoseconds in 0_u32..1_000_000_000) {
            let instant = std::time::UNIX_EPOCH + std::time::Duration::new(seconds, nanoseconds);
            let value = DateTime::from(instant);
            prop_assert_eq!(round(&value), value);
        }
    }
}
