//! Rows that end by themselves.

use std::fmt::Debug;

use specwright_core::transport::BoxFuture;

use crate::error::StoreError;
use crate::row::{Durability, Loaded, Swap, Version};
use crate::time::StoreTime;

/// Keeps rows by table and key, each until a moment of its own.
///
/// # For implementers
///
/// - Of any number of processes that try to replace one version, exactly one does. A swap that was acknowledged survives
///   what [`durability`](Self::durability) promises for its table.
/// - A row whose moment has come is as good as absent, and the store may drop it at any time afterwards.
/// - A version that was given to a row is never given to another state of that key again, also after the row has ended.
/// - Every operation is one transaction. A future that is dropped leaves the row as it was or as it was to be.
/// - All times come from one clock, that of the store.
/// - The suite in `specwright_testkit::rows` passes.
pub trait Rows: Debug + Send + Sync + 'static {
    /// The row, and the time by the store's clock.
    fn load<'a>(&'a self, table: Table, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>>;

    /// Writes a row if the version that is there is `expected`: `None` if there is none.
    fn swap<'a>(
        &'a self,
        table: Table,
        key: &'a str,
        expected: Option<Version>,
        row: KeptRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>>;

    /// What an acknowledged change of a table survives.
    fn durability(&self, table: Table) -> Durability;
}

/// What a row is about. Tables share nothing, and a store may keep each in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Table {
    /// What was sent within the windows of a quota. Worth nothing after a window, so it need not survive the machine.
    Quotas,
    /// Operations under way, with their idempotency keys.
    Operations,
    /// Webhooks that were seen.
    Deliveries,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Quotas, Self::Operations, Self::Deliveries];

    /// Its name in a store: lower case letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quotas => "quotas",
            Self::Operations => "operations",
            Self::Deliveries => "deliveries",
        }
    }
}

/// What a row is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRow {
    /// The record.
    pub text: String,
    /// The moment from which on it is as good as absent.
    pub until: StoreTime,
}
