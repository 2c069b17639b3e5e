//! Who waits for a permit of one quota, and whose turn it is.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::quota::Lane;

/// For so many places there is one more, which is for interactive callers alone: no crowd in bulk keeps them out.
const MORE_ONE_IN: usize = 5;

/// The callers that wait, first come first served in each lane, the interactive ones first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    interactive: VecDeque<Arc<Ticket>>,
    bulk: VecDeque<Arc<Ticket>>,
}

/// One caller that waits. Its turn is announced here.
#[derive(Debug)]
pub(crate) struct Ticket {
    lane: Lane,
    turn: Notify,
}

impl Ticket {
    /// Waits until something has changed that may concern this caller. What changed before counts, too.
    pub(crate) async fn changed(&self) {
        self.turn.notified().await;
    }
}

impl Queue {
    /// Lines up, if there is room for one more. For those who are interactive there is some more than for bulk.
    pub(crate) fn enter(&mut self, lane: Lane, room: usize) -> Option<Arc<Ticket>> {
        let room = match lane {
            Lane::Interactive => room + room / MORE_ONE_IN,
            Lane::Bulk => room,
        };
        if self.len() >= room {
            return None;
        }
        let ticket = Arc::new(Ticket { lane, turn: Notify::new() });
        self.lane(lane).push_back(Arc::clone(&ticket));
        Some(ticket)
    }

    /// Steps out, served or not, and tells whoever is first now.
    pub(crate) fn leave(&mut self, ticket: &Arc<Ticket>) {
        self.lane(ticket.lane).retain(|other| !Arc::ptr_eq(other, ticket));
        self.wake();
    }

    /// Tells the first one that something has changed.
    pub(crate) fn wake(&self) {
        if let Some(first) = self.first() {
            first.turn.notify_one();
        }
    }

    pub(crate) fn is_first(&self, ticket: &Arc<Ticket>) -> bool {
        self.first().is_some_and(|first| Arc::ptr_eq(first, ticket))
    }

    /// How many are served before a caller that lines up now.
    pub(crate) fn ahead(&self, lane: Lane) -> usize {
        match lane {
            Lane::Interactive => self.interactive.len(),
            Lane::Bulk => self.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.interactive.len() + self.bulk.len()
    }

    fn first(&self) -> Option<&Arc<Ticket>> {
        self.interactive.front().or_else(|| self.bulk.front())
    }

    fn lane(&mut self, lane: Lane) -> &mut VecDeque<Arc<Ticket>> {
        match lane {
            Lane::Interactive => &mut self.interactive,
            Lane::Bulk => &mut self.bulk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interactive_lane_goes_first_and_each_lane_keeps_its_order() {
        let mut queue = Queue::default();
        let mut enter = |lane| queue.enter(lane, 9).unwrap();
        let order = [
            enter(Lane::Bulk),
            enter(Lane::Interactive),
            enter(Lane::Bulk),
            enter(Lane::Interactive),
        ];
        for at in [1, 3, 0, 2] {
            assert!(queue.is_first(&order[at]), "{at}");
            queue.leave(&order[at]);
        }
        assert!(queue.is_empty());
    }

    #[test]
    fn who_finds_no_room_is_not_lined_up() {
        let mut queue = Queue::default();
        let _first = queue.enter(Lane::Bulk, 1).unwrap();
        assert!(queue.enter(Lane::Interactive, 1).is_none());
        assert_eq!(queue.ahead(Lane::Bulk), 1);
    }

    #[test]
    fn where_bulk_takes_all_the_room_there_is_a_fifth_more_for_those_who_are_interactive() {
        let mut queue = Queue::default();
        let lined_up = |lane| (0..20).filter_map(|_| queue.enter(lane, 10)).count();
        assert_eq!([Lane::Bulk, Lane::Interactive].map(lined_up), [10, 2]);
    }
}
