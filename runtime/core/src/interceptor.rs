//! Watching calls, and adding headers to their requests.

use std::fmt::Debug;
use std::time::Duration;

use http::{HeaderMap, Method};

use crate::error::ErrorReport;
use crate::operation::OperationMeta;
use crate::timeline::{RequestEnd, TimelineEntry};

/// Stands beside every call of a client: to add headers, to count, to log.
///
/// Its methods are called within the call, in the order of what happens, so they must be quick and must not block. They see
/// neither credentials nor bodies.
pub trait Interceptor: Debug + Send + Sync + 'static {
    /// A request is about to be sent, for the `number`th time within its call, from 1 on. What is put into `headers` goes
    /// out with it, a `traceparent` say.
    ///
    /// What the operation and the client set wins: parameters, credentials, idempotency key, `User-Agent`. A server that
    /// keeps answers under a key must not tell two requests apart by what is added here.
    ///
    /// Each request has its end: [`Happened::Requested`](crate::timeline::Happened::Requested), also if the call is dropped.
    fn requesting(&self, call: &CallInfo<'_>, number: u32, headers: &mut HeaderMap) {
        let _ = (call, number, headers);
    }

    /// Something has happened to the call: a wait has ended, or a request has.
    fn happened(&self, call: &CallInfo<'_>, entry: &TimelineEntry) {
        let _ = (call, entry);
    }

    /// Something was noticed that took no time of its own.
    fn noticed(&self, call: &CallInfo<'_>, notice: Notice) {
        let _ = (call, notice);
    }

    /// The call has ended. It is told once for each call that began, also of one that its caller dropped.
    fn ended(&self, call: &CallInfo<'_>, end: &CallEnd<'_>) {
        let _ = (call, end);
    }
}

/// What is the same for a call from its beginning to its end.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallInfo<'c> {
    /// The API's name.
    pub api: &'static str,
    /// The version of its document.
    pub version: &'static str,
    /// What the document says of the operation; `None` for a request that it does not describe.
    pub operation: Option<&'static OperationMeta>,
    /// The method of its requests.
    pub method: &'c Method,
    /// Where the paths of the document begin, without a slash at its end.
    pub base: &'c str,
    /// The host that the requests go to, an IPv6 address without its brackets.
    pub host: &'c str,
    /// The port that they go to.
    pub port: u16,
}

impl<'c> CallInfo<'c> {
    /// A call of the API `(name, version)` at `(base, host, port)`.
    pub fn new(
        (api, version): (&'static str, &'static str),
        operation: Option<&'static OperationMeta>,
        method: &'c Method,
        (base, host, port): (&'c str, &'c str, u16),
    ) -> Self {
        Self { api, version, operation, method, base, host, port }
    }
}

/// What was noticed of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The next request is one more, because the one before ended so.
    Repeating(RequestEnd),
    /// The server refused a request because a window was full (429): the one of this period, if its answer says which.
    RateLimited {
        /// The period of the window.
        window: Option<Duration>,
    },
    /// The server says that it gives an answer again, which it kept for the idempotency key.
    Replayed,
    /// The list shows that it changed since the page before. It is told of the call that brought the page, after its end.
    Drifted,
}

/// How a call ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallEnd<'c> {
    /// How long it took, waits included.
    pub took: Duration,
    /// How many requests were sent.
    pub requests: u32,
    /// What came of it.
    pub outcome: CallOutcome<'c>,
}

impl<'c> CallEnd<'c> {
    /// The end of a call.
    pub fn new(took: Duration, requests: u32, outcome: CallOutcome<'c>) -> Self {
        Self { took, requests, outcome }
    }
}

/// What came of a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallOutcome<'c> {
    /// The API answered with this status, which is no error. Whether the answer fits the document is not known yet.
    Answered(u16),
    /// There is no answer, or it is an error.
    Failed(&'c ErrorReport),
    /// Its caller gave it up.
    Dropped,
}
