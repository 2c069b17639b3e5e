use std::borrow::Cow;
use std::collections::BTreeMap;

use shape_json_common::{DecodeError, Maybe};

use crate::Reader;

/// A value that can be read from a stream.
pub trait Decode: Sized {
    /// Reads the value.
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Decodes a value from JSON text.
pub fn from_slice<T: Decode>(body: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(body)?;
    let value = T::decode(&mut reader)?;
    reader.lexer.finish()?;
    Ok(value)
}

/// The value of a member that must have been seen.
pub fn required<T>(slot: Option<T>, name: &'static str) -> Result<T, DecodeError> {
    slot.ok_or_else(|| DecodeError::missing(name))
}

impl Decode for String {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.string().map(Cow::into_owned)
    }
}

impl Decode for i64 {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.int()
    }
}

impl Decode for f64 {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.float()
    }
}

impl Decode for bool {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.bool()
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if from.null()? { Ok(None) } else { T::decode(from).map(Some) }
    }
}

impl<T: Decode> Decode for Maybe<T> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if from.null()? { Ok(Maybe::Null) } else { T::decode(from).map(Maybe::Value) }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.open(b'[', "a list")?;
        let mut list = Vec::new();
        let mut first = true;
        while !from.close(b']', &mut first)? {
            list.push(T::decode(from).map_err(|error| error.at_index(list.len()))?);
        }
        Ok(list)
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.open(b'{', "an object")?;
        let mut map = BTreeMap::new();
        let mut first = true;
        while !from.close(b'}', &mut first)? {
            let key = from.string()?.into_owned();
            from.lexer.expect(b':', "a colon")?;
            let value = T::decode(from).map_err(|error| error.in_key(&key))?;
            map.insert(key, value);
        }
        Ok(map)
    }
}
