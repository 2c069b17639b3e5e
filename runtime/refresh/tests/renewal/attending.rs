//! Who attends: what stands in the way of one grant is not in the way of the others.

use std::time::Duration;

use specwright_oauth::IssuedToken;
use specwright_refresh::{GrantKey, GrantProblem, GrantStore as _, NewRow, RotationModel};
use specwright_testkit::Script;

use crate::fleet::{EXPIRED, Fleet, LIFE, Process, TOKEN, key, pair};

const DAY: Duration = Duration::from_secs(86_400);

/// A process with so many grants besides the usual one, all of which are due to be used.
async fn idle(fleet: &mut Fleet, more: u32) -> Process {
    fleet.policy.refresh_token_life = Some(30 * DAY);
    let process = fleet.connected().await;
    for number in 0..more {
        let token = IssuedToken::new("canary-access-0", LIFE).refresh_token("canary-refresh-0");
        process.grants.adopt(&other(number), token).await.unwrap();
    }
    fleet.clock.advance(16 * DAY);
    process
}

/// The answer of a server that keeps the refresh token.
fn access_alone() -> Script {
    Script::json(200, r#"{"access_token":"canary-access-1","expires_in":7200}"#)
}

fn other(number: u32) -> GrantKey {
    GrantKey::new("another-operator", number.to_string())
}

/// A process that has spilled a pair of the usual grant.
async fn spilled(fleet: &mut Fleet, folder: &std::path::Path) -> Process {
    fleet.spill = Some(folder.into());
    let process = idle(fleet, 1).await;
    fleet.clock.advance(EXPIRED);
    fleet.store_faults.refuse(1, 1);
    fleet.issue(1);
    process.token().await.unwrap();
    process
}

fn hindrances(fleet: &Fleet) -> Vec<String> {
    fleet.watched.hindrances.lock().unwrap().clone()
}

#[tokio::test]
async fn grants_that_are_due_do_not_wait_for_one_another() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    let process = idle(&mut fleet, 7).await;
    fleet.transport.always(TOKEN, pair(1).after(Duration::from_secs(5)));
    let before = fleet.clock.elapsed();
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 8);
    let took = fleet.clock.elapsed().saturating_sub(before);
    assert_eq!(fleet.sent().len(), 8);
    assert!(took < Duration::from_secs(7), "{took:?}");
}

#[tokio::test]
async fn a_refresh_token_that_the_server_keeps_lives_anew_after_each_use() {
    let mut fleet = Fleet::new(RotationModel::None);
    let process = idle(&mut fleet, 0).await;
    fleet.transport.always(TOKEN, access_alone());
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 1);
    fleet.clock.advance(14 * DAY);
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 0);
    fleet.clock.advance(DAY);
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 1);
    assert_eq!(fleet.sent(), ["canary-refresh-0", "canary-refresh-0"]);
}

#[tokio::test]
async fn a_pair_without_a_refresh_token_is_never_due() {
    let mut fleet = Fleet::new(RotationModel::None);
    fleet.policy.refresh_token_life = Some(30 * DAY);
    let process = fleet.process();
    process.grants.adopt(&key(), IssuedToken::new("canary-access-0", LIFE)).await.unwrap();
    fleet.clock.advance(31 * DAY);
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 0);
}

#[tokio::test]
async fn a_spilled_pair_whose_row_cannot_be_read_does_not_hold_up_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let mut fleet = Fleet::new(RotationModel::Immediate);
    let process = spilled(&mut fleet, folder.path()).await;
    let row = fleet.store.load(&key()).await.unwrap().row.unwrap();
    let damaged = NewRow { text: "damaged".to_owned(), due: None };
    fleet.store.swap(&key(), Some(row.version), damaged).await.unwrap();
    fleet.issue(2);
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(fleet.sent().len(), 2);
    let expected = format!("Grant({:?}, Record)", key());
    assert_eq!(hindrances(&fleet), [expected]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_is_said_and_does_not_hold_up_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.spill = Some(folder.path().into());
    let process = idle(&mut fleet, 0).await;
    std::fs::remove_dir_all(folder.path()).unwrap();
    fleet.issue(1);
    assert_eq!(process.grants.attend_once(10).await, Err(GrantProblem::Spill));
    assert_eq!(fleet.sent().len(), 1);
    assert_eq!(hindrances(&fleet), ["Round(Spill)"]);
}

#[tokio::test]
async fn a_spilled_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.spill = Some(folder.path().into());
    let process = fleet.connected().await;
    let newer = folder.path().join("other.1.spill");
    std::fs::write(&newer, "{\"form\":2}\n").unwrap();
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(hindrances(&fleet), [format!("Spilled({newer:?})")]);
}

#[tokio::test]
async fn a_pair_that_no_store_takes_does_not_hold_up_who_attends() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    let process = idle(&mut fleet, 0).await;
    // The intent is written, and nothing after it.
    fleet.store_faults.refuse(1, 1_000);
    fleet.issue(1);
    let before = fleet.clock.elapsed();
    process.grants.attend_once(10).await.unwrap();
    let took = fleet.clock.elapsed().saturating_sub(before);
    assert!(took < Duration::from_secs(180), "{took:?}");
}
