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
    let mut sleep = clock.sleep(time);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => sleep.as_mut().poll(context).map(|()| None),
    })
    .await
}
