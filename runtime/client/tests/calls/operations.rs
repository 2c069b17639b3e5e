//! Operations with a name, which happen once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::StatusCode;
use specwright_client::operation::{Idempotency, Operation};
use specwright_client::profile::{ApiProfile, RateWindow};
use specwright_client::transport::{BoxFuture, SendErrorKind, Sent};
use specwright_client::types::Json;
use specwright_client::{
    CallOptions, Clock as _, Error, ErrorKind, FingerprintKey, GaveUp, Happened, Journal,
    MemoryRows, Method, Reconciled, Response, Rows, StaticToken, UnknownOutcome, Upload,
};
use specwright_store::{
    Durability, KeptRow, Loaded, StoreError, StoreErrorKind, Swap, Table, Version,
};
use specwright_testkit::{Script, SeededRandom, VirtualClock};

use crate::shelf::{
    BOOKS, Book, CreateBook, DeleteBook, Failure, GetBook, LendBook, PROFILE, ReplaceBook, Shelf,
    found, signed,
};

const SECOND: Duration = Duration::from_secs(1);
const KEYED: Idempotency =
    Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) };

/// Rows that can be out of reach, and during whose next change the process can stand still for a minute.
#[derive(Debug)]
struct Kept {
    rows: MemoryRows,
    clock: VirtualClock,
    is_down: AtomicBool,
    is_frozen: AtomicBool,
    hangs: AtomicBool,
}

impl Kept {
    fn answer<'a, T: Send + 'a>(
        &'a self,
        answer: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        if self.is_down.load(Ordering::SeqCst) {
            let error = StoreError::new(StoreErrorKind::Unavailable, "down");
            return Box::pin(async move { Err(error) });
        }
        if self.hangs.load(Ordering::SeqCst) {
            return Box::pin(std::future::pending());
        }
        answer
    }
}

impl Rows for Kept {
    fn load<'a>(&'a self, table: Table, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        self.answer(self.rows.load(table, key))
    }

    fn swap<'a>(
        &'a self,
        table: Table,
        key: &'a str,
        expected: Option<Version>,
        row: KeptRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        let swap = self.answer(self.rows.swap(table, key, expected, row));
        Box::pin(async move {
            let swapped = swap.await;
            if self.is_frozen.swap(false, Ordering::SeqCst) {
                self.clock.advance(60 * SECOND);
            }
            swapped
        })
    }

    fn durability(&self, _: Table) -> Durability {
        Durability::Durable
    }
}

/// Processes with the same journal.
struct Office {
    clock: VirtualClock,
    rows: Arc<Kept>,
}

impl Office {
    fn new() -> Self {
        let clock = VirtualClock::automatic();
        let rows = MemoryRows::volatile(Arc::new(clock.clone()));
        let [is_down, is_frozen, hangs] = [false; 3].map(AtomicBool::new);
        let rows = Kept { rows, clock: clock.clone(), is_down, is_frozen, hangs };
        Self { rows: Arc::new(rows), clock }
    }

    /// A process, with draws of its own.
    fn process(&self, seed: u64) -> Shelf {
        self.process_of(&PROFILE, seed)
    }

    fn process_of(&self, profile: &'static ApiProfile, seed: u64) -> Shelf {
        let random = Arc::new(SeededRandom::new(seed));
        let rows = Arc::clone(&self.rows) as Arc<dyn Rows>;
        let journal = Journal::new(rows, FingerprintKey::new([7; 32]), random.clone()).unwrap();
        Shelf::built(profile, self.clock.clone(), |builder| {
            let builder = builder.credentials(StaticToken::new("fake-static"));
            // A permit that is too old would stop a late request too.
            let builder = match profile.rate_windows {
                [] => builder.without_rate_limits(),
                _ => builder,
            };
            builder.random(random).journal(journal)
        })
    }
}

/// One process, in which books are created.
fn office() -> (Office, Shelf) {
    let office = Office::new();
    let shelf = office.process(1);
    (office, shelf)
}

fn named() -> CallOptions {
    CallOptions::default().with_operation("order-991/create")
}

async fn carry_out<O: Operation<Output = Book, Error = Failure>>(
    shelf: &Shelf,
    request: O,
) -> Result<Response<Book>, Error<Failure>> {
    shelf.client.send(&request, named()).await
}

