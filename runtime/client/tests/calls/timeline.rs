//! What an error tells of the way to it.

use std::time::Duration;

use specwright_client::profile::{ApiProfile, RateWindow};
use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{
    CallOptions, ClientCredentials, GaveUp, Happened, RequestEnd, StaticToken, Timeline,
};
use specwright_testkit::Script;

use crate::shelf::{BOOKS, CreateBook, GetBook, LendBook, PROFILE, Shelf, TOKEN, found, signed};

const SECOND: Duration = Duration::from_secs(1);

/// What happened, without times.
fn happened(timeline: &Timeline) -> Vec<Happened> {
    timeline.entries().iter().map(|entry| entry.happened).collect()
}

fn answered(status: u16) -> Happened {
    Happened::Requested(RequestEnd::Answered(status))
}

fn unanswered(sent: Sent, kind: SendErrorKind) -> Happened {
    Happened::Requested(RequestEnd::Unanswered { sent, kind })
}

#[tokio::test]
async fn every_wait_and_every_request_is_in_it_one_after_the_other() {
    let shelf = Shelf::with_credentials(ClientCredentials::new("fake-id", "fake-secret"));
    let token = Script::json(200, r#"{"access_token":"fake-token","expires_in":7200}"#);
    shelf.transport.push(TOKEN, token.after(2 * SECOND));
    shelf.transport.always(BOOKS, Script::status(503).after(SECOND));
    let error = shelf.call(GetBook).await.unwrap_err();
    let timeline = error.timeline();
    let expected = [
        Happened::AwaitedToken,
        answered(503),
        Happened::Paused,
        answered(503),
        Happened::Paused,
        answered(503),
        Happened::GaveUp(GaveUp::Attempts),
    ];
    assert_eq!(happened(timeline), expected);
    for pair in timeline.entries().windows(2) {
        assert_eq!(pair[0].at + pair[0].took, pair[1].at, "{timeline}");
    }
    assert_eq!(timeline.entries()[0].took, 2 * SECOND);
    assert_eq!(timeline.entries()[6].at, shelf.elapsed());
}

#[tokio::test]
async fn a_wait_for_room_is_in_it() {
    const NARROW: ApiProfile = ApiProfile {
        rate_windows: &[RateWindow { requests: 1, period: Duration::from_secs(10) }],
        ..PROFILE
    };
    let shelf = Shelf::with_profile(&NARROW, StaticToken::new("fake-static"));
    shelf.transport.push(BOOKS, found());
    shelf.transport.push(BOOKS, Script::status(404));
    shelf.call(GetBook).await.unwrap();
    let error = shelf.call(GetBook).await.unwrap_err();
    let expected = [Happened::Queued, answered(404), Happened::GaveUp(GaveUp::Final)];
    assert_eq!(happened(error.timeline()), expected);
    assert!(error.timeline().entries()[0].took >= 10 * SECOND, "{}", error.timeline());
}

#[tokio::test]
async fn it_ends_with_the_reason_why_the_call_goes_no_further() {
    let long = |status| Script::status(status).header("retry-after", "60");
    let cases = [
        (Script::status(404), answered(404), GaveUp::Final),
        (signed(500, "boom"), answered(500), GaveUp::Stored),
        (long(503), answered(503), GaveUp::TooLate { wait: Duration::ZERO }),
        (
            Script::failure(Sent::Maybe, SendErrorKind::Interrupted),
            unanswered(Sent::Maybe, SendErrorKind::Interrupted),
            GaveUp::OutcomeUnknown,
        ),
    ];
    for (script, end, reason) in cases {
        let shelf = Shelf::with_static_token();
        shelf.transport.always(BOOKS, script);
        let options = CallOptions::default().with_deadline(30 * SECOND);
        let error = match reason {
            GaveUp::OutcomeUnknown => shelf.client.send(&LendBook, options).await.unwrap_err(),
            _ => shelf.client.send(&CreateBook, options).await.unwrap_err(),
        };
        let mut happened = happened(error.timeline());
        if let Some(Happened::GaveUp(GaveUp::TooLate { wait })) = happened.last_mut() {
            assert!(*wait >= 60 * SECOND, "{wait:?}");
            *wait = Duration::ZERO;
        }
        assert_eq!(happened, [end, Happened::GaveUp(reason)]);
    }
}

#[tokio::test]
async fn a_budget_that_is_used_up_is_told_from_attempts() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::status(503));
    let mut reasons = Vec::new();
    for _ in 0..3 {
        let error = shelf.call(GetBook).await.unwrap_err();
        reasons.extend(happened(error.timeline()).last().copied());
    }
    let [attempts, budget] = [GaveUp::Attempts, GaveUp::Budget].map(Happened::GaveUp);
    assert_eq!(reasons, [attempts, budget, budget]);
}

#[tokio::test]
async fn a_call_that_ends_without_a_request_says_why() {
    let shelf = Shelf::with_credentials(ClientCredentials::new("fake-id", "fake-secret"));
    shelf.transport.always(TOKEN, Script::json(401, r#"{"error":"invalid_client"}"#));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!(happened(error.timeline()), [Happened::GaveUp(GaveUp::Unsent(error.kind()))]);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_has_it_too() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::json(200, "[]"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!(happened(error.timeline()), [answered(200)]);
    assert!(error.is_decode());
}
