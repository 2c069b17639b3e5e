//! Values of parameters, before a style gives them their text.

use std::collections::BTreeMap;

use crate::json::{Encode, Writer};
use crate::secret::SecretString;
use crate::types::{Date, DateTime, Json, Maybe, UnknownValue};

/// A type that can be a path, query, header or cookie parameter.
///
/// Generated enums implement it by `ParamValue::scalar(self.as_str())`.
pub trait ToParam {
    /// The value, not encoded yet.
    fn to_param(&self) -> ParamValue;
}

/// The value of a parameter, in the three shapes that the styles of OpenAPI tell apart.
///
/// It has no `Debug`: a parameter may be a key.
#[derive(Clone, PartialEq, Eq)]
pub enum ParamValue {
    /// The parameter is not sent.
    Absent,
    /// One text.
    Scalar(String),
    /// Several texts.
    List(Vec<String>),
    /// Names and texts.
    Object(Vec<(String, String)>),
}

impl ParamValue {
    /// One text.
    pub fn scalar(text: impl Into<String>) -> Self {
        Self::Scalar(text.into())
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Scalar(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Object(members) => members.is_empty(),
        }
    }

    /// Several values. Absent ones are left out.
    fn list<T: ToParam>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().filter_map(|item| item.to_param().nested()).collect())
    }

    /// Named values. Absent ones are left out.
    fn object<K: Into<String>, T: ToParam>(members: impl IntoIterator<Item = (K, T)>) -> Self {
        let text = |(name, value): (K, T)| Some((name.into(), value.to_param().nested()?));
        Self::Object(members.into_iter().filter_map(text).collect())
    }

    /// The text of a value within a list or object.
    ///
    /// OpenAPI 3.1 leaves nesting undefined. JSON text is what most servers that accept any read.
    fn nested(self) -> Option<String> {
        let mut writer = Writer::new();
        match self {
            Self::Absent => return None,
            Self::Scalar(text) => return Some(text),
            Self::List(items) => items.encode(&mut writer),
            Self::Object(members) => {
                members.into_iter().collect::<BTreeMap<_, _>>().encode(&mut writer);
            }
        }
        writer.finish().ok().and_then(|text| String::from_utf8(text).ok())
    }
}

macro_rules! by_display {
    ($($ty:ty),*) => {$(
        impl ToParam for $ty {
            fn to_param(&self) -> ParamValue {
                ParamValue::Scalar(self.to_string())
            }
        }
    )*};
}

by_display!(bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, str, String, Date, DateTime);

impl ToParam for UnknownValue {
    fn to_param(&self) -> ParamValue {
        ParamValue::scalar(self.as_str())
    }
}

/// A request is where a secret is meant to go.
impl ToParam for SecretString {
    fn to_param(&self) -> ParamValue {
        ParamValue::scalar(self.expose())
    }
}

impl<T: ToParam + ?Sized> ToParam for &T {
    fn to_param(&self) -> ParamValue {
        (**self).to_param()
    }
}

impl<T: ToParam + ?Sized> ToParam for Box<T> {
    fn to_param(&self) -> ParamValue {
        (**self).to_param()
    }
}

impl<T: ToParam> ToParam for Option<T> {
    fn to_param(&self) -> ParamValue {
        self.as_ref().map_or(ParamValue::Absent, T::to_param)
    }
}

/// No style can write null, so it is as absent.
impl<T: ToParam> ToParam for Maybe<T> {
    fn to_param(&self) -> ParamValue {
        self.as_ref().value().to_param()
    }
}

impl<T: ToParam> ToParam for [T] {
    fn to_param(&self) -> ParamValue {
        ParamValue::list(self)
    }
}

impl<T: ToParam> ToParam for Vec<T> {
    fn to_param(&self) -> ParamValue {
        self.as_slice().to_param()
    }
}

impl<T: ToParam> ToParam for BTreeMap<String, T> {
    fn to_param(&self) -> ParamValue {
        ParamValue::object(self)
    }
}

impl ToParam for Json {
    fn to_param(&self) -> ParamValue {
        match self {
            Self::Null => ParamValue::Absent,
            Self::Bool(value) => value.to_param(),
            Self::Number(value) => ParamValue::Scalar(value.to_string()),
            Self::String(value) => value.to_param(),
            Self::Array(items) => items.to_param(),
            Self::Object(members) => ParamValue::object(members),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ParamValue, ToParam};
    use crate::types::Maybe;

    #[track_caller]
    fn is(value: &dyn ToParam, expected: &ParamValue) {
        assert!(value.to_param() == *expected);
    }

    #[test]
    fn scalars_have_their_plain_text() {
        is(&true, &ParamValue::scalar("true"));
        is(&-7_i64, &ParamValue::scalar("-7"));
        is(&1.5_f64, &ParamValue::scalar("1.5"));
        is(&"a b", &ParamValue::scalar("a b"));
    }

    #[test]
    fn none_and_null_are_not_sent() {
        is(&None::<i64>, &ParamValue::Absent);
        is(&Maybe::<i64>::Null, &ParamValue::Absent);
        is(&json!(null), &ParamValue::Absent);
        is(&vec![Some(1), None], &ParamValue::List(vec!["1".to_owned()]));
    }

    #[test]
    fn what_is_nested_is_json_text() {
        is(
            &json!({"a": [1, "b"], "c": {"d": "e"}}),
            &ParamValue::Object(vec![
                ("a".to_owned(), r#"["1","b"]"#.to_owned()),
                ("c".to_owned(), r#"{"d":"e"}"#.to_owned()),
            ]),
        );
    }
}
