//! Lists that change while they are read.

use crate::chance::Chance;
use crate::clock::Moment;
use crate::exchange::{State, World};

/// Other people at work on a collection while a client reads its list.
///
/// After each page of the list, as a seed decides, resources are added, or deleted, or both in either order, as many of each
/// as said. Those that are added are the newest ones; those that are deleted are picked by chance, wherever they are. What
/// it does depends on the seed and the number of pages alone, and none of it is in the ledger.
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

/// A piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Insert(usize),
    Delete(usize),
}

impl Churn {
    /// `inserted` resources come, or `deleted` ones go, or both. With 0 of one kind it is always the other.
    pub fn new(seed: u64, inserted: usize, deleted: usize) -> Self {
        Self { inserted, deleted, turns: None, chance: Chance::new(seed) }
    }

    /// After so many pages nobody does anything any more.
    pub fn with_turns(self, turns: u64) -> Self {
        Self { turns: Some(turns), ..self }
    }

    /// What is done this time, in this order.
    fn turn(&mut self) -> Vec<Work> {
        if let Some(turns) = &mut self.turns {
            let Some(left) = turns.checked_sub(1) else { return Vec::new() };
            *turns = left;
        }
        let (insert, delete) = (Work::Insert(self.inserted), Work::Delete(self.deleted));
        match (self.inserted, self.deleted, self.chance.draw() % 4) {
            (_, 0, _) | (1.., _, 0) => vec![insert],
            (0, _, _) | (_, _, 1) => vec![delete],
            (_, _, 2) => vec![insert, delete],
            _ => vec![delete, insert],
        }
    }
}

impl World {
    /// Does what somebody does to a collection after a page of its list.
    pub(crate) fn stir(&self, state: &mut State, collection: &str, now: Moment) {
        let State { churns, store, ids, .. } = state;
        let Some(churn) = churns.get_mut(collection) else { return };
        for work in churn.turn() {
            match work {
                Work::Insert(inserted) => {
                    for _ in 0..inserted {
                        self.examples.seed(&self.profile, store, collection, ids, now);
                    }
                }
                Work::Delete(deleted) => {
                    for _ in 0..deleted {
                        let all = store.all(collection);
                        let Ok(count @ 1..) = u64::try_from(all.len()) else { break };
                        let picked =
                            usize::try_from(churn.chance.draw() % count).unwrap_or_default();
                        let Some(id) = all.get(picked).map(|picked| picked.id.clone()) else {
                            break;
                        };
                        store.delete(collection, &id);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence_in_which_resources_come_and_go_and_both_in_either_order() {
        let turns = |seed| {
            let mut churn = Churn::new(seed, 3, 2);
            (0..100).map(|_| churn.turn()).collect::<Vec<_>>()
        };
        assert_eq!(turns(7), turns(7));
        assert_ne!(turns(7), turns(8));
        let (insert, delete) = (Work::Insert(3), Work::Delete(2));
        let kinds = [vec![insert], vec![delete], vec![insert, delete], vec![delete, insert]];
        let counts = kinds.map(|kind| turns(7).iter().filter(|turn| **turn == kind).count());
        assert_eq!(counts.iter().sum::<usize>(), 100);
        assert!(counts.iter().all(|count| *count > 10), "{counts:?}");
    }

    #[test]
    fn after_the_last_turn_nothing_comes_or_goes() {
        let mut churn = Churn::new(7, 3, 0).with_turns(2);
        let insert = || vec![Work::Insert(3)];
        assert_eq!([(); 4].map(|()| churn.turn()), [insert(), insert(), vec![], vec![]]);
    }

    #[test]
    fn with_none_of_one_kind_it_is_always_the_other() {
        for _ in 0..9 {
            assert_eq!(Churn::new(7, 3, 0).turn(), [Work::Insert(3)]);
            assert_eq!(Churn::new(7, 0, 2).turn(), [Work::Delete(2)]);
        }
    }
}
