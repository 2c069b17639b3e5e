//! Tokens: fetched once, refreshed ahead, replaced after a refusal.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright_client::profile::{ApiProfile, OAuthProfile};
use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{
    CallOptions, Client, ClientCredentials, Clock, ErrorKind, Observer, StaticToken,
};
use specwright_testkit::{Script, ScriptedTransport, VirtualClock};

use crate::shelf::{BOOKS, CreateBook, GetBook, OAUTH, PROFILE, Shelf, TOKEN, found, signed};

const LIFE: Duration = Duration::from_secs(7_200);

/// Within the soft window, which begins between 12 and 18 minutes before the end, and before the hard margin.
const SOFT: Duration = Duration::from_secs(7_200 - 300);

fn token(number: u32) -> Script {
    let body = format!(r#"{{"access_token":"fake-token-{number}","expires_in":7200}}"#);
    Script::json(200, body).after(Duration::from_secs(1))
}

const CROWD: u32 = 10_000;

fn refreshing() -> Shelf {
    let grant = ClientCredentials::new("fake-id", "fake-secret");
    let shelf = Shelf::built(&PROFILE, VirtualClock::automatic(), |builder| {
        // Crowds of calls are to be on their way at once.
        builder.credentials(grant).max_in_flight(CROWD).max_in_flight_per_tenant(CROWD)
    });
    shelf.transport.always(BOOKS, found());
    shelf
}

/// Makes so many calls at once and says how many succeeded.
async fn calls_at_once(shelf: &Shelf, calls: usize) -> usize {
    let tasks: Vec<_> = (0..calls)
        .map(|_| {
            let client = shelf.client.clone();
            tokio::spawn(async move { client.send(&GetBook, CallOptions::default()).await.is_ok() })
        })
        .collect();
    let mut succeeded = 0;
    for task in tasks {
        succeeded += usize::from(task.await.unwrap());
    }
    succeeded
}

/// Remembers how soon a token was said to end.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<Vec<Duration>>>);

impl Observer for Told {
    fn expiring_soon(&self, left: Duration) {
        self.0.lock().unwrap().push(left);
    }
}

#[tokio::test]
async fn who_watches_a_client_is_told_that_its_static_token_ends_soon() {
    let clock = VirtualClock::automatic();
    let transport = ScriptedTransport::new(clock.clone());
    transport.always(BOOKS, found());
    let day = Duration::from_secs(86_400);
    let told = Told::default();
    let client: Client = Client::builder(&PROFILE, "Acme/App")
        .transport(Arc::new(transport))
        .clock(Arc::new(clock.clone()))
        .credentials(StaticToken::new("fake").expires_at(clock.now() + day))
        .observer(told.clone())
        .build()
        .unwrap();
    for _ in 0..2 {
        client.send(&GetBook, CallOptions::default()).await.unwrap();
    }
    assert_eq!(*told.0.lock().unwrap(), [day]);
}

#[tokio::test]
async fn ten_thousand_calls_at_expiry_are_one_token_request() {
    let shelf = refreshing();
    shelf.transport.push(TOKEN, token(1));
    shelf.transport.push(TOKEN, token(2));
    shelf.call(GetBook).await.unwrap();
    shelf.clock.advance(LIFE);
    let before = shelf.token_posts();
    assert_eq!(calls_at_once(&shelf, 10_000).await, 10_000);
    assert_eq!(shelf.token_posts() - before, 1);
}

#[tokio::test]
async fn ten_thousand_refusals_of_one_token_are_one_token_request() {
    let shelf = refreshing();
    shelf.transport.push(TOKEN, token(1));
    shelf.transport.push(TOKEN, token(2));
    shelf.call(GetBook).await.unwrap();
    // Delayed, so that all of them are on their way before the first is refused.
    let refusal = signed(401, "invalid_token").after(Duration::from_secs(1));
    for _ in 0..10_000 {
        shelf.transport.push(BOOKS, refusal.clone());
    }
    assert_eq!(calls_at_once(&shelf, 10_000).await, 10_000);
    assert_eq!(shelf.token_posts(), 2);
}

#[tokio::test]
async fn a_refresh_outlives_the_caller_that_asked_for_it() {
    let shelf = refreshing();
    shelf.transport.push(TOKEN, token(1).after(Duration::from_secs(5)));
    let client = shelf.client.clone();
    let caller =
        tokio::spawn(async move { client.send(&GetBook, CallOptions::default()).await.is_ok() });
    while shelf.token_posts() == 0 {
        tokio::task::yield_now().await;
    }
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    assert_eq!(shelf.sent().len(), 0);
    // The refresh has no caller any more; the next call finds its token.
    shelf.call(GetBook).await.unwrap();
    assert_eq!(shelf.token_posts(), 1);
    assert_eq!(shelf.tokens(), ["Bearer fake-token-1"]);
}

#[tokio::test]
async fn a_valid_token_is_served_while_the_next_one_is_fetched() {
    let shelf = refreshing();
    shelf.transport.push(TOKEN, token(1));
    shelf.transport.push(TOKEN, token(2).after(Duration::from_secs(15)));
    shelf.call(GetBook).await.unwrap();
    shelf.clock.advance(SOFT);
    let before = shelf.elapsed();
    shelf.call(GetBook).await.unwrap();
    assert_eq!(shelf.elapsed(), before, "the caller waited");
    shelf.clock.sleep(Duration::from_secs(20)).await;
    shelf.call(GetBook).await.unwrap();
    assert_eq!(
        shelf.tokens(),
        ["Bearer fake-token-1", "Bearer fake-token-1", "Bearer fake-token-2"]
    );
}

#[tokio::test]
async fn a_failed_refresh_does_not_displace_a_valid_token() {
    let shelf = refreshing();
    shelf.transport.push(TOKEN, token(1));
    shelf.transport.always(TOKEN, Script::status(500));
    shelf.call(GetBook).await.unwrap();
    shelf.clock.advance(SOFT);
    for _ in 0..20 {
        shelf.call(GetBook).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(shelf.token_posts() > 1, "no refresh was tried");
    assert!(shelf.tokens().iter().all(|token| token == "Bearer fake-token-1"));
}

#[tokio::test]
async fn a_refusal_is_one_refresh_and_one_replay() {
    let shelf = Shelf::with_refresh();
    shelf.transport.push(BOOKS, signed(401, "invalid_token"));
    shelf.transport.push(BOOKS, found());
    assert_eq!(shelf.call(GetBook).await.unwrap().attempts(), 2);
    assert_eq!(shelf.tokens(), ["Bearer fake-token-1", "Bearer fake-token-2"]);
    assert_eq!(shelf.token_posts(), 2);
}

#[tokio::test]
async fn a_second_refusal_surfaces() {
    let shelf = Shelf::with_refresh();
    shelf.transport.always(BOOKS, signed(401, "invalid_token"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert!(error.is_credentials());
    assert_eq!(error.status(), Some(401));
    assert_eq!(error.api().unwrap().message, "no");
    assert_eq!((shelf.sent().len(), shelf.token_posts()), (2, 2));
}

#[tokio::test]
async fn an_api_that_refuses_every_token_costs_one_refresh_a_minute() {
    let shelf = Shelf::with_refresh();
    shelf.transport.always(BOOKS, signed(401, "invalid_token"));
    for _ in 0..10 {
        shelf.call(GetBook).await.unwrap_err();
    }
    assert_eq!(shelf.token_posts(), 2);
}

#[tokio::test]
async fn a_late_refusal_of_an_older_token_is_no_refresh() {
    let shelf = Shelf::with_refresh();
    let late = signed(401, "invalid_token").after(Duration::from_secs(20));
    shelf.transport.push(BOOKS, late);
    shelf.transport.push(BOOKS, signed(401, "invalid_token"));
    shelf.transport.always(BOOKS, found());
    let client = shelf.client.clone();
    let slow = tokio::spawn(async move { client.send(&GetBook, CallOptions::default()).await });
    while shelf.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    // The second call is refused and renews the token while the first answer is still on its way.
    shelf.call(GetBook).await.unwrap();
    assert_eq!(shelf.token_posts(), 2);
    slow.await.unwrap().unwrap();
    assert_eq!(shelf.token_posts(), 2, "the late refusal discarded a newer token");
    assert_eq!(shelf.tokens().last().unwrap(), "Bearer fake-token-2");
}

#[tokio::test]
async fn a_static_token_that_is_refused_fails_without_a_second_request() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, signed(401, "invalid_token"));
    assert!(shelf.call(GetBook).await.unwrap_err().is_credentials());
    assert_eq!(shelf.sent().len(), 1);
}

#[tokio::test]
async fn a_static_token_that_has_ended_is_not_sent() {
    let now = VirtualClock::new().now();
    let token = StaticToken::new("fake-static").expires_at(now + Duration::from_secs(60));
    let shelf = Shelf::with_credentials(token);
    shelf.transport.always(BOOKS, found());
    shelf.call(GetBook).await.unwrap();
    shelf.clock.advance(Duration::from_secs(60));
    assert!(shelf.call(GetBook).await.unwrap_err().is_credentials());
    assert_eq!(shelf.sent().len(), 1);
}

#[tokio::test]
async fn a_token_endpoint_that_fails_for_a_moment_is_waited_for() {
    let shelf = refreshing();
    shelf.transport.push(TOKEN, Script::failure(Sent::No, SendErrorKind::Connect));
    shelf.transport.push(TOKEN, Script::status(503));
    shelf.transport.push(TOKEN, token(1));
    assert_eq!(shelf.call(CreateBook).await.unwrap().attempts(), 1);
    assert_eq!(shelf.token_posts(), 3);
}

#[tokio::test]
async fn a_thousand_calls_of_a_refused_program_are_one_token_request() {
    let shelf = refreshing();
    shelf.transport.always(TOKEN, Script::json(401, r#"{"error":"invalid_client"}"#));
    assert_eq!(calls_at_once(&shelf, 1_000).await, 0);
    assert_eq!(shelf.token_posts(), 1);
    let error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Credentials, false));
}

#[tokio::test]
async fn a_token_is_asked_for_the_audience_of_the_document_or_of_the_caller() {
    static AUDIENCE: ApiProfile = ApiProfile {
        oauth: Some(OAuthProfile { audience: Some("https://api.shelf.example"), ..OAUTH }),
        ..PROFILE
    };
    let grant = ClientCredentials::new("fake-id", "fake-secret");
    for (grant, audience) in [
        (grant.clone(), "https%3A%2F%2Fapi.shelf.example"),
        (grant.audience("https://other.example"), "https%3A%2F%2Fother.example"),
    ] {
        let shelf = Shelf::with_profile(&AUDIENCE, grant);
        shelf.transport.push(TOKEN, token(1));
        shelf.transport.push(BOOKS, found());
        shelf.call(GetBook).await.unwrap();
        let form = shelf.transport.requests_to(TOKEN).remove(0).body;
        let form = std::str::from_utf8(&form).unwrap();
        assert!(form.ends_with(&format!("&audience={audience}")), "{form}");
    }
}

#[tokio::test]
async fn the_token_request_is_a_form_with_the_credentials_in_its_body() {
    let shelf = refreshing();
    shelf.transport.push(TOKEN, token(1));
    shelf.call(GetBook).await.unwrap();
    let request = shelf.transport.requests_to(TOKEN).remove(0);
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.body,
        "grant_type=client_credentials&client_id=fake-id&client_secret=fake-secret"
    );
    let limits = request.limits;
    assert_eq!((limits.max_success_bytes, limits.max_error_bytes), (64 * 1024, 64 * 1024));
}
