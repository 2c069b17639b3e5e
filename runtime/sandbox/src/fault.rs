//! Faults that a test scripts for the next requests.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Deserializer};

use crate::answer::{Answer, Body};
use crate::chaos::Chaos;
use crate::clock::Moment;
use crate::limits::Told;
use crate::profile::errors::ErrorRules;

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// This status, from something that stands before the application: nothing is done and nothing
    /// is kept for an idempotency key.
    Status(u16),
    /// As [`Status`](Self::Status), with these headers (name, value), such as `Retry-After`.
    StatusWithHeaders(u16, Vec<(String, String)>),
    /// 429 with the vendor's headers, from something that stands before the application, however full the
    /// windows are. Where the vendor has no such headers it is [`Status`](Self::Status) of 429, which is
    /// the same without them.
    RateLimited {
        /// How many requests it says that the window allows.
        limit: u64,
        /// After how long it says that the window opens again.
        #[serde(deserialize_with = "seconds")]
        reset: Duration,
    },
    /// This status, from the application itself: nothing is done, but the answer is kept for the
    /// request's idempotency key and given again for it.
    StoredStatus(u16),
    /// The vendor's error with this code, from the application itself, with the status it has in the
    /// vendor's table: nothing is done, but the answer is kept for the idempotency key. At a token
    /// endpoint, an error of RFC 6749.
    Code(String),
    /// The connection is closed before anything is done.
    CloseBeforeAnswer,
    /// Everything is done, then the connection is closed without an answer.
    CloseAfterEffect,
    /// Everything is done, then this status is answered, in the vendor's form.
    StatusAfterEffect(u16),
    /// Everything is done, and of the answer the head arrives and this many bytes of the body; then the
    /// connection is closed.
    CutAfter(usize),
    /// Everything is done, and the JSON of the answer ends in the middle, although the answer is whole.
    TruncatedJson,
    /// Everything is done, and the answer says that it is of this media type.
    ContentType(String),
    /// This status with a page of HTML, as from a proxy; nothing is done.
    Html(u16),
    /// The server stops reading in the middle of the request. When [`Service::release`] lets it go, the
    /// connection is closed; nothing is ever done.
    ///
    /// [`Service::release`]: crate::Service::release
    HoldRequest,
    /// The request is read, and then it is held before anything is done. Once it is let go it is played
    /// to its end, whether or not its client is still there.
    HoldBeforeEffect,
    /// Everything is done, and then the answer is held.
    HoldAfterEffect,
    /// The request waits (by tokio's clock) and is then treated as usual.
    Delay(#[serde(deserialize_with = "seconds")] Duration),
    /// A 307 to this URL; nothing is done.
    Redirect(String),
    /// Status 200 with these bytes as `application/json`; nothing is done.
    Body(#[serde(deserialize_with = "text")] Bytes),
}

/// Which request a fault waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// The next one, whatever it is.
    Any,
    /// The next one of the operation with this `operationId`; the authorization endpoint, which is in no
    /// document, is `authorize`.
    Operation(String),
    /// One of the operation with this `operationId`, counted from 1 for the next.
    Nth(String, usize),
}

impl Target {
    /// Short for [`Operation`](Self::Operation).
    pub fn operation(id: impl Into<String>) -> Self {
        Self::Operation(id.into())
    }

    fn takes(&self, operation: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Operation(id) | Self::Nth(id, _) => operation == Some(id),
        }
    }

    /// How many requests that it fits pass before the one it takes.
    fn pass(&self) -> usize {
        match self {
            Self::Any | Self::Operation(_) => 0,
            Self::Nth(_, number) => number.saturating_sub(1),
        }
    }
}

/// Faults that wait for their request. The oldest that fits is taken first, one a request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Waiting>,
    chaos: Option<Running>,
}

#[derive(Debug)]
struct Running {
    chaos: Chaos,
    /// `None` if it has no end.
    until: Option<Moment>,
}

#[derive(Debug)]
struct Waiting {
    target: Target,
    /// How many requests still pass.
    pass: usize,
    fault: Fault,
}

impl Faults {
    pub(crate) fn push(&mut self, target: Target, fault: Fault) {
        self.waiting.push(Waiting { pass: target.pass(), target, fault });
    }

    /// Nothing waits any more.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(crate) fn set_chaos(&mut self, chaos: Option<Chaos>, now: Moment) {
        self.chaos = chaos.map(|chaos| {
            let until = chaos.duration().map(|duration| now.plus(duration));
            Running { chaos, until }
        });
    }

    /// The fault of a request: one that waits for it, or one by chance.
    pub(crate) fn take(&mut self, operation: Option<&str>, now: Moment) -> Option<Fault> {
        let fits = |waiting: &Waiting| waiting.target.takes(operation);
        let taken = self.waiting.iter().position(|waiting| fits(waiting) && waiting.pass == 0);
        let fault = taken.map(|at| self.waiting.remove(at).fault);
        // Each counts every request that it fits, those that another one takes as well.
        for waiting in self.waiting.iter_mut().filter(|waiting| fits(waiting)) {
            waiting.pass = waiting.pass.saturating_sub(1);
        }
        let open = |running: &&mut Running| running.until.is_none_or(|until| now < until);
        fault.or_else(|| self.chaos.as_mut().filter(open)?.chaos.draw(operation))
    }
}

