//! Pairs that neither the store nor the disk has taken yet.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::keep::Kept;
use crate::grant::{GrantKey, Pair};
use crate::spill::Spilled;

/// What this process holds in memory alone. The task that holds a pair goes on to write it; here others find it who would
/// ask the server for the same grant meanwhile, with a refresh token that is spent.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    /// Of one grant there is seldom more than one.
    pairs: Mutex<BTreeMap<GrantKey, Vec<Held>>>,
}

#[derive(Debug)]
struct Held {
    spilled: Spilled,
    /// What became of it, if somebody else has written it.
    kept: Option<Kept>,
}

/// A pair in the hands of the task that writes it.
#[derive(Debug)]
pub(super) struct Holding<'u> {
    unwritten: &'u Unwritten,
    key: &'u GrantKey,
    pair: &'u Pair,
}

impl Unwritten {
    /// A pair is not written yet.
    pub(super) fn hold<'u>(&'u self, key: &'u GrantKey, spilled: &'u Spilled) -> Holding<'u> {
        let held = Held { spilled: spilled.clone(), kept: None };
        self.pairs().entry(key.clone()).or_default().push(held);
        Holding { unwritten: self, key, pair: &spilled.pair }
    }

    /// The pairs of a grant that are not written yet, the oldest first.
    pub(super) fn of(&self, key: &GrantKey) -> Vec<Spilled> {
        let pairs = self.pairs();
        let held = pairs.get(key).into_iter().flatten();
        held.filter(|held| held.kept.is_none()).map(|held| held.spilled.clone()).collect()
    }

    /// Somebody else than its task has written a pair.
    pub(super) fn written(&self, key: &GrantKey, pair: &Pair, kept: Kept) {
        for held in self.pairs().get_mut(key).into_iter().flatten() {
            if held.spilled.pair == *pair {
                held.kept = Some(kept);
            }
        }
    }

    // No code of others runs under this lock, so a panic cannot leave it half changed.
    fn pairs(&self) -> MutexGuard<'_, BTreeMap<GrantKey, Vec<Held>>> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holding<'_> {
    /// What became of the pair, if somebody else has written it.
    pub(super) fn kept(&self) -> Option<Kept> {
        let pairs = self.unwritten.pairs();
        pairs.get(self.key)?.iter().find(|held| held.spilled.pair == *self.pair)?.kept
    }
}

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        let mut pairs = self.unwritten.pairs();
        if let Some(held) = pairs.get_mut(self.key) {
            held.retain(|held| held.spilled.pair != *self.pair);
            if held.is_empty() {
                pairs.remove(self.key);
            }
        }
    }
}