fn keys(shelf: &Shelf) -> Vec<String> {
    let key = |request: &specwright_testkit::RecordedRequest| {
        request.header("idempotency-key").unwrap().to_owned()
    };
    shelf.sent().iter().map(key).collect()
}

fn lost() -> Script {
    Script::failure(Sent::Maybe, SendErrorKind::Interrupted)
}

#[tokio::test]
async fn what_has_succeeded_is_not_sent_again_by_anybody() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, found());
    carry_out(&shelf, CreateBook).await.unwrap();
    for process in [shelf, office.process(2)] {
        let before = process.sent().len();
        let error = carry_out(&process, CreateBook).await.unwrap_err();
        assert!(error.is_already_succeeded() && !error.is_retryable(), "{error:?}");
        assert_eq!((error.attempts(), process.sent().len()), (0, before));
    }
}

#[tokio::test]
async fn what_is_not_to_be_sent_takes_no_place_in_a_window() {
    const NARROW: ApiProfile = ApiProfile {
        rate_windows: &[RateWindow { requests: 1, period: Duration::from_secs(600) }],
        ..PROFILE
    };
    let office = Office::new();
    let shelf = office.process_of(&NARROW, 1);
    shelf.transport.always(BOOKS, found());
    carry_out(&shelf, CreateBook).await.unwrap();
    let error = carry_out(&shelf, CreateBook).await.unwrap_err();
    assert!(error.is_already_succeeded(), "{error:?}");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_under_the_same_key_once_nothing_can_be_on_its_way() {
    let (_, shelf) = office();
    shelf.transport.push(BOOKS, lost());
    shelf.transport.always(BOOKS, found());
    carry_out(&shelf, CreateBook).await.unwrap();
    let keys = keys(&shelf);
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    assert!(shelf.gaps()[0] >= 65 * SECOND, "{:?}", shelf.gaps());
}

#[tokio::test]
async fn another_process_goes_on_under_the_same_key() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, lost());
    let error = shelf.client.send(&CreateBook, named().with_deadline(30 * SECOND)).await;
    let error = error.unwrap_err();
    assert!(error.is_outcome_unknown() && error.is_retryable(), "{error:?}");
    assert!(UnknownOutcome::of(&error).unwrap().operation().is_none());
    assert!(error.retry_after().unwrap() > 30 * SECOND, "{error:?}");
    let other = office.process(2);
    other.transport.always(BOOKS, found());
    let response = carry_out(&other, CreateBook).await.unwrap();
    assert_eq!((keys(&other), response.attempts()), (keys(&shelf), 1));
}

#[tokio::test]
async fn what_was_not_executed_is_sent_again_at_once_under_the_same_key() {
    for script in [
        Script::failure(Sent::No, SendErrorKind::Connect),
        signed(401, "expired"),
        Script::status(429).header("retry-after", "2"),
    ] {
        let (_, shelf) = office();
        shelf.transport.push(BOOKS, script);
        shelf.transport.always(BOOKS, found());
        let first = carry_out(&shelf, CreateBook).await;
        if first.is_err() {
            // A token of the caller's own is not renewed.
            carry_out(&shelf, CreateBook).await.unwrap();
        }
        let keys = keys(&shelf);
        assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
        assert!(shelf.gaps()[0] < 5 * SECOND, "{:?}", shelf.gaps());
    }
}

#[tokio::test]
async fn a_success_that_is_too_large_to_be_read_is_one() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, Script::json(201, r#"{"title":"Emma"}"#));
    let small = named().with_max_bytes(15);
    let error = shelf.client.send(&CreateBook, small).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::TooLarge, Some(201)));
    assert!(!error.is_retryable());
    for process in [shelf, office.process(2)] {
        let before = process.sent().len();
        let error = carry_out(&process, CreateBook).await.unwrap_err();
        assert!(error.is_already_succeeded(), "{error:?}");
        assert_eq!(process.sent().len(), before);
    }
}

