//! Span tree to OpenAPI 3.1 document.
//!
//! Input: the [`Tree`](specwright_source::Tree) of an OpenAPI 3.0, 3.1 or 3.2 file after its
//! overlays, and a loader for the files it refers to. Output: a [`Document`] in the terms of 3.1.
//!
//! Invariants:
//!
//! - Reading never fails and never panics. A damaged place gives a located diagnostic and the best
//!   reading there is; the rest of the document is read as if nothing had happened.
//! - Nothing is dropped without a word: a member that no table of keywords knows is reported.
//! - Damage never weakens a request: a damaged `security` asks for credentials.
//! - A schema node is read once, so a schema that holds itself is a cycle of ids.
//!
//! This crate decides what the text says, never what it means for a program: merging of `allOf`,
//! unions and names are the business of lowering.

pub mod document;
pub mod version;

pub use document::Document;
pub use version::OpenApiVersion;
