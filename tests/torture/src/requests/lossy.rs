//! Rows that get lost.

use std::sync::{Arc, Mutex, PoisonError};

use specwright_store::{
    Durability, KeptRow, Loaded, StoreError, StoreErrorKind, Swap, Table, Version,
};
use specwright_testkit::VirtualClock;
use stora_2025_09::runtime::transport::BoxFuture;
use stora_2025_09::runtime::{MemoryRows, Rows};

/// Rows that processes share, and that get out of reach, or go for good.
#[derive(Debug)]
pub struct LossyRows {
    clock: VirtualClock,
    /// `None` while they are out of reach, which does not change what is in them.
    reached: Mutex<Option<Arc<MemoryRows>>>,
}

impl LossyRows {
    /// Rows without anything in them.
    pub fn new(clock: &VirtualClock) -> Self {
        Self { clock: clock.clone(), reached: Mutex::new(Some(Self::none_yet(clock))) }
    }

    fn none_yet(clock: &VirtualClock) -> Arc<MemoryRows> {
        Arc::new(MemoryRows::volatile(Arc::new(clock.clone())))
    }

    /// From now on nobody reaches them. Gives what [`Self::find`] takes.
    pub fn lose(&self) -> Option<Arc<MemoryRows>> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// They are there again.
    pub fn find(&self, rows: Option<Arc<MemoryRows>>) {
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = rows;
    }

    /// All that was in them is gone, as when somebody removes the file.
    pub fn empty(&self) {
        self.find(Some(Self::none_yet(&self.clock)));
    }

    fn reach(&self) -> Result<Arc<MemoryRows>, StoreError> {
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let away = || StoreError::new(StoreErrorKind::Unavailable, "they are out of reach");
        reached.clone().ok_or_else(away)
    }
}

impl Rows for LossyRows {
    fn load<'a>(&'a self, table: Table, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        Box::pin(async move { self.reach()?.load(table, key).await })
    }

    fn swap<'a>(
        &'a self,
        table: Table,
        key: &'a str,
        expected: Option<Version>,
        row: KeptRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        Box::pin(async move { self.reach()?.swap(table, key, expected, row).await })
    }

    fn durability(&self, table: Table) -> Durability {
        Self::none_yet(&self.clock).durability(table)
    }
}