#[tokio::test]
async fn a_failure_that_is_too_large_to_be_read_leaves_the_operation_open() {
    let (_, shelf) = office();
    let status = StatusCode::BAD_GATEWAY;
    shelf.transport.push(BOOKS, Script::failure(Sent::Maybe, SendErrorKind::TooLarge { status }));
    shelf.transport.always(BOOKS, found());
    let error = carry_out(&shelf, CreateBook).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::TooLarge, Some(502)));
    carry_out(&shelf, CreateBook).await.unwrap();
    let keys = keys(&shelf);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn after_a_refusal_another_key_is_sent() {
    let (_, shelf) = office();
    shelf.transport.push(BOOKS, signed(422, "invalid"));
    shelf.transport.always(BOOKS, found());
    let error = carry_out(&shelf, CreateBook).await.unwrap_err();
    assert!(error.is_invalid() && !error.is_retryable());
    carry_out(&shelf, CreateBook).await.unwrap();
    let keys = keys(&shelf);
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_refusal_that_the_server_kept_for_the_key_gives_another_key() {
    let (_, shelf) = office();
    let kept = Script::status(429).header("retry-after", "2").header("idempotent-replayed", "true");
    shelf.transport.push(BOOKS, kept);
    shelf.transport.always(BOOKS, found());
    carry_out(&shelf, CreateBook).await.unwrap();
    let keys = keys(&shelf);
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_is_not_believed() {
    let (_, shelf) = office();
    shelf.transport.push(BOOKS, lost());
    shelf.transport.always(BOOKS, signed(422, "name_is_taken"));
    let error = carry_out(&shelf, CreateBook).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::OutcomeUnknown, Some(422)));
    let last = error.timeline().entries().last().unwrap().happened;
    assert_eq!(last, Happened::GaveUp(GaveUp::OutcomeUnknown));
}

/// What a gateway answers to everybody while the API is closed.
fn closed() -> Script {
    Script::status(200).header("content-type", "text/html").body("<html>back soon")
}

#[tokio::test]
async fn a_page_in_place_of_the_answer_is_no_success_of_an_operation() {
    let (_, shelf) = office();
    shelf.transport.push(BOOKS, closed());
    shelf.transport.push(BOOKS, found());
    let book = carry_out(&shelf, CreateBook).await.unwrap();
    assert_eq!((book.attempts(), book.inner().title.as_str()), (2, "Emma"));
    let keys = keys(&shelf);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_page_in_place_of_the_answer_leaves_the_outcome_of_a_post_without_a_key_unknown() {
    let (_, shelf) = office();
    shelf.transport.always(BOOKS, closed());
    let error = shelf.call(LendBook).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::OutcomeUnknown, 1));
    let error = carry_out(&shelf, LendBook).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::OutcomeUnknown, 2));
}

#[tokio::test]
async fn a_page_in_place_of_the_answer_is_no_success_of_what_may_be_repeated() {
    let (_, shelf) = office();
    shelf.transport.always(BOOKS, closed());
    let error = carry_out(&shelf, ReplaceBook).await.unwrap_err();
    assert!(error.is_decode() && error.is_retryable(), "{error}");
    shelf.transport.always(BOOKS, found());
    carry_out(&shelf, ReplaceBook).await.unwrap();
}

#[tokio::test]
async fn json_that_does_not_fit_is_the_success_of_an_operation() {
    let (_, shelf) = office();
    shelf.transport.always(BOOKS, Script::json(200, "{}"));
    assert!(carry_out(&shelf, CreateBook).await.unwrap_err().is_decode());
    assert!(carry_out(&shelf, CreateBook).await.unwrap_err().is_already_succeeded());
    assert_eq!(shelf.sent().len(), 1);
}

#[tokio::test]
async fn a_page_in_place_of_what_was_to_be_read_does_not_fit() {
    let (_, shelf) = office();
    shelf.transport.always(BOOKS, closed());
    assert!(shelf.call(GetBook).await.unwrap_err().is_decode());
    assert_eq!(shelf.sent().len(), 1);
}

/// An operation that the server failed at, and keeps its failure.
async fn in_doubt(shelf: &Shelf) -> specwright_client::OperationInDoubt {
    shelf.transport.push(BOOKS, signed(500, "boom"));
    let error = carry_out(shelf, CreateBook).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::OutcomeUnknown, Some(500)));
    let unknown = UnknownOutcome::of(&error).unwrap();
    assert_eq!(unknown.idempotency_key(), Some(&*keys(shelf)[0]));
    unknown.operation().unwrap().clone()
}

