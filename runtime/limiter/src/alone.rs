//! A record in the memory of this process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_core::clock::Clock;
use specwright_core::security::RateWindow;

use crate::news::{Answer, News};
use crate::quota::{Lane, PermitId, Quota, Take, Usage};

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

    pub(crate) fn take(&self, permit: PermitId, lane: Lane, longest: Duration) -> Answer {
        let now = self.clock.monotonic();
        match self.lock().take(permit, &self.windows, lane, longest, now) {
            Take::Granted => Answer::Granted,
            Take::NotBefore(moment) => Answer::Wait(moment.saturating_sub(now)),
        }
    }

    pub(crate) fn tell(&self, news: News) {
        let now = self.clock.monotonic();
        news.apply(&mut self.lock(), &self.windows, now);
    }

    pub(crate) fn usage(&self) -> Vec<Usage> {
        let now = self.clock.monotonic();
        self.lock().usage(&self.windows, now)
    }

    pub(crate) fn estimate(&self, requests: u32) -> Duration {
        let now = self.clock.monotonic();
        self.lock().estimate(&self.windows, requests, now)
    }

    pub(crate) fn is_fresh(&self) -> bool {
        let now = self.clock.monotonic();
        self.lock().matters_for(&self.windows, now).is_zero()
    }

    // No code of others runs under this lock, not even a clock.
    fn lock(&self) -> MutexGuard<'_, Quota> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
