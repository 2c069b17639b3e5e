//! Lists that change while they are read.

use crate::chance::Chance;
use crate::clock::Moment;
use crate::exchange::{State, World};

/// Other people at work on a collection while a client reads its list.
///
/// After each page of the list, as a seed decides, resources are either added or deleted, as many as said. Those that are
/// added are the newest ones; those that are deleted are picked by chance, wherever they are. What it does depends on the
/// seed and the number of pages alone, and none of it is in the ledger.
///
/// A list that grows by more than a page with each page has no end: bound it by [`Self::with_turns`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Churn {
    inserted: usize,
    deleted: usize,
    turns: Option<u64>,
    chance: Chance,
}

impl Churn {
    /// `inserted` resources come, or `deleted` ones go. With 0 of one kind it is always the other.
    pub fn new(seed: u64, inserted: usize, deleted: usize) -> Self {
        Self { inserted, deleted, turns: None, chance: Chance::new(seed) }
    }

    /// After so many pages nobody does anything any more.
    pub fn with_turns(self, turns: u64) -> Self {
        Self { turns: Some(turns), ..self }
    }

    /// How many come and how many go this time.
    fn turn(&mut self) -> (usize, usize) {
        if let Some(turns) = &mut self.turns {
            let Some(left) = turns.checked_sub(1) else { return (0, 0) };
            *turns = left;
        }
        let grows = self.chance.draw().is_multiple_of(2);
        match (self.inserted, self.deleted) {
            (inserted, 0) => (inserted, 0),
            (0, deleted) => (0, deleted),
            (inserted, _) if grows => (inserted, 0),
            (_, deleted) => (0, deleted),
        }
    }
}

impl World {
    /// Does what somebody does to a collection after a page of its list.
    pub(crate) fn stir(&self, state: &mut State, collection: &str, now: Moment) {
        let State { churns, store, ids, .. } = state;
        let Some(churn) = churns.get_mut(collection) else { return };
        let (inserted, deleted) = churn.turn();
        for _ in 0..inserted {
            self.examples.seed(&self.profile, store, collection, ids, now);
        }
        for _ in 0..deleted {
            let all = store.all(collection);
            let Ok(count @ 1..) = u64::try_from(all.len()) else { return };
            let picked = usize::try_from(churn.chance.draw() % count).unwrap_or_default();
            let Some(id) = all.get(picked).map(|resource| resource.id.clone()) else { return };
            store.delete(collection, &id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence_in_which_resources_come_and_go() {
        let turns = |seed| {
            let mut churn = Churn::new(seed, 3, 2);
            (0..100).map(|_| churn.turn()).collect::<Vec<_>>()
        };
        assert_eq!(turns(7), turns(7));
        assert_ne!(turns(7), turns(8));
        let grown = turns(7).iter().filter(|turn| **turn == (3, 0)).count();
        let shrunk = turns(7).iter().filter(|turn| **turn == (0, 2)).count();
        assert_eq!(grown + shrunk, 100);
        assert!(grown > 25 && shrunk > 25);
    }

    #[test]
    fn after_the_last_turn_nothing_comes_or_goes() {
        let mut churn = Churn::new(7, 3, 0).with_turns(2);
        assert_eq!([(); 4].map(|()| churn.turn()), [(3, 0), (3, 0), (0, 0), (0, 0)]);
    }

    #[test]
    fn with_none_of_one_kind_it_is_always_the_other() {
        for _ in 0..9 {
            assert_eq!(Churn::new(7, 3, 0).turn(), (3, 0));
            assert_eq!(Churn::new(7, 0, 2).turn(), (0, 2));
        }
    }
}
