//! Events in the memory of one process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;
use specwright_store::{StoreError, StoreErrorKind};

use crate::dedupe::{Claim, DedupeStore, Ticket};
use crate::event_id::EventKey;

/// Remembers events in the memory of this process, for tests and for programs whose handling can happen twice.
///
/// After a restart every event is new; [`RowsDedupe`](crate::RowsDedupe) remembers them. It holds a bounded number of events: if it is full, the one that would be forgotten
/// next is forgotten early, so a duplicate may be handed off, but no event is missed.
pub struct MemoryDedupe {
    clock: Arc<dyn Clock>,
    capacity: usize,
    events: Mutex<Events>,
}

impl MemoryDedupe {
    /// The most events that are remembered unless [`with_capacity`](Self::with_capacity) says otherwise. Each takes about
    /// 200 bytes.
    pub const DEFAULT_CAPACITY: usize = 65_536;

    /// An empty store, which ends with the process, whose time is the monotonic one of `clock`.
    pub fn volatile(clock: Arc<dyn Clock>) -> Self {
        Self { clock, capacity: Self::DEFAULT_CAPACITY, events: Mutex::default() }
    }

    /// Remembers at most so many events; at least one.
    pub fn with_capacity(self, events: usize) -> Self {
        Self { capacity: events.max(1), ..self }
    }

    /// Runs one operation: alone, and at one moment.
    fn run<T>(&self, operation: impl FnOnce(&mut Events, Duration) -> T) -> T {
        let mut events = self.lock();
        let now = self.clock.monotonic();
        operation(&mut events, now)
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        // No operation can break off half way, so a lock that is poisoned guards whole entries.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryDedupe {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("MemoryDedupe").field("events", &self.lock().by_key.len()).finish()
    }
}

impl DedupeStore for MemoryDedupe {
    fn claim<'a>(
        &'a self,
        event: &'a EventKey,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(
            async move { self.run(|events, now| events.claim(event, lease, now, self.capacity)) },
        )
    }

    fn done<'a>(
        &'a self,
        event: &'a EventKey,
        keep: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.run(|events, now| events.done(event, keep, now, self.capacity));
            Ok(())
        })
    }

    fn release<'a>(
        &'a self,
        event: &'a EventKey,
        ticket: Ticket,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.run(|events, _| events.release(event, ticket));
            Ok(())
        })
    }
}

/// All events, and the orders in which they end.
#[derive(Default)]
struct Events {
    by_key: BTreeMap<EventKey, Entry>,
    claims_by_end: BTreeSet<(Duration, EventKey)>,
    done_by_end: BTreeSet<(Duration, EventKey)>,
    last: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    state: State,
    end: Duration,
}

#[derive(Clone, Copy)]
enum State {
    Claimed(Ticket),
    Done,
}

