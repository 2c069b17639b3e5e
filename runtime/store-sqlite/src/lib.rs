//! Grants in a SQLite file, which several processes of one host share.
//!
//! Input: a path. Output: [`SqliteStore`], a [`GrantStore`](specwright_refresh::GrantStore) whose acknowledged changes
//! survive the end of the process and of the machine.
//!
//! # Invariants
//!
//! - A change is acknowledged after its transaction is committed and synchronized with the disk (WAL,
//!   `synchronous=FULL`), never before.
//! - A transaction takes the write lock before it reads (`BEGIN IMMEDIATE`), so what was compared is what is replaced.
//! - No version is given twice, also after the file was replaced by an older copy of itself; see
//!   [`SqliteStore::restored`].
//! - One thread writes and one reads. A future that is dropped breaks nothing off: what was asked is done, or was never
//!   asked.
//! - Files are for their owner alone. A file that others can read is not opened.
//! - No error holds a text of a row.
//!
//! The file must be on a disk of this host: the locks of SQLite do not hold on most network file systems.

mod clock;
mod database;
mod failure;
mod file;
mod high_water;
mod lane;
mod link;
mod schema;
mod store;
mod tables;
mod writer;

pub use store::SqliteStore;
