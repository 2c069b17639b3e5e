//! Time as a trait, so that tests hold it still.

use std::fmt::Debug;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use crate::transport::BoxFuture;

/// The only source of time and of waiting in the runtime.
///
/// Two clocks are needed. The wall clock compares with what a server says (`Date`, epoch seconds), but it jumps. The
/// monotonic clock never jumps, so deadlines and token lifetimes are measured on it as well.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The wall clock.
    fn now(&self) -> SystemTime;

    /// Time since a start that is arbitrary but the same for every call on one clock.
    ///
    /// Where the platform can, it counts the time in which the machine was suspended: a laptop that slept for an hour
    /// must not believe that its token is an hour younger.
    fn monotonic(&self) -> Duration;

    /// A future that is ready when `duration` has passed on the monotonic clock.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// Waits for `work`, at most for `time`; `None` if that was not enough. Work that is done at once needs no time.
///
/// When both are ready the work wins: after a pause of the whole process the answer is often there already.
pub async fn within<T>(
    clock: &dyn Clock,
    time: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    let mut sleep = None;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => {
            // Only now, because most of what has a limit is there at once.
            let sleep = sleep.get_or_insert_with(|| clock.sleep(time));
            sleep.as_mut().poll(context).map(|()| None)
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Context, Waker};

    use super::*;

    /// Counts who sleeps. Every sleep is over at once.
    #[derive(Debug, Default)]
    struct Sleepless(AtomicU32);

    impl Clock for Sleepless {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(ready(()))
        }
    }

    /// What comes of the work, and how often somebody slept.
    fn outcome(work: impl Future<Output = u32>) -> (Poll<Option<u32>>, u32) {
        let clock = Sleepless::default();
        let polled = pin!(within(&clock, Duration::from_secs(1), work))
            .poll(&mut Context::from_waker(Waker::noop()));
        (polled, clock.0.into_inner())
    }

    #[test]
    fn work_that_is_done_at_once_is_not_timed() {
        assert_eq!(outcome(ready(7)), (Poll::Ready(Some(7)), 0));
    }

    #[test]
    fn work_that_is_not_done_in_time_is_given_up() {
        assert_eq!(outcome(pending()), (Poll::Ready(None), 1));
    }
}
