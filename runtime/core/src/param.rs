//! Values of parameters, before a style gives them their text.

use std::collections::BTreeMap;

use crate::json::{self, Decode, DecodeError, Encode, Node, NodeKind, Writer};
use crate::secret::SecretString;
use crate::types::{Bytes, Date, DateTime, ExpiresIn, Json, LocalDateTime, Maybe, UnknownValue};

/// A type that can be a path, query, header or cookie parameter.
///
/// Generated enums implement it by `ParamValue::scalar(self.as_str())`.
pub trait ToParam {
    /// The value, not encoded yet.
    fn to_param(&self) -> ParamValue;
}

/// The value of a parameter, in the shapes that the styles of OpenAPI tell apart.
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
    /// There is a value, but no text for it: a number that is infinite or not a number. Sending fails.
    Unwritable,
}

impl ParamValue {
    /// One text.
    pub fn scalar(text: impl Into<String>) -> Self {
        Self::Scalar(text.into())
    }

    /// The value that the type has as JSON. Members stand in the order of writing; null is absent.
    pub fn encoded(value: &dyn Encode) -> Self {
        json::to_vec(value)
            .ok()
            .and_then(|text| json::from_slice(&text).ok())
            .unwrap_or(Self::Unwritable)
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Absent | Self::Unwritable => true,
            Self::Scalar(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Object(members) => members.is_empty(),
        }
    }

    /// The text of a value within a list or object, `None` if it is absent.
    ///
    /// OpenAPI 3.1 leaves nesting undefined. JSON text is what most servers that accept any read.
    fn nested(self) -> Result<Option<String>, Unwritable> {
        let mut writer = Writer::new();
        match self {
            Self::Absent => return Ok(None),
            Self::Scalar(text) => return Ok(Some(text)),
            Self::Unwritable => return Err(Unwritable),
            Self::List(items) => items.encode(&mut writer),
            Self::Object(members) => {
                let mut object = writer.object();
                for (name, text) in &members {
                    object.required(name, text);
                }
                object.end();
            }
        }
        let text = writer.finish().map_err(|_| Unwritable)?;
        String::from_utf8(text).map(Some).map_err(|_| Unwritable)
    }
}

struct Unwritable;

/// The shape that a JSON value has as a parameter.
impl Decode for ParamValue {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let text = |node: Node<'_>| match node.kind() {
            NodeKind::Null => Ok(None),
            NodeKind::String => node.str().map(|text| Some(text.to_owned())),
            NodeKind::Bool | NodeKind::Number | NodeKind::Array | NodeKind::Object => {
                Ok(Some(node.raw().to_owned()))
            }
        };
        match from.kind() {
            NodeKind::Array => {
                let texts = from.items()?.map(text);
                Ok(Self::List(texts.filter_map(Result::transpose).collect::<Result<_, _>>()?))
            }
            NodeKind::Object => {
                let mut members = Vec::new();
                for (name, value) in from.entries()? {
                    members.extend(text(value)?.map(|text| (name.to_owned(), text)));
                }
                Ok(Self::Object(members))
            }
            NodeKind::Null | NodeKind::Bool | NodeKind::Number | NodeKind::String => {
                Ok(text(from)?.map_or(Self::Absent, Self::Scalar))
            }
        }
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

by_display!(bool, i8, i16, i32, i64, u8, u16, u32, u64, str, String, Date, DateTime, LocalDateTime);

macro_rules! by_json {
    ($($ty:ty),*) => {$(
        impl ToParam for $ty {
            fn to_param(&self) -> ParamValue {
                ParamValue::encoded(self)
            }
        }
    )*};
}

by_json!(f32, f64, Bytes, ExpiresIn, Json, ());

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
        let texts = self.iter().filter_map(|item| item.to_param().nested().transpose());
        texts.collect::<Result<_, _>>().map_or(ParamValue::Unwritable, ParamValue::List)
    }
}

impl<T: ToParam> ToParam for Vec<T> {
    fn to_param(&self) -> ParamValue {
        self.as_slice().to_param()
    }
}

impl<T: ToParam> ToParam for BTreeMap<String, T> {
    fn to_param(&self) -> ParamValue {
        let member = |(name, value): (&String, &T)| {
            let text = value.to_param().nested().transpose()?;
            Some(text.map(|text| (name.clone(), text)))
        };
        let members = self.iter().filter_map(member).collect::<Result<_, _>>();
        members.map_or(ParamValue::Unwritable, ParamValue::Object)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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
                ("a".to_owned(), r#"[1,"b"]"#.to_owned()),
                ("c".to_owned(), r#"{"d":"e"}"#.to_owned()),
            ]),
        );
    }

    #[test]
    fn typed_lists_in_lists_are_json_text_too() {
        is(&vec![vec!["a", "b"]], &ParamValue::List(vec![r#"["a","b"]"#.to_owned()]));
        let map = BTreeMap::from([("k".to_owned(), BTreeMap::from([("l".to_owned(), 1)]))]);
        is(&map, &ParamValue::Object(vec![("k".to_owned(), r#"{"l":"1"}"#.to_owned())]));
    }

    #[test]
    fn a_number_without_text_is_not_passed_over() {
        is(&f64::NAN, &ParamValue::Unwritable);
        is(&vec![Some(1.0), Some(f64::INFINITY)], &ParamValue::Unwritable);
        is(&BTreeMap::from([("a".to_owned(), f64::NAN)]), &ParamValue::Unwritable);
    }
}
