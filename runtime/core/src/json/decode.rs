//! From a node to a value.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::error::DecodeError;
use super::node::Node;
use crate::secret::SecretString;
use crate::types::{Date, DateTime, Json, LocalDateTime, Maybe};

/// A type that can be read from JSON.
pub trait Decode: Sized {
    /// Reads the value.
    fn decode(from: Node<'_>) -> Result<Self, DecodeError>;
}

impl Decode for bool {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.bool()
    }
}

macro_rules! integers {
    ($($ty:ident),*) => {$(
        impl Decode for $ty {
            fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
                integer(from)?
                    .try_into()
                    .map_err(|_| from.error(concat!("an integer in the range of `", stringify!($ty), "`")))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// A whole number, however it is written: JSON Schema 2020-12 §6.1.1 says that `1.0` is an integer.
fn integer(from: Node<'_>) -> Result<i128, DecodeError> {
    /// Below it every whole number has an `f64` of its own (2 to the power of 53).
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let wrong = || from.error("an integer");
    let text = from.number().map_err(|_| wrong())?;
    if let Ok(integer) = text.parse() {
        return Ok(integer);
    }
    let number: f64 = text.parse().map_err(|_| wrong())?;
    if number.fract() != 0.0 || number.abs() >= EXACT {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53, as checked above")]
    Ok(number as i128)
}

impl Decode for f64 {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let number: Self = from.number()?.parse().map_err(|_| from.error("a number"))?;
        if number.is_finite() {
            Ok(number)
        } else {
            Err(from.error("a number in the range of `f64`"))
        }
    }
}

impl Decode for f32 {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let number: Self = from.number()?.parse().map_err(|_| from.error("a number"))?;
        if number.is_finite() {
            Ok(number)
        } else {
            Err(from.error("a number in the range of `f32`"))
        }
    }
}

impl Decode for String {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.str().map(str::to_owned)
    }
}

impl Decode for SecretString {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.str().map(Self::from)
    }
}

impl Decode for DateTime {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.str()?.parse().map_err(|_| from.error("a date-time with an offset (RFC 3339)"))
    }
}

impl Decode for LocalDateTime {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.str()?.parse().map_err(|_| from.error("a date-time without an offset (RFC 3339)"))
    }
}

impl Decode for Date {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.str()?.parse().map_err(|_| from.error("a date as YYYY-MM-DD (RFC 3339)"))
    }
}

/// Base64 of RFC 4648 §4, as `format: byte` and `contentEncoding: base64` have it.
impl Decode for Bytes {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        STANDARD.decode(from.str()?).map(Self::from).map_err(|_| from.error("base64 (RFC 4648 §4)"))
    }
}

/// A value of no interest, whatever it is.
impl Decode for () {
    fn decode(_: Node<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

impl Decode for Json {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.to_json()
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        if from.is_null() { Ok(None) } else { from.decode().map(Some) }
    }
}

/// A value that stands somewhere is not absent: the result is null or a value.
impl<T: Decode> Decode for Maybe<T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.decode::<Option<T>>().map(Self::from)
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.decode().map(Self::new)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.items()?.map(T::decode).collect()
    }
}

/// When a name stands there twice, the last one counts.
impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.entries()?.map(|(name, value)| Ok((name.to_owned(), value.decode()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::Decode;
    use crate::json::from_slice;
    use crate::types::{Date, DateTime, Json};

    #[track_caller]
    fn reads<T: Decode + PartialEq + std::fmt::Debug>(text: &str, expected: &T) {
        assert_eq!(from_slice::<T>(text.as_bytes()).unwrap(), *expected);
    }

    #[track_caller]
    fn expects<T: Decode + std::fmt::Debug>(text: &str, expected: &str) {
        assert_eq!(from_slice::<T>(text.as_bytes()).unwrap_err().expected(), expected);
    }

    #[test]
    fn whole_numbers_are_integers_however_they_are_written() {
        reads("1.0", &1_i64);
        reads("1e3", &1000_u16);
        reads("-20E-1", &-2_i8);
        reads("18446744073709551615", &u64::MAX);
        reads("-9223372036854775808", &i64::MIN);
    }

    #[test]
    fn numbers_that_are_not_whole_are_no_integers() {
        expects::<i64>("1.5", "an integer");
        expects::<i64>("\"1\"", "an integer");
        expects::<i64>("9007199254740993.0", "an integer");
    }

    #[test]
    fn integers_keep_their_range() {
        expects::<i8>("128", "an integer in the range of `i8`");
        expects::<u32>("-1", "an integer in the range of `u32`");
        expects::<u64>("18446744073709551616", "an integer in the range of `u64`");
    }

    #[test]
    fn floats_are_exact_and_keep_their_range() {
        reads("0.1", &0.1_f64);
        reads("2.3902817868105794e142", &json!(2.390_281_786_810_579_4e142));
        expects::<f64>("1e999", "a number in the range of `f64`");
        expects::<f32>("1e39", "a number in the range of `f32`");
    }

    #[test]
    fn formats_are_checked() {
        reads("\"aGk=\"", &Bytes::from("hi"));
        expects::<Bytes>("\"a b\"", "base64 (RFC 4648 §4)");
        expects::<DateTime>("\"2025-09-01\"", "a date-time with an offset (RFC 3339)");
        expects::<Date>("\"2025-09-31\"", "a date as YYYY-MM-DD (RFC 3339)");
    }

    #[test]
    fn a_number_beyond_64_bits_is_refused_where_it_could_not_be_kept() {
        expects::<Json>("{\"a\":1e999}", "a number of at most 64 bits");
    }

    #[test]
    fn null_in_a_list_is_none() {
        reads("[1,null]", &vec![Some(1_i64), None]);
        expects::<Vec<i64>>("[null]", "an integer");
    }
}
