//! Events in rows that outlive the process, and that several processes share.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::BoxFuture;
use specwright_store::{
    KeptRow, Loaded, Rows, StoreError, StoreErrorKind, StoreTime, Swap, Table, Version,
};

use crate::dedupe::{Claim, DedupeStore, Ticket};
use crate::entry::{Entry, Met};
use crate::event_id::EventKey;

/// How often a change is tried again because somebody else was first. With each try one of them has succeeded.
const TRIES: u32 = 100;

/// Remembers events in rows: for all processes that share them, and for as long as the rows last.
///
/// In `specwright-store-sqlite`, what was handed off is known to every process of the host, and is not forgotten when they
/// end. A process that is killed between claim and done leaves its event to the next delivery after the lease.
///
/// An event is a row of [`Table::Deliveries`] until its lease or its memory ends. Both are measured by the clock of the store:
/// if that is set back, a claim ends at the latest one lease after the next delivery, and what is done is remembered for longer.
///
/// ```
/// use std::sync::Arc;
///
/// use specwright_core::clock::Clock;
/// use specwright_store::Rows;
/// use specwright_webhooks::{Receiver, RowsDedupe, Verifier};
///
/// /// `rows` are those that the client's journal and limiter share, such as `SqliteRows`.
/// fn receiver(verifier: Verifier, rows: Arc<dyn Rows>, clock: Arc<dyn Clock>) -> Receiver {
///     Receiver::new("example", verifier, Arc::new(RowsDedupe::new(rows)), clock)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RowsDedupe {
    rows: Arc<dyn Rows>,
}

impl RowsDedupe {
    /// Events in these rows. What a restart leaves of them is what it leaves of the rows ([`Rows::durability`]).
    pub fn new(rows: Arc<dyn Rows>) -> Self {
        Self { rows }
    }

    async fn claim_row(&self, row: &str, lease: Duration) -> Result<Claim, StoreError> {
        let mut there = self.load(row).await?;
        for _ in 0..TRIES {
            let now = there.now;
            match Entry::met(there.entry.as_ref(), now) {
                Met::Done => return Ok(Claim::Done),
                Met::Claimed(left) => return Ok(Claim::InProgress(left)),
                Met::Nobody => {
                    let claimed = Entry::claimed(now, lease);
                    match self.swap(row, there.version, &claimed, now.after(lease)).await? {
                        Swap::Done(version) => {
                            return Ok(Claim::New(Ticket::new(version.number())));
                        }
                        Swap::Conflict(loaded) => there = There::read(loaded)?,
                    }
                }
                Met::ClaimedLater(left) => {
                    let redated = Entry::redated(now, left, there.ticket());
                    match self.swap(row, there.version, &redated, now.after(left)).await? {
                        Swap::Done(_) => return Ok(Claim::InProgress(left)),
                        Swap::Conflict(loaded) => there = There::read(loaded)?,
                    }
                }
            }
        }
        Err(others_were_first())
    }

    async fn done_row(&self, row: &str, keep: Duration) -> Result<(), StoreError> {
        let mut there = self.load(row).await?;
        for _ in 0..TRIES {
            let until = there.now.after(keep);
            match self.swap(row, there.version, &Entry::Done, until).await? {
                Swap::Done(_) => return Ok(()),
                Swap::Conflict(loaded) => there = There::read(loaded)?,
            }
        }
        Err(others_were_first())
    }

    async fn release_row(&self, row: &str, ticket: Ticket) -> Result<(), StoreError> {
        let mut there = self.load(row).await?;
        for _ in 0..TRIES {
            if there.ticket() != Some(ticket) {
                return Ok(());
            }
            // The row ends now. If the clock is set back, it is there again, and then says that nobody has the event.
            match self.swap(row, there.version, &Entry::Released, there.now).await? {
                Swap::Done(_) => return Ok(()),
                Swap::Conflict(loaded) => there = There::read(loaded)?,
            }
        }
        Err(others_were_first())
    }

    async fn load(&self, row: &str) -> Result<There, StoreError> {
        There::read(self.rows.load(Table::Deliveries, row).await?)
    }

    async fn swap(
        &self,
        row: &str,
        expected: Option<Version>,
        entry: &Entry,
        until: StoreTime,
    ) -> Result<Swap, StoreError> {
        let kept = KeptRow { text: entry.to_text()?, until };
        self.rows.swap(Table::Deliveries, row, expected, kept).await
    }
}

impl DedupeStore for RowsDedupe {
    fn claim<'a>(
        &'a self,
        event: &'a EventKey,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move { self.claim_row(&row(event), lease).await })
    }

    fn done<'a>(
        &'a self,
        event: &'a EventKey,
        keep: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.done_row(&row(event), keep).await })
    }

    fn release<'a>(
        &'a self,
        event: &'a EventKey,
        ticket: Ticket,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.release_row(&row(event), ticket).await })
    }
}

/// What is there of an event.
struct There {
    now: StoreTime,
    version: Option<Version>,
    entry: Option<Entry>,
}

impl There {
    fn read(loaded: Loaded) -> Result<Self, StoreError> {
        let Loaded { now, row } = loaded;
        let version = row.as_ref().map(|row| row.version);
        let entry = row.map(|row| Entry::parse(&row.text)).transpose()?;
        Ok(Self { now, version, entry })
    }

    /// The ticket of whoever has claimed it.
    fn ticket(&self) -> Option<Ticket> {
        self.entry.as_ref()?.ticket(self.version?)
    }
}

/// The key of its row. The source's length stands before it, so no two events share a row.
fn row(event: &EventKey) -> String {
    let (source, id) = (event.source(), event.event().as_str());
    format!("{}:{source}/{id}", source.len())
}

fn others_were_first() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "others were always first")
}
