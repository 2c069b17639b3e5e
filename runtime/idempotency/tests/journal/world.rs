//! What the journal is tried with: rows that misbehave, and a request.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use http::Method;
use specwright_core::operation::Idempotency;
use specwright_core::random::Random;
use specwright_core::transport::BoxFuture;
use specwright_idempotency::{FingerprintKey, Journal, OperationId, RequestParts};
use specwright_store::{
    Durability, KeptRow, Loaded, MemoryRows, Rows, StoreError, StoreErrorKind, Swap, Table, Version,
};
use specwright_testkit::{SeededRandom, VirtualClock};

pub(crate) const KEYED: Idempotency =
    Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(RETENTION.as_secs()) };

/// Of an API that keeps answers for so long.
pub(crate) fn keyed(retention: Duration) -> Idempotency {
    Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(retention.as_secs()) }
}

pub(crate) fn request(idempotency: Idempotency, body: &[u8]) -> RequestParts<'_> {
    RequestParts {
        idempotency,
        method: &Method::POST,
        path_and_query: "/contacts",
        content_type: None,
        body,
    }
}

pub(crate) fn operation(name: &str) -> OperationId {
    OperationId::new("account", name).unwrap()
}

/// For how long the server keeps answers.
pub(crate) const RETENTION: Duration = Duration::from_secs(24 * 3_600);

/// The journal of one of the processes that share these rows.
pub(crate) fn journal(rows: &Arc<Shelf>, random: &Arc<SeededRandom>) -> Journal {
    let rows = Arc::clone(rows) as Arc<dyn Rows>;
    Journal::new(rows, FingerprintKey::new([7; 32]), Arc::clone(random) as _).unwrap()
}

/// Rows that stand for durable ones. Everybody else can run before and after each operation, and an operation may fail
/// before or after it is done.
#[derive(Debug)]
pub(crate) struct Shelf {
    inner: MemoryRows,
    random: Arc<SeededRandom>,
    /// Of so many operations one fails; none if it is zero.
    pub(crate) fails: AtomicU32,
    /// Whether the next swap is done and does not say so.
    pub(crate) is_silent: AtomicBool,
}

impl Shelf {
    pub(crate) fn new(clock: &VirtualClock, random: &Arc<SeededRandom>) -> Arc<Self> {
        Arc::new(Self {
            inner: MemoryRows::volatile(Arc::new(clock.clone())),
            random: Arc::clone(random),
            fails: AtomicU32::new(0),
            is_silent: AtomicBool::new(false),
        })
    }

    fn may_fail(&self) -> Result<(), StoreError> {
        let fails = u64::from(self.fails.load(Ordering::Relaxed));
        if fails > 0 && self.random.up_to(fails - 1) == 0 {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "out of reach"));
        }
        Ok(())
    }
}

impl Rows for Shelf {
    fn load<'a>(&'a self, table: Table, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        Box::pin(async move {
            others().await;
            self.may_fail()?;
            let loaded = self.inner.load(table, key).await?;
            others().await;
            Ok(loaded)
        })
    }

    fn swap<'a>(
        &'a self,
        table: Table,
        key: &'a str,
        expected: Option<Version>,
        row: KeptRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        Box::pin(async move {
            others().await;
            self.may_fail()?;
            let swap = self.inner.swap(table, key, expected, row).await?;
            others().await;
            if self.is_silent.swap(false, Ordering::Relaxed) {
                return Err(StoreError::new(StoreErrorKind::Unavailable, "no answer"));
            }
            self.may_fail()?;
            Ok(swap)
        })
    }

    fn durability(&self, _: Table) -> Durability {
        Durability::Durable
    }
}

/// Lets others run, once.
pub(crate) async fn others() {
    let mut is_over = false;
    poll_fn(|context| {
        if std::mem::replace(&mut is_over, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
