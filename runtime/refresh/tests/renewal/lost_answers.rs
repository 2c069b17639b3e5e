//! Answers that never arrive, arrive late, or cannot be read.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use specwright_core::clock::Clock;
use specwright_core::transport::{SendErrorKind, Sent};
use specwright_refresh::{
    Credentials as _, GrantProblem, GrantStatus, ReconnectReason, RotationModel, Step,
    TokenIdempotency,
};
use specwright_testkit::{RecordedRequest, Script};

use crate::fleet::{EXPIRED, Fleet, Process, TOKEN, key, pair, refusal};

async fn expired(rotation: RotationModel) -> (Fleet, Process) {
    let fleet = Fleet::new(rotation);
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    (fleet, process)
}

fn lost() -> Script {
    Script::failure(Sent::Maybe, SendErrorKind::Interrupted)
}

fn reason(status: &GrantStatus) -> Option<ReconnectReason> {
    match status {
        GrantStatus::ReconnectRequired { reason, .. } => Some(*reason),
        _ => None,
    }
}

#[tokio::test]
async fn after_a_lost_answer_the_same_token_is_shown_again_at_once() {
    let (fleet, process) = expired(RotationModel::OnFirstUse).await;
    fleet.transport.push(TOKEN, lost());
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent(), ["canary-refresh-0", "canary-refresh-0"]);
    let posts = fleet.posts();
    assert_eq!(posts[1].at, posts[0].at + Duration::from_millis(300));
}

#[tokio::test]
async fn one_holder_keeps_a_grant_for_a_minute_over_all_of_its_requests() {
    let (fleet, process) = expired(RotationModel::ReuseRevokes).await;
    fleet.transport.always(TOKEN, lost().after(Duration::from_secs(20)));
    let before = fleet.clock.elapsed();
    process.token().await.unwrap_err();
    // It is 61.3 s into its lease when the third answer is lost: a fourth request would be beyond.
    assert_eq!(fleet.posts().len(), 3);
    let held = fleet.clock.elapsed().saturating_sub(before);
    assert!(held < Duration::from_secs(62), "{held:?}");
}

#[tokio::test]
async fn requests_whose_outcome_is_unknown_carry_one_key() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.policy.idempotency = TokenIdempotency::Header;
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, lost());
    fleet.issue(1);
    process.token().await.unwrap();
    fleet.clock.advance(EXPIRED);
    fleet.issue(2);
    process.token().await.unwrap();
    let posts = fleet.posts();
    let keys: Vec<_> = posts.iter().map(|post| post.header("idempotency-key").unwrap()).collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_is_believed_after_thirty_seconds_and_called_what_it_is() {
    let (fleet, process) = expired(RotationModel::Immediate).await;
    fleet.transport.push(TOKEN, lost());
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    let problem = process.token().await.unwrap_err();
    assert!(matches!(problem, GrantProblem::Unrenewed { .. }), "{problem:?}");
    assert_eq!(reason(&process.status().await), None);
    fleet.clock.advance(Duration::from_secs(31));
    process.token().await.unwrap_err();
    assert_eq!(reason(&process.status().await), Some(ReconnectReason::LostRotation));
    assert_eq!(fleet.posts().len(), 2);
}

#[test]
fn a_process_that_ended_after_its_intent_is_followed_by_the_next_with_the_same_key() {
    let mut fleet = Fleet::new(RotationModel::OnFirstUse);
    fleet.policy.idempotency = TokenIdempotency::Header;
    fleet.transport.push(TOKEN, Script::silence());
    // With its runtime a process loses all of its tasks, as if it was killed.
    run(async {
        let ended = fleet.connected().await;
        fleet.clock.advance(EXPIRED);
        tokio::spawn(async move { ended.token().await });
        while fleet.posts().is_empty() {
            tokio::task::yield_now().await;
        }
    });
    run(async {
        fleet.issue(1);
        assert_eq!(fleet.process().token().await.unwrap(), "canary-access-1");
    });
    let posts = fleet.posts();
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0].header("idempotency-key"), posts[1].header("idempotency-key"));
    assert_eq!(fleet.watched.takeovers.load(Ordering::Relaxed), 1);
}

