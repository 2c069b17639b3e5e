//! So many requests in so much time, as the API's document says.

use std::sync::Arc;
use std::time::Duration;

use specwright_client::profile::{ApiProfile, RateWindow};
use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{
    Builder, CallOptions, Client, ClientCredentials, Clock as _, ErrorKind, Lane, MemoryRows,
    Pages, RateLimits, StaticToken,
};
use specwright_testkit::{Script, SeededRandom, VirtualClock};

use crate::shelf::{BOOKS, CreateBook, GetBook, ListTitles, PROFILE, Shelf, TOKEN, found};

const TITLES: &str = "/v1/titles";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Two a second and five a minute.
const NARROW: ApiProfile = ApiProfile {
    rate_windows: &[
        RateWindow { requests: 2, period: SECOND },
        RateWindow { requests: 5, period: MINUTE },
    ],
    ..PROFILE
};

fn shelf() -> Shelf {
    let shelf = Shelf::with_profile(&NARROW, StaticToken::new("fake-static"));
    shelf.transport.always(BOOKS, found());
    shelf
}

fn limited(limits: RateLimits) -> impl FnOnce(Builder<Client>) -> Builder<Client> {
    |builder| builder.credentials(StaticToken::new("fake-static")).rate_limits(limits)
}

/// When so many calls are sent that are made at once, from now on.
async fn sent(shelf: &Shelf, calls: usize) -> Vec<Duration> {
    let (start, before) = (shelf.clock.monotonic(), shelf.sent().len());
    let calls: Vec<_> = (0..calls)
        .map(|_| {
            let client = shelf.client.clone();
            let options = CallOptions::default().with_deadline(10 * MINUTE);
            tokio::spawn(async move { client.send(&GetBook, options).await.unwrap() })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    shelf.sent()[before..].iter().map(|request| request.at.checked_sub(start).unwrap()).collect()
}

#[tokio::test]
async fn calls_keep_within_each_documented_window() {
    let at = sent(&shelf(), 12).await;
    for (requests, period) in [(2, SECOND), (5, MINUTE)] {
        assert!(at.windows(requests + 1).all(|sent| sent[requests] >= sent[0] + period), "{at:?}");
    }
    let least = MINUTE * 2;
    assert!(at[11] < least + 2 * SECOND, "{at:?}");
}

#[tokio::test]
async fn a_429_that_was_kept_for_a_key_says_nothing_of_the_windows() {
    for (kept, pause) in [("true", 0), ("false", 30)] {
        let shelf = shelf();
        let refused = Script::status(429).header("retry-after", "30");
        shelf.transport.push(BOOKS, refused.header("idempotent-replayed", kept));
        let create = shelf.client.send(&CreateBook, CallOptions::default());
        let (created, _) = tokio::join!(create, async {
            shelf.clock.sleep(SECOND).await;
            shelf.call(GetBook).await.unwrap()
        });
        created.unwrap();
        let read = shelf.sent()[1].at.checked_sub(shelf.sent()[0].at).unwrap();
        assert!(read >= pause * SECOND && read < (pause + 3) * SECOND, "{kept}: {read:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_in_use_says_nothing_of_the_windows() {
    let shelf = shelf();
    let allowed = || shelf.client.quota().iter().map(|usage| usage.allowed).collect::<Vec<_>>();
    shelf.call(GetBook).await.unwrap();
    // In the first minute nobody knows whether somebody else uses the windows.
    shelf.clock.advance(2 * MINUTE);
    let before = allowed();
    shelf.transport.push(BOOKS, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
    shelf.transport.push(BOOKS, Script::status(429));
    shelf.call(CreateBook).await.unwrap();
    assert_eq!(allowed(), before);
}

#[tokio::test]
async fn who_is_interactive_goes_before_bulk() {
    let shelf = shelf();
    sent(&shelf, 5).await;
    let call = |lane| {
        let client = shelf.client.clone();
        let options =
            CallOptions::default().with_lane(lane).with_header("lane", format!("{lane:?}"));
        tokio::spawn(async move { client.send(&GetBook, options).await.unwrap() })
    };
    let calls = [Lane::Bulk, Lane::Bulk, Lane::Interactive].map(call);
    for call in calls {
        call.await.unwrap();
    }
    let lanes: Vec<_> =
        shelf.sent()[5..].iter().map(|sent| sent.header("lane").unwrap().to_owned()).collect();
    assert_eq!(lanes, ["Interactive", "Bulk", "Bulk"]);
}

#[tokio::test]
async fn the_pages_of_a_list_wait_behind_other_calls_unless_their_lane_is_named() {
    for (lane, expected) in [(None, [BOOKS, TITLES]), (Some(Lane::Interactive), [TITLES, BOOKS])] {
        let shelf = shelf();
        shelf.transport.always(TITLES, Script::json(200, r#"{"titles":["Emma"]}"#));
        sent(&shelf, 5).await;
        let options = CallOptions::default();
        let options = lane.map_or(options.clone(), |lane| options.with_lane(lane));
        let mut pages = Pages::new(shelf.client.clone(), ListTitles::default(), options);
        let walk = tokio::spawn(async move { pages.next().await.unwrap().unwrap().titles });
        tokio::task::yield_now().await;
        shelf.call(GetBook).await.unwrap();
        walk.await.unwrap();
        let paths: Vec<_> =
            shelf.transport.requests()[5..].iter().map(|sent| sent.uri.path().to_owned()).collect();
        assert_eq!(paths, expected, "{lane:?}");
    }
}

#[tokio::test]
async fn a_call_that_finds_no_room_in_time_sends_nothing_and_says_when() {
    let shelf = shelf();
    sent(&shelf, 5).await;
    let before = shelf.elapsed();
    let options = CallOptions::default().with_deadline(10 * SECOND);
    let error = shelf.client.send(&GetBook, options).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0));
    assert_eq!((shelf.sent().len(), shelf.elapsed()), (5, before));
    let wait = error.retry_after().unwrap();
    assert!(wait > 55 * SECOND && wait <= 61 * SECOND, "{wait:?}");
    assert!(error.is_rate_limited() && error.is_retryable());
}

#[tokio::test]
async fn nobody_waits_for_room_that_leaves_no_time_for_the_attempt() {
    let shelf = shelf();
    sent(&shelf, 5).await;
    let call = async |time| {
        let options = CallOptions::default().with_deadline(time);
        shelf.client.send(&GetBook, options).await.map(|_| shelf.elapsed())
    };
    let room = call(Duration::from_secs(1)).await.unwrap_err().retry_after().unwrap();
    let error = call(room + SECOND / 2).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::RateLimited, 5));
    assert!(call(room + 3 * SECOND / 2).await.is_ok());
}

#[tokio::test]
async fn calls_that_end_in_the_queue_earn_no_retries() {
    const WINDOW: RateWindow = RateWindow { requests: 30, period: Duration::from_secs(10) };
    let limits = RateLimits::documented().windows([WINDOW]);
    let shelf = Shelf::built(&NARROW, VirtualClock::automatic(), limited(limits));
    shelf.transport.always(BOOKS, found());
    sent(&shelf, 30).await;
    let options = CallOptions::default().with_deadline(SECOND);
    for _ in 0..200 {
        shelf.client.send(&GetBook, options.clone()).await.unwrap_err();
    }
    shelf.clock.sleep(WINDOW.period + SECOND).await;
    shelf.transport.always(BOOKS, Script::status(503));
    let calls: Vec<_> = (0..15)
        .map(|_| {
            let client = shelf.client.clone();
            tokio::spawn(async move { client.send(&GetBook, CallOptions::default()).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap_err();
    }
    // One for every five of the 45 calls that were sent.
    assert_eq!(shelf.sent().len() - 30 - 15, 9);
}

#[tokio::test]
async fn a_refusal_stops_every_call_of_the_account() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::status(429).header("retry-after", "20"));
    shelf.transport.always(BOOKS, found());
    let client = shelf.client.clone();
    let refused =
        tokio::spawn(async move { client.send(&GetBook, CallOptions::default()).await.unwrap() });
    while shelf.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    shelf.call(GetBook).await.unwrap();
    refused.await.unwrap();
    assert!(shelf.gaps()[0] >= 20 * SECOND, "{:?}", shelf.gaps());
}

#[tokio::test]
async fn a_request_that_was_surely_not_sent_fills_no_window() {
    let shelf = shelf_of_failures();
    for _ in 0..4 {
        shelf.call(GetBook).await.unwrap();
    }
    let used: Vec<u32> = shelf.client.quota().iter().map(|window| window.used).collect();
    assert_eq!(used[1], 4, "{used:?}");
}

/// The first two requests find no server.
fn shelf_of_failures() -> Shelf {
    let shelf = Shelf::with_profile(&NARROW, StaticToken::new("fake-static"));
    for _ in 0..2 {
        shelf.transport.push(BOOKS, Script::failure(Sent::No, SendErrorKind::Connect));
    }
    shelf.transport.always(BOOKS, found());
    shelf
}

#[tokio::test]
async fn a_token_that_ends_in_the_queue_is_renewed_before_the_request() {
    let grant = ClientCredentials::new("fake-id", "fake-secret");
    let shelf = Shelf::with_profile(&NARROW, grant);
    for number in 1..=2 {
        let body = format!(r#"{{"access_token":"fake-token-{number}","expires_in":70}}"#);
        shelf.transport.push(TOKEN, Script::json(200, body));
    }
    shelf.transport.always(BOOKS, found());
    sent(&shelf, 6).await;
    let last = shelf.tokens().pop();
    assert_eq!((last.as_deref(), shelf.token_posts()), (Some("Bearer fake-token-2"), 2));
}

/// Two processes with the same rows, whose clients call for these accounts.
fn sharing(accounts: [&str; 2]) -> [Shelf; 2] {
    let clock = VirtualClock::automatic();
    let rows = Arc::new(MemoryRows::volatile(Arc::new(clock.clone())));
    let mut seed = 0;
    accounts.map(|account| {
        seed += 1;
        let limits = RateLimits::documented().shared(rows.clone());
        let shelf = Shelf::built(&NARROW, clock.clone(), |builder| {
            limited(limits)(builder).account(account).random(Arc::new(SeededRandom::new(seed)))
        });
        shelf.transport.always(BOOKS, found());
        shelf
    })
}

#[tokio::test]
async fn processes_that_share_rows_share_the_windows() {
    let [one, other] = sharing(["fake", "fake"]);
    sent(&one, 5).await;
    let at = sent(&other, 1).await[0];
    assert!(at + 3 * SECOND >= MINUTE, "{at:?}");
}

#[tokio::test]
async fn accounts_have_the_windows_to_themselves() {
    let [one, other] = sharing(["fake-1", "fake-2"]);
    sent(&one, 5).await;
    let at = sent(&other, 1).await[0];
    assert!(at < SECOND, "{at:?}");
}

#[tokio::test]
async fn windows_of_another_plan_replace_those_of_the_document() {
    let windows = [RateWindow { requests: 7, period: MINUTE }];
    let limits = RateLimits::documented().windows(windows);
    let shelf = Shelf::built(&NARROW, VirtualClock::automatic(), limited(limits));
    shelf.transport.always(BOOKS, found());
    let at = sent(&shelf, 8).await;
    assert!(at[6] < SECOND && at[7] >= MINUTE, "{at:?}");
}

#[tokio::test]
async fn without_rate_limits_nothing_waits() {
    let shelf = Shelf::built(&NARROW, VirtualClock::automatic(), |builder| {
        builder.credentials(StaticToken::new("fake-static")).without_rate_limits()
    });
    shelf.transport.always(BOOKS, found());
    assert!(sent(&shelf, 100).await[99] < SECOND);
    assert!(shelf.client.quota().is_empty());
}

#[tokio::test]
async fn what_so_many_requests_take_can_be_asked_before() {
    let shelf = shelf();
    let estimate = shelf.client.estimate(12);
    let took = sent(&shelf, 12).await[11];
    assert!(estimate <= took && took <= estimate + SECOND, "{estimate:?}, {took:?}");
}
