//! Decoding from a `serde_json::Value` tree.

mod decode;
mod node;
mod object;

pub use decode::{Decode, from_slice};
pub use node::Node;
pub use object::Object;
pub use shape_json_common::{DecodeError, Encode, Maybe, RawJson, Writer, to_vec};
