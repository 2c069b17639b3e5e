//! What the tests of both vendors share.
//!
//! Input: the effective documents in `runtime/sandbox/profiles`. Output: what they say of their operations, read without
//! the generator ([`Document`]), and all that a list gives ([`walk`]).
//!
//! It must never link the generator, the runtime or a generated crate.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what a helper misses fails the test")]

mod document;
mod walk;

pub use document::{
    Answer, Body, Document, Operation, Parameter, ParameterPlace, escape, members, schema_name,
};
pub use walk::walk;