#[tokio::test]
async fn what_is_in_doubt_is_not_sent_until_somebody_has_looked() {
    let (office, shelf) = office();
    in_doubt(&shelf).await;
    let other = office.process(2);
    let error = carry_out(&other, CreateBook).await.unwrap_err();
    assert_eq!((error.kind(), other.sent().len()), (ErrorKind::OutcomeUnknown, 0));
    assert!(UnknownOutcome::of(&error).unwrap().operation().is_some());
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn what_a_look_finds_is_the_success_of_the_operation() {
    let (_, shelf) = office();
    let in_doubt = in_doubt(&shelf).await;
    let found = in_doubt.reconcile(async || Ok::<_, Error<Failure>>(Some("the book"))).await;
    assert!(matches!(found, Ok(Reconciled::Found("the book"))));
    assert!(carry_out(&shelf, CreateBook).await.unwrap_err().is_already_succeeded());
}

#[tokio::test]
async fn where_a_look_finds_nothing_it_is_sent_under_another_key() {
    let (_, shelf) = office();
    let in_doubt = in_doubt(&shelf).await;
    let looked = in_doubt.reconcile(async || Ok::<_, Error<Failure>>(None::<Book>)).await;
    let Ok(Reconciled::Absent(right)) = looked else { panic!("nothing is there") };
    shelf.transport.always(BOOKS, found());
    let again = CallOptions::default().with_reissue(right.clone());
    shelf.client.send(&CreateBook, again).await.unwrap();
    let keys = keys(&shelf);
    assert_ne!(keys[0], keys[1]);
    // The right is good for one request.
    let again = CallOptions::default().with_reissue(right);
    assert!(shelf.client.send(&CreateBook, again).await.unwrap_err().is_already_succeeded());
}

#[tokio::test]
async fn without_a_key_a_lost_answer_is_a_doubt() {
    let (_, shelf) = office();
    shelf.transport.always(BOOKS, lost());
    let error = carry_out(&shelf, LendBook).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::OutcomeUnknown, 1));
    let error = carry_out(&shelf, LendBook).await.unwrap_err();
    assert_eq!(shelf.sent().len(), 1);
    assert!(UnknownOutcome::of(&error).unwrap().operation().is_some(), "{error:?}");
}

#[tokio::test]
async fn what_was_deleted_by_the_lost_request_of_another_process_is_deleted() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, lost());
    shelf.client.send(&DeleteBook, named().with_deadline(SECOND)).await.unwrap_err();
    let other = office.process(2);
    other.transport.always(BOOKS, signed(404, "gone"));
    assert_eq!(carry_out(&other, DeleteBook).await.unwrap().status(), 204);
}

#[tokio::test]
async fn of_two_at_once_one_sends_and_the_other_waits_for_it() {
    let (office, shelf) = office();
    let other = office.process(2);
    for process in [&shelf, &other] {
        process.transport.always(BOOKS, found().after(2 * SECOND));
    }
    let (one, two) = tokio::join!(carry_out(&shelf, CreateBook), carry_out(&other, CreateBook));
    let ((Ok(_), Err(error)) | (Err(error), Ok(_))) = (one, two) else { panic!("one succeeds") };
    assert!(error.is_already_succeeded(), "{error:?}");
    assert_eq!(shelf.sent().len() + other.sent().len(), 1);
    assert_eq!(error.timeline().entries()[0].happened, Happened::AwaitedOperation);
}

#[tokio::test]
async fn who_has_no_time_to_wait_for_the_other_is_told_when_to_come_back() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, Script::silence());
    let mut call = shelf.client.send(&CreateBook, named());
    while shelf.sent().is_empty() {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        tokio::task::yield_now().await;
    }
    // Its caller is gone, and nobody knows what became of the request.
    drop(call);
    let other = office.process(2);
    let error = other.client.send(&CreateBook, named().with_deadline(10 * SECOND)).await;
    let error = error.unwrap_err();
    assert!(error.is_in_progress() && error.is_retryable(), "{error:?}");
    assert!(error.retry_after().unwrap() > 10 * SECOND, "{error:?}");
    assert_eq!(other.sent().len(), 0);
}

#[tokio::test]
async fn a_success_that_somebody_else_found_meanwhile_is_told_as_one() {
    let office = Office::new();
    // They draw so that the other one is first when both may send again.
    let [shelf, other] = [3, 4].map(|seed| office.process(seed));
    shelf.transport.always(BOOKS, lost());
    other.transport.always(BOOKS, found());
    let options = named().with_deadline(Duration::from_secs(600));
    let found_by_other = async {
        // Who calls while the first waits for what may still arrive sends as soon as that is over, as the first does.
        carry_out(&other, CreateBook).await
    };
    let (one, two) = tokio::join!(shelf.client.send(&CreateBook, options), found_by_other);
    let errors: Vec<_> = [one.err(), two.err()].into_iter().flatten().collect();
    assert!(errors.iter().all(|error| error.is_already_succeeded()), "{errors:?}");
    assert!(errors.len() <= 1 && !other.sent().is_empty(), "{errors:?}");
}

