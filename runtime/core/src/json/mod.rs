//! JSON: from text to values and back, in one direction of cost: little code for each type.
//!
//! Reading goes through a flat tree that borrows from the body. Parsing is not generic, and a type's own [`Decode`] only
//! names its members, so a generated crate compiles fast. Writing goes through [`Encode`], which the writer sees as
//! `dyn`, for the same reason. The tree itself is private: types see a [`Node`].

mod decode;
mod encode;
mod error;
mod node;
mod object;
mod reader;
mod tree;
mod writer;

pub use decode::Decode;
pub use encode::Encode;
pub use error::DecodeError;
pub use node::{Node, NodeKind};
pub use object::Object;
pub use writer::{ObjectWriter, Writer};

use crate::request::EncodeError;

/// Reads a value from JSON text (RFC 8259) in UTF-8, with or without a byte order mark.
///
/// Members that the type does not know are ignored. Text after the value is refused, and so is nesting beyond 128.
///
/// ```
/// use specwright_core::json;
///
/// assert_eq!(json::from_slice::<Vec<i64>>(b"[1, 2.0]")?, [1, 2]);
/// let error = json::from_slice::<Vec<i64>>(b"[1, true]").unwrap_err();
/// assert_eq!(error.pointer(), Some("/1"));
/// # Ok::<(), json::DecodeError>(())
/// ```
pub fn from_slice<T: Decode>(text: &[u8]) -> Result<T, DecodeError> {
    let tree = reader::read(text)?;
    T::decode(Node::root(&tree))
}

/// The string at a JSON Pointer (RFC 6901) through the objects of JSON text. Nothing else becomes a value.
///
/// ```
/// use specwright_core::json;
///
/// let text = br#"{"event": {"id": "evt_fake"}}"#;
/// assert_eq!(json::text_at(text, "/event/id")?, "evt_fake");
/// # Ok::<(), json::DecodeError>(())
/// ```
pub fn text_at(text: &[u8], pointer: &str) -> Result<String, DecodeError> {
    let tree = reader::read(text)?;
    Node::root(&tree).tag_at(pointer).map(str::to_owned)
}

/// Writes a value as JSON text.
pub fn to_vec(value: &dyn Encode) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer::new();
    value.encode(&mut writer);
    writer.finish()
}
