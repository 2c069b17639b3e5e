//! Whole calls: how long, how they ended, what they waited for, and why they gave up.

use std::task::{Context, Waker};
use std::time::Duration;

use opentelemetry::metrics::{MeterProvider as _, NoopMeterProvider};
use specwright_client::profile::{ApiProfile, RateWindow};
use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{
    CallOptions, Client, ClientCredentials, Clock as _, SendFuture, StaticToken,
};
use specwright_metrics_opentelemetry::CallMetrics;
use specwright_testkit::Script;

use crate::readings::Series;
use crate::shelf::{BOOKS, CreateBook, EMMA, FindBook, PROFILE, Shelf, TOKEN, emma};

const DURATION: &str = "specwright.call.duration";
const REQUESTS: &str = "specwright.call.requests";
const WAITS: &str = "specwright.wait.duration";
const GIVE_UPS: &str = "specwright.call.give_ups";
const RETRIES: &str = "specwright.call.retries";

/// One request in ten seconds.
const NARROW: ApiProfile = ApiProfile {
    rate_windows: &[RateWindow { requests: 1, period: Duration::from_secs(10) }],
    ..PROFILE
};

#[tokio::test]
async fn every_instrument_of_ours_has_its_unit_boundaries_and_description() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(503));
    shelf.transport.push(EMMA, Script::status(404));
    shelf.call(emma()).await.unwrap_err();
    let read = shelf.readings.all();
    let ours = read.iter().filter(|(name, _)| name.starts_with("specwright."));
    let said = ours.map(|(name, reading)| {
        let last = reading.boundaries.last().copied();
        (&**name, &*reading.unit, last, &*reading.description)
    });
    let waits = "Time that calls waited for a token, for their turn or before a retry.";
    let expected = [
        (DURATION, "s", Some(240.0), "Duration of calls, with their waits and all their requests."),
        (GIVE_UPS, "{call}", None, "Calls that went no further, by the reason."),
        (REQUESTS, "{request}", Some(20.0), "Requests that calls took."),
        (RETRIES, "{request}", None, "Requests that repeat one, by how that ended."),
        (WAITS, "s", Some(240.0), waits),
    ];
    assert_eq!(said.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_call_that_is_answered_has_its_duration_and_one_request() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(200).after(Duration::from_millis(250)));
    shelf.call(emma()).await.unwrap();
    let call = shelf.readings.only(DURATION);
    assert_eq!((call.count, call.sum), (1, 0.25));
    assert_eq!(
        call.attributes(),
        "http.request.method=GET http.response.status_code=200 specwright.api=shelf \
         specwright.operation=find_book specwright.outcome=answered specwright.version=v1"
    );
    let requests = shelf.readings.only(REQUESTS);
    assert_eq!((requests.count, requests.sum), (1, 1.0));
    assert_eq!(
        requests.attributes(),
        "http.request.method=GET specwright.api=shelf specwright.operation=find_book \
         specwright.outcome=answered specwright.version=v1"
    );
}

#[tokio::test]
async fn a_call_that_fails_has_the_kind_of_its_error_and_the_status() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(404));
    shelf.call(emma()).await.unwrap_err();
    let call = shelf.readings.only(DURATION);
    assert_eq!(call.attribute("specwright.outcome"), "failed");
    assert_eq!(call.attribute("error.type"), "status");
    assert_eq!(call.attribute("http.response.status_code"), "404");
}

/// A call whose request is under way.
pub(crate) fn begun(client: &Client) -> SendFuture<FindBook> {
    let mut call = client.send(&emma(), CallOptions::default());
    assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    call
}

#[tokio::test]
async fn a_call_that_is_dropped_is_counted_with_the_time_until_then() {
    let shelf = Shelf::new();
    shelf.transport.always(EMMA, Script::silence());
    let call = begun(&shelf.client);
    shelf.clock.advance(Duration::from_secs(2));
    drop(call);
    let dropped = shelf.readings.only(DURATION);
    assert_eq!((dropped.count, dropped.sum), (1, 2.0));
    assert_eq!(dropped.attribute("specwright.outcome"), "dropped");
    assert_eq!(shelf.readings.only(REQUESTS).sum, 1.0);
    let request = shelf.readings.only("http.client.request.duration");
    assert_eq!((request.count, request.sum), (1, 2.0));
    assert_eq!(request.attribute("error.type"), "abandoned");
}

