//! The verbs of the journal, one fact a test.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_core::operation::Idempotency;
use specwright_core::transport::BoxError;
use specwright_idempotency::{
    Begun, Doubt, FingerprintKey, IdempotencyKey, InDoubt, Journal, JournalError, Outcome,
    ReconcileError, Reconciled, Reissue, Sending, Settled, VolatileRows,
};
use specwright_store::{MemoryRows, Rows as _, StoreErrorKind, Table};
use specwright_testkit::{SeededRandom, VirtualClock};

use crate::world::{KEYED, RETENTION, Shelf, journal, keyed, operation, request};

const LASTING: Duration = Duration::from_secs(60);

const HOUR: Duration = Duration::from_secs(3_600);

const FAILED: Outcome = Outcome::Failed { status: 500 };

/// Processes that share rows and try one operation.
struct Stage {
    clock: VirtualClock,
    rows: Arc<Shelf>,
    journal: Journal,
    idempotency: Idempotency,
}

impl Stage {
    fn new() -> Self {
        Self::of(RETENTION)
    }

    /// An API that keeps answers for so long.
    fn of(retention: Duration) -> Self {
        let (clock, random) = (VirtualClock::new(), Arc::new(SeededRandom::new(1)));
        let rows = Shelf::new(&clock, &random);
        let journal = journal(&rows, &random);
        Self { clock, rows, journal, idempotency: keyed(retention) }
    }

    fn keyless() -> Self {
        Self { idempotency: Idempotency::Unsafe, ..Self::new() }
    }

    /// Begins the operation and, if it may be sent, writes that down.
    async fn try_send(&self, body: &[u8]) -> Result<Begun<Sending>, JournalError> {
        let request = request(self.idempotency, body);
        Ok(match self.journal.begin(&operation("a"), &request).await? {
            Begun::Mine(ready) => self.journal.sent(ready, LASTING).await?,
            Begun::Busy(wait) => Begun::Busy(wait),
            Begun::Succeeded(key) => Begun::Succeeded(key),
            Begun::InDoubt(in_doubt) => Begun::InDoubt(in_doubt),
        })
    }

    async fn send(&self) -> Sending {
        mine(self.try_send(b"{}").await.unwrap())
    }

    /// An attempt from its beginning to its end, and its key.
    async fn attempt(&self, outcome: Outcome) -> IdempotencyKey {
        let sending = self.send().await;
        self.journal.settle(&sending, outcome).await.unwrap();
        sending.key().clone()
    }

    async fn in_doubt(&self) -> InDoubt {
        match self.try_send(b"{}").await.unwrap() {
            Begun::InDoubt(in_doubt) => in_doubt,
            other => panic!("not in doubt: {other:?}"),
        }
    }

    /// Looks for the effect and finds nothing.
    async fn look_in_vain(&self, in_doubt: InDoubt) -> Reissue {
        let look = || async { Ok::<Option<()>, BoxError>(None) };
        match self.journal.reconcile(in_doubt, look).await.unwrap() {
            Reconciled::Absent(right) => right,
            Reconciled::Found(()) => panic!("nothing was there"),
        }
    }

    /// Looks for the effect, finds nothing and sends anew.
    async fn absent(&self) -> Begun<Sending> {
        let right = self.look_in_vain(self.in_doubt().await).await;
        self.reissue(right).await
    }

    async fn reissue(&self, right: Reissue) -> Begun<Sending> {
        let request = request(self.idempotency, b"{}");
        let ready = mine(self.journal.reissue(right, &request).await.unwrap());
        self.journal.sent(ready, LASTING).await.unwrap()
    }
}

#[track_caller]
fn mine<R: std::fmt::Debug>(begun: Begun<R>) -> R {
    match begun {
        Begun::Mine(mine) => mine,
        other => panic!("not ours to send: {other:?}"),
    }
}

#[tokio::test]
async fn rows_that_end_with_the_process_are_refused_unless_the_program_says_so() {
    let rows = Arc::new(MemoryRows::volatile(Arc::new(VirtualClock::new())));
    let random = Arc::new(SeededRandom::new(1));
    let secret = FingerprintKey::draw(&*random);
    let refused = Journal::new(rows.clone(), secret.clone(), random.clone());
    assert_eq!(refused.unwrap_err(), VolatileRows);
    let journal = Journal::volatile(rows, secret, random);
    let begun = journal.begin(&operation("a"), &request(KEYED, b"{}")).await.unwrap();
    assert!(matches!(begun, Begun::Mine(_)));
}

