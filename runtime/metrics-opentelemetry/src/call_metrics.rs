//! The instruments, and what is recorded when.

use http::HeaderMap;
use opentelemetry::metrics::{Counter, Histogram, HistogramBuilder, Meter, UpDownCounter};
use specwright_core::interceptor::{CallEnd, CallInfo, Interceptor, Notice};
use specwright_core::timeline::{Happened, TimelineEntry};

use crate::attributes::{self, Server, WaitReason};

/// Measures every call of the clients that it is given to. The crate's documentation lists the instruments.
///
/// Clones record into the same instruments, and so do two of the same [`Meter`].
#[derive(Clone, Debug)]
#[must_use = "`Builder::interceptor` takes it"]
pub struct CallMetrics {
    server: Server,
    request_duration: Histogram<f64>,
    active_requests: UpDownCounter<i64>,
    call_duration: Histogram<f64>,
    call_requests: Histogram<u64>,
    wait_duration: Histogram<f64>,
    give_ups: Counter<u64>,
    retries: Counter<u64>,
    refusals: Counter<u64>,
    replays: Counter<u64>,
    drifts: Counter<u64>,
}

impl CallMetrics {
    /// Makes the instruments with `meter`. With one that records nothing, nothing is recorded.
    pub fn new(meter: &Meter) -> Self {
        let seconds = |name, description, boundaries: &[f64]| {
            durations(meter, name, description).with_boundaries(boundaries.to_vec()).build()
        };
        let counter = |name: &'static str, unit: &'static str, description: &'static str| {
            meter.u64_counter(name).with_unit(unit).with_description(description).build()
        };
        Self {
            server: Server::Shown,
            request_duration: seconds(
                "http.client.request.duration",
                "Duration of HTTP client requests.",
                &REQUEST_BOUNDARIES,
            ),
            active_requests: meter
                .i64_up_down_counter("http.client.active_requests")
                .with_unit("{request}")
                .with_description("Number of active HTTP requests.")
                .build(),
            call_duration: seconds(
                "specwright.call.duration",
                "Duration of calls, with their waits and all their requests.",
                &CALL_BOUNDARIES,
            ),
            call_requests: meter
                .u64_histogram("specwright.call.requests")
                .with_unit("{request}")
                .with_description("Requests that calls took.")
                .with_boundaries(COUNT_BOUNDARIES.to_vec())
                .build(),
            wait_duration: seconds(
                "specwright.wait.duration",
                "Time that calls waited for a token, for their turn or before a retry.",
                &CALL_BOUNDARIES,
            ),
            give_ups: counter(
                "specwright.call.give_ups",
                "{call}",
                "Calls that went no further, by the reason.",
            ),
            retries: counter(
                "specwright.call.retries",
                "{request}",
                "Requests that repeat one, by how that ended.",
            ),
            refusals: counter(
                "specwright.rate_limit.refusals",
                "{request}",
                "Requests that were refused because a window was full.",
            ),
            replays: counter(
                "specwright.idempotency.replays",
                "{request}",
                "Requests whose answer the server had kept for the key.",
            ),
            drifts: counter(
                "specwright.pagination.drifts",
                "{page}",
                "Pages that show that the list has changed.",
            ),
        }
    }

    /// Leaves out `server.address` and `server.port`, which the conventions require: for programs whose clients go to a
    /// server for each tenant, where every tenant would have series of its own.
    pub fn without_server(mut self) -> Self {
        self.server = Server::LeftOut;
        self
    }

    fn waited(&self, call: &CallInfo<'_>, reason: WaitReason, seconds: f64) {
        self.wait_duration.record(seconds, &attributes::of_wait(call, reason));
    }
}

impl Interceptor for CallMetrics {
    fn requesting(&self, call: &CallInfo<'_>, _: u32, _: &mut HeaderMap) {
        self.active_requests.add(1, &attributes::of_active(call, self.server));
    }

    fn happened(&self, call: &CallInfo<'_>, entry: &TimelineEntry) {
        let seconds = entry.took.as_secs_f64();
        match entry.happened {
            Happened::Requested(end) => {
                self.active_requests.add(-1, &attributes::of_active(call, self.server));
                let attributes = attributes::of_request(call, self.server, end);
                self.request_duration.record(seconds, &attributes);
            }
            Happened::AwaitedToken => self.waited(call, WaitReason::Token, seconds),
            Happened::Queued => self.waited(call, WaitReason::Queue, seconds),
            Happened::Paused => self.waited(call, WaitReason::Retry, seconds),
            Happened::AwaitedOperation => self.waited(call, WaitReason::Operation, seconds),
            Happened::GaveUp(reason) => self.give_ups.add(1, &attributes::of_give_up(call, reason)),
            // Of what a newer runtime tells, nobody here knows what to measure.
            _ => {}
        }
    }

    fn noticed(&self, call: &CallInfo<'_>, notice: Notice) {
        match notice {
            Notice::Repeating(before) => self.retries.add(1, &attributes::of_retry(call, before)),
            Notice::RateLimited { window } => {
                self.refusals.add(1, &attributes::of_refusal(call, window));
            }
            Notice::Replayed => self.replays.add(1, &attributes::of_call(call)),
            Notice::Drifted => self.drifts.add(1, &attributes::of_call(call)),
            _ => {}
        }
    }

    fn ended(&self, call: &CallInfo<'_>, end: &CallEnd<'_>) {
        let requests = u64::from(end.requests);
        self.call_requests.record(requests, &attributes::of_outcome(call, &end.outcome));
        let seconds = end.took.as_secs_f64();
        self.call_duration.record(seconds, &attributes::of_end(call, &end.outcome));
    }
}

/// A histogram of seconds.
pub(crate) fn durations<'m>(
    meter: &'m Meter,
    name: &'static str,
    description: &'static str,
) -> HistogramBuilder<'m, Histogram<f64>> {
    meter.f64_histogram(name).with_unit("s").with_description(description)
}

/// Seconds of a request.
///
/// Source: <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration>.
const REQUEST_BOUNDARIES: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Seconds of a call or a wait: as for a request, and on to twice the 120 s that a call has unless the program says
/// otherwise.
pub(crate) const CALL_BOUNDARIES: [f64; 18] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0,
    120.0, 240.0,
];

/// Requests of a call. It sends 3 unless the program says otherwise, and two more after a 401; only waits that a 429 asked
/// for make it more.
const COUNT_BOUNDARIES: [f64; 7] = [0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0];
