//! Rows in the memory of one process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;

use crate::error::StoreError;
use crate::row::{Durability, Loaded, Row, Swap, Version};
use crate::rows::{KeptRow, Rows, Table};
use crate::time::StoreTime;

/// Keeps rows in the memory of this process, for tests and for programs of one process that may forget.
pub struct MemoryRows {
    clock: Arc<dyn Clock>,
    kept: Mutex<Kept>,
}

type Place = (Table, String);

#[derive(Default)]
struct Kept {
    by_key: BTreeMap<Place, (Row, StoreTime)>,
    by_end: BTreeSet<(StoreTime, Place)>,
    last: Version,
}

impl MemoryRows {
    /// No rows yet; they end with the process. Their time is that of `clock`.
    pub fn volatile(clock: Arc<dyn Clock>) -> Self {
        Self { clock, kept: Mutex::default() }
    }

    /// Runs one operation: alone, and at one moment.
    fn run<T>(&self, operation: impl FnOnce(&mut Kept, StoreTime) -> T) -> T {
        let mut kept = self.lock();
        let now = StoreTime::from(self.clock.now());
        kept.drop_ended(now);
        operation(&mut kept, now)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // No operation can break off half way, so a lock that is poisoned guards whole rows.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryRows {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("MemoryRows").field("rows", &self.lock().by_key.len()).finish()
    }
}

impl Rows for MemoryRows {
    fn load<'a>(&'a self, table: Table, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        let place = (table, key.to_owned());
        Box::pin(async move { Ok(self.run(|kept, now| kept.load(&place, now))) })
    }

    fn swap<'a>(
        &'a self,
        table: Table,
        key: &'a str,
        expected: Option<Version>,
        row: KeptRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        let place = (table, key.to_owned());
        Box::pin(async move { Ok(self.run(|kept, now| kept.swap(place, expected, row, now))) })
    }

    fn durability(&self, _: Table) -> Durability {
        Durability::Volatile
    }
}

impl Kept {
    fn load(&self, place: &Place, now: StoreTime) -> Loaded {
        Loaded { now, row: self.by_key.get(place).map(|(row, _)| row.clone()) }
    }

    fn swap(
        &mut self,
        place: Place,
        expected: Option<Version>,
        new: KeptRow,
        now: StoreTime,
    ) -> Swap {
        let there = self.by_key.get(&place);
        if there.map(|(row, _)| row.version) != expected {
            return Swap::Conflict(self.load(&place, now));
        }
        if let Some((_, until)) = there {
            self.by_end.remove(&(*until, place.clone()));
        }
        self.last = Version::new(self.last.number() + 1);
        self.by_end.insert((new.until, place.clone()));
        self.by_key.insert(place, (Row { version: self.last, text: new.text }, new.until));
        Swap::Done(self.last)
    }

    fn drop_ended(&mut self, now: StoreTime) {
        while self.by_end.first().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, place)) = self.by_end.pop_first() {
                self.by_key.remove(&place);
            }
        }
    }
}
