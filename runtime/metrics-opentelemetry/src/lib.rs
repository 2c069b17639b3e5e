//! Measures the calls of a generated client with OpenTelemetry.
//!
//! **Input**: what a client tells an [`Interceptor`](specwright_core::interceptor::Interceptor), and a
//! [`Meter`](opentelemetry::metrics::Meter). **Output**: measurements on the instruments below. Of OpenTelemetry
//! it needs the API alone; where measurements go is the business of the SDK that the program sets up.
//!
//! ```
//! use opentelemetry::metrics::MeterProvider;
//! use opentelemetry_sdk::metrics::{SdkMeterProvider, exporter::PushMetricExporter};
//! use specwright_client::{Builder, Client};
//! use specwright_metrics_opentelemetry::CallMetrics;
//!
//! /// Once a process. Who ends it calls `shutdown`, or the last measurements are lost.
//! fn provider(exporter: impl PushMetricExporter) -> SdkMeterProvider {
//!     SdkMeterProvider::builder().with_periodic_exporter(exporter).build()
//! }
//!
//! /// Once a client. In a generated crate `Client::builder("Example/Importer")` begins it.
//! fn measured<C: From<Client>>(builder: Builder<C>, provider: &SdkMeterProvider) -> Builder<C> {
//!     builder.interceptor(CallMetrics::new(&provider.meter("example")))
//! }
//! ```
//!
//! # Instruments
//!
//! | name | kind, unit | measures | attributes |
//! |---|---|---|---|
//! | `http.client.request.duration` | histogram, `s` | one request, until its answer is there whole; of a download, until its head is there | *request* |
//! | `specwright.call.duration` | histogram, `s` | one call that has ended, waits and all requests included | *call*, `specwright.outcome`, `http.response.status_code` if there is an answer, `error.type` if it failed |
//! | `specwright.call.requests` | histogram, `{request}` | the requests of one call that has ended: 0 if none was sent, 2 or more if it was repeated | *call*, `specwright.outcome` |
//! | `specwright.wait.duration` | histogram, `s` | one wait of a call that took a millisecond or more | *call*, `specwright.wait.reason` |
//! | `specwright.call.give_ups` | counter, `{call}` | calls that went no further | *call*, `specwright.give_up.reason`, `error.type` if a request was not sent |
//!
//! The first is that of the [conventions], with their boundaries. The others are ours, because the conventions know requests
//! alone; the boundaries of their durations go on to 240 s.
//!
//! *request* stands for what the conventions list: `http.request.method`, `server.address`, `server.port`, `url.template` if
//! the document describes the request, `http.response.status_code` if an answer came, and `error.type` if it is an error:
//! the status from 400 on, or the [name](specwright_core::transport::SendErrorKind::name) of what went wrong.
//!
//! *call* stands for `specwright.api` and `specwright.version`, which are those of the document, `specwright.operation`, which
//! is its `operationId` if it describes the request, and `http.request.method`. Their values are those of the spans that the
//! client makes.
//!
//! | attribute | values |
//! |---|---|
//! | `specwright.outcome` | `answered`; `failed`; `dropped` by its caller |
//! | `error.type` of a call | the [name](specwright_core::error::ErrorKind::name) of the error's kind |
//! | `specwright.wait.reason` | `token`: it was fetched or renewed; `queue`: the windows of the account were full, too many requests were in flight, or others were ahead; `retry`: before the next request; `operation`: for another request of the same operation |
//! | `specwright.give_up.reason` | `final`: the answer is; `outcome_unknown`; `stored`: under the idempotency key; `attempts`; `budget`; `too_late`; `unsent` |
//!
//! A value that a newer runtime tells and this crate does not know is `_OTHER`, as is a method that neither the conventions
//! nor the document know.
//!
//! # Invariants
//!
//! - The number of series follows from the document and the servers, not from the calls: no attribute is a tenant, an id, a
//!   key, or a value of a path or query. Where servers are tenants, [`CallMetrics::without_server`] leaves them out.
//! - It never panics and never blocks, and adds nothing to any request.
//!
//! # What it is not told
//!
//! A request that is under way when its caller drops the call has no duration; the call counts as `dropped`. So the number
//! of active requests cannot be told, and `http.client.active_requests` is missing. An answer that does not fit the document
//! counts as `answered`, because it is decoded afterwards, and a call whose inputs cannot be written as a request does not
//! count, because it never begins. An answer that is a redirect counts as `answered` and gives nothing up, because it may
//! be what the operation is for. Renewals of tokens are seen only as the waits of calls for them.
//!
//! [conventions]: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#http-client

mod attributes;
mod call_metrics;

pub use call_metrics::CallMetrics;
