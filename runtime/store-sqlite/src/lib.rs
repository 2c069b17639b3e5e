//! Grants and other rows in SQLite files, which several processes of one host share.
//!
//! Input: a path. Output: [`SqliteStore`], a [`GrantStore`](specwright_refresh::GrantStore), and [`SqliteRows`], which are
//! [`Rows`](specwright_store::Rows). Acknowledged changes survive the end of the process and of the machine; those of quotas
//! that of the process.
//!
//! # Invariants
//!
//! - A change is acknowledged after its transaction is committed and synchronized with the disk (WAL,
//!   `synchronous=FULL`), never before. Quotas wait for the commit alone.
//! - A transaction takes the write lock before it reads (`BEGIN IMMEDIATE`), so what was compared is what is replaced.
//! - No version is given twice, also after the file was replaced by an older copy of itself; see
//!   [`SqliteStore::restored`].
//! - One thread writes and one reads. A future that is dropped breaks nothing off: what was asked is done, or was never
//!   asked.
//! - Files are for their owner alone. A file that others can read is not opened.
//! - What is damaged is left to a person, except for quotas, which begin anew.
//! - No error holds a text of a row.
//!
//! The file must be on a disk of this host: the locks of SQLite do not hold on most network file systems.

mod clock;
mod damage;
mod database;
mod failure;
mod file;
mod high_water;
mod lane;
mod link;
mod rows;
mod schema;
mod store;
mod tables;
mod wait;
mod writer;

pub use rows::SqliteRows;
pub use store::SqliteStore;
