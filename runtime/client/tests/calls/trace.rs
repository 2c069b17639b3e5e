//! Spans of calls and requests, with the names of OpenTelemetry.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{CallOptions, Method};
use specwright_testkit::Script;
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber as _;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::shelf::{BOOKS, FindBook, GetBook, Shelf, found};

/// The spans in the order of their beginnings, with all their fields. The id of a span is its place, counted from 1.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Span>>>);

#[derive(Clone, Debug)]
struct Span {
    name: &'static str,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

impl Spans {
    fn lock(&self) -> MutexGuard<'_, Vec<Span>> {
        self.0.lock().unwrap()
    }
}

fn place(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut spans = self.lock();
        let parent = attributes.parent().map(|id| spans[place(id)].name);
        let mut span = Span { name: attributes.metadata().name(), parent, fields: BTreeMap::new() };
        attributes.record(&mut span);
        spans.push(span);
        Id::from_u64(spans.len().try_into().unwrap())
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        values.record(&mut self.lock()[place(id)]);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Visit for Span {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

impl Span {
    fn text(&self) -> String {
        let fields: Vec<_> =
            self.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{:?} > {}: {}", self.parent, self.name, fields.join(" "))
    }
}

/// The spans of what this does.
async fn spans_of(call: impl Future<Output = ()>) -> Vec<Span> {
    let spans = Spans::default();
    // Another test may have met these places first, without a subscriber, and be just about to note that nobody looks.
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    async { drop(shelf.call(GetBook).await.unwrap()) }.with_subscriber(Spans::default()).await;
    tracing::callsite::rebuild_interest_cache();
    call.with_subscriber(spans.clone()).await;
    let spans = spans.lock();
    spans.clone()
}

#[tokio::test]
async fn a_call_is_a_span_with_one_for_each_request() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::status(503));
    shelf.transport.always(BOOKS, found());
    let spans = spans_of(async { drop(shelf.call(GetBook).await.unwrap()) }).await;
    let expected = [
        "None > call: otel.kind=internal otel.name=GET /v1/books specwright.api=shelf \
         specwright.operation=get_book specwright.requests=2 specwright.version=v1",
        "Some(\"call\") > request: error.type=503 http.request.method=GET \
         http.response.status_code=503 otel.kind=client otel.name=GET /v1/books \
         otel.status_code=ERROR server.address=shelf.example server.port=443 \
         url.full=https://shelf.example/v1/books url.template=/v1/books",
        "Some(\"call\") > request: http.request.method=GET http.request.resend_count=1 \
         http.response.status_code=200 otel.kind=client otel.name=GET /v1/books \
         server.address=shelf.example server.port=443 \
         url.full=https://shelf.example/v1/books url.template=/v1/books",
    ];
    assert_eq!(spans.iter().map(Span::text).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_failure_has_the_name_of_its_kind() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::failure(Sent::No, SendErrorKind::Connect));
    let spans = spans_of(async { drop(shelf.call(GetBook).await.unwrap_err()) }).await;
    let kinds: Vec<_> = spans.iter().map(|span| span.fields["error.type"].as_str()).collect();
    assert_eq!(kinds, ["connect"; 4]);
}

#[tokio::test]
async fn nothing_that_was_sent_or_answered_is_in_them() {
    let shelf = Shelf::with_static_token();
    shelf
        .transport
        .always("/v1/books/canary-id", Script::json(404, r#"{"message":"canary-body"}"#));
    shelf.transport.always("/v1/canary-path", found());
    let spans = spans_of(async {
        let find = FindBook { id: "canary-id".to_owned() };
        let options = CallOptions::default().with_header("canary-name", "canary-value");
        shelf.client.send(&find, options).await.unwrap_err();
        let raw = shelf.client.request(Method::GET, "/v1/canary-path?canary=canary");
        raw.send().await.unwrap();
    })
    .await;
    assert_eq!(spans.len(), 4);
    assert!(spans.iter().all(|span| !span.text().contains("canary")), "{spans:?}");
    assert!(spans.iter().all(|span| !span.text().contains("fake-static")), "{spans:?}");
}
