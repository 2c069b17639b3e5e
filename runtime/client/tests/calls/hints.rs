//! The waits that a server asks for.

use std::time::{Duration, UNIX_EPOCH};

use specwright_client::profile::ApiProfile;
use specwright_client::{CallOptions, StaticToken};
use specwright_testkit::{Script, VirtualClock};

use crate::shelf::{BOOKS, GetBook, LendBook, PROFILE, Shelf, found};

const YEAR: Duration = Duration::from_secs(31_536_000);

/// The moment of the server, in the two forms of the headers.
const DATE: &str = "Tue, 10 Mar 2026 08:00:00 GMT";
const NOW: u64 = 1_773_129_600;

/// How long a call waits after one such answer, by clocks that are right, a year slow and a year fast.
async fn waits(script: Script) -> [Duration; 3] {
    let right = UNIX_EPOCH + Duration::from_secs(NOW);
    let mut waits = [Duration::ZERO; 3];
    for (wait, wall) in waits.iter_mut().zip([right, right - YEAR, right + YEAR]) {
        let shelf = Shelf::with_static_token();
        shelf.clock.set_wall(wall);
        shelf.transport.push(BOOKS, script.clone());
        shelf.transport.push(BOOKS, found());
        shelf.call(LendBook).await.unwrap();
        *wait = shelf.elapsed();
    }
    waits
}

#[track_caller]
fn assert_all_within(waits: [Duration; 3], least: u64, most: u64) {
    let (least, most) = (Duration::from_secs(least), Duration::from_secs(most));
    assert!(waits.iter().all(|wait| (least..=most).contains(wait)), "{waits:?}");
}

#[tokio::test]
async fn a_reset_moment_is_waited_for_whatever_the_local_clock_says() {
    let reset = (NOW + 40).to_string();
    let script = Script::status(429).header("date", DATE).header("ratelimit-reset", &reset);
    assert_all_within(waits(script).await, 40, 42);
}

#[tokio::test]
async fn a_retry_after_date_is_waited_for_whatever_the_local_clock_says() {
    let script = Script::status(429)
        .header("date", DATE)
        .header("retry-after", "Tue, 10 Mar 2026 08:00:40 GMT");
    assert_all_within(waits(script).await, 40, 42);
}

#[tokio::test]
async fn retry_after_in_seconds_is_waited_for() {
    assert_all_within(waits(Script::status(429).header("retry-after", "7")).await, 7, 8);
}

#[tokio::test]
async fn a_reset_that_has_passed_is_a_short_wait() {
    let reset = (NOW - 300).to_string();
    let script = Script::status(429).header("date", DATE).header("ratelimit-reset", &reset);
    assert_all_within(waits(script).await, 0, 1);
}

/// A client of an API that wants a minute of rest after each 429.
fn patient() -> Shelf {
    static PATIENT: ApiProfile =
        ApiProfile { rate_limit_wait: Some(Duration::from_secs(60)), ..PROFILE };
    Shelf::with_profile(&PATIENT, StaticToken::new("fake-static"))
}

#[tokio::test]
async fn a_documented_wait_is_kept_where_a_429_asks_for_less_or_nothing() {
    for script in [Script::status(429), Script::status(429).header("retry-after", "5")] {
        let shelf = patient();
        shelf.transport.push(BOOKS, script);
        shelf.transport.push(BOOKS, found());
        shelf.call(LendBook).await.unwrap();
        assert_all_within([shelf.elapsed(); 3], 60, 61);
    }
}

#[tokio::test]
async fn a_429_that_names_no_time_uses_up_attempts_although_the_document_states_a_wait() {
    let shelf = patient();
    shelf.transport.always(BOOKS, Script::status(429));
    let patient = CallOptions::default().with_deadline(Duration::from_secs(3_600));
    let error = shelf.client.send(&GetBook, patient).await.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (3, Some(Duration::from_secs(60))));
}

#[tokio::test]
async fn a_429_that_asks_for_more_than_the_documented_wait_gets_it() {
    let shelf = patient();
    shelf.transport.push(BOOKS, Script::status(429).header("retry-after", "70"));
    shelf.transport.push(BOOKS, found());
    shelf.call(LendBook).await.unwrap();
    assert_all_within([shelf.elapsed(); 3], 70, 71);
}

#[tokio::test]
async fn a_documented_wait_that_the_deadline_does_not_leave_is_told_to_the_caller() {
    let shelf = patient();
    shelf.transport.always(BOOKS, Script::status(429));
    let short = CallOptions::default().with_deadline(Duration::from_secs(30));
    let error = shelf.client.send(&GetBook, short).await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_retryable());
    assert!(error.retry_after().unwrap() >= Duration::from_secs(60));
    assert_eq!((shelf.elapsed(), shelf.sent().len()), (Duration::ZERO, 1));
}

#[tokio::test]
async fn a_documented_wait_is_for_429_alone() {
    let shelf = patient();
    shelf.transport.push(BOOKS, Script::status(503));
    shelf.transport.push(BOOKS, found());
    shelf.call(GetBook).await.unwrap();
    assert!(shelf.elapsed() <= Duration::from_secs(1), "{:?}", shelf.elapsed());
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_ends_the_call_at_once() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::status(429).header("retry-after", "300"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_retryable());
    assert!(error.retry_after().unwrap() >= Duration::from_secs(300));
    assert_eq!((shelf.elapsed(), shelf.sent().len()), (Duration::ZERO, 1));
}

#[tokio::test]
async fn an_absurd_hint_neither_hangs_nor_bursts() {
    for value in ["inf", "-1", "99999999999999999999", "9223372036854775807"] {
        let shelf = Shelf::with_static_token();
        shelf.transport.always(BOOKS, Script::status(429).header("retry-after", value));
        shelf.call(GetBook).await.unwrap_err();
        assert!(shelf.sent().len() <= 3, "{value}: {} requests", shelf.sent().len());
        assert!(shelf.elapsed() < Duration::from_secs(120), "{value}: {:?}", shelf.elapsed());
    }
}

#[tokio::test]
async fn the_wait_after_a_fault_is_within_full_jitter() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::status(502));
    shelf.call(GetBook).await.unwrap_err();
    let gaps = shelf.gaps();
    assert!(gaps[0] <= Duration::from_millis(500), "{gaps:?}");
    assert!(gaps[1] <= Duration::from_secs(1), "{gaps:?}");
}

#[tokio::test]
async fn a_wait_is_measured_on_the_clients_clock() {
    let clock = VirtualClock::new();
    let token = StaticToken::new("fake-static");
    let shelf = Shelf::with_credentials_on(clock.clone(), token);
    shelf.transport.push(BOOKS, Script::status(429).header("retry-after", "30"));
    shelf.transport.push(BOOKS, found());
    let client = shelf.client.clone();
    let call =
        tokio::spawn(async move { client.send(&GetBook, CallOptions::default()).await.is_ok() });
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(29));
    tokio::task::yield_now().await;
    assert_eq!(shelf.sent().len(), 1);
    clock.advance(Duration::from_secs(2));
    assert!(call.await.unwrap());
    assert_eq!(clock.elapsed(), Duration::from_secs(31));
}
