//! Processes that share an account, and the server that counts what arrives.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_core::random::Random as _;
use specwright_core::security::RateWindow;
use specwright_core::spawn::Spawn;
use specwright_core::transport::BoxFuture;
use specwright_limiter::{Lane, Limiter, LimiterParts, Sharing};
use specwright_store::{
    Durability, KeptRow, Loaded, MemoryRows, Rows, StoreError, StoreErrorKind, Swap, Table, Version,
};
use specwright_testkit::{SeededRandom, VirtualClock};
use tokio::task::JoinHandle;

pub(crate) const STORA: [RateWindow; 2] = [
    RateWindow { requests: 10, period: Duration::from_secs(1) },
    RateWindow { requests: 60, period: Duration::from_secs(60) },
];

pub(crate) const ACCOUNT: &str = "operator-1";

/// Nobody of these tests waits longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(100_000);

/// A server, and what arrived there.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) clock: VirtualClock,
    pub(crate) rows: Arc<FragileRows>,
    arrivals: Arc<Mutex<Vec<Duration>>>,
    random: Arc<SeededRandom>,
}

impl Site {
    /// Time goes on when everybody waits.
    pub(crate) fn new(seed: u64) -> Self {
        Self::at(VirtualClock::automatic(), seed)
    }

    /// Time stands still until it is advanced.
    pub(crate) fn still() -> Self {
        Self::at(VirtualClock::new(), 0)
    }

    fn at(clock: VirtualClock, seed: u64) -> Self {
        Self {
            rows: Arc::new(FragileRows::new(&clock)),
            clock,
            arrivals: Arc::default(),
            random: Arc::new(SeededRandom::new(seed)),
        }
    }

    /// The limiter of a process that has the account to itself.
    pub(crate) fn alone(&self) -> Arc<Limiter> {
        self.limiter(Sharing::Alone)
    }

    /// The limiter of one of so many processes.
    pub(crate) fn sharing_with(&self, processes: u32) -> Arc<Limiter> {
        let rows = Arc::clone(&self.rows) as Arc<dyn Rows>;
        self.limiter(Sharing::Rows { rows, processes })
    }

    /// The limiter of one of four processes, whose first task is dropped before it has run.
    pub(crate) fn sharing_on_a_runtime_that_ends(&self) -> Arc<Limiter> {
        let rows = Arc::clone(&self.rows) as Arc<dyn Rows>;
        self.limiter_on(Arc::new(EndingOnce::default()), Sharing::rows(rows))
    }

    /// The limiter of one of four processes.
    pub(crate) fn sharing(&self) -> Arc<Limiter> {
        self.limiter(Sharing::rows(Arc::clone(&self.rows) as Arc<dyn Rows>))
    }

    fn limiter(&self, sharing: Sharing) -> Arc<Limiter> {
        self.limiter_on(Arc::new(Tasks), sharing)
    }

    fn limiter_on(&self, spawn: Arc<dyn Spawn>, sharing: Sharing) -> Arc<Limiter> {
        Arc::new(Limiter::new(LimiterParts {
            windows: STORA.to_vec(),
            sharing,
            longest: Duration::from_secs(20),
            clock: Arc::new(self.clock.clone()),
            random: Arc::clone(&self.random) as _,
            spawn,
        }))
    }

    /// Sends one request, which arrives somewhen between the permit and the answer.
    pub(crate) async fn send(&self, limiter: &Limiter, lane: Lane) {
        let sending = limiter.permit(ACCOUNT, lane, PATIENCE).await.unwrap().send();
        self.travel().await;
        self.arrivals.lock().unwrap().push(self.clock.monotonic());
        self.travel().await;
        sending.was_answered();
    }

