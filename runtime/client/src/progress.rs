//! What a call has gone through so far: kept for its error, and told to interceptors and to traces.

use std::time::Duration;

use http::HeaderMap;
use specwright_core::interceptor::{CallEnd, CallInfo, CallOutcome, Notice};
use specwright_core::timeline::{GaveUp, Happened, RequestEnd, Timeline, TimelineEntry};
use tracing::Span;

use crate::attempt::Attempt;
use crate::inner::Inner;
use crate::prepared::Prepared;
use crate::trace;

/// A wait that is shorter is none: something had to be looked up.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// One call, from its beginning to its end. Whoever drops it gives the call up.
pub(crate) struct Progress<'c> {
    inner: &'c Inner,
    call: CallInfo<'c>,
    span: Span,
    began: Duration,
    requests: u32,
    /// The request that interceptors were told of and whose end they were not.
    under_way: Option<UnderWay>,
    /// How the last request ended.
    last: Option<RequestEnd>,
    timeline: Timeline,
    is_over: bool,
}

/// A request that is about to be sent, or was.
struct UnderWay {
    since: Duration,
    span: Span,
}

impl<'c> Progress<'c> {
    pub(crate) fn begin(inner: &'c Inner, call: &'c Prepared) -> Self {
        let api = (inner.profile.name, inner.profile.version);
        let call = CallInfo::new(api, call.operation, &call.method, inner.base.place());
        Self {
            inner,
            call,
            span: trace::call(&call),
            began: inner.clock.monotonic(),
            requests: 0,
            under_way: None,
            last: None,
            timeline: Timeline::default(),
            is_over: false,
        }
    }

    /// Now, to be told later as the beginning of what happens next.
    pub(crate) fn now(&self) -> Duration {
        self.inner.clock.monotonic()
    }

    /// How many requests were made.
    pub(crate) fn requests(&self) -> u32 {
        self.requests
    }

    /// The span of the whole call.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Something that may have taken a while has come to its end.
    pub(crate) fn waited(&mut self, since: Duration, what: Happened) {
        if self.now().saturating_sub(since) >= SHORTEST_WAIT {
            self.happened(since, what);
        }
    }

    /// What interceptors add to the next request.
    pub(crate) fn headers(&mut self) -> HeaderMap {
        if let Some(end) = self.last {
            self.noticed(Notice::Repeating(end));
        }
        self.under_way = Some(UnderWay { since: self.now(), span: Span::none() });
        let mut headers = HeaderMap::new();
        for interceptor in &self.inner.interceptors {
            interceptor.requesting(&self.call, self.requests.saturating_add(1), &mut headers);
        }
        headers
    }

    /// A request is about to be sent: it counts from now on. This is its span.
    pub(crate) fn requesting(&mut self) -> Span {
        self.requests = self.requests.saturating_add(1);
        let span = trace::request(&self.span, &self.call, self.requests);
        self.under_way = Some(UnderWay { since: self.now(), span: span.clone() });
        span
    }

    /// The request has ended.
    pub(crate) fn requested(&mut self, attempt: &Attempt) {
        let end = match attempt {
            Attempt::Answered(received, _) => RequestEnd::Answered(received.answer.status()),
            Attempt::Unanswered(error) => {
                RequestEnd::Unanswered { kind: error.kind, sent: error.sent }
            }
        };
        self.end_request(end);
        if let Attempt::Answered(received, _) = attempt
            && received.answer.is_replayed()
        {
            self.noticed(Notice::Replayed);
        }
    }

    /// The server refused the last request, because of this window if it says which.
    pub(crate) fn rate_limited(&self, window: Option<Duration>) {
        self.noticed(Notice::RateLimited { window });
    }

    fn end_request(&mut self, end: RequestEnd) {
        if let Some(UnderWay { since, span }) = self.under_way.take() {
            trace::requested(&span, end);
            self.happened(since, Happened::Requested(end));
        }
        self.last = Some(end);
    }

    /// The call goes no further.
    pub(crate) fn gave_up(&mut self, reason: GaveUp) {
        self.happened(self.now(), Happened::GaveUp(reason));
    }

    /// The call is over, and this is what its error or its answer keeps of it.
    pub(crate) fn end(mut self, outcome: CallOutcome<'_>) -> Timeline {
        self.tell_end(outcome);
        std::mem::take(&mut self.timeline)
    }

    fn happened(&mut self, since: Duration, happened: Happened) {
        let took = self.now().saturating_sub(since);
        let entry = TimelineEntry::new(since.saturating_sub(self.began), took, happened);
        trace::happened(&self.span, &entry);
        for interceptor in &self.inner.interceptors {
            interceptor.happened(&self.call, &entry);
        }
        self.timeline.push(entry);
    }

    fn noticed(&self, notice: Notice) {
        for interceptor in &self.inner.interceptors {
            interceptor.noticed(&self.call, notice);
        }
    }

    fn tell_end(&mut self, outcome: CallOutcome<'_>) {
        self.is_over = true;
        if self.under_way.is_some() {
            self.end_request(RequestEnd::Abandoned);
        }
        trace::ended(&self.span, self.requests, &outcome);
        let end = CallEnd::new(self.now().saturating_sub(self.began), self.requests, outcome);
        for interceptor in &self.inner.interceptors {
            interceptor.ended(&self.call, &end);
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.tell_end(CallOutcome::Dropped);
        }
    }
}
