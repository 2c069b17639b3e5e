//! What a client keeps: rows that change only if they are still what somebody read.
//!
//! Input: a table, a key and a text. Output: the row as it is, or the word that it changed. Quotas and operations under way
//! are rows of [`Rows`], which has a table for webhooks that were seen as well; grants are rows of a trait of their own,
//! which shares this crate's words.
//!
//! # Invariants
//!
//! - There is one verb that changes a row, and it is atomic. What a change means is decided above, once for all stores.
//! - Moments are those of the store's clock ([`StoreTime`]), which all who share it read.
//! - No error holds a text of a row.
//! - A text says in which form it is written ([`Form`]), and a newer one is refused.
//!
//! This crate knows nothing of what the texts mean.

mod error;
mod form;
mod memory;
mod row;
mod rows;
mod time;

pub use error::{StoreError, StoreErrorKind};
pub use form::{Form, FormError, FormErrorKind};
pub use memory::MemoryRows;
pub use row::{Durability, Loaded, Row, Swap, Version};
pub use rows::{KeptRow, Rows, Table};
pub use time::StoreTime;
