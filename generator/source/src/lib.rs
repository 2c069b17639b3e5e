//! Text to span tree.
//!
//! Input: bytes of YAML or JSON files and OpenAPI Overlay files. Output: a [`Tree`] in which every
//! node and every key remembers where it was written, and a [`Sink`] full of [`Diagnostic`]s.
//!
//! This crate knows nothing about OpenAPI beyond the Overlay format. Its invariants:
//!
//! - Reading never fails and never panics: text that cannot be read gives a located diagnostic and
//!   the best tree that can be had from it.
//! - Every node has a [`Span`] in a file of the [`SourceMap`] and a JSON Pointer.
//! - Budgets on bytes, depth and nodes (after alias expansion) hold for every input.
//! - Only [`loader`] touches the disk; what documents refer to stays under the reference root; nothing
//!   opens a socket.

pub mod budget;
mod builder;
pub mod codes;
pub mod diagnostic;
mod edit;
pub mod emit;
pub mod file;
mod json;
pub mod loader;
pub mod overlay;
pub mod pointer;
pub mod read;
mod scalar;
pub mod span;
pub mod tree;
mod yaml;

pub use budget::Budget;
pub use codes::Code;
pub use diagnostic::{Diagnostic, Label, Severity, Sink};
pub use file::{Position, SourceFile, SourceMap};
pub use loader::{DiskFiles, Files, Loader, MemoryFiles, Reference};
pub use overlay::{ActionReport, Applied, Overlay};
pub use pointer::Pointer;
pub use read::read;
pub use span::{FileId, Span};
pub use tree::{Entry, Kind, NodeId, NodeRef, Number, Tree};
