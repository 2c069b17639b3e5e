//! A record in rows that several processes share.
//!
//! Every change is a compare-and-swap of the whole record: read, change, write if nobody else has. The moments in it are
//! those of the store's clock. What this process knows of that clock is an interval, because an answer takes time; each
//! use takes the end of it that can only make us later.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_core::clock::{Clock, within};
use specwright_core::random::Random;
use specwright_core::security::RateWindow;
use specwright_core::spawn::Spawn;
use specwright_store::{
    Form, KeptRow, Loaded, Rows, StoreError, StoreErrorKind, StoreTime, Swap, Table, Version,
};

use crate::lost::{LastSeen, Lost};
use crate::news::{Answer, News};
use crate::parts::LimiterParts;
use crate::quota::{Lane, PermitId, Quota, Take, Usage, hold};

/// The form of records that this version writes.
const FORM: Form = Form::new("quota", 1);

/// How often a process that waits looks whether a request of another one was answered.
const LOOK: Duration = Duration::from_millis(100);

/// A store that takes longer for one operation is as good as lost.
const LONGEST_OPERATION: Duration = Duration::from_secs(5);

/// For so long this process trusts what it knows of the store's clock.
const TRUSTED: Duration = Duration::from_secs(60);

/// How often a swap is tried again because somebody else was first. With each try one of them has succeeded.
const TRIES: u32 = 1_000;

/// A record in rows.
pub(crate) struct Shared {
    key: String,
    windows: Arc<[RateWindow]>,
    rows: Arc<dyn Rows>,
    clock: Arc<dyn Clock>,
    spawn: Arc<dyn Spawn>,
    /// What became known and is in no row yet, with its moment on the monotonic clock.
    news: Mutex<Vec<(News, Duration)>>,
    /// Whether a task is writing the news.
    writing: AtomicBool,
    /// `None` until it was read, and while it is being written: whoever is dropped then does not know what is there.
    known: tokio::sync::Mutex<Option<Known>>,
    /// The longest that a request lasts, from its permit on.
    longest: Duration,
    /// Draws names of records.
    random: Arc<dyn Random>,
    /// The record as it was last seen, for those who only look.
    seen: Mutex<Seen>,
    lost: Mutex<Lost>,
}

/// The one task that writes the news. It may end before it has run, with its runtime or for want of one; others may write
/// then.
struct Writing(Arc<Shared>);

impl Writing {
    /// `None` if there is one.
    fn begin(shared: &Arc<Shared>) -> Option<Self> {
        let is_first = !shared.writing.swap(true, Ordering::AcqRel);
        is_first.then(|| Self(Arc::clone(shared)))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.writing.store(false, Ordering::Release);
    }
}

/// What this process knows of the row.
struct Known {
    version: Option<Version>,
    quota: Quota,
    bridge: Bridge,
    /// When the store's clock was read, on the monotonic one.
    read: Duration,
}

/// From the monotonic clock to the store's.
#[derive(Clone, Copy, Debug, Default)]
struct Bridge {
    /// Added to the monotonic clock, this is not after the store's time.
    early: Duration,
    /// Added to the monotonic clock, this is not before the store's time.
    late: Duration,
}

/// The record as it was last seen.
#[derive(Default)]
struct Seen {
    quota: Quota,
    bridge: Bridge,
    /// When, on the monotonic clock.
    at: Duration,
}

impl Shared {
    /// A record in rows. Without them this process sends one of so many `parts` of each window.
    pub(crate) fn new(
        key: String,
        windows: Arc<[RateWindow]>,
        rows: Arc<dyn Rows>,
        parts: u32,
        given: &LimiterParts,
    ) -> Self {
        let lost = Mutex::new(Lost::new(&windows, parts, &*given.random));
        Self {
            key,
            windows,
            rows,
            clock: Arc::clone(&given.clock),
            spawn: Arc::clone(&given.spawn),
            news: Mutex::default(),
            writing: AtomicBool::new(false),
            known: tokio::sync::Mutex::default(),
            longest: given.longest_from_permit(),
            random: Arc::clone(&given.random),
            seen: Mutex::default(),
            lost,
        }
    }

    /// Asks to send one request. If this is dropped before it is done, the permit may be in the row: it is to be given
    /// back.
    pub(crate) async fn take(&self, permit: PermitId, lane: Lane, longest: Duration) -> Answer {
        let now = self.clock.monotonic();
        let (is_asked, part) = {
            let mut lost = lock(&self.lost);
            (lost.should_ask(now), lost.take(permit, lane, longest, now))
        };
        match part {
            Some(answer) if !is_asked => return answer,
            Some(Answer::Wait(wait) | Answer::Unknown(wait)) => {
                // Nothing is sent, and the store may be there again.
                let _ = self.change(|_, _, _| ()).await;
                return Answer::Wait(wait);
            }
            Some(Answer::Granted) | None => {}
        }
        let asked = self.change(|quota, windows, moment| {
            quota.take(permit, windows, lane, longest.saturating_add(moment.spread()), moment.early)
        });
        match asked.await {
            Ok((Take::Granted, _)) => Answer::Granted,
            Ok((Take::NotBefore(free), moment)) => {
                lock(&self.lost).tell(News::Refunded(permit), now);
                let least = lock(&self.seen).quota.estimate(&self.windows, 1, moment.early);
                let wait = free.saturating_sub(moment.early);
                // What others wait for may be answered before that, and nobody tells us.
                Answer::Wait(if least < wait { least.max(LOOK).min(wait) } else { wait })
            }
            Err(_) => self.without_rows(permit, lane, longest),
        }
    }

