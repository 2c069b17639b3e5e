//! Grants in the memory of one process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;

use crate::grant::{GrantKey, StoreTime};
use crate::store::{
    Change, Durability, GrantStore, Loaded, NewRow, Row, StoreError, Swap, Version,
};

/// Keeps grants in the memory of this process, for tests and for programs that connect anew at each start.
///
/// Nothing survives the process. A vendor that rotates refresh tokens then asks the user to connect again.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    rows: Mutex<Rows>,
}

impl MemoryStore {
    /// An empty store, which ends with the process, whose time is that of `clock`.
    pub fn volatile(clock: Arc<dyn Clock>) -> Self {
        Self { clock, rows: Mutex::default() }
    }

    /// Runs one operation: alone, and at one moment.
    fn run<T>(&self, operation: impl FnOnce(&mut Rows, StoreTime) -> T) -> T {
        let mut rows = self.lock();
        let now = StoreTime::from(self.clock.now());
        operation(&mut rows, now)
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        // No operation can break off half way, so a lock that is poisoned guards whole rows.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rows are not shown: their texts hold tokens, sealed ones though.
        to.debug_struct("MemoryStore").field("rows", &self.lock().by_key.len()).finish()
    }
}

impl GrantStore for MemoryStore {
    fn load<'a>(&'a self, key: &'a GrantKey) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        Box::pin(async move { Ok(self.run(|rows, now| rows.load(key, now))) })
    }

    fn swap<'a>(
        &'a self,
        key: &'a GrantKey,
        expected: Option<Version>,
        row: NewRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        Box::pin(async move { Ok(self.run(|rows, now| rows.swap(key, expected, row, now))) })
    }

    fn due(&self, most: usize) -> BoxFuture<'_, Result<Vec<GrantKey>, StoreError>> {
        Box::pin(async move { Ok(self.run(|rows, now| rows.due(most, now))) })
    }

    fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> BoxFuture<'_, Result<Vec<Change>, StoreError>> {
        Box::pin(
            async move { Ok(self.run(|rows, _| rows.changes(after.unwrap_or_default(), most))) },
        )
    }

    fn put_once<'a>(
        &'a self,
        id: &'a str,
        text: String,
        until: StoreTime,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move { Ok(self.run(|rows, now| rows.once.put(id, text, until, now))) })
    }

    fn take_once<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        Box::pin(async move { Ok(self.run(|rows, now| rows.once.take(id, now))) })
    }

    fn durability(&self) -> Durability {
        Durability::Volatile
    }
}

/// All rows, and the two orders in which they are read.
#[derive(Default)]
struct Rows {
    by_key: BTreeMap<GrantKey, Kept>,
    by_due: BTreeSet<(StoreTime, GrantKey)>,
    by_version: BTreeMap<Version, GrantKey>,
    last: Version,
    once: OneTimeTexts,
}

struct Kept {
    row: Row,
    due: Option<StoreTime>,
}

impl Rows {
    fn load(&self, key: &GrantKey, now: StoreTime) -> Loaded {
        Loaded { now, row: self.by_key.get(key).map(|kept| kept.row.clone()) }
    }

    fn swap(
        &mut self,
        key: &GrantKey,
        expected: Option<Version>,
        new: NewRow,
        now: StoreTime,
    ) -> Swap {
        let there = self.by_key.get(key);
        if there.map(|kept| kept.row.version) != expected {
            return Swap::Conflict(self.load(key, now));
        }
        if let Some(kept) = there {
            self.by_version.remove(&kept.row.version);
            if let Some(due) = kept.due {
                self.by_due.remove(&(due, key.clone()));
            }
        }
        self.last = Version::new(self.last.number() + 1);
        self.by_version.insert(self.last, key.clone());
        if let Some(due) = new.due {
            self.by_due.insert((due, key.clone()));
        }
        let row = Row { version: self.last, text: new.text };
        self.by_key.insert(key.clone(), Kept { row, due: new.due });
        Swap::Done(self.last)
    }

    fn due(&self, most: usize, now: StoreTime) -> Vec<GrantKey> {
        let passed = self.by_due.iter().take_while(|(due, _)| *due <= now);
        passed.take(most).map(|(_, key)| key.clone()).collect()
    }

    fn changes(&self, after: Version, most: usize) -> Vec<Change> {
        let newer = self.by_version.range((Bound::Excluded(after), Bound::Unbounded));
        let rows = newer.filter_map(|(_, key)| {
            let kept = self.by_key.get(key)?;
            Some(Change { key: key.clone(), row: kept.row.clone() })
        });
        rows.take(most).collect()
    }
}

/// Texts that can be taken once. What has ended goes at the next `put`, so what strangers begin and never finish does
/// not pile up.
#[derive(Default)]
struct OneTimeTexts {
    by_id: BTreeMap<String, (String, StoreTime)>,
    by_end: BTreeSet<(StoreTime, String)>,
}

impl OneTimeTexts {
    fn put(&mut self, id: &str, text: String, until: StoreTime, now: StoreTime) -> bool {
        self.drop_ended(now);
        if self.by_id.contains_key(id) {
            return false;
        }
        self.by_end.insert((until, id.to_owned()));
        self.by_id.insert(id.to_owned(), (text, until));
        true
    }

    fn take(&mut self, id: &str, now: StoreTime) -> Option<String> {
        let (text, until) = self.by_id.remove(id)?;
        self.by_end.remove(&(until, id.to_owned()));
        (now < until).then_some(text)
    }

    fn drop_ended(&mut self, now: StoreTime) {
        while self.by_end.first().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, id)) = self.by_end.pop_first() {
                self.by_id.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_ended_are_dropped_with_their_ids() {
        let mut texts = OneTimeTexts::default();
        let (now, later) = (StoreTime::from_millis(10), StoreTime::from_millis(11));
        for number in 0..1_000 {
            assert!(texts.put(&format!("id-{number}"), "text".to_owned(), later, now));
        }
        assert!(texts.put("last", "text".to_owned(), StoreTime::from_millis(12), later));
        assert_eq!((texts.by_id.len(), texts.by_end.len()), (1, 1));
    }
}
