//! Waiting, measured on the client's clock.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
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

/// Waits for `work`, at most for `time`; `None` if that was not enough.
///
/// When both are ready the work wins: after a pause of the whole process the answer is often there already.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    time: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    let mut sleep = clock.sleep(time);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => sleep.as_mut().poll(context).map(|()| None),
    })
    .await
}
