//! One deadline over everything.

use std::time::Duration;

use specwright_client::{CallOptions, ErrorKind};
use specwright_testkit::Script;

use crate::shelf::{BOOKS, CreateBook, GetBook, LendBook, Shelf, TOKEN, found};

fn within(seconds: u64) -> CallOptions {
    CallOptions::default().with_deadline(Duration::from_secs(seconds))
}

#[tokio::test]
async fn a_silent_server_ends_the_call_at_its_deadline() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::silence());
    let error = shelf.client.send(&GetBook, within(10)).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(shelf.elapsed(), Duration::from_secs(10));
}

#[tokio::test]
async fn a_call_that_has_no_time_sends_nothing() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    let error = shelf.client.send(&GetBook, within(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 0));
    assert_eq!(shelf.sent().len(), 0);
}

#[tokio::test]
async fn retries_and_their_waits_are_within_the_deadline() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::silence());
    let error = shelf.client.send(&GetBook, within(70)).await.unwrap_err();
    assert!(error.is_timeout());
    assert!(shelf.elapsed() <= Duration::from_secs(70), "{:?}", shelf.elapsed());
    assert_eq!(error.attempts(), 3);
}

#[tokio::test]
async fn reading_has_half_a_minute_an_attempt_and_writing_a_minute() {
    for (seconds, limit) in [(120, 30), (20, 20)] {
        let shelf = Shelf::with_static_token();
        shelf.transport.always(BOOKS, found());
        shelf.client.send(&GetBook, within(seconds)).await.unwrap();
        assert_eq!(shelf.sent()[0].limits.timeout, Duration::from_secs(limit));
    }
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    shelf.client.send(&CreateBook, within(120)).await.unwrap();
    assert_eq!(shelf.sent()[0].limits.timeout, Duration::from_secs(60));
}

#[tokio::test]
async fn the_deadline_ends_the_wait_for_a_token_but_not_the_refresh() {
    let shelf = Shelf::with_credentials(specwright_client::ClientCredentials::new("i", "s"));
    let token = Script::json(200, r#"{"access_token":"fake","expires_in":7200}"#);
    shelf.transport.push(TOKEN, token.after(Duration::from_secs(10)));
    shelf.transport.always(BOOKS, found());
    let error = shelf.client.send(&GetBook, within(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 0));
    assert_eq!(shelf.elapsed(), Duration::from_secs(1));
    shelf.call(GetBook).await.unwrap();
    assert_eq!(shelf.token_posts(), 1);
}

#[tokio::test]
async fn a_deadline_that_cuts_a_write_short_leaves_its_outcome_unknown() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::silence());
    for outcome in [
        shelf.client.send(&LendBook, within(10)).await.unwrap_err().kind(),
        shelf.client.send(&CreateBook, within(10)).await.unwrap_err().kind(),
    ] {
        assert_eq!(outcome, ErrorKind::OutcomeUnknown);
    }
}

#[tokio::test]
async fn a_key_is_used_again_five_seconds_after_a_timeout_at_the_earliest() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::silence());
    shelf.transport.push(BOOKS, found());
    shelf.call(CreateBook).await.unwrap();
    assert!(shelf.gaps()[0] >= Duration::from_secs(65), "{:?}", shelf.gaps());
}

#[tokio::test]
async fn a_transport_that_ignores_its_time_limit_is_cut_off() {
    use std::sync::Arc;

    use specwright_client::Client;
    use specwright_client::transport::{
        AttemptLimits, BoxFuture, SendError, Transport, TransportRequest, TransportResponse,
    };

    #[derive(Debug)]
    struct Deaf;

    impl Transport for Deaf {
        fn send(
            &self,
            _request: TransportRequest,
            _limits: AttemptLimits,
        ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
            Box::pin(std::future::pending())
        }
    }

    let clock = specwright_testkit::VirtualClock::automatic();
    let client: Client = Client::builder(&crate::shelf::PROFILE, "Acme/Importer")
        .transport(Arc::new(Deaf))
        .clock(Arc::new(clock.clone()))
        .credentials(specwright_client::StaticToken::new("fake-static"))
        .build()
        .unwrap();
    assert!(client.send(&GetBook, within(5)).await.unwrap_err().is_timeout());
    assert_eq!(clock.elapsed(), Duration::from_secs(5));
}