impl Fault {
    /// Whether whatever stands before the application plays it: neither its rate windows nor anything else
    /// of it sees the request.
    pub(crate) fn is_before_application(&self) -> bool {
        match self {
            Self::Status(_)
            | Self::StatusWithHeaders(..)
            | Self::RateLimited { .. }
            | Self::CloseBeforeAnswer
            | Self::Html(_)
            | Self::HoldRequest
            | Self::Redirect(_)
            | Self::Body(_) => true,
            Self::StoredStatus(_)
            | Self::Code(_)
            | Self::CloseAfterEffect
            | Self::StatusAfterEffect(_)
            | Self::CutAfter(_)
            | Self::TruncatedJson
            | Self::ContentType(_)
            | Self::HoldBeforeEffect
            | Self::HoldAfterEffect
            | Self::Delay(_) => false,
        }
    }

    /// The name in the ledger.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::StatusWithHeaders(..) => "status_with_headers",
            Self::RateLimited { .. } => "rate_limited",
            Self::StoredStatus(_) => "stored_status",
            Self::Code(_) => "code",
            Self::CloseBeforeAnswer => "close_before_answer",
            Self::CloseAfterEffect => "close_after_effect",
            Self::StatusAfterEffect(_) => "status_after_effect",
            Self::CutAfter(_) => "cut_after",
            Self::TruncatedJson => "truncated_json",
            Self::ContentType(_) => "content_type",
            Self::Html(_) => "html",
            Self::HoldRequest => "hold_request",
            Self::HoldBeforeEffect => "hold_before_effect",
            Self::HoldAfterEffect => "hold_after_effect",
            Self::Delay(_) => "delay",
            Self::Redirect(_) => "redirect",
            Self::Body(_) => "body",
        }
    }
}

/// A time in seconds, with or without a fraction.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(reader: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(reader)?;
    Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
}

fn text<'de, D: Deserializer<'de>>(reader: D) -> Result<Bytes, D::Error> {
    String::deserialize(reader).map(Bytes::from)
}

/// An error in the vendor's form. A number that is no status is answered as 500.
pub(crate) fn status(
    errors: &ErrorRules,
    status: u16,
    headers: &[(String, String)],
    request_id: &str,
) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = errors.with_status(status, request_id);
    for (name, value) in headers {
        let pair = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(value).ok());
        answer.headers.extend(pair);
    }
    answer
}

/// The answer to one request too many, in the vendor's form.
pub(crate) fn rate_limited(errors: &ErrorRules, told: Told, request_id: &str) -> Answer {
    let mut answer = errors.with_status(StatusCode::TOO_MANY_REQUESTS, request_id);
    answer.headers.extend(told);
    answer
}

/// An error of a token endpoint (RFC 6749, section 5.2).
pub(crate) fn oauth(code: &str) -> Answer {
    let status = match code {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    Answer::oauth_error(status, code, SCRIPTED)
}

/// An error of a token endpoint with this status. A number that is no status is answered as 500.
pub(crate) fn oauth_status(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = if status.is_server_error() { "server_error" } else { "invalid_request" };
    Answer::oauth_error(status, code, SCRIPTED)
}

pub(crate) fn redirect(url: &str) -> Answer {
    let mut answer = Answer::empty(StatusCode::TEMPORARY_REDIRECT);
    answer.headers.extend(HeaderValue::from_str(url).ok().map(|url| (LOCATION, url)));
    answer
}

pub(crate) fn body(bytes: &Bytes) -> Answer {
    Answer { body: Body::Raw(bytes.clone()), ..Answer::empty(StatusCode::OK) }
}

/// A page of a proxy that has nothing to give. A number that is no status is answered as 500.
pub(crate) fn html(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page =
        format!("<html><head><title>{status}</title></head><body>{SCRIPTED}</body></html>\n");
    Answer::file(status, HeaderValue::from_static("text/html"), Bytes::from(page))
}

/// The answer under another label. A text that cannot be a header value leaves none.
pub(crate) fn relabeled(answer: Answer, media_type: &str) -> Answer {
    let label = HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static(""));
    let mut answer = answer;
    answer.headers.insert(CONTENT_TYPE, label);
    answer
}

/// The answer with the first half of its JSON.
pub(crate) fn truncated(answer: Answer) -> Answer {
    let Body::Json(value) = &answer.body else { return answer };
    let whole = Bytes::from(value.to_string());
    let half = whole.slice(..whole.len() / 2);
    Answer { body: Body::Raw(half), ..answer }
}

/// What an answer says that a test scripted.
pub(crate) const SCRIPTED: &str = "A fault that was asked for.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SandboxClock;

    fn take(faults: &mut Faults, operation: &str) -> Option<Fault> {
        faults.take(Some(operation), SandboxClock::fixed_at(0).now())
    }

    #[test]
    fn a_fault_waits_for_its_operation() {
        let mut faults = Faults::default();
        faults.push(Target::operation("create"), Fault::Status(503));
        assert_eq!(take(&mut faults, "list"), None);
        assert_eq!(take(&mut faults, "create"), Some(Fault::Status(503)));
        assert_eq!(take(&mut faults, "create"), None);
    }

    #[test]
    fn a_fault_for_the_third_request_lets_two_pass() {
        let mut faults = Faults::default();
        faults.push(Target::Nth("create".to_owned(), 3), Fault::Status(503));
        faults.push(Target::operation("create"), Fault::Status(500));
        let taken = [(); 4].map(|()| take(&mut faults, "create"));
        assert_eq!(taken, [Some(Fault::Status(500)), None, Some(Fault::Status(503)), None]);
    }
}
