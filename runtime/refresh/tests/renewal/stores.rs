//! Stores that fail in the middle of a renewal.

use std::num::NonZeroU16;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_oauth::IssuedToken;
use specwright_refresh::{
    Credentials as _, GrantKey, GrantProblem, GrantStatus, GrantStore as _, NewRow, RotationModel,
    Swap,
};

use crate::fleet::{EXPIRED, Fleet, LIFE, Process, TOKEN, key, pair, problem};

async fn expired() -> (Fleet, Process) {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    (fleet, process)
}

#[tokio::test]
async fn without_a_durable_intent_nothing_is_sent() {
    let (fleet, process) = expired().await;
    fleet.store_faults.refuse(0, 100);
    fleet.issue(1);
    let problem = process.token().await.unwrap_err();
    assert!(matches!(problem, GrantProblem::Store(_)), "{problem:?}");
    assert!(fleet.posts().is_empty());
}

#[tokio::test]
async fn a_pair_is_written_however_long_the_store_takes() {
    let (fleet, process) = expired().await;
    fleet.store_faults.refuse(1, 50);
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.process().token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent().len(), 1);
}

#[tokio::test]
async fn a_pair_is_given_out_when_the_store_has_it_and_not_before() {
    let (fleet, process) = expired().await;
    let before = fleet.store.load(&key()).await.unwrap().row.unwrap();
    fleet.store_faults.refuse(1, 5);
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    // Nothing is awaited between the token and this look.
    let after = fleet.store.load(&key()).await.unwrap().row.unwrap();
    let intent = before.version.number() + 1;
    assert_eq!(after.version.number(), intent + 1);
}

#[tokio::test]
async fn an_intent_that_was_written_without_a_word_is_ours_and_not_waited_for() {
    let (fleet, process) = expired().await;
    fleet.store_faults.make_without_a_word(0, 1);
    fleet.issue(1);
    let before = fleet.clock.elapsed();
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert!(fleet.clock.elapsed() < before + Duration::from_secs(1));
}

#[tokio::test]
async fn a_commit_that_was_made_without_a_word_is_recognized() {
    let (fleet, process) = expired().await;
    fleet.store_faults.make_without_a_word(1, 1);
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    fleet.clock.advance(EXPIRED);
    fleet.issue(2);
    assert_eq!(process.token().await.unwrap(), "canary-access-2");
    assert_eq!(fleet.sent(), ["canary-refresh-0", "canary-refresh-1"]);
}

#[tokio::test]
async fn a_valid_token_is_served_while_the_store_is_down() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    process.token().await.unwrap();
    fleet.clock.advance(Duration::from_secs(7_000));
    fleet.store_faults.refuse(0, 1_000);
    for _ in 0..10 {
        assert_eq!(process.token().await.unwrap(), "canary-access-0");
        fleet.clock.advance(Duration::from_secs(5));
    }
    assert!(matches!(process.status().await, GrantStatus::Connected { .. }));
}

#[tokio::test]
async fn a_valid_token_is_served_while_the_store_cannot_even_be_read() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    process.token().await.unwrap();
    fleet.clock.advance(Duration::from_secs(7_000));
    fleet.store_faults.close();
    for _ in 0..10 {
        assert_eq!(process.token().await.unwrap(), "canary-access-0");
        fleet.clock.sleep(Duration::from_secs(5)).await;
    }
    assert!(fleet.posts().is_empty());
}

/// A process that has spilled the first pair it asked for.
async fn spilled(rotation: RotationModel, folder: &Path) -> (Fleet, Process) {
    let mut fleet = Fleet::new(rotation);
    fleet.spill = Some(folder.into());
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    // The intent is written, and the pair is not.
    fleet.store_faults.refuse(1, 1);
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    (fleet, process)
}

