//! One attempt on the wire, as a trait.

use std::error::Error as StdError;
use std::fmt::{self, Debug};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

pub use crate::body::{Body, RequestBody};
pub use crate::upload::{OpenUpload, UploadError, UploadReader, UploadSource};

/// A boxed future, which lets a trait with asynchronous methods be used as `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An error of any type, kept as the cause of one of ours.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// One request as it goes on the wire: absolute URI, headers, body.
pub type TransportRequest = http::Request<RequestBody>;

/// One whole answer: status, headers, and a body that was read to its end.
pub type TransportResponse = http::Response<Body>;

/// One answer whose head is there and whose body is still to come.
pub type StreamedResponse = http::Response<Box<dyn BodyReader>>;

/// Sends one request and reads one answer.
///
/// An implementation makes exactly one attempt: it never retries, never follows a redirect, never stores a cookie and
/// never adds credentials. All of that is decided above it, once, for every transport.
///
/// An upload ([`RequestBody::Upload`]) is opened when the first of its bytes can be sent, and read as fast as they are
/// taken: whether it can be sent again depends on that. If it cannot be read to its end, the attempt fails with the
/// [`UploadError`]. An answer that comes before is the answer all the same; after one that is no success the rest of the
/// body is given up.
///
/// Dropping the future may cancel the request; whether the server saw it is then unknown.
pub trait Transport: Debug + Send + Sync + 'static {
    /// Makes one attempt within `limits`.
    ///
    /// An answer with any status is `Ok`. A body that breaks off is an error, never a short success; what has arrived of it
    /// is in the error if `limits` ask for it ([`AttemptLimits::broken_body`]).
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>>;

    /// Makes one attempt that ends with the head of the answer. The body is read afterwards, as fast as its reader asks
    /// for it, and nobody holds more of it than one chunk.
    ///
    /// A transport that cannot do so holds the whole body, so a success must not be larger than
    /// [`AttemptLimits::DEFAULT_MAX_SUCCESS_BYTES`] then, whatever `limits` allow. This is what the default does.
    fn stream(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<StreamedResponse, SendError>> {
        let held = limits.max_success_bytes.min(AttemptLimits::DEFAULT_MAX_SUCCESS_BYTES);
        let sending = self.send(request, limits.max_success_bytes(held));
        Box::pin(async move {
            let whole = sending.await?;
            Ok(whole.map(|body| Box::new(body) as Box<dyn BodyReader>))
        })
    }
}

/// Reads the body of an answer, chunk by chunk. Dropping it gives the rest of the answer up.
///
/// Its `Debug` shows no byte of the body.
pub trait BodyReader: Debug + Send {
    /// The next bytes, or `None` at the end. Nothing may be asked for after an error.
    ///
    /// A body that breaks off is an error, never an end. The wait is at most [`AttemptLimits::idle_timeout`], and the
    /// chunks together are at most [`AttemptLimits::max_bytes`] of the answer's status.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, SendError>>;
}

/// A body that is there already is one chunk.
impl BodyReader for Body {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, SendError>> {
        let bytes = std::mem::take(self).into_bytes();
        Box::pin(async move { Ok((!bytes.is_empty()).then_some(bytes)) })
    }
}

/// What one attempt may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttemptLimits {
    /// Time for the whole attempt, from connecting to the last byte of the answer; with [`Transport::stream`] to the end
    /// of its head. Whoever sends an upload watches its progress, and gives as much time as that may take.
    pub timeout: Duration,
    /// The longest silence within a body that is streamed.
    pub idle_timeout: Duration,
    /// The most bytes of the body of a success (2XX), counted after decompression.
    pub max_success_bytes: usize,
    /// The most bytes of the body of any other answer, counted after decompression. A limit of its own, so that a caller
    /// who expects a small success still reads why there is none, and one who expects a huge one never holds a huge error.
    pub max_error_bytes: usize,
    /// What becomes of a body that breaks off. [`Transport::stream`] has handed it out by then, and does not look at it.
    pub broken_body: BrokenBody,
}