    /// The rows did not answer.
    fn without_rows(&self, permit: PermitId, lane: Lane, longest: Duration) -> Answer {
        let now = self.clock.monotonic();
        let mut lost = lock(&self.lost);
        lost.lose(|| lock(&self.seen).at_last(&self.windows), now);
        match lost.take(permit, lane, longest, now) {
            Some(Answer::Granted) => Answer::Granted,
            // What was asked of them may have been done all the same.
            Some(Answer::Wait(wait) | Answer::Unknown(wait)) => Answer::Unknown(wait),
            None => Answer::Unknown(LOOK),
        }
    }

    /// Takes in what became known. It is written by a task of its own, if nobody who waits does so first.
    pub(crate) fn tell(self: &Arc<Self>, news: News) {
        let now = self.clock.monotonic();
        let is_away = {
            let mut lost = lock(&self.lost);
            lost.tell(news, now);
            lost.is_away()
        };
        self.note(news, now);
        // Whoever looks whether the rows are there again brings it along.
        if !is_away && let Some(writing) = Writing::begin(self) {
            let this = Arc::clone(self);
            self.spawn.spawn(Box::pin(async move { this.write(writing).await }));
        }
    }

    /// Keeps what became known until it is written. What fills no window any more by then is dropped, so that nothing piles
    /// up while the rows are away.
    fn note(&self, news: News, now: Duration) {
        let of_use = self.of_use();
        let mut noted = lock(&self.news);
        noted.retain(|(_, at)| at.saturating_add(of_use) > now);
        noted.push((news, now));
    }

    /// For how long something can matter that becomes known now.
    fn of_use(&self) -> Duration {
        let longest = self.windows.iter().map(|window| hold(*window)).max().unwrap_or_default();
        longest.saturating_add(self.longest)
    }

    pub(crate) fn usage(&self) -> Vec<Usage> {
        let now = self.clock.monotonic();
        let seen = lock(&self.seen);
        seen.quota.usage(&self.windows, seen.bridge.at(now).early)
    }

    pub(crate) fn estimate(&self, requests: u32) -> Duration {
        let now = self.clock.monotonic();
        lock(&self.seen).estimate(&self.windows, requests, now)
    }

    /// As [`Self::estimate`], if the record was seen a moment ago.
    pub(crate) fn fresh_estimate(&self, requests: u32) -> Option<Duration> {
        let now = self.clock.monotonic();
        let seen = lock(&self.seen);
        let is_fresh = now.saturating_sub(seen.at) <= LOOK;
        is_fresh.then(|| seen.estimate(&self.windows, requests, now))
    }

    pub(crate) fn is_fresh(&self) -> bool {
        let now = self.clock.monotonic();
        let is_empty = {
            let seen = lock(&self.seen);
            seen.quota.matters_for(&self.windows, seen.bridge.at(now).early).is_zero()
        };
        is_empty && lock(&self.news).is_empty() && !lock(&self.lost).is_felt()
    }

    /// Writes what became known until nothing is left, or the store does not answer. Then the next caller brings it.
    async fn write(self: &Arc<Self>, writing: Writing) {
        let mut turn = Some(writing);
        while let Some(writing) = turn {
            let written = self.change(|_, _, _| ()).await.is_ok();
            // Before the look: what becomes known from here on is written by whoever tells it.
            drop(writing);
            let left = !lock(&self.news).is_empty();
            turn = if written && left { Writing::begin(self) } else { None };
        }
    }

