//! How long a request may take whose body is read while it is sent.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use specwright_core::clock::{Clock, within};
use specwright_core::operation::RequestBody;
use specwright_core::transport::{
    AttemptLimits, BoxError, BoxFuture, OpenUpload, TransportRequest, UploadError, UploadReader,
    UploadSource,
};
use tokio::sync::Notify;

/// The longest silence of a server that does not take what is sent, and of a reader that gives nothing: as long as that of a
/// download.
const SILENCE: Duration = AttemptLimits::DEFAULT_IDLE_TIMEOUT;

/// The most bytes that are handed over at once. A connection of half a kilobyte a second takes them before the silence is
/// too long.
const SLICE: usize = 16 * 1024;

/// The time of an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From its beginning to its answer, without the time in which its body was sent.
    pub(crate) apart: Duration,
    /// All in all.
    pub(crate) whole: Duration,
}

/// How far an upload has come.
pub(crate) struct Pulse {
    clock: Arc<dyn Clock>,
    began: Duration,
    limits: Limits,
    phase: Mutex<Phase>,
    /// Told when the last byte was handed over.
    sent: Notify,
}

/// Moments on the monotonic clock.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Nobody has asked for the first byte.
    Unopened,
    /// The reader was asked for more, and has a limit of its own.
    Reading { opened: Duration },
    /// Nobody has asked for more since then.
    Given { opened: Duration, at: Duration },
    /// There is nothing more to be asked for.
    Over { opened: Duration, at: Duration },
}

impl Pulse {
    pub(crate) fn new(clock: Arc<dyn Clock>, limits: Limits) -> Self {
        let began = clock.monotonic();
        Self { clock, began, limits, phase: Mutex::new(Phase::Unopened), sent: Notify::new() }
    }

    /// The same request, whose upload is watched.
    pub(crate) fn watched(
        self: &Arc<Self>,
        source: Arc<dyn UploadSource>,
        request: TransportRequest,
    ) -> TransportRequest {
        let watched = Watched { source, pulse: Arc::clone(self) };
        request.map(|_| RequestBody::Upload(Arc::new(watched)))
    }

    /// What comes of `work`, which sends the upload; `None` if that takes too long.
    pub(crate) async fn watch<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            let mut sent = pin!(self.sent.notified());
            sent.as_mut().enable();
            let turn = poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending => sent.as_mut().poll(context).map(|()| None),
            });
            // Whatever happens meanwhile, no silence that begins after this look is over before the next one.
            let look = self.left().min(SILENCE);
            match within(&*self.clock, look, turn).await {
                Some(Some(done)) => return Some(done),
                None if self.left().is_zero() => return None,
                Some(None) | None => {}
            }
        }
    }

    /// For how long the body was sent.
    pub(crate) fn sending(&self) -> Duration {
        match *self.phase() {
            Phase::Unopened => Duration::ZERO,
            Phase::Reading { opened } | Phase::Given { opened, .. } => {
                self.clock.monotonic().saturating_sub(opened)
            }
            Phase::Over { opened, at } => at.saturating_sub(opened),
        }
    }

    /// What is left of the time for the next thing to happen.
    fn left(&self) -> Duration {
        let now = self.clock.monotonic();
        let apart = self.limits.apart;
        let end = match *self.phase() {
            Phase::Unopened => self.began.saturating_add(apart),
            Phase::Reading { .. } => now.saturating_add(SILENCE),
            Phase::Given { at, .. } => at.saturating_add(SILENCE),
            Phase::Over { opened, at } => {
                let before = opened.saturating_sub(self.began);
                at.saturating_add(apart.saturating_sub(before))
            }
        };
        end.min(self.began.saturating_add(self.limits.whole)).saturating_sub(now)
    }

    fn note(&self, next: impl FnOnce(Duration, Duration) -> Phase) {
        let now = self.clock.monotonic();
        let mut phase = self.phase();
        let opened = match *phase {
            Phase::Unopened => now,
            Phase::Reading { opened }
            | Phase::Given { opened, .. }
            | Phase::Over { opened, .. } => opened,
        };
        *phase = next(opened, now);
        if matches!(*phase, Phase::Over { .. }) {
            self.sent.notify_waiters();
        }
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An upload that says how far it has come.
struct Watched {
    source: Arc<dyn UploadSource>,
    pulse: Arc<Pulse>,
}

impl UploadSource for Watched {
    fn length(&self) -> Option<u64> {
        self.source.length()
    }

    fn open(&self) -> Option<Box<dyn UploadReader>> {
        let upload = OpenUpload::new(&*self.source).ok()?;
        let pulse = Arc::clone(&self.pulse);
        Some(Box::new(WatchedReader { upload, pulse, rest: Bytes::new() }))
    }

    fn is_spent(&self) -> bool {
        self.source.is_spent()
    }
}

struct WatchedReader {
    upload: OpenUpload,
    pulse: Arc<Pulse>,
    /// Read, and not handed over yet.
    rest: Bytes,
}

impl UploadReader for WatchedReader {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>> {
        Box::pin(async move {
            if self.rest.is_empty() {
                self.pulse.note(|opened, _| Phase::Reading { opened });
                let Some(chunk) = self.read().await? else {
                    self.pulse.note(|opened, at| Phase::Over { opened, at });
                    return Ok(None);
                };
                self.rest = chunk;
            }
            self.pulse.note(|opened, at| Phase::Given { opened, at });
            Ok(Some(self.rest.split_to(SLICE.min(self.rest.len()))))
        })
    }
}

impl WatchedReader {
    async fn read(&mut self) -> Result<Option<Bytes>, UploadError> {
        let reading = within(&*self.pulse.clock, SILENCE, self.upload.next());
        reading.await.unwrap_or_else(|| {
            let silent = format!("the reader gave nothing for {} s", SILENCE.as_secs());
            Err(UploadError::from_reader(silent.into()))
        })
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(to)
    }
}
