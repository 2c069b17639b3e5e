//! Waiting, measured on the client's clock.

use std::time::Duration;

use specwright_core::clock::Clock;

/// The end of a call on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    end: Duration,
}

impl Deadline {
    pub(crate) fn after(clock: &dyn Clock, time: Duration) -> Self {
        Self { end: clock.monotonic().saturating_add(time) }
    }

    /// What is left of the call.
    pub(crate) fn left(self, clock: &dyn Clock) -> Duration {
        self.end.saturating_sub(clock.monotonic())
    }
}