#[tokio::test]
async fn an_open_operation_may_be_called_again_whatever_ends_the_call() {
    const NARROW: ApiProfile = ApiProfile {
        rate_windows: &[RateWindow { requests: 1, period: Duration::from_secs(600) }],
        ..PROFILE
    };
    let shelf = Office::new().process_of(&NARROW, 1);
    shelf.transport.always(BOOKS, lost());
    let error = shelf.client.send(&CreateBook, named()).await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn what_may_be_repeated_anyway_is_never_in_doubt() {
    let (_, shelf) = office();
    shelf.transport.always(BOOKS, Script::status(503));
    let error = carry_out(&shelf, ReplaceBook).await.unwrap_err();
    assert!(error.is_server_error() && error.is_retryable(), "{error:?}");
    assert!(!error.is_outcome_unknown());
}

#[tokio::test]
async fn the_right_to_send_again_is_for_its_own_account() {
    let (office, shelf) = office();
    let in_doubt = in_doubt(&shelf).await;
    let right = in_doubt.allow_duplicate();
    let random = Arc::new(SeededRandom::new(2));
    let rows = Arc::clone(&office.rows) as Arc<dyn Rows>;
    let journal = Journal::new(rows, FingerprintKey::new([7; 32]), random).unwrap();
    let other = Shelf::built(&PROFILE, office.clock.clone(), |builder| {
        let builder = builder.credentials(StaticToken::new("fake-static")).journal(journal);
        builder.account("another")
    });
    other.transport.always(BOOKS, found());
    let again = CallOptions::default().with_reissue(right);
    let error = other.client.send(&CreateBook, again).await.unwrap_err();
    assert_eq!((error.kind(), other.sent().len()), (ErrorKind::Configuration, 0));
    // The same name is another operation there.
    carry_out(&other, CreateBook).await.unwrap();
}

#[tokio::test]
async fn a_redirect_may_be_the_answer_to_what_was_done() {
    let (_, shelf) = office();
    shelf.transport.always(BOOKS, Script::status(302).header("location", "/elsewhere"));
    let error = carry_out(&shelf, CreateBook).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error:?}");
    carry_out(&shelf, CreateBook).await.unwrap_err();
    assert_eq!(shelf.sent().len(), 1);
}

#[tokio::test]
async fn a_journal_that_hangs_is_told_from_a_deadline_and_nothing_is_sent() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, found());
    office.rows.hangs.store(true, Ordering::SeqCst);
    let error = carry_out(&shelf, CreateBook).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::Journal, 0));
    assert_eq!(shelf.elapsed(), 10 * SECOND);
    assert!(error.is_retryable());
}

#[tokio::test]
async fn another_request_under_the_name_is_an_error_and_not_sent() {
    let (_, shelf) = office();
    shelf.transport.always(BOOKS, found());
    let send = |title: &str| {
        let request = shelf.client.request(Method::POST, BOOKS).json(&Json::from(title));
        request.idempotency(KEYED).with_operation("order-991/create").send()
    };
    send("Emma").await.unwrap();
    let error = send("Persuasion").await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::OtherRequest, 1));
}

/// It is good for half a minute more, and an attempt may take a whole one.
#[tokio::test]
async fn a_key_that_may_end_before_its_request_does_is_not_sent() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, lost());
    shelf.client.send(&CreateBook, named().with_deadline(30 * SECOND)).await.unwrap_err();
    office.clock.advance(SECOND * (23 * 3_600 - 60));
    let error = carry_out(&shelf, CreateBook).await.unwrap_err();
    assert!(error.is_outcome_unknown() && !error.is_retryable(), "{error:?}");
    assert_eq!(shelf.sent().len(), 1);
}

#[tokio::test]
async fn without_the_journal_nothing_is_sent() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, found());
    office.rows.is_down.store(true, Ordering::SeqCst);
    let error = carry_out(&shelf, CreateBook).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::Journal, 0));
    assert!(error.is_retryable());
    office.rows.is_down.store(false, Ordering::SeqCst);
    carry_out(&shelf, CreateBook).await.unwrap();
}

