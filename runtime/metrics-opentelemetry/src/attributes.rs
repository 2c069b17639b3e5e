//! What is said beside each measurement: of few values, whatever is called.

use std::time::Duration;

use opentelemetry::KeyValue;
use specwright_core::interceptor::{CallInfo, CallOutcome};
use specwright_core::timeline::{GaveUp, RequestEnd};
use specwright_core::transport::SendErrorKind;

/// The word of the conventions for a value that is not known.
pub(crate) const OTHER: &str = "_OTHER";

/// The methods that the conventions know: those of RFC 9110 §9.3, `PATCH` of RFC 5789, and `QUERY`, which is a draft.
const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"];

/// Whether a request is measured with the server that it went to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Server {
    Shown,
    LeftOut,
}

/// What a call waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WaitReason {
    Token,
    Queue,
    Retry,
    Operation,
}

/// The attributes of a request that is under way, as the conventions list them.
pub(crate) fn of_active(call: &CallInfo<'_>, server: Server) -> Vec<KeyValue> {
    let mut attributes = vec![method(call)];
    match server {
        Server::Shown => {
            attributes.push(KeyValue::new("server.address", call.host.to_owned()));
            attributes.push(KeyValue::new("server.port", i64::from(call.port)));
        }
        Server::LeftOut => {}
    }
    if let Some(operation) = call.operation {
        attributes.push(KeyValue::new("url.template", operation.path));
    }
    attributes
}

/// The attributes of one request, as the conventions list them.
pub(crate) fn of_request(call: &CallInfo<'_>, server: Server, end: RequestEnd) -> Vec<KeyValue> {
    let mut attributes = of_active(call, server);
    ended(&mut attributes, end);
    attributes
}

/// The attributes of a request that is one more, with the end of the one before.
pub(crate) fn of_retry(call: &CallInfo<'_>, before: RequestEnd) -> Vec<KeyValue> {
    let mut attributes = of_call(call);
    ended(&mut attributes, before);
    attributes
}

/// The attributes of a refusal, with the length of the window that was full.
pub(crate) fn of_refusal(call: &CallInfo<'_>, window: Option<Duration>) -> Vec<KeyValue> {
    let mut attributes = of_call(call);
    attributes.extend(window.map(|window| {
        let seconds = i64::try_from(window.as_secs()).unwrap_or(i64::MAX);
        KeyValue::new("specwright.rate_limit.window", seconds)
    }));
    attributes
}

/// How a request ended.
fn ended(attributes: &mut Vec<KeyValue>, end: RequestEnd) {
    match end {
        RequestEnd::Answered(code) => {
            attributes.push(status(code));
            // For a client every status from 400 on is an error.
            if code >= 400 {
                attributes.push(KeyValue::new("error.type", code.to_string()));
            }
        }
        RequestEnd::Unanswered { kind, .. } => {
            if let SendErrorKind::TooLarge { status: code } = kind {
                attributes.push(status(code.as_u16()));
            }
            attributes.push(error(kind.name()));
        }
        RequestEnd::Abandoned => attributes.push(error("abandoned")),
        _ => attributes.push(error(OTHER)),
    }
}

/// The attributes of a wait.
pub(crate) fn of_wait(call: &CallInfo<'_>, reason: WaitReason) -> Vec<KeyValue> {
    let reason = match reason {
        WaitReason::Token => "token",
        WaitReason::Queue => "queue",
        WaitReason::Retry => "retry",
        WaitReason::Operation => "operation",
    };
    let mut attributes = of_call(call);
    attributes.push(KeyValue::new("specwright.wait.reason", reason));
    attributes
}

/// The attributes of a call that went no further.
pub(crate) fn of_give_up(call: &CallInfo<'_>, reason: GaveUp) -> Vec<KeyValue> {
    let mut attributes = of_call(call);
    attributes.push(KeyValue::new("specwright.give_up.reason", reason.name()));
    if let GaveUp::Unsent(kind) = reason {
        attributes.push(error(kind.name()));
    }
    attributes
}

/// The attributes of the end of a call, as far as they say what came of it.
pub(crate) fn of_outcome(call: &CallInfo<'_>, outcome: &CallOutcome<'_>) -> Vec<KeyValue> {
    let outcome = match outcome {
        CallOutcome::Answered(_) => "answered",
        CallOutcome::Failed(_) => "failed",
        CallOutcome::Dropped => "dropped",
        _ => OTHER,
    };
    let mut attributes = of_call(call);
    attributes.push(KeyValue::new("specwright.outcome", outcome));
    attributes
}

/// The attributes of the end of a call, with the status and the error.
pub(crate) fn of_end(call: &CallInfo<'_>, outcome: &CallOutcome<'_>) -> Vec<KeyValue> {
    let mut attributes = of_outcome(call, outcome);
    match outcome {
        CallOutcome::Answered(code) => attributes.push(status(*code)),
        CallOutcome::Failed(report) => {
            attributes.extend(report.status().map(status));
            attributes.push(error(report.kind().name()));
        }
        // There is nothing to say of the others.
        _ => {}
    }
    attributes
}

/// The attributes that every measurement of a call has.
pub(crate) fn of_call(call: &CallInfo<'_>) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("specwright.api", call.api),
        KeyValue::new("specwright.version", call.version),
        method(call),
    ];
    if let Some(operation) = call.operation {
        attributes.push(KeyValue::new("specwright.operation", operation.id));
    }
    attributes
}

/// The method, if it is one of few: a caller may make up any for a request that no document describes.
fn method(call: &CallInfo<'_>) -> KeyValue {
    let documented = call.operation.map(|operation| operation.method.as_str());
    let name = call.method.as_str();
    let known = documented.or_else(|| METHODS.into_iter().find(|known| *known == name));
    KeyValue::new("http.request.method", known.unwrap_or(OTHER))
}

fn status(code: u16) -> KeyValue {
    KeyValue::new("http.response.status_code", i64::from(code))
}

pub(crate) fn error(name: &'static str) -> KeyValue {
    KeyValue::new("error.type", name)
}
