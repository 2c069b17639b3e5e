//! Decoding from a streaming reader with field tables.

mod decode;
mod object;
mod reader;

pub use decode::{Decode, from_slice, required};
pub use object::Object;
pub use reader::Reader;
pub use shape_json_common::{DecodeError, Encode, Maybe, RawJson, Writer, to_vec};