impl Events {
    fn claim(
        &mut self,
        event: &EventKey,
        lease: Duration,
        now: Duration,
        capacity: usize,
    ) -> Result<Claim, StoreError> {
        self.drop_ended(now);
        match self.by_key.get(event) {
            Some(Entry { state: State::Done, .. }) => return Ok(Claim::Done),
            Some(Entry { state: State::Claimed(_), end }) => {
                return Ok(Claim::InProgress(end.saturating_sub(now)));
            }
            None => {}
        }
        if self.by_key.len() >= capacity && !self.forget_one() {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "it is full of claims"));
        }
        self.last += 1;
        let ticket = Ticket::new(self.last);
        self.insert(event, Entry { state: State::Claimed(ticket), end: now.saturating_add(lease) });
        Ok(Claim::New(ticket))
    }

    fn done(&mut self, event: &EventKey, keep: Duration, now: Duration, capacity: usize) {
        self.drop_ended(now);
        self.remove(event);
        // Its claim has ended meanwhile, and others took the room: then the duplicate is the lesser evil.
        if self.by_key.len() < capacity || self.forget_one() {
            self.insert(event, Entry { state: State::Done, end: now.saturating_add(keep) });
        }
    }

    fn release(&mut self, event: &EventKey, ticket: Ticket) {
        if let Some(Entry { state: State::Claimed(held), .. }) = self.by_key.get(event)
            && *held == ticket
        {
            self.remove(event);
        }
    }

    fn drop_ended(&mut self, now: Duration) {
        for by_end in [&mut self.claims_by_end, &mut self.done_by_end] {
            while by_end.first().is_some_and(|(end, _)| *end <= now) {
                if let Some((_, event)) = by_end.pop_first() {
                    self.by_key.remove(&event);
                }
            }
        }
    }

    /// Forgets the event that would be forgotten next. A claim is never forgotten: its event would be handled twice at
    /// once.
    fn forget_one(&mut self) -> bool {
        let Some((_, event)) = self.done_by_end.pop_first() else { return false };
        self.by_key.remove(&event);
        true
    }

    fn insert(&mut self, event: &EventKey, entry: Entry) {
        self.by_end(entry.state).insert((entry.end, event.clone()));
        self.by_key.insert(event.clone(), entry);
    }

    fn remove(&mut self, event: &EventKey) {
        if let Some(entry) = self.by_key.remove(event) {
            self.by_end(entry.state).remove(&(entry.end, event.clone()));
        }
    }

    fn by_end(&mut self, state: State) -> &mut BTreeSet<(Duration, EventKey)> {
        match state {
            State::Claimed(_) => &mut self.claims_by_end,
            State::Done => &mut self.done_by_end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_id::EventId;

    const LEASE: Duration = Duration::from_secs(60);
    const KEEP: Duration = Duration::from_secs(600);
    const NOW: Duration = Duration::from_secs(1_000);

    fn event(number: usize) -> EventKey {
        EventKey::new("fake", EventId::new(format!("evt_{number}")).unwrap())
    }

    fn counts(events: &Events) -> [usize; 3] {
        [events.by_key.len(), events.claims_by_end.len(), events.done_by_end.len()]
    }

    #[test]
    fn what_ended_is_dropped_from_all_orders() {
        let mut events = Events::default();
        for number in 0..1_000 {
            events.claim(&event(number), LEASE, NOW, usize::MAX).unwrap();
        }
        for number in 0..500 {
            events.done(&event(number), KEEP, NOW, usize::MAX);
        }
        assert_eq!(counts(&events), [1_000, 500, 500]);
        events.claim(&event(1_000), LEASE, NOW + KEEP, usize::MAX).unwrap();
        assert_eq!(counts(&events), [1, 1, 0]);
    }

    #[test]
    fn a_full_store_forgets_the_event_that_was_done_first() {
        let mut events = Events::default();
        for (number, later) in [(1, 0), (2, 1)] {
            let now = NOW + Duration::from_secs(later);
            events.claim(&event(number), LEASE, now, 2).unwrap();
            events.done(&event(number), KEEP, now, 2);
        }
        assert!(matches!(events.claim(&event(3), LEASE, NOW, 2), Ok(Claim::New(_))));
        assert!(matches!(events.claim(&event(2), LEASE, NOW, 2), Ok(Claim::Done)));
        assert_eq!(counts(&events), [2, 1, 1]);
    }

    #[test]
    fn a_store_that_is_full_of_claims_takes_no_other() {
        let mut events = Events::default();
        events.claim(&event(1), LEASE, NOW, 1).unwrap();
        let refused = events.claim(&event(2), LEASE, NOW, 1).unwrap_err();
        assert_eq!(refused.kind(), StoreErrorKind::Unavailable);
        assert!(matches!(events.claim(&event(2), LEASE, NOW + LEASE, 1), Ok(Claim::New(_))));
    }

    #[test]
    fn what_is_done_after_its_lease_does_not_outgrow_the_store() {
        let mut events = Events::default();
        events.claim(&event(1), LEASE, NOW, 1).unwrap();
        events.claim(&event(2), LEASE, NOW + LEASE, 1).unwrap();
        events.done(&event(1), KEEP, NOW + LEASE, 1);
        assert_eq!(counts(&events), [1, 1, 0]);
    }

    #[test]
    fn an_endless_lease_ends_never() {
        let mut events = Events::default();
        events.claim(&event(1), Duration::MAX, NOW, 1).unwrap();
        let again = events.claim(&event(1), LEASE, NOW + KEEP, 1).unwrap();
        assert_eq!(again, Claim::InProgress(Duration::MAX.saturating_sub(NOW + KEEP)));
    }
}
