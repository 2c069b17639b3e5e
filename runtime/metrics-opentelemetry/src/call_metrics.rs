//! The instruments, and what is recorded when.

use opentelemetry::metrics::{Counter, Histogram, Meter};
use specwright_core::interceptor::{CallEnd, CallInfo, Interceptor};
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
    call_duration: Histogram<f64>,
    call_requests: Histogram<u64>,
    wait_duration: Histogram<f64>,
    give_ups: Counter<u64>,
}

impl CallMetrics {
    /// Makes the instruments with `meter`. With one that records nothing, nothing is recorded.
    pub fn new(meter: &Meter) -> Self {
        let seconds = |name: &'static str, description: &'static str, boundaries: &[f64]| {
            let histogram = meter.f64_histogram(name).with_unit("s").with_description(description);
            histogram.with_boundaries(boundaries.to_vec()).build()
        };
        Self {
            server: Server::Shown,
            request_duration: seconds(
                "http.client.request.duration",
                "Duration of HTTP client requests.",
                &REQUEST_BOUNDARIES,
            ),
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
            give_ups: meter
                .u64_counter("specwright.call.give_ups")
                .with_unit("{call}")
                .with_description("Calls that went no further, by the reason.")
                .build(),
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
    fn happened(&self, call: &CallInfo<'_>, entry: &TimelineEntry) {
        let seconds = entry.took.as_secs_f64();
        match entry.happened {
            Happened::Requested(end) => {
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

    fn ended(&self, call: &CallInfo<'_>, end: &CallEnd<'_>) {
        let requests = u64::from(end.requests);
        self.call_requests.record(requests, &attributes::of_outcome(call, &end.outcome));
        let seconds = end.took.as_secs_f64();
        self.call_duration.record(seconds, &attributes::of_end(call, &end.outcome));
    }
}

/// Seconds of a request.
///
/// Source: <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration>.
const REQUEST_BOUNDARIES: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Seconds of a call or a wait: as for a request, and on to twice the 120 s that a call has unless the program says
/// otherwise.
const CALL_BOUNDARIES: [f64; 18] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0,
    120.0, 240.0,
];

/// Requests of a call. It sends 3 unless the program says otherwise, and two more after a 401; only waits that a 429 asked
/// for make it more.
const COUNT_BOUNDARIES: [f64; 7] = [0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0];
