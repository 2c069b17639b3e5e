//! An answer that is read while it arrives.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use specwright_core::clock::Clock;
use specwright_core::clock::within;
use specwright_core::error::{AnyError, ErrorKind, ErrorReport, Retry};
use specwright_core::operation::{Answer, Idempotency};
use specwright_core::transport::{
    AttemptLimits, BodyReader, BoxFuture, SendError, SendErrorKind, Sent,
};

use crate::attempt::Received;
use crate::failure::answer_report;
use crate::pace::Pace;

/// The body of a success, to be read chunk by chunk or at once.
///
/// The head of the answer is there. The body comes as fast as it is read, and no more of it is held than one chunk. It
/// ends with an error if it breaks off, if the server is silent for 30 s while somebody waits, or if less than a byte a second
/// comes in a minute of waiting; a part of a body never looks like a whole one. The deadline of the call no longer counts. Dropping it gives the rest up.
#[must_use = "a download that is dropped is given up"]
pub struct Download {
    /// The head of the answer; its body is empty.
    answer: Answer,
    state: State,
    pace: Pace,
    clock: Arc<dyn Clock>,
    call: DownloadCall,
    attempts: u32,
}

/// What a download keeps of the call that it came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DownloadCall {
    /// The document's name of the operation, if it describes the request.
    pub(crate) operation: Option<&'static str>,
    pub(crate) idempotency: Idempotency,
    /// The most bytes that the caller wants to hold.
    pub(crate) max_bytes: Option<usize>,
}

type Reader = Box<dyn BodyReader>;

/// What came of a wait for a chunk, and how long it was.
type Read = (Reader, Duration, Result<Option<Bytes>, SendError>);

enum State {
    Ready(Reader),
    /// The reader comes back together with what it read, so that whoever waits may stop waiting and lose nothing.
    Reading(BoxFuture<'static, Read>),
    Done,
    Failed(ErrorKind),
}

impl Download {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        call: DownloadCall,
        received: Received,
        attempts: u32,
    ) -> Self {
        let Received { answer, body } = received;
        let reader = body.unwrap_or_else(|| Box::new(answer.body().clone()));
        let answer = Answer::new(answer.status(), answer.headers().clone(), Bytes::new());
        let state = State::Ready(reader);
        Self { answer, state, pace: Pace::default(), clock, call, attempts }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.answer.status()
    }

    /// The headers. They may hold cookies; do not log them as a whole.
    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// The media type of the body in lower case and without parameters, as in `application/pdf`. It need not be the one
    /// that was asked for (RFC 9110 §12.5.1).
    pub fn content_type(&self) -> Option<String> {
        self.answer.content_type()
    }

    /// How many bytes the server announces, if it does.
    pub fn content_length(&self) -> Option<u64> {
        self.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }

    /// The next bytes; `None` at the end of the body. After an error each further call is an error.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, AnyError> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    /// The whole body, which must not be larger than [`CallOptions::with_max_bytes`](crate::CallOptions::with_max_bytes)
    /// says, or 16 MiB.
    pub async fn bytes(mut self) -> Result<Bytes, AnyError> {
        let most = self.call.max_bytes.unwrap_or(AttemptLimits::DEFAULT_MAX_SUCCESS_BYTES);
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > most.saturating_sub(whole.len()) {
                return Err(self.report(ErrorKind::TooLarge).into());
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, AnyError>> {
        let mut reading = match std::mem::replace(&mut self.state, State::Done) {
            State::Done => return Poll::Ready(Ok(None)),
            State::Failed(kind) => {
                self.state = State::Failed(kind);
                let report = self.report(kind).with_source("the download has failed before");
                return Poll::Ready(Err(report.into()));
            }
            State::Ready(reader) => read(reader, Arc::clone(&self.clock)),
            State::Reading(reading) => reading,
        };
        match reading.as_mut().poll(context) {
            Poll::Pending => {
                self.state = State::Reading(reading);
                Poll::Pending
            }
            Poll::Ready((reader, waited, Ok(Some(chunk)))) => {
                if !self.pace.is_good_after(waited, chunk.len()) {
                    return Poll::Ready(Err(self.fail(timed_out())));
                }
                self.state = State::Ready(reader);
                Poll::Ready(Ok(Some(chunk)))
            }
            Poll::Ready((_, _, Ok(None))) => Poll::Ready(Ok(None)),
            Poll::Ready((_, _, Err(error))) => Poll::Ready(Err(self.fail(error))),
        }
    }

    /// The download is over, with this.
    fn fail(&mut self, error: SendError) -> AnyError {
        let kind = match error.kind {
            SendErrorKind::TooLarge { .. } => ErrorKind::TooLarge,
            _ => ErrorKind::Transport,
        };
        self.state = State::Failed(kind);
        self.report(kind).with_source(error).into()
    }

    fn report(&self, kind: ErrorKind) -> ErrorReport {
        let harmless = match self.call.idempotency {
            Idempotency::Safe | Idempotency::Idempotent => true,
            Idempotency::Key { .. } | Idempotency::Unsafe => false,
        };
        let worthwhile = harmless && kind == ErrorKind::Transport;
        let retry = if worthwhile { Retry::Worthwhile } else { Retry::No };
        let report = answer_report(kind, &self.answer, self.attempts).with_retry(retry);
        match self.call.operation {
            Some(id) => report.with_operation(id),
            None => report,
        }
    }
}

/// One chunk. The transport watches the silence too; this is for those that do not.
fn read(mut reader: Reader, clock: Arc<dyn Clock>) -> BoxFuture<'static, Read> {
    Box::pin(async move {
        let (silence, since) = (AttemptLimits::DEFAULT_IDLE_TIMEOUT, clock.monotonic());
        let outcome = within(&*clock, silence, reader.next()).await;
        let waited = clock.monotonic().saturating_sub(since);
        (reader, waited, outcome.unwrap_or_else(|| Err(timed_out())))
    })
}

fn timed_out() -> SendError {
    SendError::new(Sent::Maybe, SendErrorKind::Timeout)
}

impl fmt::Debug for Download {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Download")
            .field("operation", &self.call.operation)
            .field("status", &self.status())
            .field("content_length", &self.content_length())
            .finish_non_exhaustive()
    }
}

/// The chunks; an error is the last thing that comes.
#[cfg(feature = "stream")]
impl futures_core::Stream for Download {
    type Item = Result<Bytes, AnyError>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let download = self.get_mut();
        if matches!(download.state, State::Failed(_)) {
            return Poll::Ready(None);
        }
        download.poll_chunk(context).map(Result::transpose)
    }
}
