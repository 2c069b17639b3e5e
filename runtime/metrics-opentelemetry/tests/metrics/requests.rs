//! `http.client.request.duration`, as the conventions have it.

use std::time::Duration;

use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{CallOptions, Method, StaticToken};
use specwright_metrics_opentelemetry::CallMetrics;
use specwright_testkit::Script;

use crate::calls::begun;
use crate::shelf::{EMMA, PROFILE, Shelf, emma};

const NAME: &str = "http.client.request.duration";

/// Source: <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration>.
const BOUNDARIES: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

#[tokio::test]
async fn the_instrument_is_that_of_the_conventions() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    let reading = shelf.readings.all().remove(NAME).unwrap();
    assert_eq!((&*reading.unit, &*reading.description), ("s", "Duration of HTTP client requests."));
    assert_eq!(reading.boundaries, BOUNDARIES);
}

#[tokio::test]
async fn a_request_has_its_duration_and_the_attributes_of_the_conventions() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(200).after(Duration::from_millis(250)));
    shelf.call(emma()).await.unwrap();
    let request = shelf.readings.only(NAME);
    assert_eq!((request.count, request.sum), (1, 0.25));
    assert_eq!(
        request.attributes(),
        "http.request.method=GET http.response.status_code=200 server.address=shelf.example \
         server.port=443 url.template=/v1/books/{id}"
    );
}

#[tokio::test]
async fn each_request_of_a_call_is_measured_without_the_wait_between_them() {
    let shelf = Shelf::new();
    let slow = |status| Script::status(status).after(Duration::from_millis(500));
    shelf.transport.push(EMMA, slow(503));
    shelf.transport.push(EMMA, slow(200));
    shelf.call(emma()).await.unwrap();
    let requests = shelf.readings.series(NAME);
    assert!(requests.iter().all(|request| (request.count, request.sum) == (1, 0.5)));
    let mut statuses: Vec<_> =
        requests.iter().map(|request| request.attribute("http.response.status_code")).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["200", "503"]);
}

#[tokio::test]
async fn a_status_that_is_an_error_is_its_type() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(404));
    shelf.call(emma()).await.unwrap_err();
    assert_eq!(shelf.readings.only(NAME).attribute("error.type"), "404");
}

#[tokio::test]
async fn a_request_without_an_answer_has_the_kind_of_failure_and_no_status() {
    let shelf = Shelf::new();
    shelf.transport.always(EMMA, Script::failure(Sent::No, SendErrorKind::Connect));
    shelf.call(emma()).await.unwrap_err();
    let request = shelf.readings.only(NAME);
    assert_eq!((request.count, request.attribute("error.type")), (3, "connect"));
    assert!(!request.attributes.contains_key("http.response.status_code"));
}

#[tokio::test]
async fn an_answer_that_is_too_large_has_its_status() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(200).body("too much"));
    let small = CallOptions::default().with_max_bytes(1);
    shelf.client.send(&emma(), small).await.unwrap_err();
    let request = shelf.readings.only(NAME);
    assert_eq!(request.attribute("error.type"), "too_large");
    assert_eq!(request.attribute("http.response.status_code"), "200");
}

#[tokio::test]
async fn a_request_is_active_until_it_ends_or_is_given_up() {
    let shelf = Shelf::new();
    let active = || shelf.readings.only("http.client.active_requests").sum;
    shelf.transport.push(EMMA, Script::silence());
    shelf.transport.push(EMMA, Script::silence());
    let (one, two) = (begun(&shelf.client), begun(&shelf.client));
    assert_eq!(active(), 2.0);
    drop(one);
    assert_eq!(active(), 1.0);
    drop(two);
    shelf.transport.push(EMMA, Script::failure(Sent::No, SendErrorKind::Connect));
    shelf.transport.push(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    assert_eq!(active(), 0.0);
}

#[tokio::test]
async fn active_requests_are_those_of_the_conventions() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    let reading = shelf.readings.all().remove("http.client.active_requests").unwrap();
    let said = (&*reading.unit, &*reading.description);
    assert_eq!(said, ("{request}", "Number of active HTTP requests."));
    assert_eq!(
        reading.series[0].attributes(),
        "http.request.method=GET server.address=shelf.example server.port=443 \
         url.template=/v1/books/{id}"
    );
}

#[tokio::test]
async fn a_request_that_no_document_describes_has_no_template_and_no_made_up_method() {
    let shelf = Shelf::new();
    shelf.transport.always("/v1/secret-17", Script::status(200));
    let made_up = Method::from_bytes(b"BREW-17").unwrap();
    shelf.client.request(made_up, "/v1/secret-17").send().await.unwrap();
    assert_eq!(
        shelf.readings.only(NAME).attributes(),
        "http.request.method=_OTHER http.response.status_code=200 server.address=shelf.example \
         server.port=443"
    );
}

#[tokio::test]
async fn a_server_for_each_tenant_can_be_left_out() {
    let token = StaticToken::new("fake-static");
    let tenant = "https://tenant-17.example";
    let shelf = Shelf::measured(
        &PROFILE,
        |builder| builder.base_url(tenant).credentials(token),
        CallMetrics::without_server,
    );
    shelf.transport.push(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    assert_eq!(
        shelf.readings.only(NAME).attributes(),
        "http.request.method=GET http.response.status_code=200 url.template=/v1/books/{id}"
    );
}
