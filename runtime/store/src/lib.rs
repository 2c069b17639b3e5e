//! The words that all stores share: rows, their versions, the store's clock, and what goes wrong.
//!
//! # Invariants
//!
//! - There is one verb that changes a row, and it is atomic. What a change means is decided above, once for all stores.
//! - Moments are those of the store's clock ([`StoreTime`]), which all who share it read.
//! - No error holds a text of a row.
//!
//! This crate knows nothing of what the texts mean.

mod error;
mod row;
mod time;

pub use error::{StoreError, StoreErrorKind};
pub use row::{Durability, Loaded, Row, Swap, Version};
pub use time::StoreTime;