fn run(process: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(process);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_tried_again_and_counts_as_lost() {
    let (fleet, process) = expired(RotationModel::OnFirstUse).await;
    fleet.transport.push(TOKEN, Script::json(200, "<html>canary</html>"));
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

/// What a grant keeps of answers that nobody could read.
async fn kept(process: &Process) -> Option<Vec<u8>> {
    let salvaged = process.grants.salvaged(&key()).await.unwrap();
    salvaged.map(|salvaged| salvaged.body.expose().to_vec())
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_kept_until_a_pair_comes() {
    let (fleet, process) = expired(RotationModel::OnFirstUse).await;
    fleet.transport.always(TOKEN, Script::json(200, "<html>canary</html>"));
    process.token().await.unwrap_err();
    assert_eq!(kept(&process).await.unwrap(), b"<html>canary</html>");
    fleet.clock.advance(Duration::from_secs(300));
    fleet.transport.always(TOKEN, pair(1));
    process.token().await.unwrap();
    assert_eq!(kept(&process).await, None);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_kept_beyond_the_end_of_the_grant() {
    let (fleet, process) = expired(RotationModel::OnFirstUse).await;
    fleet.transport.always(TOKEN, Script::json(200, "<html>canary</html>"));
    process.token().await.unwrap_err();
    process.grants.disconnect(&key()).await.unwrap();
    assert_eq!(kept(&process).await, None);
}

#[tokio::test]
async fn an_answer_that_can_neither_be_read_nor_kept_is_tried_again() {
    let (fleet, process) = expired(RotationModel::OnFirstUse).await;
    fleet.transport.push(TOKEN, Script::json(200, "<html>canary</html>"));
    fleet.issue(1);
    // The intent is written. What is to be kept is refused as often as it is tried.
    fleet.store_faults.refuse(1, 3);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_kept_although_the_store_refuses_once() {
    let (fleet, process) = expired(RotationModel::OnFirstUse).await;
    fleet.transport.always(TOKEN, Script::silence());
    fleet.transport.push(TOKEN, Script::json(200, "<html>canary</html>"));
    fleet.store_faults.refuse(1, 1);
    process.token().await.unwrap_err();
    assert!(kept(&process).await.is_some());
}

#[tokio::test]
async fn a_refresh_token_without_an_access_token_is_kept_and_used() {
    let (fleet, process) = expired(RotationModel::Immediate).await;
    let damaged = r#"{"access_token":7,"refresh_token":"canary-refresh-1","expires_in":7200}"#;
    fleet.transport.push(TOKEN, Script::json(200, damaged));
    fleet.issue(2);
    assert_eq!(process.token().await.unwrap(), "canary-access-2");
    assert_eq!(fleet.sent(), ["canary-refresh-0", "canary-refresh-1"]);
}

#[tokio::test]
async fn a_server_that_fails_is_asked_again_with_the_same_token() {
    let (fleet, process) = expired(RotationModel::OnFirstUse).await;
    fleet.transport.push(TOKEN, refusal(503, "temporarily_unavailable"));
    fleet.transport.push(TOKEN, Script::status(502));
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent().len(), 3);
}

fn keys(fleet: &Fleet) -> Vec<String> {
    let key = |post: &RecordedRequest| post.header("idempotency-key").unwrap().to_owned();
    fleet.posts().iter().map(key).collect()
}

#[tokio::test]
async fn a_failure_that_a_server_keeps_for_its_key_is_left_behind_with_another_key() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.policy.idempotency = TokenIdempotency::Header;
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    for _ in 0..4 {
        fleet.transport.push(TOKEN, refusal(500, "server_error"));
    }
    process.token().await.unwrap_err();
    fleet.clock.advance(Duration::from_secs(60));
    fleet.issue(1);
    process.token().await.unwrap();
    let keys = keys(&fleet);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 2, "{keys:?}");
    assert_ne!(keys[3], keys[4]);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_with_its_key_through_five_minutes_of_failures() {
    asks_five_minutes_with_one_key_and_then_with_another(503, "temporarily_unavailable").await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_with_its_key_through_five_minutes_of_not_now() {
    asks_five_minutes_with_one_key_and_then_with_another(400, "invalid_request").await;
}

/// After a lost answer the server says the same to every request.
async fn asks_five_minutes_with_one_key_and_then_with_another(status: u16, code: &str) {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.policy.idempotency = TokenIdempotency::Header;
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, lost());
    fleet.transport.always(TOKEN, refusal(status, code));
    for _ in 0..6 {
        process.token().await.unwrap_err();
        fleet.clock.advance(Duration::from_secs(50));
    }
    let first = keys(&fleet);
    assert!(first.iter().all(|key| *key == first[0]), "{first:?}");
    for _ in 0..6 {
        process.token().await.unwrap_err();
        fleet.clock.advance(Duration::from_secs(50));
    }
    assert_ne!(keys(&fleet).last(), first.last());
}

#[tokio::test]
async fn nothing_is_used_before_it_is_written() {
    let (fleet, process) = expired(RotationModel::Immediate).await;
    fleet.issue(1);
    process.token().await.unwrap();
    let steps = fleet.watched.steps.lock().unwrap().clone();
    assert_eq!(
        steps,
        [
            Step::Decided,
            Step::Intended,
            Step::Answered,
            Step::Read,
            Step::Committing,
            Step::Committed,
            Step::Published
        ]
    );
}

#[tokio::test]
async fn a_process_that_was_frozen_before_its_request_does_not_send_a_spent_token() {
    let (fleet, frozen) = expired(RotationModel::Immediate).await;
    fleet.store_faults.freeze(&fleet.clock, Duration::from_secs(20));
    let task = tokio::spawn(async move { frozen.token().await });
    fleet.clock.sleep(Duration::from_secs(9)).await;
    fleet.issue(1);
    assert_eq!(fleet.process().token().await.unwrap(), "canary-access-1");
    assert_eq!(task.await.unwrap().unwrap(), "canary-access-1");
    assert_eq!(fleet.sent(), ["canary-refresh-0"]);
}

#[tokio::test]
async fn a_frozen_process_that_wakes_up_with_the_answer_saves_a_grant_that_was_believed_lost() {
    let (fleet, frozen) = expired(RotationModel::Immediate).await;
    // Its answer is there after fifteen seconds, in which its lease is not extended.
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(15)));
    fleet.store_faults.refuse(1, 40);
    let task = tokio::spawn(async move { frozen.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    fleet.clock.sleep(Duration::from_millis(8_500)).await;
    fleet.store_faults.refuse(0, 0);
    let other = fleet.process();
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    other.token().await.unwrap_err();
    assert_eq!(task.await.unwrap().unwrap(), "canary-access-1");
    assert_eq!(other.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn a_pair_that_comes_too_late_takes_the_place_of_one_that_the_server_refuses() {
    let (fleet, frozen) = expired(RotationModel::Grace).await;
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(15)));
    fleet.store_faults.refuse(1, 40);
    let task = tokio::spawn(async move { frozen.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    fleet.clock.sleep(Duration::from_millis(8_500)).await;
    fleet.store_faults.refuse(0, 0);
    let other = fleet.process();
    fleet.issue(2);
    let bearer = other.credentials.bearer().await.unwrap();
    assert_eq!(task.await.unwrap().unwrap(), "canary-access-2");
    other.credentials.refuse(bearer.generation());
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    assert_eq!(other.token().await.unwrap(), "canary-access-1");
}