#[tokio::test]
async fn what_is_about_to_be_sent_stands_in_the_rows_and_its_body_does_not() {
    let stage = Stage::new();
    let sending = mine(stage.try_send(br#"{"name":"canary"}"#).await.unwrap());
    let row = operation_row(&stage).await.unwrap();
    assert!(row.contains(sending.key().as_str()), "{row}");
    assert!(!row.contains("canary"), "{row}");
}

#[tokio::test]
async fn whoever_drops_its_turn_before_it_sends_has_written_nothing() {
    let stage = Stage::new();
    let request = request(KEYED, b"{}");
    drop(mine(stage.journal.begin(&operation("a"), &request).await.unwrap()));
    assert_eq!(operation_row(&stage).await, None);
}

#[tokio::test]
async fn of_two_that_were_both_ready_one_sends() {
    let stage = Stage::new();
    let (id, request) = (operation("a"), request(KEYED, b"{}"));
    let begin = || stage.journal.begin(&id, &request);
    let (one, two) = (mine(begin().await.unwrap()), mine(begin().await.unwrap()));
    drop(mine(stage.journal.sent(one, LASTING).await.unwrap()));
    let second = stage.journal.sent(two, LASTING).await.unwrap();
    assert!(matches!(second, Begun::Busy(wait) if wait == LASTING), "{second:?}");
}

#[tokio::test]
async fn an_operation_is_resumed_under_its_key_after_a_crash() {
    let stage = Stage::new();
    let lost = stage.send().await;
    stage.clock.advance(LASTING);
    let resumed = stage.send().await;
    assert_eq!((resumed.key(), resumed.attempt()), (lost.key(), 2));
}

#[tokio::test]
async fn what_succeeded_is_not_sent_again() {
    let stage = Stage::new();
    let key = stage.attempt(Outcome::Succeeded).await;
    let again = stage.try_send(b"{}").await.unwrap();
    assert!(matches!(again, Begun::Succeeded(known) if known == key));
}

#[tokio::test]
async fn another_request_under_the_same_operation_is_an_error_here() {
    let stage = Stage::new();
    stage.attempt(Outcome::Unanswered).await;
    let error = stage.try_send(b"{ }").await.unwrap_err();
    assert!(matches!(&error, JournalError::KeyReuse(of) if *of == operation("a")), "{error:?}");
    assert_eq!(error.to_string(), "operation `account/a` was begun with another request");
}

#[tokio::test]
async fn what_was_sent_without_a_key_is_not_sent_again_by_a_program_that_would_send_one() {
    let stage = Stage::keyless();
    stage.attempt(Outcome::Unanswered).await;
    stage.clock.advance(LASTING);
    let updated = Stage { idempotency: KEYED, ..stage };
    let error = updated.try_send(b"{}").await.unwrap_err();
    assert!(matches!(error, JournalError::KeyReuse(_)), "{error:?}");
}

#[tokio::test]
async fn a_rejected_operation_may_be_another_request_with_another_key() {
    let stage = Stage::new();
    let first = stage.attempt(Outcome::Rejected).await;
    let second = mine(stage.try_send(b"{ }").await.unwrap());
    assert_ne!(*second.key(), first);
}

#[tokio::test]
async fn what_was_not_executed_is_sent_again_under_its_key() {
    let stage = Stage::new();
    let first = stage.attempt(Outcome::NotExecuted).await;
    assert_eq!(*stage.send().await.key(), first);
}

#[tokio::test]
async fn a_stored_500_is_final_for_its_key() {
    let stage = Stage::new();
    let sending = stage.send().await;
    let settled = stage.journal.settle(&sending, FAILED).await.unwrap();
    let Settled::InDoubt(in_doubt) = settled else { panic!("{settled:?}") };
    assert_eq!(in_doubt.key(), sending.key());
    assert_eq!(stage.in_doubt().await.doubt(), Doubt::Stored { status: 500 });
}

#[tokio::test]
async fn after_a_look_that_found_nothing_the_operation_has_another_key() {
    let stage = Stage::new();
    let first = stage.attempt(FAILED).await;
    let second = mine(stage.absent().await);
    assert_ne!(*second.key(), first);
    assert_eq!(second.attempt(), 2);
}

#[tokio::test]
async fn after_a_look_that_found_the_effect_the_operation_has_succeeded() {
    let stage = Stage::new();
    stage.attempt(FAILED).await;
    let in_doubt = stage.in_doubt().await;
    let look = || async { Ok::<_, BoxError>(Some("contact")) };
    let found = stage.journal.reconcile(in_doubt, look).await.unwrap();
    assert!(matches!(found, Reconciled::Found("contact")));
    assert!(matches!(stage.try_send(b"{}").await.unwrap(), Begun::Succeeded(_)));
}

#[tokio::test]
async fn after_a_look_that_failed_the_operation_is_in_doubt_as_before() {
    let stage = Stage::new();
    stage.attempt(FAILED).await;
    let in_doubt = stage.in_doubt().await;
    let look = || async { Err::<Option<()>, BoxError>("no list".into()) };
    let error = stage.journal.reconcile(in_doubt, look).await.unwrap_err();
    assert!(matches!(&error, ReconcileError::Look(cause) if cause.to_string() == "no list"));
    stage.in_doubt().await;
}

#[tokio::test]
async fn an_effect_that_was_found_is_not_lost_when_the_rows_are() {
    let stage = Stage::new();
    stage.attempt(FAILED).await;
    let in_doubt = stage.in_doubt().await;
    stage.rows.fails.store(1, Ordering::Relaxed);
    let look = || async { Ok::<_, BoxError>(Some("contact")) };
    let error = stage.journal.reconcile(in_doubt, look).await.unwrap_err();
    let ReconcileError::Journal { found, error } = error else { panic!("{error:?}") };
    assert_eq!(found, "contact");
    assert!(matches!(error, JournalError::Store(_)), "{error:?}");
    stage.rows.fails.store(0, Ordering::Relaxed);
    stage.in_doubt().await;
}

#[tokio::test]
async fn who_allows_a_duplicate_sends_without_a_look() {
    let stage = Stage::new();
    let first = stage.attempt(FAILED).await;
    let right = stage.in_doubt().await.allow_duplicate();
    let second = mine(stage.reissue(right).await);
    assert_ne!(*second.key(), first);
}

#[tokio::test]
async fn who_allows_a_duplicate_does_not_believe_a_refusal_and_who_has_looked_does() {
    let stage = Stage::new();
    stage.attempt(FAILED).await;
    let right = stage.in_doubt().await.allow_duplicate();
    let second = mine(stage.reissue(right).await);
    stage.journal.settle(&second, Outcome::Rejected).await.unwrap();
    stage.clock.advance(LASTING);
    assert_eq!(stage.in_doubt().await.doubt(), Doubt::RejectedLater);
    let third = mine(stage.absent().await);
    let settled = stage.journal.settle(&third, Outcome::Rejected).await.unwrap();
    assert!(matches!(settled, Settled::Rejected), "{settled:?}");
}

#[tokio::test]
async fn of_two_that_found_nothing_one_sends() {
    let stage = Stage::new();
    stage.attempt(FAILED).await;
    let [one, two] = [stage.in_doubt().await, stage.in_doubt().await];
    let rights = [stage.look_in_vain(one).await, stage.look_in_vain(two).await];
    let request = request(KEYED, b"{}");
    let [one, two] = rights.map(|right| stage.journal.reissue(right, &request));
    let (one, two) = (mine(one.await.unwrap()), mine(two.await.unwrap()));
    let sending = mine(stage.journal.sent(one, LASTING).await.unwrap());
    // So there is a doubt again, and it is not the one that the other has looked into.
    stage.journal.settle(&sending, FAILED).await.unwrap();
    let second = stage.journal.sent(two, LASTING).await.unwrap();
    assert!(matches!(second, Begun::InDoubt(_)), "{second:?}");
}

#[tokio::test]
async fn a_look_from_before_the_last_request_gives_no_right_to_another() {
    let stage = Stage::new();
    let first = stage.attempt(Outcome::Unanswered).await;
    // For a minute it is too late. For ten seconds, and under the same key, it is not.
    stage.clock.advance((23 * HOUR).saturating_sub(LASTING / 2));
    let (id, request) = (operation("a"), request(KEYED, b"{}"));
    let begin = || stage.journal.begin(&id, &request);
    let (long, short) = (mine(begin().await.unwrap()), mine(begin().await.unwrap()));
    let in_doubt = match stage.journal.sent(long, LASTING).await.unwrap() {
        Begun::InDoubt(in_doubt) => in_doubt,
        other => panic!("not in doubt: {other:?}"),
    };
    let right = stage.look_in_vain(in_doubt).await;
    let second = mine(stage.journal.sent(short, Duration::from_secs(10)).await.unwrap());
    assert_eq!(*second.key(), first);
    stage.clock.advance(LASTING);
    let begun = stage.journal.reissue(right, &request).await.unwrap();
    assert!(matches!(begun, Begun::InDoubt(_)), "{begun:?}");
}

#[tokio::test]
async fn a_key_is_sent_within_23_hours_and_then_the_operation_is_in_doubt() {
    let stage = Stage::new();
    let first = stage.attempt(Outcome::Unanswered).await;
    stage.clock.advance((23 * HOUR).saturating_sub(LASTING));
    assert_eq!(stage.attempt(Outcome::Unanswered).await, first);
    stage.clock.advance(Duration::from_millis(1));
    let late = stage.try_send(b"{}").await.unwrap();
    assert!(matches!(late, Begun::Busy(_)), "it may be on its way: {late:?}");
    stage.clock.advance(LASTING);
    assert_eq!(stage.in_doubt().await.doubt(), Doubt::WindowExpired);
}

#[tokio::test]
async fn after_the_clock_was_set_back_a_request_is_waited_for_once_and_then_in_doubt() {
    let stage = Stage::new();
    let sending = stage.send().await;
    stage.clock.set_wall(stage.clock.now() - 10 * HOUR);
    for left in [LASTING, LASTING / 2] {
        let busy = stage.try_send(b"{}").await.unwrap();
        assert!(matches!(busy, Begun::Busy(wait) if wait == left), "{busy:?}");
        stage.clock.advance(LASTING / 2);
    }
    assert_eq!(stage.in_doubt().await.doubt(), Doubt::WindowExpired);
    // Nor does the key become younger when the clock comes to where it was.
    stage.clock.advance(10 * HOUR);
    assert_eq!(stage.in_doubt().await.key(), sending.key());
}

#[tokio::test]
async fn who_sends_while_the_clock_is_set_back_settles_all_the_same() {
    let stage = Stage::new();
    let sending = stage.send().await;
    stage.clock.set_wall(stage.clock.now() - 10 * HOUR);
    let busy = stage.try_send(b"{}").await.unwrap();
    assert!(matches!(busy, Begun::Busy(_)), "{busy:?}");
    let settled = stage.journal.settle(&sending, Outcome::Rejected).await.unwrap();
    assert!(matches!(settled, Settled::Rejected), "{settled:?}");
}

#[tokio::test]
async fn a_clock_that_is_set_forward_makes_a_key_older_and_never_younger() {
    let stage = Stage::new();
    stage.attempt(Outcome::Unanswered).await;
    stage.clock.set_wall(stage.clock.now() + 23 * HOUR);
    assert_eq!(stage.in_doubt().await.doubt(), Doubt::WindowExpired);
    // Set right again, the clock is behind nothing that was written.
    stage.clock.set_wall(stage.clock.now() - 23 * HOUR);
    stage.clock.advance(LASTING);
    assert_eq!(stage.send().await.attempt(), 2);
}

#[tokio::test]
async fn an_operation_without_key_is_in_doubt_after_one_attempt_without_answer() {
    let stage = Stage::keyless();
    stage.attempt(Outcome::Unanswered).await;
    stage.clock.advance(LASTING);
    assert_eq!(stage.in_doubt().await.doubt(), Doubt::NoKey);
    drop(mine(stage.absent().await));
}

#[tokio::test]
async fn an_operation_without_key_that_was_not_executed_is_sent_again() {
    let stage = Stage::keyless();
    stage.attempt(Outcome::NotExecuted).await;
    assert_eq!(stage.send().await.attempt(), 2);
}

#[tokio::test]
async fn an_attempt_that_was_taken_over_is_told_so() {
    let stage = Stage::new();
    let slow = stage.send().await;
    stage.clock.advance(LASTING);
    drop(stage.send().await);
    let settled = stage.journal.settle(&slow, Outcome::Unanswered).await.unwrap();
    assert!(matches!(settled, Settled::Overtaken), "{settled:?}");
}

#[tokio::test]
async fn a_late_success_keeps_everybody_from_sending_again() {
    let stage = Stage::new();
    let slow = stage.send().await;
    stage.clock.advance(24 * HOUR);
    let right = stage.in_doubt().await.allow_duplicate();
    let later = mine(stage.reissue(right).await);
    assert_ne!(later.key(), slow.key());
    let settled = stage.journal.settle(&slow, Outcome::Succeeded).await.unwrap();
    assert!(matches!(settled, Settled::Succeeded), "{settled:?}");
    let begun = stage.try_send(b"{}").await.unwrap();
    assert!(matches!(begun, Begun::Succeeded(key) if key == *slow.key()));
}

#[tokio::test]
async fn a_success_beside_another_one_is_a_success() {
    let stage = Stage::new();
    let slow = stage.send().await;
    stage.clock.advance(24 * HOUR);
    let right = stage.in_doubt().await.allow_duplicate();
    let second = mine(stage.reissue(right).await);
    for sending in [second, slow] {
        let settled = stage.journal.settle(&sending, Outcome::Succeeded).await.unwrap();
        assert!(matches!(settled, Settled::Succeeded), "{settled:?}");
    }
}

#[tokio::test]
async fn an_attempt_may_be_settled_twice() {
    let stage = Stage::new();
    let sending = stage.send().await;
    for _ in 0..2 {
        let settled = stage.journal.settle(&sending, Outcome::Rejected).await.unwrap();
        assert!(matches!(settled, Settled::Rejected), "{settled:?}");
    }
}

#[tokio::test]
async fn a_write_that_was_made_without_a_word_is_recognized() {
    let stage = Stage::new();
    stage.rows.is_silent.store(true, Ordering::Relaxed);
    let sending = stage.send().await;
    assert_eq!(sending.attempt(), 1);
    stage.rows.is_silent.store(true, Ordering::Relaxed);
    let settled = stage.journal.settle(&sending, Outcome::Unanswered).await.unwrap();
    assert!(matches!(settled, Settled::Unanswered), "{settled:?}");
}

#[tokio::test]
async fn without_its_rows_nothing_is_begun() {
    let stage = Stage::new();
    stage.rows.fails.store(1, Ordering::Relaxed);
    let error = stage.try_send(b"{}").await.unwrap_err();
    let JournalError::Store(cause) = &error else { panic!("{error:?}") };
    assert_eq!(cause.kind(), StoreErrorKind::Unavailable);
    assert!(error.source().is_some());
}

#[tokio::test]
async fn an_entry_is_kept_for_48_hours_after_its_last_change() {
    let stage = Stage::new();
    let key = stage.attempt(Outcome::Succeeded).await;
    stage.clock.advance((48 * HOUR).saturating_sub(Duration::from_millis(1)));
    let known = stage.try_send(b"{}").await.unwrap();
    assert!(matches!(known, Begun::Succeeded(_)), "{known:?}");
    stage.clock.advance(Duration::from_millis(1));
    assert_ne!(*stage.send().await.key(), key);
}

#[tokio::test]
async fn a_doubt_is_kept_for_28_days() {
    for outcome in [Some(FAILED), Some(Outcome::Unanswered), None] {
        let stage = Stage::new();
        let sending = stage.send().await;
        if let Some(outcome) = outcome {
            stage.journal.settle(&sending, outcome).await.unwrap();
        }
        stage.clock.advance((28 * 24 * HOUR).saturating_sub(Duration::from_millis(1)));
        assert_eq!(stage.in_doubt().await.key(), sending.key(), "{outcome:?}");
        stage.clock.advance(Duration::from_millis(1));
        assert_ne!(stage.send().await.key(), sending.key(), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_entry_is_kept_for_twice_as_long_as_the_api_keeps_answers() {
    let stage = Stage::of(48 * HOUR);
    stage.attempt(Outcome::Succeeded).await;
    stage.clock.advance((96 * HOUR).saturating_sub(Duration::from_millis(1)));
    let known = stage.try_send(b"{}").await.unwrap();
    assert!(matches!(known, Begun::Succeeded(_)), "{known:?}");
}

#[tokio::test]
async fn a_key_is_sent_for_an_hour_less_than_the_api_keeps_answers() {
    for hours in [2, 24, 72] {
        let stage = Stage::of(hours * HOUR);
        let first = stage.attempt(Outcome::Unanswered).await;
        stage.clock.advance(((hours - 1) * HOUR).saturating_sub(LASTING));
        assert_eq!(stage.attempt(Outcome::Unanswered).await, first, "{hours} hours");
        stage.clock.advance(LASTING);
        assert_eq!(stage.in_doubt().await.doubt(), Doubt::WindowExpired, "{hours} hours");
    }
}

#[tokio::test]
async fn no_key_is_sent_twice_to_an_api_that_keeps_answers_for_an_hour() {
    let stage = Stage::of(HOUR);
    stage.attempt(Outcome::Unanswered).await;
    stage.clock.advance(LASTING);
    assert_eq!(stage.in_doubt().await.doubt(), Doubt::WindowExpired);
}

#[tokio::test]
async fn two_operations_have_nothing_to_do_with_each_other() {
    let stage = Stage::new();
    let first = stage.attempt(Outcome::Succeeded).await;
    let request = request(KEYED, b"{}");
    let ready = mine(stage.journal.begin(&operation("b"), &request).await.unwrap());
    let second = mine(stage.journal.sent(ready, LASTING).await.unwrap());
    assert_ne!(*second.key(), first);
}

async fn operation_row(stage: &Stage) -> Option<String> {
    let loaded = stage.rows.load(Table::Operations, "7:account/a").await.unwrap();
    loaded.row.map(|row| row.text)
}
