//! Which events were there before.

use std::fmt::Debug;
use std::time::Duration;

use specwright_core::transport::BoxFuture;
use specwright_store::StoreError;

use crate::event_id::EventKey;

/// Remembers which events were handed off and which are being handled.
///
/// Vendors send an event again until they are answered, and sometimes after that. A store makes one of any number of
/// deliveries the one that is handled:
///
/// ```text
///              claim: New             done
///   (unknown) ───────────► claimed ───────────► done
///       ▲                  │     │                │
///       │      release, or │     │ claim:         │ claim: Done
///       └── the lease ends ┘     └ InProgress     └ until it is forgotten
/// ```
///
/// An event is handed off at least once: whoever claims it and ends before it says [`done`](Self::done) leaves it to the
/// next delivery, when the lease has ended.
///
/// # For implementers
///
/// - Every operation is atomic among all processes that share the store. On rows that change by compare-and-swap, each is
///   a row that is read and replaced until nobody else has replaced it in between.
/// - Leases and memories are measured by one clock, that of the store.
/// - A future that is dropped leaves an event as it was or as it was to be.
/// - The suite in `specwright_testkit::dedupe_store` passes.
pub trait DedupeStore: Debug + Send + Sync + 'static {
    /// Claims an event for as long as `lease`, if nobody has claimed it and it is not done.
    fn claim<'a>(
        &'a self,
        event: &'a EventKey,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, StoreError>>;

    /// Remembers for as long as `keep` that an event was handed off, whoever has done so: somebody whose lease has ended
    /// has handed it off all the same.
    fn done<'a>(
        &'a self,
        event: &'a EventKey,
        keep: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Gives a claim up, so that the next delivery can claim the event. A ticket whose lease has ended changes nothing,
    /// and neither does one of an event that is done.
    fn release<'a>(
        &'a self,
        event: &'a EventKey,
        ticket: Ticket,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// Nobody else has the event. Hand it off and say `done`.
    New(Ticket),
    /// Somebody is handling it. So long does the lease last at most.
    InProgress(Duration),
    /// It was handed off.
    Done,
}

/// Names one claim. No two claims of an event have the same one. In a store of rows it is the number of the version in which
/// the claim was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

impl Ticket {
    /// The ticket with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }
}
