//! Decoding from a flat vector of borrowed nodes.

mod decode;
mod node;
mod object;
mod tree;

pub use decode::{Decode, from_slice};
pub use node::Node;
pub use object::Object;
pub use shape_json_common::{DecodeError, Encode, Maybe, RawJson, Writer, to_vec};