    /// Changes the record, and writes it if it is another one then. What became known goes with it.
    async fn change<T>(
        &self,
        change: impl Fn(&mut Quota, &[RateWindow], Moment) -> T,
    ) -> Result<(T, Moment), StoreError> {
        let mut known = self.known.lock().await;
        let mut is_new = false;
        for _ in 0..TRIES {
            let before = self.clock.monotonic();
            let trusted = known.take().filter(|known| known.read.saturating_add(TRUSTED) > before);
            let Some(Known { version, quota, bridge, read }) = trusted else {
                *known = Some(self.look().await?);
                is_new = true;
                continue;
            };
            let moment = bridge.at(before);
            let (mut next, news) = self.with_news(&quota, bridge);
            let outcome = change(&mut next, &self.windows, moment);
            let version = if next != quota {
                let row = self.row(&next, moment)?;
                let swap = self.rows.swap(Table::Quotas, &self.key, version, row);
                match self.in_time(swap).await? {
                    Swap::Done(version) => Some(version),
                    Swap::Conflict(there) => {
                        *known = Some(self.read(there, before, self.clock.monotonic())?);
                        is_new = true;
                        continue;
                    }
                }
            } else if is_new {
                version
            } else {
                // What nobody has changed here, somebody may have changed elsewhere.
                continue;
            };
            let now = self.clock.monotonic();
            lock(&self.news).retain(|noted| !news.contains(noted));
            lock(&self.lost).find(now);
            *lock(&self.seen) = Seen { quota: next.clone(), bridge, at: now };
            *known = Some(Known { version, quota: next, bridge, read });
            return Ok((outcome, moment));
        }
        Err(StoreError::new(StoreErrorKind::Unavailable, "others were always first"))
    }

    /// The record with everything that became known here, and what that was.
    fn with_news(&self, quota: &Quota, bridge: Bridge) -> (Quota, Vec<(News, Duration)>) {
        let mut next = quota.clone();
        if let Some(sent) = lock(&self.lost).sent() {
            next.absorb(sent, bridge.late);
        }
        let news = lock(&self.news).clone();
        for (news, at) in &news {
            news.apply(&mut next, &self.windows, bridge.at(*at).late);
        }
        (next, news)
    }

    /// Reads the row.
    async fn look(&self) -> Result<Known, StoreError> {
        let before = self.clock.monotonic();
        let loaded = self.in_time(self.rows.load(Table::Quotas, &self.key)).await?;
        let after = self.clock.monotonic();
        let known = self.read(loaded, before, after)?;
        *lock(&self.seen) = Seen { quota: known.quota.clone(), bridge: known.bridge, at: after };
        Ok(known)
    }

    /// What was read between two moments of the monotonic clock.
    ///
    /// A record that still matters and is not there any more was lost, by whatever became of the rows. Another one in its
    /// place does not hold what it held, so it is as with rows that are out of reach: nobody sends for the longest window, and
    /// what was seen is written again.
    fn read(&self, loaded: Loaded, before: Duration, after: Duration) -> Result<Known, StoreError> {
        let bridge = Bridge::between(loaded.now, before, after);
        let (version, quota) = match loaded.row {
            Some(row) => (Some(row.version), FORM.read(&row.text)?),
            None => (None, Quota::beginning(self.random.up_to(u64::MAX), bridge.at(after).late)),
        };
        let is_away = lock(&self.lost).is_away();
        let seen = lock(&self.seen);
        let held = seen.quota.matters_for(&self.windows, seen.bridge.at(after).late);
        if !is_away && !held.is_zero() && !seen.quota.is_before(&quota) {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "the record is gone"));
        }
        Ok(Known { version, quota, bridge, read: after })
    }

    /// What the store answers, if it does so in time.
    async fn in_time<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let late = || StoreError::new(StoreErrorKind::Unavailable, "there was no answer in time");
        within(&*self.clock, LONGEST_OPERATION, operation).await.unwrap_or_else(|| Err(late()))
    }

    fn row(&self, quota: &Quota, moment: Moment) -> Result<KeptRow, StoreError> {
        let text = FORM.write(quota)?;
        // As long as anything can matter that somebody has seen in it, also what was given back since.
        let matters = quota.matters_for(&self.windows, moment.late).max(self.of_use());
        let until = moment.late.saturating_add(matters);
        Ok(KeptRow { text, until: StoreTime::default().after(until) })
    }
}

/// A moment of the store's clock, as an interval.
#[derive(Clone, Copy, Debug)]
struct Moment {
    early: Duration,
    late: Duration,
}

impl Moment {
    fn spread(self) -> Duration {
        self.late.saturating_sub(self.early)
    }
}

impl Bridge {
    /// From what the store's clock said between two moments of the monotonic one.
    fn between(now: StoreTime, before: Duration, after: Duration) -> Self {
        let store = Duration::from_millis(now.as_millis());
        // The store's clock tells whole milliseconds.
        let late = store.saturating_add(Duration::from_millis(1)).saturating_sub(before);
        Self { early: store.saturating_sub(after), late }
    }

    fn at(self, monotonic: Duration) -> Moment {
        Moment {
            early: monotonic.saturating_add(self.early),
            late: monotonic.saturating_add(self.late),
        }
    }
}

impl Seen {
    fn estimate(&self, windows: &[RateWindow], requests: u32, now: Duration) -> Duration {
        self.quota.estimate(windows, requests, self.bridge.at(now).early)
    }

    /// What is left to go by when the rows are lost.
    fn at_last(&self, windows: &[RateWindow]) -> LastSeen {
        let quota = self.quota.on_clock_behind(self.bridge.early);
        LastSeen { ours: self.quota.ours_of(windows), quota }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is locked can be left half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
