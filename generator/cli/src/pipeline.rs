//! The straight line of stages, from files to files.
//!
//! Nothing here touches a disk but the loader that is given. Damage never ends the line: the sink
//! holds it, and the best reading goes on. Only an input that cannot be read ends it.

use std::path::{Path, PathBuf};

use specwright_ir::Api;
use specwright_ir::lock::Lock;
use specwright_lower::lower;
use specwright_openapi::{Document, read_document};
use specwright_rust::{File, Settings};
use specwright_source::emit::to_json;
use specwright_source::overlay::{ActionReport, Overlay};
use specwright_source::{Diagnostic, FileId, Files, Loader, Sink, codes};

/// What goes in: a document and the overlays that patch it, in the order in which they apply.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The OpenAPI document.
    pub document: &'a Path,
    /// OpenAPI Overlay files.
    pub overlays: &'a [PathBuf],
}

/// A document as the vendor and the overlays together wrote it.
#[derive(Debug)]
pub struct Reading {
    /// The effective document as JSON, in the version in which it was written.
    pub effective: String,
    /// The same as types, in the terms of OpenAPI 3.1.
    pub document: Document,
    /// The document's file; the loader has its tree.
    pub file: FileId,
    /// What the overlays did, in the order in which they were applied.
    pub patches: Vec<Patch>,
}

/// What one overlay did to the document.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The overlay's file.
    pub file: FileId,
    /// Its actions.
    pub actions: Vec<ActionReport>,
}

/// A client crate and the decisions that it rests on.
#[derive(Debug)]
pub struct Client {
    /// Files of the crate, sorted by path.
    pub files: Vec<File>,
    /// The decisions: those that were given and those that were new.
    pub lock: Lock,
}

/// Reads the document and patches it. `None` if an input cannot be read, which has been reported.
///
/// A text that breaks off or is no YAML or JSON cannot be read, although a part of it could: a client
/// of half a document would replace the client of the whole.
pub fn read<F: Files>(
    loader: &mut Loader<F>,
    input: Input<'_>,
    sink: &mut Sink,
) -> Option<Reading> {
    let file = loader.open(input.document, sink)?;
    let mut patches = Vec::new();
    for overlay in input.overlays {
        patches.push(patch(loader, file, overlay, sink)?);
    }
    // Before the reader upgrades the tree: the effective document keeps the vendor's version.
    let effective = to_json(loader.tree(file)?.root());
    let document = read_document(loader, file, sink)?;
    (!is_broken(sink)).then_some(Reading { effective, document, file, patches })
}

/// True if the text of an input was damaged, as against what it says.
pub fn is_broken(sink: &Sink) -> bool {
    let broken = [&codes::SYNTAX, &codes::BUDGET];
    sink.diagnostics().iter().any(|found| broken.contains(&found.code))
}

/// Finds out what the document means.
pub fn understand(document: &Document, lock: &Lock, sink: &mut Sink) -> Api {
    lower(document, lock, sink)
}

/// Writes the client crate of an API.
pub fn write(api: &Api, settings: &Settings, mut lock: Lock, sink: &mut Sink) -> Client {
    let files = specwright_rust::generate(api, settings, &mut lock, sink);
    Client { files, lock }
}

/// Reads the text of an `api.lock`; `None` if it is none, which has been reported.
pub fn read_lock(name: &str, text: &str, sink: &mut Sink) -> Option<Lock> {
    let error = match Lock::parse(text) {
        Ok(lock) => return Some(lock),
        Err(error) => error,
    };
    sink.report(
        Diagnostic::new(&codes::LOCK_MALFORMED, format!("`{name}` holds no decisions"))
            .note(error.trim_end())
            .help("take the last good one from version control"),
    );
    None
}

/// Applies one overlay to the document.
fn patch<F: Files>(
    loader: &mut Loader<F>,
    main: FileId,
    overlay: &Path,
    sink: &mut Sink,
) -> Option<Patch> {
    let file = loader.open(overlay, sink)?;
    // A part of an overlay that cannot be read is reported and left out; an overlay of which
    // nothing is left cannot be read.
    let overlay = Overlay::read(loader.tree(file)?.root(), sink)?;
    let applied = overlay.apply(loader.tree_mut(main)?, sink);
    Some(Patch { file, actions: applied.actions })
}
