//! What goes wrong with a store.

use std::error::Error as StdError;
use std::fmt;

use specwright_core::transport::BoxError;

/// A store that could not answer. Whether a change was made is unknown: load, and see.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: BoxError,
}

/// What is the matter with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// It is not there, is busy, or broke off. It may be better in a moment.
    Unavailable,
    /// It cannot write: no space, no right.
    ReadOnly,
    /// What it holds is not what it wrote, or was written by a newer version.
    Unreadable,
    /// Others than its owner have rights on what it holds, so it was not opened.
    Exposed,
}

impl StoreError {
    /// An error of a kind. The text of its cause must hold no row.
    pub fn new(kind: StoreErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, source: source.into() }
    }

    /// What is the matter.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the store did not answer",
            StoreErrorKind::ReadOnly => "the store cannot write",
            StoreErrorKind::Unreadable => "the store holds what cannot be read",
            StoreErrorKind::Exposed => "the store is open to others",
        })
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}
