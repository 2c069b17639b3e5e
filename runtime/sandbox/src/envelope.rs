//! Answers, and the vendor's two error forms: its own envelope and the flat one of RFC 6749.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::validate::Violation;

/// What goes back to the client.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// For the ledger: why a request was refused.
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    /// Bytes that a test scripted.
    Raw(Bytes),
}

/// A request that is not fulfilled, in the vendor's words.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<Violation>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::Json(body), reason: None }
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::Empty, reason: None }
    }

    /// The flat form of RFC 6749, section 5.2, which only the token endpoint uses.
    pub(crate) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Self {
        let body = json!({ "error": error, "error_description": description });
        let mut answer = Self::json(status, body).uncached();
        answer.reason = Some(format!("{error}: {description}"));
        answer
    }

    /// An answer with a token in it must not be stored on the way (RFC 6749, section 5.1).
    pub(crate) fn uncached(mut self) -> Self {
        self.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self
    }
}

/// The vendor's table of errors (guide "Errors"). 413 and 415 are not in it; there the nearest code
/// is used.
impl Refusal {
    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(crate) fn invalid_token(message: impl Into<String>) -> Self {
        let mut refusal = Self::new(StatusCode::UNAUTHORIZED, "invalid_token", message);
        // RFC 6750, section 3.
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        refusal.headers.push((WWW_AUTHENTICATE, challenge));
        refusal
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn resource_not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "resource_not_found", message)
    }

    pub(crate) fn invalid_endpoint(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "invalid_endpoint", message)
    }

    pub(crate) fn invalid_format(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "invalid_format", message)
    }

    pub(crate) fn body_too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", message)
    }

    pub(crate) fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request", message)
    }

    pub(crate) fn invalid_url_param(details: Vec<Violation>) -> Self {
        let message = "A parameter is not acceptable.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_url_param", message).because(details)
    }

    pub(crate) fn invalid_content(details: Vec<Violation>) -> Self {
        let message = "The body has a field that is not acceptable.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_content", message).because(details)
    }

    pub(crate) fn too_many_requests(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error", message)
    }

    pub(crate) fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "api_error", message)
    }

    /// The nearest code of the table for a status that a test scripted.
    pub(crate) fn scripted(status: StatusCode) -> Self {
        let code = match status.as_u16() {
            401 => "invalid_token",
            403 => "forbidden",
            404 => "resource_not_found",
            406 => "invalid_format",
            409 => "conflict",
            422 => "invalid_content",
            429 => "too_many_requests",
            400..=499 => "invalid_request",
            500 => "internal_server_error",
            _ => "api_error",
        };
        Self::new(status, code, "A fault that was asked for.")
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: u64) -> Self {
        self.headers.push((HeaderName::from_static(name), HeaderValue::from(value)));
        self
    }

    /// Everything that is wrong, in one line.
    pub(crate) fn reason(&self) -> String {
        if self.details.is_empty() {
            return format!("{}: {}", self.code, self.message);
        }
        let details: Vec<String> = self.details.iter().map(ToString::to_string).collect();
        format!("{}: {}", self.code, details.join("; "))
    }

    /// The answer in the vendor's envelope.
    pub(crate) fn into_answer(self, request_id: &str) -> Answer {
        let reason = self.reason();
        let kind = match self.code {
            "api_error" | "internal_server_error" => "api_error",
            _ => "invalid_request_error",
        };
        let mut error = json!({
            "code": self.code,
            "type": kind,
            "message": self.message,
            "request_id": request_id,
        });
        if !self.details.is_empty() {
            crate::json::insert(&mut error, "/details", json!(self.details));
        }
        let mut answer = Answer::json(self.status, json!({ "error": error }));
        answer.headers.extend(self.headers);
        answer.reason = Some(reason);
        answer
    }

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, code, message, details: Vec::new(), headers: Vec::new() }
    }

    fn because(mut self, details: Vec<Violation>) -> Self {
        self.details = details;
        self
    }
}
