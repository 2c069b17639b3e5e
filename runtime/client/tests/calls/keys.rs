//! Idempotency keys on the wire.

use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{CallOptions, ErrorKind, IdempotencyKey, UnknownOutcome};
use specwright_testkit::Script;

use crate::shelf::{BOOKS, CreateBook, GetBook, LendBook, Shelf, found, signed};

fn keys(shelf: &Shelf) -> Vec<Option<String>> {
    let key = |name| {
        move |request: &specwright_testkit::RecordedRequest| request.header(name).map(str::to_owned)
    };
    shelf.sent().iter().map(key("idempotency-key")).collect()
}

fn lost() -> Script {
    Script::failure(Sent::Maybe, SendErrorKind::Interrupted)
}

#[tokio::test]
async fn every_attempt_of_a_call_carries_the_same_key_and_the_same_bytes() {
    let shelf = Shelf::with_refresh();
    for script in [lost(), signed(401, "invalid_token"), Script::status(502), found()] {
        shelf.transport.push(BOOKS, script);
    }
    shelf.call(CreateBook).await.unwrap();
    let keys = keys(&shelf);
    assert_eq!(keys.len(), 4);
    assert_eq!(keys.first().unwrap().as_ref().unwrap().len(), 36);
    assert!(keys.iter().all(|key| key == &keys[0]), "{keys:?}");
    assert!(shelf.sent().iter().all(|request| request.body == r#""a book""#));
}

#[tokio::test]
async fn a_key_that_is_in_use_after_a_lost_answer_says_nothing_of_the_outcome() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, lost());
    shelf.transport.always(BOOKS, signed(409, "key_in_use"));
    let error = shelf.call(CreateBook).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::OutcomeUnknown, Some(409)));
    assert!(UnknownOutcome::of(&error).unwrap().idempotency_key().is_some());
}

#[tokio::test]
async fn a_401_that_the_server_kept_for_the_key_gives_another_key_and_the_token_stays() {
    let shelf = Shelf::with_refresh();
    // The second one is the first once more, by its name.
    for script in [signed(401, "invalid_token"), signed(401, "invalid_token"), found()] {
        shelf.transport.push(BOOKS, script);
    }
    shelf.call(CreateBook).await.unwrap();
    let (keys, tokens) = (keys(&shelf), shelf.tokens());
    assert_eq!(keys.len(), 3);
    assert!(keys[0] == keys[1] && keys[1] != keys[2], "{keys:?}");
    assert!(tokens[0] != tokens[1] && tokens[1] == tokens[2], "{tokens:?}");
    assert_eq!(shelf.token_posts(), 2);
}

#[tokio::test]
async fn a_429_that_the_server_kept_for_the_key_gives_another_key() {
    let shelf = Shelf::with_static_token();
    let kept = Script::status(429).header("retry-after", "2").header("idempotent-replayed", "true");
    shelf.transport.push(BOOKS, kept);
    shelf.transport.push(BOOKS, found());
    shelf.call(CreateBook).await.unwrap();
    let keys = keys(&shelf);
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_refusal_that_the_server_kept_for_the_callers_key_stands() {
    let shelf = Shelf::with_static_token();
    let kept = Script::status(429).header("retry-after", "2").header("idempotent-replayed", "true");
    shelf.transport.always(BOOKS, kept);
    let key = IdempotencyKey::new("invoice-7/create").unwrap();
    let options = CallOptions::default().with_idempotency_key(key);
    let error = shelf.client.send(&CreateBook, options).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::RateLimited, 1));
}

