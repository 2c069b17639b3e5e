//! Spans and events of calls, named as OpenTelemetry's conventions for HTTP clients have it.
//!
//! One span for a call, and in it one for each request; waits are events. `otel.name`, `otel.kind` and `otel.status_code` are
//! what `tracing-opentelemetry` reads. Source: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.
//!
//! What was sent in a path or query may be personal, so `url.full` has the names of parameters in their place, and no query.

use std::fmt;

use specwright_core::interceptor::{CallInfo, CallOutcome};
use specwright_core::timeline::{RequestEnd, TimelineEntry};
use tracing::Span;
use tracing::field::{Empty, display};

/// The span of a call.
pub(crate) fn call(call: &CallInfo<'_>) -> Span {
    tracing::info_span!(
        "call",
        otel.name = %Name(call),
        otel.kind = "internal",
        otel.status_code = Empty,
        specwright.api = call.api,
        specwright.version = call.version,
        specwright.operation = call.operation.map(|operation| operation.id),
        specwright.requests = Empty,
        "error.type" = Empty,
    )
}

/// The span of one request of a call, the `number`th.
pub(crate) fn request(parent: &Span, call: &CallInfo<'_>, number: u32) -> Span {
    // The convention has no count on the first request.
    let resend = number.checked_sub(1).filter(|resend| *resend > 0);
    tracing::info_span!(
        parent: parent,
        "request",
        otel.name = %Name(call),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = call.method.as_str(),
        http.request.resend_count = resend,
        http.response.status_code = Empty,
        server.address = call.host,
        server.port = call.port,
        url.full = %Url(call),
        url.template = call.operation.map(|operation| operation.path),
        "error.type" = Empty,
    )
}

/// A request has ended.
pub(crate) fn requested(span: &Span, end: RequestEnd) {
    match end {
        RequestEnd::Answered(status) => {
            span.record("http.response.status_code", status);
            if status >= 400 {
                span.record("otel.status_code", "ERROR");
                span.record("error.type", display(status));
            }
        }
        RequestEnd::Unanswered { kind, .. } => {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", kind.name());
        }
        RequestEnd::Abandoned => {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", "abandoned");
        }
        _ => {}
    }
}

/// Something has happened to a call.
pub(crate) fn happened(span: &Span, entry: &TimelineEntry) {
    tracing::debug!(parent: span, "{entry}");
}

/// A call has ended.
pub(crate) fn ended(span: &Span, requests: u32, outcome: &CallOutcome<'_>) {
    span.record("specwright.requests", requests);
    if let CallOutcome::Failed(report) = outcome {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", report.kind().name());
    }
}

/// `{method} {template}`: of few values, so that spans of the same kind have the same name.
struct Name<'c>(&'c CallInfo<'c>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.0.method.as_str())?;
        match self.0.operation {
            Some(operation) => write!(to, " {}", operation.path),
            None => Ok(()),
        }
    }
}

/// The URL with the names of its parameters instead of their values.
struct Url<'c>(&'c CallInfo<'c>);

impl fmt::Display for Url<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallInfo { base, operation, .. } = self.0;
        match operation {
            Some(operation) => write!(to, "{base}{}", operation.path),
            None => write!(to, "{base}/REDACTED"),
        }
    }
}