#[tokio::test]
async fn a_success_is_one_although_it_cannot_be_written_down() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, found().after(2 * SECOND));
    let (clock, rows) = (office.clock.clone(), Arc::clone(&office.rows));
    let fall = async move {
        clock.sleep(SECOND).await;
        rows.is_down.store(true, Ordering::SeqCst);
    };
    let (answer, ()) = tokio::join!(carry_out(&shelf, CreateBook), fall);
    answer.unwrap();
    office.clock.sleep(120 * SECOND).await;
    // Nobody tries to write it any more. It stands as under way, so the same key is sent again, and the server gives the same answer.
    office.rows.is_down.store(false, Ordering::SeqCst);
    carry_out(&shelf, CreateBook).await.unwrap();
    let keys = keys(&shelf);
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
}

#[tokio::test]
async fn who_stood_still_before_its_request_does_not_send_it_late() {
    let (office, shelf) = office();
    shelf.transport.always(BOOKS, found());
    office.rows.is_frozen.store(true, Ordering::SeqCst);
    carry_out(&shelf, CreateBook).await.unwrap();
    let sent = shelf.sent();
    // Once, and with the time that was written down for it: of 120 s a minute is over.
    assert_eq!((sent.len(), sent[0].limits.timeout), (1, 60 * SECOND));
    assert_eq!(shelf.elapsed(), 60 * SECOND);
    let short = office.process(2);
    office.rows.is_frozen.store(true, Ordering::SeqCst);
    let options = CallOptions::default().with_operation("another").with_deadline(30 * SECOND);
    let error = short.client.send(&CreateBook, options).await.unwrap_err();
    assert_eq!((error.kind(), short.sent().len()), (ErrorKind::Deadline, 0));
}

#[tokio::test]
async fn a_short_trouble_of_the_store_makes_no_doubt_of_what_is_known() {
    for (script, knows) in [(found(), true), (signed(422, "invalid"), false)] {
        let (office, shelf) = office();
        shelf.transport.push(BOOKS, script.after(2 * SECOND));
        shelf.transport.always(BOOKS, found());
        let (clock, rows) = (office.clock.clone(), Arc::clone(&office.rows));
        let trouble = async move {
            clock.sleep(SECOND).await;
            rows.is_down.store(true, Ordering::SeqCst);
            clock.sleep(2 * SECOND).await;
            rows.is_down.store(false, Ordering::SeqCst);
            clock.sleep(10 * SECOND).await;
        };
        let (first, ()) = tokio::join!(carry_out(&shelf, CreateBook), trouble);
        assert_eq!(first.is_ok(), knows);
        let second = carry_out(&shelf, CreateBook).await;
        // A success is not sent again, and what was refused is sent under another key, without a wait.
        assert_eq!(second.is_err_and(|error| error.is_already_succeeded()), knows);
        assert!(shelf.elapsed() < 30 * SECOND, "{:?}", shelf.elapsed());
    }
}

#[tokio::test]
async fn a_name_is_for_clients_with_a_journal_and_for_calls_that_change_something() {
    let without = Shelf::with_static_token();
    let (_, with) = office();
    let key = specwright_client::IdempotencyKey::new("own").unwrap();
    let kinds = [
        carry_out(&without, CreateBook).await.unwrap_err().kind(),
        carry_out(&with, GetBook).await.unwrap_err().kind(),
        with.client.send(&CreateBook, named().with_idempotency_key(key)).await.unwrap_err().kind(),
    ];
    assert_eq!(kinds, [ErrorKind::Configuration; 3]);
    let error = with.client.send(&CreateBook, CallOptions::default().with_operation("")).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Encode);
    assert_eq!(with.sent().len() + without.sent().len(), 0);
}

#[tokio::test]
async fn an_upload_cannot_be_an_operation_with_a_name() {
    let (_, shelf) = office();
    let upload = Upload::from_read(|| Ok(std::io::empty()));
    let call = shelf.client.request(Method::PUT, BOOKS).body("text/csv", upload);
    let error = call.with_operation("scan-1").send().await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::Configuration, 0));
    assert!(format!("{error:?}").contains("an upload cannot be an operation with a name"));
}
