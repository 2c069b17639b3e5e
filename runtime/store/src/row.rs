//! A row, and what becomes of who wants to change it.

use crate::time::StoreTime;

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
