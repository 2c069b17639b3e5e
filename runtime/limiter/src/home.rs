//! Where the record of a quota is: in this process alone, or in rows that several processes share.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_core::clock::Clock;
use specwright_core::security::RateWindow;

use crate::quota::{Evidence, Lane, PermitId, Quota, Take, Usage};
use crate::shared::Shared;

/// Where the record of a quota is.
pub(crate) enum Home {
    /// In this process.
    Alone(Alone),
    /// In rows.
    Shared(Arc<Shared>),
}

/// Whether a request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Now.
    Granted,
    /// Not now. Ask again after this time, or when something has changed here.
    Wait(Duration),
    /// Nobody knows: the record may hold the permit. Ask again after this time, or give it back.
    Unknown(Duration),
}

/// What became known of a permit or of the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// Nothing was sent.
    Refunded(PermitId),
    /// What was sent is answered.
    Settled(PermitId),
    /// What was sent, or may have been, has no answer.
    GivenUp(PermitId),
    /// Somebody interactive has waited in vain, and nobody else does.
    Left,
    /// The server has told something, in an answer that took so long.
    Learned { evidence: Evidence, took: Duration },
}

impl Home {
    /// Asks to send one request.
    pub(crate) async fn take(&self, permit: PermitId, lane: Lane, longest: Duration) -> Answer {
        match self {
            Self::Alone(alone) => alone.take(permit, lane, longest),
            Self::Shared(shared) => shared.take(permit, lane, longest).await,
        }
    }

    /// Takes in what became known. Never waits.
    pub(crate) fn tell(&self, news: News) {
        match self {
            Self::Alone(alone) => alone.tell(news),
            Self::Shared(shared) => shared.tell(news),
        }
    }

    /// How full the windows are, as far as this process knows.
    pub(crate) fn usage(&self) -> Vec<Usage> {
        match self {
            Self::Alone(alone) => alone.usage(),
            Self::Shared(shared) => shared.usage(),
        }
    }

    /// How long so many requests take at least, if what this process knows is no old news.
    pub(crate) fn fresh_estimate(&self, requests: u32) -> Option<Duration> {
        match self {
            Self::Alone(alone) => Some(alone.estimate(requests)),
            Self::Shared(shared) => shared.fresh_estimate(requests),
        }
    }

    /// How long so many requests take at least, as far as this process knows.
    pub(crate) fn estimate(&self, requests: u32) -> Duration {
        match self {
            Self::Alone(alone) => alone.estimate(requests),
            Self::Shared(shared) => shared.estimate(requests),
        }
    }

    /// Whether nothing is known that a fresh record would not know.
    pub(crate) fn is_fresh(&self) -> bool {
        match self {
            Self::Alone(alone) => alone.is_fresh(),
            Self::Shared(shared) => shared.is_fresh(),
        }
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Alone(_) => "Alone",
            Self::Shared(_) => "Shared",
        })
    }
}

/// A record in the memory of this process. Its moments are those of the monotonic clock.
pub(crate) struct Alone {
    windows: Arc<[RateWindow]>,
    clock: Arc<dyn Clock>,
    quota: Mutex<Quota>,
}

impl Alone {
    pub(crate) fn new(windows: Arc<[RateWindow]>, clock: Arc<dyn Clock>) -> Self {
        let quota = Mutex::new(Quota::beginning(0, clock.monotonic()));
        Self { windows, clock, quota }
    }

    fn take(&self, permit: PermitId, lane: Lane, longest: Duration) -> Answer {
        let now = self.clock.monotonic();
        match self.lock().take(permit, &self.windows, lane, longest, now) {
            Take::Granted => Answer::Granted,
            Take::NotBefore(moment) => Answer::Wait(moment.saturating_sub(now)),
        }
    }

    fn tell(&self, news: News) {
        let now = self.clock.monotonic();
        news.apply(&mut self.lock(), &self.windows, now);
    }

    fn usage(&self) -> Vec<Usage> {
        let now = self.clock.monotonic();
        self.lock().usage(&self.windows, now)
    }

    fn estimate(&self, requests: u32) -> Duration {
        let now = self.clock.monotonic();
        self.lock().estimate(&self.windows, requests, now)
    }

    fn is_fresh(&self) -> bool {
        let now = self.clock.monotonic();
        self.lock().matters_for(&self.windows, now).is_zero()
    }

    // No code of others runs under this lock, not even a clock.
    fn lock(&self) -> MutexGuard<'_, Quota> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For so long a request may still be on its way that nobody waits for any more: the bytes have left, and a connection that
/// lost some sends them again.
const STRAY: Duration = Duration::from_secs(5);

impl News {
    /// Writes it into a record.
    pub(crate) fn apply(self, quota: &mut Quota, windows: &[RateWindow], now: Duration) {
        match self {
            Self::Refunded(permit) => quota.refund(permit),
            Self::Settled(permit) => quota.settle(permit, now),
            Self::GivenUp(permit) => quota.settle(permit, now.saturating_add(STRAY)),
            Self::Left => quota.leave(),
            Self::Learned { evidence, took } => quota.learn(windows, evidence, took, now),
        }
    }
}
