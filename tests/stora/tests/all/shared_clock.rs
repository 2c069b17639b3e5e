//! The client's clock, which is the sandbox's.

use std::future::{pending, ready};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::SandboxClock;
use stora_2025_09::runtime::Clock;
use stora_2025_09::runtime::transport::BoxFuture;

/// No pause between two attempts of these tests is as long as this, and no attempt is given less time.
const LONGEST_PAUSE: Duration = Duration::from_secs(25);

/// Goes by the sandbox's clock, to the second. A pause moves that clock instead of taking time; the limit of an attempt
/// or of a call never comes, because over a socket nobody can tell that all else is done.
#[derive(Clone, Debug)]
pub(crate) struct SharedClock {
    sandbox: SandboxClock,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl SharedClock {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self { sandbox: sandbox.clock().clone(), pauses: Arc::default() }
    }

    /// Every pause up to now.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
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
        if duration >= LONGEST_PAUSE {
            return Box::pin(pending());
        }
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner).push(duration);
        self.sandbox.advance(duration);
        Box::pin(ready(()))
    }
}
