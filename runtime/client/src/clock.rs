//! Time and tasks as they are outside of tests.

use std::time::{Duration, Instant, SystemTime};

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;
use specwright_refresh::Spawn;

/// The clocks of the system and the timers of tokio.
///
/// The monotonic clock is the one of the standard library. On some systems it stands still while the machine is
/// suspended; token lifetimes are measured on the wall clock as well, which goes on. Sleeping needs a tokio runtime with
/// its timer enabled.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else uses")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else uses")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else uses")]
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Runs refreshes as tasks of the tokio runtime in which a call is made.
///
/// Outside of a runtime there is nobody to run the task; it is dropped, and the call fails instead of waiting for ever.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioSpawn;

impl Spawn for TokioSpawn {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Nobody joins the task: it reports through its own channel, also when it is dropped.
            drop(runtime.spawn(task));
        }
    }
}
