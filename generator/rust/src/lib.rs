//! Intermediate representation to a Rust client crate.
//!
//! Input: an [`Api`], the [`Settings`] of the crate to write and the [`Lock`] with the decisions of
//! earlier runs. Output: the [`File`]s of the crate, formatted, and the lock with the decisions that
//! were new. Nothing is read from or written to a disk here.
//!
//! Four steps: `names` gives every item its identifier, `features` says what stands under which
//! feature, `emit` turns items into tokens, `render` turns tokens into text. Invariants:
//!
//! - The files are a function of the arguments: no clock, no environment, no order of hash maps.
//! - Identifiers are minted in `names` and nowhere else; emission decides nothing.
//! - Text of the document reaches a file only as a string literal or through `prose`, which
//!   rebuilds it from parsed Markdown: it never becomes code, a doctest, an attribute or a path.
//! - A document is never seen, only its meaning: this crate does not depend on `openapi`.

mod emit;
mod features;
mod manifest;
mod names;
mod prose;
mod render;
mod settings;

use specwright_ir::Api;
use specwright_ir::lock::Lock;
use specwright_source::Sink;

use features::Features;
pub use settings::{Runtime, Settings};

/// A file of the crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path inside the crate, with `/` between its segments.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// Writes the client crate of an API.
///
/// Decisions that `lock` holds are obeyed, decisions that were new are added to it, and those whose
/// node is gone are marked so. Names that could not be told apart are reported as `OA05xx`. The
/// files come sorted by path.
pub fn generate(api: &Api, settings: &Settings, lock: &mut Lock, sink: &mut Sink) -> Vec<File> {
    let names = names::decide(api, lock, sink);
    lock.record_guesses(&api.guesses);
    let features = Features::decide(api, settings, &names);
    let mut files = emit::sources(api, settings, &names, &features);
    files.push(manifest::file(api, settings, &features));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Gives every item its name, as [`generate`] does, and writes no file.
///
/// For whoever wants to know what things are called: the lock holds it afterwards.
pub fn decide_names(api: &Api, lock: &mut Lock, sink: &mut Sink) {
    names::decide(api, lock, sink);
}
