//! Which OAuth scopes a program needs (RFC 6749 §3.3): `specwright scopes`.
//!
//! Input: the meaning of an API, the names of its client, and the Rust files of a program. Output:
//! the operations that the program calls, each with its places, and the smallest set of scopes that
//! allows all of them. There is no type checker here. A method is told apart by what its receiver
//! must be: the value is followed from `Client` through variables, fields, functions, closures and
//! macros. Invariants:
//!
//! - A name of the API on a receiver that cannot be told apart is a doubt, told and never dropped.
//! - What is dropped belongs to a type that is known not to be the client's.
//! - Code that only tests compile does not count: a vendor reviews the program, not its tests.
//! - Equal input gives equal text, whatever the order of files on the disk.

mod body;
mod call;
mod choice;
mod crates;
mod expression;
mod kind;
mod macros;
mod modules;
mod paths;
mod pattern;
mod program;
mod report;
mod sources;
mod surface;
mod tests_only;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use specwright_ir::lock::Lock;
use specwright_ir::{Api, OperationId};

use crate::config::Config;
use sources::Sources;
use surface::Surface;

/// What a program needs, as text, and what could not be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Scopes with operations and places; the last line holds the scopes alone, a space between.
    pub text: String,
    /// One line each, place first. Empty if everything was told apart.
    pub doubts: Vec<String>,
}

/// Finds the scopes that the program below a folder needs.
///
/// `lock` holds the names of everything (see [`specwright_rust::decide_names`]).
///
/// # Errors
///
/// The folder cannot be listed, a file cannot be read, or there is no Rust file.
pub fn find(api: &Api, lock: &Lock, config: &Config, folder: &Path) -> io::Result<Answer> {
    let surface = Surface::of(api, lock);
    let sources = Sources::read(folder)?;
    let crates = crates::Crates::read(config, folder, &sources)?;
    let program = program::Program::of(&surface, &crates, &sources);
    let found = body::walk(&program, &sources);
    Ok(report::answer(api, &sources, &found))
}

/// A place in a file of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Index into [`Sources::files`].
    file: usize,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
}

/// What a program was seen to do with the API.
#[derive(Debug, Default)]
struct Found {
    /// Where each operation is called.
    calls: BTreeMap<OperationId, BTreeSet<Place>>,
    /// Where resources are asked for in full, and which.
    expansions: BTreeMap<Place, BTreeSet<String>>,
    /// What could not be told.
    doubts: BTreeSet<(Place, Doubt)>,
}

/// Why a place could not be told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    /// A method of these operations on something unknown; not counted.
    Receiver { method: String, candidates: Vec<OperationId> },
    /// An accessor and a method of its handle on something unknown; counted, for both names agree.
    Names { method: String, candidates: Vec<OperationId> },
    /// A request type that another crate seems to hand on; not counted.
    Request { name: String, candidates: Vec<OperationId> },
    /// `Client::send` of something unknown.
    Sent,
    /// `Client::request`, which reaches what the document does not describe.
    Raw,
    /// The file is no Rust.
    File(String),
}
