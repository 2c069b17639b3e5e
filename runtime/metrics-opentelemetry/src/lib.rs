//! Measures the calls of a generated client, its grants and its webhooks with OpenTelemetry.
//!
//! **Input**: what an [`Interceptor`](specwright_core::interceptor::Interceptor), an
//! [`Observer`](specwright_refresh::Observer) and a [`ReceiverObserver`](specwright_webhooks::ReceiverObserver) are told, and
//! a [`Meter`](opentelemetry::metrics::Meter). **Output**: measurements on the instruments below. Of OpenTelemetry
//! it needs the API alone; where measurements go is the business of the SDK that the program sets up.
//!
//! ```
//! use opentelemetry::metrics::MeterProvider;
//! use opentelemetry_sdk::metrics::{SdkMeterProvider, exporter::PushMetricExporter};
//! use specwright_client::{Builder, Client};
//! use specwright_metrics_opentelemetry::{CallMetrics, GrantMetrics, WebhookMetrics};
//! use specwright_webhooks::Receiver;
//!
//! /// Once a process. Who ends it calls `shutdown`, or the last measurements are lost.
//! fn provider(exporter: impl PushMetricExporter) -> SdkMeterProvider {
//!     SdkMeterProvider::builder().with_periodic_exporter(exporter).build()
//! }
//!
//! /// Once a client. In a generated crate `Client::builder("Example/Importer")` begins it.
//! fn measured<C: From<Client>>(builder: Builder<C>, provider: &SdkMeterProvider) -> Builder<C> {
//!     let meter = provider.meter("example");
//!     builder.interceptor(CallMetrics::new(&meter)).observer(GrantMetrics::new(&meter, "stora"))
//! }
//!
//! /// Once a receiver of webhooks.
//! fn watched(receiver: Receiver, provider: &SdkMeterProvider) -> Receiver {
//!     receiver.observed_by(WebhookMetrics::new(&provider.meter("example")))
//! }
//! ```
//!
//! # Instruments
//!
//! | name | kind, unit | measures | attributes |
//! |---|---|---|---|
//! | `http.client.request.duration` | histogram, `s` | one request, until its answer is there whole; of a download, until its head is there | *request* |
//! | `http.client.active_requests` | up-down counter, `{request}` | requests that are under way now | *target* |
//! | `specwright.call.duration` | histogram, `s` | one call that has ended, waits and all requests included | *call*, `specwright.outcome`, `http.response.status_code` if there is an answer, `error.type` if it failed |
//! | `specwright.call.requests` | histogram, `{request}` | the requests of one call that has ended: 0 if none was sent, 2 or more if it was repeated | *call*, `specwright.outcome` |
//! | `specwright.wait.duration` | histogram, `s` | one wait of a call that took a millisecond or more | *call*, `specwright.wait.reason` |
//! | `specwright.call.give_ups` | counter, `{call}` | calls that went no further | *call*, `specwright.give_up.reason`, `error.type` if a request was not sent |
//! | `specwright.call.retries` | counter, `{request}` | requests that repeat one of the same call | *call*, and how the one before *ended* |
//! | `specwright.rate_limit.refusals` | counter, `{request}` | requests that were refused with a 429 | *call*, `specwright.rate_limit.window`: the seconds of the document's window that was full, if the answer says which |
//! | `specwright.idempotency.replays` | counter, `{request}` | requests whose answer the server had kept for the key | *call* |
//! | `specwright.pagination.drifts` | counter, `{page}` | pages that show that their list changed since the one before | *call* |
//! | `specwright.auth.refresh.duration` | histogram, `s` | one wish for a newer token, waits included; callers that wish at once are one | `specwright.api`, `specwright.auth.refresh.outcome`, `error.type` if it failed, `specwright.auth.reconnect.reason` if only the user can help |
//! | `specwright.auth.lease.takeovers` | counter, `{lease}` | leases taken over from processes that ended in the middle of a renewal | `specwright.api` |
//! | `specwright.auth.client_rejections` | counter, `{rejection}` | times at which the authorization server began to refuse the program | `specwright.api` |
//! | `specwright.webhook.deliveries` | counter, `{delivery}` | webhooks that came | `specwright.webhook.source`, which is the name of the receiver, `specwright.webhook.result`, `error.type` if it was refused |
//!
//! The first two are those of the [conventions], with their boundaries. The others are ours, because the conventions know
//! requests alone; the boundaries of their durations go on to 240 s.
//!
//! *target* stands for what the conventions list of a request that has no answer yet: `http.request.method`,
//! `server.address`, `server.port`, and `url.template` if the document describes the request. *request* is that, and how it
//! *ended*: `http.response.status_code` if an answer came, and `error.type` if it is an error: the status from 400 on, the
//! [name](specwright_core::transport::SendErrorKind::name) of what went wrong, or `abandoned` if its caller dropped the call.
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
//! | `specwright.give_up.reason` | `final`: the answer is; `outcome_unknown`; `stored`: under the idempotency key; `attempts`; `budget`; `body_spent`; `too_late`; `unsent` ([`GaveUp::name`](specwright_core::timeline::GaveUp::name)) |
//! | `specwright.auth.refresh.outcome` | `renewed`; `found`: somebody else had renewed it; `failed` |
//! | `error.type` of a token | the [name](specwright_refresh::GrantProblem::name) of the problem |
//! | `specwright.auth.reconnect.reason` | the [name](specwright_refresh::ReconnectReason::name) of the reason, such as `lost_rotation` |
//! | `specwright.webhook.result` | `new`; `in_progress`; `done`: handed off before; `refused` |
//! | `error.type` of a webhook | the [name](specwright_webhooks::VerifyErrorKind::name) of the kind; `unidentified`; `store` |
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
//! An answer that does not fit the document counts as `answered`, because it is decoded afterwards, and a call whose inputs cannot be written as a request does not
//! count, because it never begins. An answer that is a redirect counts as `answered` and gives nothing up, because it may
//! be what the operation is for.
//!
//! [conventions]: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#http-client

mod attributes;
mod call_metrics;
mod grant_metrics;
mod webhook_metrics;

pub use call_metrics::CallMetrics;
pub use grant_metrics::GrantMetrics;
pub use webhook_metrics::WebhookMetrics;