#[tokio::test]
async fn a_pair_that_the_store_does_not_take_is_spilled_used_and_committed_later() {
    let folder = tempfile::tempdir().unwrap();
    let (fleet, process) = spilled(RotationModel::Immediate, folder.path()).await;
    assert_ne!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    fleet.clock.advance(EXPIRED);
    fleet.issue(2);
    assert_eq!(process.token().await.unwrap(), "canary-access-2");
    assert_eq!(fleet.sent(), ["canary-refresh-0", "canary-refresh-1"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_pair_that_a_process_spilled_and_never_committed_is_committed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let (fleet, process) = spilled(RotationModel::ReuseRevokes, folder.path()).await;
    // It runs already when the other one ends.
    let next = fleet.process();
    drop(process);
    next.grants.attend_once(10).await.unwrap();
    assert_eq!(next.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent().len(), 1);
}

#[tokio::test]
async fn a_pair_that_a_process_spilled_is_found_by_the_first_call_of_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let (fleet, process) = spilled(RotationModel::ReuseRevokes, folder.path()).await;
    drop(process);
    assert_eq!(fleet.process().token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent().len(), 1);
}

#[tokio::test]
async fn who_has_connected_again_is_told_so_even_if_the_revocation_of_before_cannot_be_noted() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    // The write of the pair goes well, and no other one.
    fleet.store_faults.refuse(1, 100);
    let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
    process.grants.adopt(&key(), token).await.unwrap();
    assert_eq!(process.token().await.unwrap(), "canary-access-9");
}

#[tokio::test]
async fn who_attends_writes_a_pair_that_waits_for_the_store_and_asks_for_no_other() {
    let (fleet, process) = expired().await;
    let process = Arc::new(process);
    // The intent is written, and then nothing for six seconds. The task tries the next time after five more.
    fleet.store_faults.refuse(1, 8);
    fleet.issue(1);
    let wish = Arc::clone(&process);
    let task = tokio::spawn(async move { wish.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    // The lease is over by then, and the store is there.
    fleet.clock.sleep(Duration::from_secs(9)).await;
    fleet.issue(2);
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 1);
    assert_eq!(fleet.sent(), ["canary-refresh-0"]);
    assert_eq!(fleet.process().token().await.unwrap(), "canary-access-1");
    assert_eq!(task.await.unwrap().unwrap(), "canary-access-1");
}

#[tokio::test]
async fn what_no_wait_can_mend_is_said_once_of_a_pair_that_waits_for_the_store() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(5)));
    let task = tokio::spawn(async move { process.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    let row = fleet.store.load(&key()).await.unwrap().row.unwrap();
    let damaged = NewRow { text: "damaged".to_owned(), due: None };
    let swapped = fleet.store.swap(&key(), Some(row.version), damaged).await.unwrap();
    let Swap::Done(version) = swapped else { panic!("{swapped:?}") };
    fleet.clock.sleep(Duration::from_secs(60)).await;
    let expected = [format!("Grant({:?}, Record)", key())];
    assert_eq!(*fleet.watched.hindrances.lock().unwrap(), expected);
    // Somebody mends it.
    let mended = NewRow { text: row.text, due: None };
    fleet.store.swap(&key(), Some(version), mended).await.unwrap();
    assert_eq!(task.await.unwrap().unwrap(), "canary-access-1");
}

#[tokio::test]
async fn a_store_that_is_down_is_nothing_to_be_told_of_while_a_pair_waits_for_it() {
    let (fleet, process) = expired().await;
    fleet.store_faults.refuse(1, 50);
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(*fleet.watched.hindrances.lock().unwrap(), [] as [String; 0]);
}

#[tokio::test]
async fn a_pair_that_waits_for_the_store_keeps_no_other_grant_from_the_server() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.policy.pace.parallel = NonZeroU16::MIN;
    let process = Arc::new(fleet.connected().await);
    let other = GrantKey::new("operator-2", "stora");
    let token = IssuedToken::new("canary-access-0", LIFE).refresh_token("canary-refresh-0");
    process.grants.adopt(&other, token).await.unwrap();
    fleet.clock.advance(EXPIRED);
    // One intent is written, and its pair is not.
    fleet.store_faults.refuse(1, 100);
    fleet.issue(1);
    let first = Arc::clone(&process);
    tokio::spawn(async move { first.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    let error = process.grants.credentials(other).bearer().await.unwrap_err();
    assert!(matches!(problem(&error), GrantProblem::Store(_)), "{error:?}");
}
