//! A body that is read while it is sent.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use specwright_core::transport::{
    BoxError, BoxFuture, OpenUpload, RequestBody, SendError, SendErrorKind, Sent, UploadError,
    UploadSource,
};
use tokio::sync::Notify;

/// The body as reqwest takes it, and what becomes of it if it is an upload.
pub(crate) async fn split(
    body: RequestBody,
) -> Result<(reqwest::Body, Option<Sending>), SendError> {
    let source = match body {
        RequestBody::Whole(body) => return Ok((body.into_bytes().into(), None)),
        RequestBody::Upload(source) => source,
    };
    let length = source.length();
    let state = match length {
        // Nobody ever asks an empty body for a byte, so it is looked at before.
        Some(0) => look(&*source).await.map(|()| State::Sent)?,
        _ => State::Unopened(source),
    };
    let shared = Arc::new(Shared { state: Mutex::new(state), over: Notify::new() });
    let body = Uploading { length, shared: Arc::clone(&shared) };
    Ok((reqwest::Body::wrap(body), Some(Sending { shared })))
}

/// Whether a body is as empty as it is said to be.
async fn look(source: &dyn UploadSource) -> Result<(), SendError> {
    let failed =
        |error: UploadError| SendError::new(Sent::No, SendErrorKind::Upload).with_source(error);
    OpenUpload::new(source).map_err(failed)?.next().await.map(drop).map_err(failed)
}

/// What becomes of an upload, for whoever reads the answer. Dropping it gives the upload up.
pub(crate) struct Sending {
    shared: Arc<Shared>,
}

/// An upload, for the connection, which reads it on a task of its own.
struct Uploading {
    length: Option<u64>,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    over: Notify,
}

enum State {
    /// The connection has not asked for any byte.
    Unopened(Arc<dyn UploadSource>),
    Open(OpenUpload),
    /// The upload comes back together with what it read. Whoever waits for it is woken if it is given up.
    Reading(BoxFuture<'static, Read>, Waker),
    /// The connection has all of it.
    Sent,
    /// The server has answered and does not want the rest. The connection stays for the answer.
    Unwanted(Option<Waker>),
    /// Nobody is there any more, or the upload has failed and that was said.
    Closed,
    Failed(UploadError),
}

type Read = (OpenUpload, Result<Option<Bytes>, UploadError>);

impl Sending {
    /// Lets go of the caller's reader: the server has answered and does not want the rest.
    pub(crate) fn give_up(&self) {
        self.shared.end(State::Unwanted);
    }

    /// Why the upload failed, if it did. It is said once.
    pub(crate) fn failure(&self) -> Option<SendError> {
        let mut state = self.shared.lock();
        match std::mem::replace(&mut *state, State::Closed) {
            State::Failed(error) => Some(error.into()),
            other => {
                *state = other;
                None
            }
        }
    }

    /// Waits until the connection has all of the upload, or lets go of it.
    pub(crate) async fn ended(&self) -> Result<(), SendError> {
        let mut over = pin!(self.shared.over.notified());
        over.as_mut().enable();
        if !self.shared.lock().is_over() {
            over.await;
        }
        self.failure().map_or(Ok(()), Err)
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.shared.end(|_| State::Closed);
    }
}

impl Shared {
    /// Ends an upload of which something is left.
    fn end(&self, by: impl FnOnce(Option<Waker>) -> State) {
        let mut state = self.lock();
        let (rest, waker) = match std::mem::replace(&mut *state, State::Closed) {
            State::Reading(reading, waker) => {
                (Some(State::Reading(reading, Waker::noop().clone())), Some(waker))
            }
            State::Unwanted(waker) => (None, waker),
            rest @ (State::Unopened(_) | State::Open(_)) => (Some(rest), None),
            over @ (State::Sent | State::Closed | State::Failed(_)) => {
                *state = over;
                return;
            }
        };
        *state = by(waker.clone());
        drop(state);
        self.over.notify_waiters();
        // Outside of the lock, because it is the caller's code.
        drop(rest);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// One more chunk for the connection.
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let mut state = self.lock();
        let open = match std::mem::replace(&mut *state, State::Closed) {
            State::Unopened(source) => OpenUpload::new(&*source),
            State::Open(open) => Ok(open),
            State::Reading(reading, _) => {
                return self.poll_reading(reading, state, context);
            }
            State::Sent => {
                *state = State::Sent;
                return Poll::Ready(None);
            }
            State::Unwanted(_) => {
                *state = State::Unwanted(Some(context.waker().clone()));
                return Poll::Pending;
            }
            State::Closed => return Poll::Ready(Some(Err(closed()))),
            State::Failed(error) => Err(error),
        };
        match open {
            Ok(mut open) => {
                let reading = Box::pin(async move {
                    let read = open.next().await;
                    (open, read)
                });
                self.poll_reading(reading, state, context)
            }
            Err(error) => self.fail(error, state),
        }
    }

    fn poll_reading(
        &self,
        mut reading: BoxFuture<'static, Read>,
        mut state: MutexGuard<'_, State>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        match reading.as_mut().poll(context) {
            Poll::Pending => {
                *state = State::Reading(reading, context.waker().clone());
                Poll::Pending
            }
            Poll::Ready((_, Err(error))) => self.fail(error, state),
            Poll::Ready((open, Ok(chunk))) => {
                if open.is_at_end() {
                    *state = State::Sent;
                    self.over.notify_waiters();
                } else {
                    *state = State::Open(open);
                }
                Poll::Ready(chunk.map(Ok))
            }
        }
    }

    /// The connection ends with this error, without the end of the request.
    fn fail(
        &self,
        error: UploadError,
        mut state: MutexGuard<'_, State>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        *state = State::Failed(error);
        self.over.notify_waiters();
        Poll::Ready(Some(Err(closed())))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_over(&self) -> bool {
        match self {
            Self::Unopened(_) | Self::Open(_) | Self::Reading(..) => false,
            Self::Sent | Self::Unwanted(_) | Self::Closed | Self::Failed(_) => true,
        }
    }
}

impl HttpBody for Uploading {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.shared.poll(context).map(|read| read.map(|chunk| chunk.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Uploading {
    fn drop(&mut self) {
        self.shared.end(|_| State::Closed);
    }
}

fn closed() -> BoxError {
    "the upload was not sent to its end".into()
}
