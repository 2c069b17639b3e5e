//! Events in rows: what every store of events must do, and what it means that rows outlive who wrote them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_core::transport::{BoxError, BoxFuture};
use specwright_store::{KeptRow, MemoryRows, Rows as _, StoreErrorKind, StoreTime, Table};
use specwright_testkit::VirtualClock;
use specwright_testkit::dedupe_store::Subject;
use specwright_webhooks::{Claim, DedupeStore, EventId, EventKey, RowsDedupe, Ticket};

const LEASE: Duration = Duration::from_secs(60);
const KEEP: Duration = Duration::from_secs(7 * 86_400);
const HOUR: Duration = Duration::from_secs(3_600);
const SECOND: Duration = Duration::from_secs(1);

struct InRows {
    clock: VirtualClock,
    rows: Arc<MemoryRows>,
}

impl InRows {
    fn new() -> Self {
        let clock = VirtualClock::new();
        let rows = Arc::new(MemoryRows::volatile(Arc::new(clock.clone())));
        Self { clock, rows }
    }

    /// A store as a process has it: nothing but the rows is in common.
    fn store(&self) -> RowsDedupe {
        RowsDedupe::new(Arc::clone(&self.rows) as _)
    }

    fn set_back(&self, time: Duration) {
        self.clock.set_wall(self.clock.now() - time);
    }
}

impl Subject for InRows {
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn DedupeStore>, BoxError>> {
        Box::pin(async { Ok(Arc::new(self.store()) as Arc<dyn DedupeStore>) })
    }

    fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

specwright_testkit::dedupe_store_cases!(InRows::new());

fn event() -> EventKey {
    EventKey::new("source", EventId::new("evt_fake").unwrap())
}

async fn claim(store: &RowsDedupe) -> Claim {
    store.claim(&event(), LEASE).await.unwrap()
}

async fn new(store: &RowsDedupe) -> Ticket {
    match claim(store).await {
        Claim::New(ticket) => ticket,
        other => panic!("the store answers {other:?}"),
    }
}

#[tokio::test]
async fn a_claim_from_before_the_clock_was_set_back_lasts_one_lease_more() {
    let rows = InRows::new();
    new(&rows.store()).await;
    rows.set_back(HOUR);
    assert_eq!(claim(&rows.store()).await, Claim::InProgress(LEASE));
    rows.advance(LEASE.saturating_sub(SECOND));
    assert_eq!(claim(&rows.store()).await, Claim::InProgress(SECOND));
    rows.advance(SECOND);
    new(&rows.store()).await;
}

#[tokio::test]
async fn who_has_an_event_can_give_it_up_after_the_clock_was_set_back() {
    let rows = InRows::new();
    let ticket = new(&rows.store()).await;
    rows.set_back(HOUR);
    assert_eq!(claim(&rows.store()).await, Claim::InProgress(LEASE));
    rows.store().release(&event(), ticket).await.unwrap();
    new(&rows.store()).await;
}

/// As in a store that keeps rows after their end, when its clock was set back.
#[tokio::test]
async fn what_was_given_up_is_new_although_its_row_is_there_again() {
    let rows = InRows::new();
    write(&rows, r#"{"form":1,"is":"released"}"#.to_owned()).await;
    new(&rows.store()).await;
}

#[tokio::test]
async fn what_is_done_is_done_although_the_clock_was_set_back() {
    let rows = InRows::new();
    rows.store().done(&event(), KEEP).await.unwrap();
    rows.set_back(HOUR);
    assert_eq!(claim(&rows.store()).await, Claim::Done);
}

#[tokio::test]
async fn an_event_of_a_newer_version_is_an_error() {
    let rows = InRows::new();
    write(&rows, r#"{"form":2,"is":"parked"}"#.to_owned()).await;
    let error = rows.store().claim(&event(), LEASE).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreadable);
}

/// Writes the row of the event as another version of this library may.
async fn write(rows: &InRows, text: String) {
    let row = KeptRow { text, until: StoreTime::from_millis(u64::MAX) };
    rows.rows.swap(Table::Deliveries, "6:source/evt_fake", None, row).await.unwrap();
}
