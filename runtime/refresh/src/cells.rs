//! What a process knows of its grants, by their keys.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use crate::grant::GrantKey;
use crate::lifetime::Now;
use crate::renewal::Cell;

/// How many parts the map has, so that callers of different grants seldom wait for one lock.
const SHARDS: usize = 64;

/// The size from which on a part is looked through for cells that nobody needs.
const SWEEP_LEAST: usize = 64;

/// The cells of the grants that this process has met lately. Of a million that a program meets in its life, it does not keep
/// a million dead tokens.
#[derive(Debug)]
pub(crate) struct Cells {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Shard {
    cells: BTreeMap<GrantKey, Arc<Cell>>,
    /// How many are left in peace.
    enough: usize,
}

impl Cells {
    pub(crate) fn new() -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self { shards, hasher: RandomState::new() }
    }

    /// The cell of a grant. As long as anybody holds it, or it holds a token that may be used, everybody gets this one.
    pub(crate) fn of(&self, key: &GrantKey, now: Now) -> Arc<Cell> {
        let shard = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        let Some(shard) = self.shards.get(shard) else { return Arc::default() };
        // Nothing under this lock can panic halfway.
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = shard.cells.get(key) {
            return Arc::clone(cell);
        }
        shard.sweep(now);
        Arc::clone(shard.cells.entry(key.clone()).or_default())
    }
}

impl Shard {
    /// Drops what nobody needs, as soon as there is twice as much as was left the last time: so it costs each new cell the
    /// same, however many there are.
    fn sweep(&mut self, now: Now) {
        if self.cells.len() < self.enough.max(SWEEP_LEAST) {
            return;
        }
        // Whoever could begin something with a cell holds it, a flight as well.
        self.cells.retain(|_, cell| Arc::strong_count(cell) > 1 || !cell.is_spent(now));
        self.enough = self.cells.len().saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const NOW: Now = Now { wall: SystemTime::UNIX_EPOCH, monotonic: Duration::from_secs(1_000) };

    fn key(number: u32) -> GrantKey {
        GrantKey::new(number.to_string(), "grant")
    }

    fn kept(cells: &Cells) -> usize {
        cells.shards.iter().map(|shard| shard.lock().unwrap().cells.len()).sum()
    }

    #[test]
    fn cells_that_nobody_needs_do_not_pile_up() {
        let cells = Cells::new();
        for number in 0..100_000 {
            cells.of(&key(number), NOW);
        }
        assert!(kept(&cells) <= SHARDS * SWEEP_LEAST, "{}", kept(&cells));
    }

    #[test]
    fn a_cell_that_somebody_holds_is_the_same_for_everybody() {
        let cells = Cells::new();
        let held = cells.of(&key(0), NOW);
        for number in 1..100_000 {
            cells.of(&key(number), NOW);
        }
        assert!(Arc::ptr_eq(&held, &cells.of(&key(0), NOW)));
    }
}
