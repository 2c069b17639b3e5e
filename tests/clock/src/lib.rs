//! The client's clock, which is the sandbox's.
//!
//! Input: a running sandbox. Output: a clock for the builder of a client, and the pauses that the client made. Both sides
//! go by one time that stands still until somebody waits or moves it, so a test of a pause takes no time and asserts its
//! exact length.
//!
//! It must never look at the real clock.

use std::future::{pending, ready};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use specwright_client::Clock;
use specwright_client::transport::BoxFuture;
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::SandboxClock;

/// 2026-01-01T00:00:00Z, in seconds since 1970: the start of a minute and of every shorter window. At this moment stands
/// the clock of a sandbox that is to show the same today and tomorrow.
pub const START: u64 = 1_767_225_600;

/// Goes by the sandbox's clock, to the second. A pause moves that clock instead of taking time; the limit of an attempt
/// or of a call never comes, because over a socket nobody can tell that all else is done.
#[derive(Clone, Debug)]
pub struct SharedClock {
    sandbox: SandboxClock,
    long_pauses: Option<RangeInclusive<Duration>>,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl SharedClock {
    /// A clock that takes 25 s and more for the limit of an attempt or of a call: no client gives less, and few pauses
    /// are that long.
    pub fn new(sandbox: &Sandbox) -> Self {
        Self { sandbox: sandbox.clock().clone(), long_pauses: None, pauses: Arc::default() }
    }

    /// Takes these lengths for pauses too, long as they are. No limit of the client may be one of them.
    #[must_use]
    pub fn with_long_pauses(self, long_pauses: RangeInclusive<Duration>) -> Self {
        Self { long_pauses: Some(long_pauses), ..self }
    }

    /// Every pause up to now.
    pub fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Clock for SharedClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.sandbox.unix_seconds())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let is_pause = self.long_pauses.as_ref().is_some_and(|long| long.contains(&duration));
        if duration >= SHORTEST_LIMIT && !is_pause {
            return Box::pin(pending());
        }
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner).push(duration);
        self.sandbox.advance(duration);
        Box::pin(ready(()))
    }
}

/// No client gives an attempt or a call less.
const SHORTEST_LIMIT: Duration = Duration::from_secs(25);

#[cfg(test)]
mod tests {
    use specwright_testkit::sandbox::Options;

    use super::*;

    #[tokio::test]
    async fn a_pause_moves_the_time_of_both() {
        let sandbox = sandbox().await;
        let clock = SharedClock::new(&sandbox);
        clock.sleep(Duration::from_secs(7)).await;
        let later = UNIX_EPOCH + Duration::from_secs(START + 7);
        assert_eq!((sandbox.clock().unix_seconds(), clock.now()), (START + 7, later));
    }

    #[tokio::test]
    async fn a_pause_is_noted() {
        let sandbox = sandbox().await;
        let clock = SharedClock::new(&sandbox);
        clock.sleep(Duration::from_secs(7)).await;
        assert_eq!(clock.pauses(), [Duration::from_secs(7)]);
    }

    async fn sandbox() -> Sandbox {
        let options = Options::new().with_clock(SandboxClock::fixed_at(START));
        Sandbox::start_with(options).await.unwrap()
    }
}
