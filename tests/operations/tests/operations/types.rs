//! The generated type of each schema, as a function that decodes and encodes.

use specwright_client::json::{Decode, Encode, from_slice, to_vec};

/// Decodes a value and encodes what came of it.
pub(crate) type RoundTrip = fn(&[u8]) -> Result<Vec<u8>, String>;

/// The name of a schema and the round trip through its generated type.
pub(crate) type Types = &'static [(&'static str, RoundTrip)];

/// The round trip through `T`.
pub(crate) fn round_trip<T: Decode + Encode>(came: &[u8]) -> Result<Vec<u8>, String> {
    let value: T = from_slice(came).map_err(|error| format!("it does not decode: {error}"))?;
    to_vec(&value).map_err(|error| format!("it does not encode: {error}"))
}

/// The round trip of the schema `name`.
pub(crate) fn find(types: Types, name: &str) -> Option<RoundTrip> {
    let mut types = types.iter();
    types.find(|(known, _)| *known == name).map(|(_, round_trip)| *round_trip)
}

/// `types![module: A, B]`: the components whose types have the same names in `module`; after a semicolon, those whose
/// name is not that of a type: `"string" => String`.
macro_rules! types {
    ($module:ident: $($name:ident),* $(,)? $(; $($schema:literal => $type:ty),* $(,)?)?) => {
        &[
            $((stringify!($name), $crate::types::round_trip::<$module::$name>),)*
            $($(($schema, $crate::types::round_trip::<$type>),)*)?
        ]
    };
}
pub(crate) use types;