/// What becomes of the part of a body that had arrived when the attempt failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrokenBody {
    /// It is dropped: half an answer is none.
    #[default]
    Dropped,
    /// It is in the error ([`SendError::take_broken_off`]), within the limit on bytes. For answers of which a part is worth
    /// something, as that of a token endpoint.
    Kept,
}

impl AttemptLimits {
    /// Largest success unless another limit is set: 16 MiB. Larger JSON is a defect of a server or an attack.
    pub const DEFAULT_MAX_SUCCESS_BYTES: usize = 16 * 1024 * 1024;

    /// Largest other answer unless another limit is set: 16 MiB, as for a success. A real error has a few kilobytes.
    pub const DEFAULT_MAX_ERROR_BYTES: usize = 16 * 1024 * 1024;

    /// Longest silence within a streamed body unless another limit is set: 30 s, as an attempt to read has.
    pub const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

    /// Limits with `timeout`, the usual silence and the usual sizes of answers.
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            idle_timeout: Self::DEFAULT_IDLE_TIMEOUT,
            max_success_bytes: Self::DEFAULT_MAX_SUCCESS_BYTES,
            max_error_bytes: Self::DEFAULT_MAX_ERROR_BYTES,
            broken_body: BrokenBody::default(),
        }
    }

    /// Sets [`Self::idle_timeout`].
    pub fn idle_timeout(mut self, silence: Duration) -> Self {
        self.idle_timeout = silence;
        self
    }

    /// Sets [`Self::max_success_bytes`].
    pub fn max_success_bytes(mut self, bytes: usize) -> Self {
        self.max_success_bytes = bytes;
        self
    }

    /// Sets [`Self::max_error_bytes`].
    pub fn max_error_bytes(mut self, bytes: usize) -> Self {
        self.max_error_bytes = bytes;
        self
    }

    /// Sets [`Self::broken_body`].
    pub fn broken_body(mut self, broken: BrokenBody) -> Self {
        self.broken_body = broken;
        self
    }

    /// The most bytes of the body of an answer with this status. Every transport keeps to it.
    pub fn max_bytes(&self, status: StatusCode) -> usize {
        if status.is_success() { self.max_success_bytes } else { self.max_error_bytes }
    }
}

/// An attempt that gave no answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct SendError {
    /// Whether the server may have seen the request.
    pub sent: Sent,
    /// What went wrong.
    pub kind: SendErrorKind,
    source: Option<BoxError>,
    broken_off: Option<BrokenOff>,
}

/// An answer of which the end is missing. It may hold secrets, so `Debug` shows how much there is of it.
struct BrokenOff(Box<TransportResponse>);

impl SendError {
    /// An attempt that failed as `kind`.
    pub fn new(sent: Sent, kind: SendErrorKind) -> Self {
        Self { sent, kind, source: None, broken_off: None }
    }

    /// Keeps the cause. Its text must hold neither a header nor a query of the request.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Keeps what has arrived of the answer, if `limits` ask for it.
    pub fn with_broken_off(mut self, answer: TransportResponse, limits: &AttemptLimits) -> Self {
        self.broken_off = match limits.broken_body {
            BrokenBody::Dropped => None,
            BrokenBody::Kept => Some(BrokenOff(Box::new(answer))),
        };
        self
    }

    /// Takes the head of the answer and what has arrived of its body, if it broke off there and the limits asked for it.
    pub fn take_broken_off(&mut self) -> Option<TransportResponse> {
        self.broken_off.take().map(|BrokenOff(answer)| *answer)
    }
}

impl Debug for BrokenOff {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "status {}, {:?}", self.0.status().as_u16(), self.0.body())
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = match self.sent {
            Sent::No => "the request was not sent",
            Sent::Maybe => "the server may have seen the request",
        };
        write!(to, "{}; {sent}", self.kind.text())
    }
}

