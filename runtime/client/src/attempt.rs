//! One attempt of a call.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use specwright_backoff::Class;
use specwright_core::clock::within;
use specwright_core::operation::{Answer, RequestBody};
use specwright_core::transport::{
    AttemptLimits, Body, BodyReader, SendError, SendErrorKind, Sent, TransportRequest,
};

use crate::answered::Provenance;
use crate::inner::Inner;
use crate::prepared::{Delivery, Prepared};
use crate::sending::{Limits, Pulse};
use crate::wait::{LONGEST_ATTEMPT, LONGEST_READ};

/// How one attempt ended.
pub(crate) enum Attempt {
    /// There is an answer.
    Answered(Received, Provenance),
    /// There is none.
    Unanswered(SendError),
}

/// An answer as far as it is there.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) answer: Answer,
    /// The body of a success that is [`Delivery::Streamed`]; the answer itself has none then.
    pub(crate) body: Option<Box<dyn BodyReader>>,
}

impl Attempt {
    /// Sends a request once, for at most what is `left` of the call. Gives also for how long the deadline of the client stood
    /// still: how long an upload takes says nothing of the server.
    pub(crate) async fn make(
        inner: &Inner,
        call: &Prepared,
        request: TransportRequest,
        class: Class,
        left: Duration,
    ) -> (Self, Duration) {
        let usual = if class == Class::Safe { LONGEST_READ } else { LONGEST_ATTEMPT };
        let timeout = usual.min(left);
        let RequestBody::Upload(upload) = request.body() else {
            let sending = exchange(inner, call.delivery, request, limits(call, timeout));
            let outcome = within(&*inner.clock, timeout, sending).await;
            return (Self::of(inner, outcome), Duration::ZERO);
        };
        // A deadline of the call itself is the caller's word on its upload.
        let is_bound = call.options.deadline.is_some();
        let whole = if is_bound { left } else { Duration::MAX };
        let pulse = Pulse::new(Arc::clone(&inner.clock), Limits { apart: timeout, whole });
        let pulse = Arc::new(pulse);
        let request = pulse.watched(Arc::clone(upload), request);
        let sending = exchange(inner, call.delivery, request, limits(call, whole));
        let outcome = pulse.watch(sending).await;
        (Self::of(inner, outcome), if is_bound { Duration::ZERO } else { pulse.sending() })
    }

    fn of(inner: &Inner, outcome: Option<Result<Received, SendError>>) -> Self {
        match outcome {
            Some(Ok(received)) => {
                let envelope = inner.profile.error_envelope.as_ref();
                let provenance = Provenance::read(&received.answer, envelope);
                Self::Answered(received, provenance)
            }
            Some(Err(error)) => Self::Unanswered(error),
            // The transport should have said so itself. Whether it had begun to send is unknown.
            None => Self::Unanswered(SendError::new(Sent::Maybe, SendErrorKind::Timeout)),
        }
    }

    /// The status of the answer, if there is one.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Answered(received, _) => Some(received.answer.status()),
            Self::Unanswered(_) => None,
        }
    }

    /// Whether a further attempt would end in the same way.
    pub(crate) fn is_hopeless(&self) -> bool {
        match self {
            Self::Answered(..) => false,
            Self::Unanswered(error) => {
                matches!(error.kind, SendErrorKind::TooLarge { .. } | SendErrorKind::Request)
            }
        }
    }
}

fn limits(call: &Prepared, timeout: Duration) -> AttemptLimits {
    let usual = AttemptLimits::new(timeout);
    match (call.options.max_bytes, call.delivery) {
        (Some(most), _) => usual.max_success_bytes(most),
        (None, Delivery::Whole) => usual,
        // Nobody holds it as a whole.
        (None, Delivery::Streamed) => usual.max_success_bytes(usize::MAX),
    }
}

/// A request and its answer, as far as the caller wants it at once.
async fn exchange(
    inner: &Inner,
    delivery: Delivery,
    request: TransportRequest,
    limits: AttemptLimits,
) -> Result<Received, SendError> {
    match delivery {
        Delivery::Whole => {
            let response = inner.transport.send(request, limits).await?;
            Ok(Received { answer: Answer::from(response), body: None })
        }
        Delivery::Streamed => open(inner, request, limits).await,
    }
}

/// The head of a success with a reader of its body, or the whole of any other answer.
async fn open(
    inner: &Inner,
    request: TransportRequest,
    limits: AttemptLimits,
) -> Result<Received, SendError> {
    let (head, mut body) = inner.transport.stream(request, limits).await?.into_parts();
    let status = head.status.as_u16();
    if head.status.is_success() {
        let answer = Answer::new(status, head.headers, Body::empty());
        return Ok(Received { answer, body: Some(body) });
    }
    let mut text = BytesMut::new();
    while let Some(chunk) = body.next().await? {
        text.extend_from_slice(&chunk);
    }
    Ok(Received { answer: Answer::new(status, head.headers, text.freeze()), body: None })
}