#[tokio::test]
async fn the_requests_of_a_call_are_counted_and_those_of_one_that_sent_none() {
    let shelf = Shelf::new();
    shelf.transport.always(EMMA, Script::status(503));
    shelf.call(emma()).await.unwrap_err();
    let repeated = shelf.readings.only(REQUESTS);
    assert_eq!((repeated.count, repeated.sum), (1, 3.0));
    let without = Shelf::of(&PROFILE, |builder| builder);
    without.call(emma()).await.unwrap_err();
    let unsent = without.readings.only(REQUESTS);
    assert_eq!((unsent.count, unsent.sum), (1, 0.0));
}

#[tokio::test]
async fn the_wait_for_a_token_is_measured() {
    let shelf = Shelf::of(&PROFILE, |builder| {
        builder.credentials(ClientCredentials::new("fake-id", "fake-secret"))
    });
    let token = Script::json(200, r#"{"access_token":"fake-token","expires_in":7200}"#);
    shelf.transport.push(TOKEN, token.after(Duration::from_secs(2)));
    shelf.transport.always(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    // The second one has it already.
    shelf.call(emma()).await.unwrap();
    let wait = shelf.readings.only(WAITS);
    assert_eq!((wait.count, wait.sum), (1, 2.0));
    assert_eq!(
        wait.attributes(),
        "http.request.method=GET specwright.api=shelf specwright.operation=find_book \
         specwright.version=v1 specwright.wait.reason=token"
    );
}

#[tokio::test]
async fn the_wait_for_a_place_in_the_windows_is_measured() {
    let shelf = Shelf::of(&NARROW, |builder| builder.credentials(StaticToken::new("fake-static")));
    shelf.transport.always(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    let asked = shelf.clock.monotonic();
    shelf.call(emma()).await.unwrap();
    let sent = shelf.transport.requests_to(EMMA)[1].at;
    let wait = shelf.readings.only(WAITS);
    assert_eq!((wait.count, wait.attribute("specwright.wait.reason")), (1, "queue"));
    assert_eq!(wait.sum, (sent.checked_sub(asked).unwrap()).as_secs_f64());
    assert!(wait.sum >= 10.0, "{wait:?}");
}

#[tokio::test]
async fn the_wait_before_a_retry_is_measured() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(503));
    shelf.transport.push(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    let [first, second] = &shelf.transport.requests_to(EMMA)[..] else { panic!("two requests") };
    let gap = second.at.checked_sub(first.at).unwrap();
    let wait = shelf.readings.only(WAITS);
    assert_eq!((wait.count, wait.attribute("specwright.wait.reason")), (1, "retry"));
    assert_eq!(wait.sum, gap.as_secs_f64());
}

#[tokio::test]
async fn a_retry_is_counted_with_the_end_of_the_request_before() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(503));
    shelf.transport.push(EMMA, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
    shelf.transport.push(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    let mut retries: Vec<_> =
        shelf.readings.series(RETRIES).iter().map(Series::attributes).collect();
    retries.sort_unstable();
    assert_eq!(
        retries,
        [
            "error.type=503 http.request.method=GET http.response.status_code=503 \
             specwright.api=shelf specwright.operation=find_book specwright.version=v1",
            "error.type=interrupted http.request.method=GET specwright.api=shelf \
             specwright.operation=find_book specwright.version=v1",
        ]
    );
}

#[tokio::test]
async fn a_429_is_counted_with_the_window_of_the_document_that_was_full() {
    let shelf = Shelf::of(&NARROW, |builder| builder.credentials(StaticToken::new("fake-static")));
    let refused = Script::status(429).header("retry-after", "1");
    for limit in ["1", "1", "1700"] {
        shelf.transport.push(EMMA, refused.clone().header("ratelimit-limit", limit));
    }
    shelf.transport.push(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    let refusals = shelf.readings.series("specwright.rate_limit.refusals");
    let windows = refusals.iter().map(|series| {
        let window = series.attributes.get("specwright.rate_limit.window");
        (window.map(String::as_str), series.sum)
    });
    let mut windows: Vec<_> = windows.collect();
    windows.sort_by_key(|(window, _)| *window);
    assert_eq!(windows, [(None, 1.0), (Some("10"), 2.0)]);
}

#[tokio::test]
async fn an_answer_that_the_server_had_kept_is_counted() {
    let shelf = Shelf::new();
    shelf.transport.push(BOOKS, Script::status(200).header("idempotent-replayed", "true"));
    shelf.transport.push(BOOKS, Script::status(200));
    shelf.call(CreateBook).await.unwrap();
    shelf.call(CreateBook).await.unwrap();
    let replays = shelf.readings.only("specwright.idempotency.replays");
    assert_eq!((replays.sum, replays.attribute("specwright.operation")), (1.0, "create_book"));
}

/// Why the only call gave up.
#[track_caller]
fn gave_up(shelf: &Shelf) -> Series {
    let given_up = shelf.readings.only(GIVE_UPS);
    assert_eq!(given_up.sum, 1.0);
    given_up
}

#[tokio::test]
async fn an_answer_that_is_final_is_the_reason() {
    let shelf = Shelf::new();
    shelf.transport.push(EMMA, Script::status(404));
    shelf.call(emma()).await.unwrap_err();
    assert_eq!(
        gave_up(&shelf).attributes(),
        "http.request.method=GET specwright.api=shelf specwright.give_up.reason=final \
         specwright.operation=find_book specwright.version=v1"
    );
}

#[tokio::test]
async fn so_are_attempts_that_are_used_up() {
    let shelf = Shelf::new();
    shelf.transport.always(EMMA, Script::status(503));
    shelf.call(emma()).await.unwrap_err();
    assert_eq!(gave_up(&shelf).attribute("specwright.give_up.reason"), "attempts");
}

#[tokio::test]
async fn so_is_a_wait_beyond_the_deadline() {
    let shelf = Shelf::new();
    shelf.transport.always(EMMA, Script::status(503).header("retry-after", "3600"));
    shelf.call(emma()).await.unwrap_err();
    assert_eq!(gave_up(&shelf).attribute("specwright.give_up.reason"), "too_late");
}

#[tokio::test]
async fn so_is_an_outcome_that_nobody_knows() {
    let shelf = Shelf::new();
    shelf.transport.always(BOOKS, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
    shelf.call(CreateBook).await.unwrap_err();
    assert_eq!(gave_up(&shelf).attribute("specwright.give_up.reason"), "outcome_unknown");
}

#[tokio::test]
async fn so_is_the_budget_of_retries() {
    let shelf = Shelf::new();
    shelf.transport.always(EMMA, Script::status(503));
    for _ in 0..4 {
        shelf.call(emma()).await.unwrap_err();
    }
    let reasons = shelf.readings.series(GIVE_UPS);
    let budget =
        reasons.iter().find(|series| series.attribute("specwright.give_up.reason") == "budget");
    assert!(budget.is_some_and(|series| series.sum >= 1.0), "{reasons:?}");
}

#[tokio::test]
async fn a_request_that_was_not_sent_says_for_what_kind_of_reason() {
    let shelf = Shelf::of(&NARROW, |builder| builder.credentials(StaticToken::new("fake-static")));
    shelf.transport.always(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    let hasty = CallOptions::default().with_deadline(Duration::from_secs(2));
    shelf.client.send(&emma(), hasty).await.unwrap_err();
    let unsent = gave_up(&shelf);
    assert_eq!(unsent.attribute("specwright.give_up.reason"), "unsent");
    assert_eq!(unsent.attribute("error.type"), "rate_limited");
}

#[tokio::test]
async fn two_clients_of_one_meter_record_into_the_same_series() {
    let shelf = Shelf::new();
    let second = CallMetrics::new(&shelf.readings.meter());
    let other = shelf.beside(second);
    shelf.transport.always(EMMA, Script::status(200));
    shelf.call(emma()).await.unwrap();
    other.send(&emma(), CallOptions::default()).await.unwrap();
    assert_eq!(shelf.readings.only(DURATION).count, 2);
}

#[tokio::test]
async fn with_a_meter_that_records_nothing_calls_go_on() {
    let shelf = Shelf::new();
    let client = shelf.beside(CallMetrics::new(&NoopMeterProvider::new().meter("none")));
    shelf.transport.push(EMMA, Script::status(503));
    shelf.transport.push(EMMA, Script::status(200));
    client.send(&emma(), CallOptions::default()).await.unwrap();
    let unknown = FindBook { id: "unknown".to_owned(), note: String::new() };
    client.send(&unknown, CallOptions::default()).await.unwrap_err();
    shelf.transport.push(EMMA, Script::silence());
    drop(begun(&client));
    assert_eq!(shelf.transport.requests_to(EMMA).len(), 3);
    assert!(shelf.readings.all().is_empty());
}
