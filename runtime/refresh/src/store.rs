//! Where grants are kept: rows that change only if they are still what somebody read.

use std::error::Error as StdError;
use std::fmt::{self, Debug};

use specwright_core::transport::{BoxError, BoxFuture};

use crate::grant::{GrantKey, StoreTime};

/// Keeps the rows of grants, durably or not.
///
/// There is one verb that changes a row, [`swap`](Self::swap), and it is atomic: of any number of processes that try to
/// replace one version, exactly one does. What a change means is decided above, once for all stores, so a store knows
/// nothing of tokens, leases or phases: a row is a text and a moment.
///
/// # For implementers
///
/// - A swap that was acknowledged survives what [`durability`](Self::durability) promises.
/// - Every operation is one transaction. A future that is dropped leaves the row as it was or as it was to be.
/// - All times come from one clock, that of the store, which all processes share.
/// - The suite in `specwright_testkit::grant_store` passes.
pub trait GrantStore: Debug + Send + Sync + 'static {
    /// The row of a grant and the time by the store's clock.
    fn load<'a>(&'a self, key: &'a GrantKey) -> BoxFuture<'a, Result<Loaded, StoreError>>;

    /// Writes a row if the version that is there is `expected`: `None` if there is none.
    ///
    /// The new version is greater than every version that this store ever gave, of any row.
    fn swap<'a>(
        &'a self,
        key: &'a GrantKey,
        expected: Option<Version>,
        row: NewRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>>;

    /// The rows whose [`NewRow::due`] is not after now, the longest due first, at most `most`.
    fn due(&self, most: usize) -> BoxFuture<'_, Result<Vec<GrantKey>, StoreError>>;

    /// The rows with a version after `after`, in the order of their versions, at most `most`. A row that changed twice
    /// is there once, as it is now.
    ///
    /// Reading on from the last version that was seen misses no change and repeats none.
    fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> BoxFuture<'_, Result<Vec<Change>, StoreError>>;

    /// Keeps a text that can be taken once, until a moment. `false` if there is one of this id that has not ended.
    fn put_once<'a>(
        &'a self,
        id: &'a str,
        text: String,
        until: StoreTime,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Takes the text away. Of any number who try, one gets it, and none after its moment has come.
    fn take_once<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>>;

    /// What an acknowledged change survives.
    fn durability(&self) -> Durability;
}

/// Names a state of a row. Versions of all rows of a store are one rising sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The version with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// A row as it is in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its version.
    pub version: Version,
    /// The record.
    pub text: String,
}

/// What a row is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// The record.
    pub text: String,
    /// When somebody should look at it without being asked to; `None` for never.
    pub due: Option<StoreTime>,
}

/// The answer to a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The store's clock at the time of the load.
    pub now: StoreTime,
    /// The row, if there is one.
    pub row: Option<Row>,
}

/// What became of a swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swap {
    /// The row is written.
    Done(Version),
    /// Another version is there; nothing is written.
    Conflict(Loaded),
}

/// A row that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The grant.
    pub key: GrantKey,
    /// The row as it is now.
    pub row: Row,
}

/// What an acknowledged change survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Durability {
    /// Nothing: it ends with the process.
    Volatile,
    /// The end of every process, but maybe not that of the machine or of the server that stores it.
    BestEffort,
    /// The end of every process and of the machine, as far as its disk keeps what it says it has written.
    Durable,
}

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
            StoreErrorKind::Unavailable => "the store of grants did not answer",
            StoreErrorKind::ReadOnly => "the store of grants cannot write",
            StoreErrorKind::Unreadable => "the store of grants holds what cannot be read",
            StoreErrorKind::Exposed => "the store of grants is open to others",
        })
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}