    /// Sends one request and gives it up a moment later. It arrives all the same, up to four seconds after that.
    pub(crate) async fn send_and_leave(&self, limiter: &Limiter) -> JoinHandle<()> {
        let sending = limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap().send();
        let (site, late) = (self.clone(), Duration::from_millis(self.random.up_to(4_000)));
        let arrival = tokio::spawn(async move {
            site.clock.sleep(late).await;
            site.arrivals.lock().unwrap().push(site.clock.monotonic());
        });
        self.clock.sleep(Duration::from_millis(50)).await;
        drop(sending);
        arrival
    }

    async fn travel(&self) {
        let millis = self.random.up_to(80);
        self.clock.sleep(Duration::from_millis(millis)).await;
    }

    /// Time since a moment of the clock.
    pub(crate) fn since(&self, start: Duration) -> Duration {
        self.clock.monotonic().saturating_sub(start)
    }

    pub(crate) fn arrived(&self) -> usize {
        self.arrivals.lock().unwrap().len()
    }

    /// The most arrivals in any stretch of a second, and of a minute.
    pub(crate) fn densest(&self) -> [usize; 2] {
        let mut arrivals = self.arrivals.lock().unwrap().clone();
        arrivals.sort_unstable();
        STORA.map(|window| {
            let count = |at: &Duration| {
                let end = *at + window.period;
                arrivals.iter().filter(|other| (*at..end).contains(other)).count()
            };
            arrivals.iter().map(count).max().unwrap_or_default()
        })
    }
}

/// The shortest time in which the windows let so many requests through.
pub(crate) fn least(requests: u64) -> Duration {
    let before = requests - 1;
    Duration::from_secs(60 * (before / 60) + (before % 60) / 10)
}

#[derive(Debug)]
struct Tasks;

impl Spawn for Tasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }
}

/// The first task ends with its runtime, before it has run.
#[derive(Debug, Default)]
struct EndingOnce {
    has_ended: AtomicBool,
}

impl Spawn for EndingOnce {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        if self.has_ended.swap(true, Ordering::SeqCst) {
            tokio::spawn(task);
        }
    }
}

/// Rows that take a moment to answer, and that may be out of reach.
#[derive(Debug)]
pub(crate) struct FragileRows {
    inner: Mutex<Arc<MemoryRows>>,
    clock: VirtualClock,
    is_lost: AtomicBool,
    hangs: AtomicBool,
    asked: AtomicUsize,
}

impl FragileRows {
    fn new(clock: &VirtualClock) -> Self {
        Self {
            inner: Mutex::new(Self::none_yet(clock)),
            clock: clock.clone(),
            is_lost: AtomicBool::new(false),
            hangs: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        }
    }

    fn none_yet(clock: &VirtualClock) -> Arc<MemoryRows> {
        Arc::new(MemoryRows::volatile(Arc::new(clock.clone())))
    }

    /// All rows are gone, as when somebody removes the file.
    pub(crate) fn empty(&self) {
        *self.inner.lock().unwrap() = Self::none_yet(&self.clock);
    }

    fn inner(&self) -> Arc<MemoryRows> {
        Arc::clone(&self.inner.lock().unwrap())
    }

    /// From now on nothing is answered.
    pub(crate) fn hang(&self) {
        self.hangs.store(true, Ordering::SeqCst);
    }

    /// How many operations were begun.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn lose(&self) {
        self.is_lost.store(true, Ordering::SeqCst);
    }

    pub(crate) fn find(&self) {
        self.is_lost.store(false, Ordering::SeqCst);
    }

    async fn reach(&self) -> Result<(), StoreError> {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.clock.sleep(Duration::from_millis(2)).await;
        if self.is_lost.load(Ordering::SeqCst) {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "it is out of reach"));
        }
        Ok(())
    }
}

impl Rows for FragileRows {
    fn load<'a>(&'a self, table: Table, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.reach().await?;
            let loaded = self.inner().load(table, key).await;
            self.reach().await?;
            loaded
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
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.reach().await?;
            let swapped = self.inner().swap(table, key, expected, row).await;
            self.reach().await?;
            swapped
        })
    }

    fn durability(&self, table: Table) -> Durability {
        self.inner().durability(table)
    }
}