impl StdError for SendError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Whether a server may have acted on a request. This is the only question that a retry asks.
///
/// In doubt the answer is [`Sent::Maybe`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Surely not: no byte of the request left, or the server refused it unread (HTTP/2 `REFUSED_STREAM`).
    No,
    /// It may have been executed.
    Maybe,
}

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// No connection: name resolution, refusal, TLS.
    Connect,
    /// [`AttemptLimits::timeout`] or [`AttemptLimits::idle_timeout`] passed.
    Timeout,
    /// The connection broke before the end of the answer.
    Interrupted,
    /// The answer is larger than [`AttemptLimits::max_bytes`].
    TooLarge {
        /// Its status, which says what became of the request although nobody can read more of the answer.
        status: StatusCode,
    },
    /// The answer is not HTTP, or its body cannot be decompressed.
    Protocol,
    /// The request is one that the transport cannot send.
    Request,
    /// The body of the request could not be read to its end ([`UploadError`]), so the server has a part of it at most.
    Upload,
}

impl SendErrorKind {
    /// A short name in lower case, for logs and as the label of a metric (`error.type` of OpenTelemetry).
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::TooLarge { .. } => "too_large",
            Self::Protocol => "protocol",
            Self::Request => "request",
            Self::Upload => "upload",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Connect => "no connection to the server",
            Self::Timeout => "no answer in time",
            Self::Interrupted => "the connection broke before the end of the answer",
            Self::TooLarge { .. } => "the answer is larger than the limit",
            Self::Protocol => "the answer is not readable as HTTP",
            Self::Request => "the transport cannot send this request",
            Self::Upload => "the body to be sent cannot be read to its end",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::task::{Context, Poll, Waker};

    use super::{
        AttemptLimits, Body, BodyReader, BoxFuture, BrokenBody, SendError, SendErrorKind, Sent,
        TransportResponse,
    };

    #[test]
    fn display_says_whether_the_request_was_sent_and_leaves_the_cause_to_source() {
        let error = SendError::new(Sent::No, SendErrorKind::Connect).with_source("refused");
        assert_eq!(error.to_string(), "no connection to the server; the request was not sent");
        assert_eq!(error.source().unwrap().to_string(), "refused");
    }

    fn broken(what: BrokenBody) -> SendError {
        let mut answer = TransportResponse::new(Body::from("canary-half"));
        let cookie = http::HeaderValue::from_static("canary-cookie");
        answer.headers_mut().insert(http::header::SET_COOKIE, cookie);
        let limits = AttemptLimits::new(std::time::Duration::ZERO).broken_body(what);
        SendError::new(Sent::Maybe, SendErrorKind::Interrupted).with_broken_off(answer, &limits)
    }

    #[test]
    fn what_has_arrived_is_kept_where_it_is_asked_for() {
        let kept = broken(BrokenBody::Kept).take_broken_off().unwrap();
        assert_eq!(&**kept.body(), b"canary-half");
        assert!(broken(BrokenBody::Dropped).take_broken_off().is_none());
    }

    #[test]
    fn debug_shows_how_much_has_arrived_and_nothing_of_it() {
        let shown = format!("{0:?} {0:#?}", broken(BrokenBody::Kept));
        assert!(
            shown.contains("status 200, Body(11 bytes)") && !shown.contains("canary"),
            "{shown}"
        );
    }

    #[test]
    fn a_body_that_is_there_is_one_chunk() {
        let mut body = Body::from("whole");
        assert_eq!(ready(body.next()).unwrap().unwrap(), "whole");
        assert!(ready(body.next()).unwrap().is_none());
        assert!(ready(Body::empty().next()).unwrap().is_none());
    }

    fn ready<T>(mut future: BoxFuture<'_, T>) -> T {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("nothing to wait for"),
        }
    }
}
