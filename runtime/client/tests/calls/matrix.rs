//! The retry matrix, cell by cell, through the whole loop.

use specwright_backoff::{Class, Decision, Event, decide};
use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{CallOptions, ErrorKind, ErrorReport};
use specwright_testkit::Script;

use crate::shelf::{
    BOOKS, ChangeBook, CreateBook, DeleteBook, GetBook, LendBook, ReplaceBook, Shelf, found, signed,
};

/// What happens on the wire, and the row of the table that it belongs to.
fn wire_rows() -> Vec<(&'static str, Script, Event)> {
    let broken = |kind| Script::failure(Sent::Maybe, kind);
    vec![
        ("refused connection", Script::failure(Sent::No, SendErrorKind::Connect), Event::NotSent),
        ("stream refused", Script::failure(Sent::No, SendErrorKind::Interrupted), Event::NotSent),
        ("silence", Script::silence(), Event::TimedOut),
        ("reset", broken(SendErrorKind::Interrupted), Event::Lost),
        ("garbage", broken(SendErrorKind::Protocol), Event::Lost),
        ("401", signed(401, "invalid_token"), Event::Unauthorized),
        ("408", Script::status(408), Event::RequestTimeout),
        ("429", signed(429, "too_many_requests"), Event::Throttled),
        ("400 api_error", signed(400, "api_error"), Event::UpstreamFault),
        ("500 of the application", signed(500, "internal_server_error"), Event::AppFault),
        ("500 of a gateway", Script::status(500).body("<html>"), Event::EdgeFault),
        ("502", Script::status(502), Event::EdgeFault),
        ("503", Script::status(503), Event::Unavailable),
        ("503 with a hint", Script::status(503).header("retry-after", "2"), Event::Busy),
        ("504", Script::status(504), Event::EdgeFault),
        ("301", Script::status(301).header("location", "/elsewhere"), Event::Redirect),
        ("307", Script::status(307).header("location", "/elsewhere"), Event::Redirect),
        ("400", signed(400, "invalid_request"), Event::Refused),
        ("403", signed(403, "forbidden"), Event::Refused),
        ("404", signed(404, "resource_not_found"), Event::Refused),
        ("406", signed(406, "invalid_format"), Event::Refused),
        ("409", signed(409, "conflict"), Event::Refused),
        ("422", signed(422, "invalid_content"), Event::Refused),
    ]
}

/// Calls the operation of a class; the error without its type.
async fn call(shelf: &Shelf, class: Class) -> Result<(), ErrorKind> {
    let kind = |report: &ErrorReport| report.kind();
    match class {
        Class::Safe => shelf.call(GetBook).await.map(drop).map_err(|error| kind(&error)),
        Class::Put => shelf.call(ReplaceBook).await.map(drop).map_err(|error| kind(&error)),
        Class::Delete => shelf.call(DeleteBook).await.map(drop).map_err(|error| kind(&error)),
        Class::Keyed => shelf.call(CreateBook).await.map(drop).map_err(|error| kind(&error)),
        Class::Post => shelf.call(LendBook).await.map(drop).map_err(|error| kind(&error)),
        Class::Patch => shelf.call(ChangeBook).await.map(drop).map_err(|error| kind(&error)),
    }
}

/// How many sends a cell means when the script has one such event and then a success, and how the call ends.
fn expected(event: Event, class: Class) -> (usize, Result<(), ErrorKind>) {
    match decide(event, class) {
        Decision::Accept => (1, Ok(())),
        Decision::Resend { .. } | Decision::Renew => (2, Ok(())),
        Decision::Unknown | Decision::Stored => (1, Err(ErrorKind::OutcomeUnknown)),
        Decision::Final if event == Event::Redirect => (1, Err(ErrorKind::Redirect)),
        Decision::Final => (1, Err(ErrorKind::Status)),
    }
}

#[tokio::test]
async fn every_cell_is_what_the_loop_does() {
    let mut cells = 0;
    for (name, script, event) in wire_rows() {
        for class in Class::ALL {
            let shelf = Shelf::with_refresh();
            shelf.transport.push(BOOKS, script.clone());
            shelf.transport.always(BOOKS, found());
            let outcome = call(&shelf, class).await;
            let actual = (shelf.sent().len(), outcome);
            assert_eq!(actual, expected(event, class), "{name}, {class:?}");
            cells += 1;
        }
    }
    assert!(cells >= 90, "{cells} cells");
}

#[tokio::test]
async fn not_found_after_an_unknown_outcome_is_success_for_delete_only() {
    for class in [Class::Safe, Class::Put, Class::Delete, Class::Keyed] {
        let shelf = Shelf::with_static_token();
        shelf.transport.push(BOOKS, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
        shelf.transport.push(BOOKS, signed(404, "resource_not_found"));
        let outcome = call(&shelf, class).await;
        let expected = match class {
            Class::Delete => Ok(()),
            // The one that nobody answered may be why this one was refused.
            Class::Keyed => Err(ErrorKind::OutcomeUnknown),
            _ => Err(ErrorKind::Status),
        };
        assert_eq!(outcome, expected, "{class:?}");
    }
}

#[tokio::test]
async fn what_a_fault_of_the_server_may_have_deleted_is_gone() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, signed(400, "api_error"));
    shelf.transport.push(BOOKS, signed(404, "resource_not_found"));
    shelf.call(DeleteBook).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_always_unavailable_sees_three_requests() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::status(503));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Status, 3));
    assert!(error.is_retryable());
    assert_eq!(shelf.sent().len(), 3);
}

#[tokio::test]
async fn a_stored_500_is_final_for_its_key() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, signed(500, "internal_server_error"));
    let error = shelf.call(CreateBook).await.unwrap_err();
    assert!(error.is_outcome_unknown() && !error.is_retryable());
    assert_eq!(error.api().unwrap().message, "no");
    assert_eq!(error.request_id(), Some("r-1"));
    assert_eq!(shelf.sent().len(), 1);
}

#[tokio::test]
async fn many_failing_calls_send_at_most_a_fifth_more_than_there_are_calls() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::status(503));
    let calls = 200;
    let tasks: Vec<_> = (0..calls)
        .map(|_| {
            let client = shelf.client.clone();
            tokio::spawn(
                async move { client.send(&GetBook, CallOptions::default()).await.is_err() },
            )
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    let sent = shelf.sent().len();
    assert!(sent > calls && sent <= calls * 12 / 10, "{sent} requests for {calls} calls");
}
