//! What the hand-shaped codecs share: writer, lexer, errors, presence.
//!
//! Only as good as an honest comparison needs: it parses and refuses what JSON refuses, and its errors name the path.

mod encode;
mod error;
mod lexer;
mod maybe;
mod raw;
mod writer;

pub use encode::{Encode, to_vec};
pub use error::DecodeError;
pub use lexer::{Lexer, MAX_DEPTH, Span};
pub use maybe::Maybe;
pub use raw::RawJson;
pub use writer::{ObjectWriter, Writer};
