//! Faults that a test scripts for the next requests.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::answer::{Answer, Body};
use crate::profile::errors::ErrorRules;

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This status, from something that stands before the application: nothing is done and nothing
    /// is kept for an idempotency key.
    Status(u16),
    /// As [`Status`](Self::Status), with these headers (name, value), such as `Retry-After`.
    StatusWithHeaders(u16, Vec<(String, String)>),
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
    /// The request waits (by tokio's clock) and is then treated as usual.
    Delay(Duration),
    /// A 307 to this URL; nothing is done.
    Redirect(String),
    /// Status 200 with these bytes as `application/json`; nothing is done.
    Body(Bytes),
}

/// Which request a fault waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// The next one, whatever it is.
    Any,
    /// The next one of the operation with this `operationId`.
    Operation(String),
}

impl Target {
    /// The next request of the operation with this `operationId`.
    pub fn operation(id: impl Into<String>) -> Self {
        Self::Operation(id.into())
    }

    fn takes(&self, operation: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Operation(id) => operation == Some(id),
        }
    }
}

/// Faults that wait for their request. The oldest that fits is taken first, one a request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<(Target, Fault)>,
}

impl Faults {
    pub(crate) fn push(&mut self, target: Target, fault: Fault) {
        self.waiting.push((target, fault));
    }

    pub(crate) fn take(&mut self, operation: Option<&str>) -> Option<Fault> {
        let at = self.waiting.iter().position(|(target, _)| target.takes(operation))?;
        Some(self.waiting.remove(at).1)
    }
}

impl Fault {
    /// The name in the ledger.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::StatusWithHeaders(..) => "status_with_headers",
            Self::StoredStatus(_) => "stored_status",
            Self::Code(_) => "code",
            Self::CloseBeforeAnswer => "close_before_answer",
            Self::CloseAfterEffect => "close_after_effect",
            Self::Delay(_) => "delay",
            Self::Redirect(_) => "redirect",
            Self::Body(_) => "body",
        }
    }
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

/// What an answer says that a test scripted.
pub(crate) const SCRIPTED: &str = "A fault that was asked for.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_waits_for_its_operation() {
        let mut faults = Faults::default();
        faults.push(Target::operation("create"), Fault::Status(503));
        assert_eq!(faults.take(Some("list")), None);
        assert_eq!(faults.take(Some("create")), Some(Fault::Status(503)));
        assert_eq!(faults.take(Some("create")), None);
    }
}
