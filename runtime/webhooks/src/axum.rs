//! For handlers of axum.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::receiver::{Claimed, HandedOff, ReceiveError, Received, Receiver};
use crate::verify::{Verifier, VerifyErrorKind};

/// How soon a vendor should try again if the store failed, in seconds.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// Reads the body as it came, verifies it and claims the event. The state of the router is the [`Receiver`], or one can be
/// taken from it.
///
/// Whatever is not the handler's business is answered before it: a duplicate with 204, a delivery of an event that is being
/// handled with 503, and what the vendor has not sent with 401. The handler answers with [`HandedOff`], which it has from
/// [`Claimed::done`], or with an error.
///
/// The limit is [`Verifier::MAX_BODY_BYTES`], whatever axum's default for other handlers is.
impl<S> FromRequest<S> for Claimed
where
    S: Send + Sync,
    Receiver: FromRef<S>,
{
    type Rejection = NotClaimed;

    async fn from_request(request: Request, state: &S) -> Result<Self, NotClaimed> {
        let (head, body) = request.into_parts();
        let body = read(body).await?;
        match Receiver::from_ref(state).receive(&head.headers, body).await? {
            Received::New(claimed) => Ok(claimed),
            Received::InProgress(left) => Err(NotClaimed::InProgress(left)),
            Received::Done => Err(NotClaimed::Done),
        }
    }
}

/// The whole body, if it is not too large. What says that it is too large is not read at all.
async fn read(body: Body) -> Result<Bytes, NotClaimed> {
    let too_large = || ReceiveError::from(crate::VerifyError::from(VerifyErrorKind::TooLarge));
    let most = Verifier::MAX_BODY_BYTES;
    if usize::try_from(body.size_hint().lower()).map_or(true, |size| size > most) {
        return Err(too_large().into());
    }
    match Limited::new(body, most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large().into()),
        Err(_) => Err(NotClaimed::Interrupted),
    }
}

/// A request that the handler has nothing to do with, and how it is answered.
///
/// A handler that wants to log it takes a `Result<Claimed, NotClaimed>`.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotClaimed {
    /// The event was handed off before: 204.
    Done,
    /// Another delivery of the event is being handled, at most so long: 503.
    InProgress(Duration),
    /// The body broke off: 400.
    Interrupted,
    /// It was not received: [`ReceiveError::status`].
    Refused(ReceiveError),
}

impl NotClaimed {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Done => StatusCode::NO_CONTENT,
            Self::InProgress(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Interrupted => StatusCode::BAD_REQUEST,
            Self::Refused(error) => error.status(),
        }
    }

    /// When to send the event again.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::InProgress(left) => Some(*left),
            Self::Refused(ReceiveError::Store(_)) => Some(STORE_PAUSE),
            Self::Done | Self::Interrupted | Self::Refused(_) => None,
        }
    }
}

/// An answer without a body: whoever guesses learns nothing.
impl IntoResponse for NotClaimed {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if response.status() == StatusCode::UNAUTHORIZED {
            // RFC 9110, 15.5.2: a 401 names a scheme. None is registered for webhooks.
            let challenge = HeaderValue::from_static("Webhook-Signature");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(pause) = self.retry_after() {
            // Rounded up, or the next delivery would come a moment too early.
            let seconds = pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0));
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// 204: the vendor need not send the event again.
impl IntoResponse for HandedOff {
    fn into_response(self) -> Response {
        self.status().into_response()
    }
}

impl From<ReceiveError> for NotClaimed {
    fn from(error: ReceiveError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for NotClaimed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Done => "the event was handed off before",
            Self::InProgress(_) => "another delivery of the event is being handled",
            Self::Interrupted => "the body of the webhook broke off",
            Self::Refused(_) => "the webhook was refused",
        })
    }
}

impl StdError for NotClaimed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Refused(error) => Some(error),
            Self::Done | Self::InProgress(_) | Self::Interrupted => None,
        }
    }
}