#[tokio::test]
async fn a_refusal_that_comes_again_is_not_of_the_request_without_an_answer() {
    for refusal in [signed(401, "invalid_token"), signed(429, "too_many_requests")] {
        let shelf = Shelf::with_refresh();
        shelf.transport.push(BOOKS, lost());
        shelf.transport.always(BOOKS, refusal);
        let error = shelf.call(CreateBook).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        let keys = keys(&shelf);
        assert!(keys.len() == 3 && keys.iter().all(|key| key == &keys[0]), "{keys:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_in_use_is_asked_for_again_until_its_first_request_is_done() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, lost());
    // More than that the account may not repeat in ten seconds.
    for _ in 0..2 {
        shelf.transport.push(BOOKS, Script::status(429));
    }
    shelf.transport.push(BOOKS, found());
    assert_eq!(shelf.call(CreateBook).await.unwrap().attempts(), 4);
    let seconds: Vec<u64> = shelf.gaps().iter().map(std::time::Duration::as_secs).collect();
    assert_eq!(seconds, [5, 1, 2]);
}

#[tokio::test]
async fn two_calls_have_different_keys() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    shelf.call(CreateBook).await.unwrap();
    shelf.call(CreateBook).await.unwrap();
    let keys = keys(&shelf);
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn the_callers_key_is_sent() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    let key = IdempotencyKey::new("invoice-7/create").unwrap();
    let options = CallOptions::default().with_idempotency_key(key);
    shelf.client.send(&CreateBook, options).await.unwrap();
    assert_eq!(keys(&shelf), [Some("invoice-7/create".to_owned())]);
}

#[tokio::test]
async fn a_key_for_an_operation_that_takes_none_is_refused_before_sending() {
    let shelf = Shelf::with_static_token();
    let key = IdempotencyKey::new("invoice-7/create").unwrap();
    let options = CallOptions::default().with_idempotency_key(key);
    let error = shelf.client.send(&GetBook, options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(shelf.sent().is_empty());
}

#[tokio::test]
async fn a_post_without_a_key_is_not_sent_again_once_it_may_have_been_executed() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, lost());
    let error = shelf.call(LendBook).await.unwrap_err();
    assert!(error.is_outcome_unknown() && !error.is_retryable());
    assert_eq!(shelf.sent().len(), 1);
    assert_eq!(keys(&shelf), [None]);
}

#[tokio::test]
async fn a_post_without_a_key_is_sent_again_when_it_surely_was_not_sent() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::failure(Sent::No, SendErrorKind::Connect));
    shelf.transport.push(BOOKS, found());
    assert_eq!(shelf.call(LendBook).await.unwrap().attempts(), 2);
}

#[tokio::test]
async fn a_refusal_of_a_later_attempt_does_not_say_what_became_of_the_first() {
    for (refusal, status) in [
        (signed(401, "invalid_token"), 401),
        (signed(404, "resource_not_found"), 404),
        (signed(422, "invalid_content"), 422),
        (signed(429, "too_many_requests").header("retry-after", "300"), 429),
        (Script::status(503), 503),
    ] {
        let shelf = Shelf::with_static_token();
        shelf.transport.push(BOOKS, lost());
        shelf.transport.always(BOOKS, refusal);
        let error = shelf.call(CreateBook).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::OutcomeUnknown, Some(status)));
        assert!(!error.is_credentials() && !error.is_rate_limited() && !error.is_server_error());
        assert!(!error.is_invalid() && !error.is_retryable(), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_that_was_kept_for_the_one_request_without_an_answer_is_its_answer() {
    let kept = || signed(422, "invalid_content").header("idempotent-replayed", "true");
    for (unanswered, kind) in [(1, ErrorKind::Status), (2, ErrorKind::OutcomeUnknown)] {
        let shelf = Shelf::with_static_token();
        for _ in 0..unanswered {
            shelf.transport.push(BOOKS, lost());
        }
        shelf.transport.push(BOOKS, kept());
        let error = shelf.call(CreateBook).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(422)), "{unanswered} unanswered");
    }
}

#[tokio::test]
async fn an_unknown_outcome_names_the_key() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, lost());
    let error = shelf.call(CreateBook).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    let unknown = source.downcast_ref::<UnknownOutcome>().unwrap();
    assert_eq!(unknown.idempotency_key(), keys(&shelf)[0].as_deref());
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
}
