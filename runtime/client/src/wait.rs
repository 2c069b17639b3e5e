//! How long a call and its attempts may take, measured on the client's clock.

use std::time::Duration;

use specwright_core::clock::Clock;

/// Time for one attempt of a request that only reads.
pub(crate) const LONGEST_READ: Duration = Duration::from_secs(30);

/// Time for one attempt of any other request. Long, because a server may still be at work on it, and the second one
/// would run beside the first.
pub(crate) const LONGEST_ATTEMPT: Duration = Duration::from_secs(60);

/// The end of a call on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    end: Duration,
}

impl Deadline {
    pub(crate) fn after(clock: &dyn Clock, time: Duration) -> Self {
        Self { end: clock.monotonic().saturating_add(time) }
    }

    /// The end of a call that may take so much longer.
    pub(crate) fn later(self, time: Duration) -> Self {
        Self { end: self.end.saturating_add(time) }
    }

    /// What is left of the call.
    pub(crate) fn left(self, clock: &dyn Clock) -> Duration {
        self.end.saturating_sub(clock.monotonic())
    }
}
