//! Connecting again, ending, and what happens to the tokens of before.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_oauth::IssuedToken;
use specwright_refresh::{
    Credentials as _, GrantProblem, GrantStatus, ReconnectReason, Revocation, RotationModel,
};
use specwright_testkit::Script;
use tokio::task::JoinHandle;

use crate::fleet::{EXPIRED, Fleet, LIFE, Process, REVOKE, TOKEN, field, key, pair, refusal};

#[tokio::test]
async fn a_grant_that_nobody_has_connected_says_so() {
    let process = Fleet::new(RotationModel::Immediate).process();
    assert_eq!(process.token().await, Err(GrantProblem::NotConnected));
    assert_eq!(process.status().await, GrantStatus::NotConnected);
}

#[tokio::test]
async fn who_connects_again_is_served_at_once_after_a_reconnect_was_required() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    process.token().await.unwrap_err();
    let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
    process.grants.adopt(&key(), token).await.unwrap();
    assert_eq!(process.token().await.unwrap(), "canary-access-9");
}

#[tokio::test]
async fn a_grant_without_refresh_token_serves_to_its_end_and_then_needs_the_user() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let token = IssuedToken::new("canary-access-0", LIFE);
    process.grants.adopt(&key(), token).await.unwrap();
    fleet.clock.advance(Duration::from_secs(7_000));
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
    fleet.clock.advance(Duration::from_secs(200));
    let problem = process.token().await.unwrap_err();
    let expected = ReconnectReason::Expired;
    assert!(
        matches!(&problem, GrantProblem::ReconnectRequired { reason, .. } if *reason == expected),
        "{problem:?}"
    );
    assert!(fleet.posts().is_empty());
}

#[tokio::test]
async fn an_ended_grant_gives_no_token_in_any_process_that_looks() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (one, two) = (fleet.connected().await, fleet.process());
    one.grants.disconnect(&key()).await.unwrap();
    assert_eq!(one.token().await, Err(GrantProblem::Disconnected));
    assert_eq!(two.token().await, Err(GrantProblem::Disconnected));
}

#[tokio::test]
async fn a_grant_that_was_ended_is_not_looked_up_for_each_call() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    process.grants.disconnect(&key()).await.unwrap();
    process.token().await.unwrap_err();
    let looks = fleet.store_faults.loads();
    for _ in 0..10 {
        assert_eq!(process.token().await, Err(GrantProblem::Disconnected));
    }
    assert_eq!(fleet.store_faults.loads(), looks);
}

#[tokio::test]
async fn a_pair_that_comes_after_the_end_is_never_used() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (one, two) = (fleet.connected().await, fleet.process());
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(5)));
    let task = tokio::spawn(async move { one.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    fleet.transport.always(REVOKE, Script::status(200));
    two.grants.disconnect(&key()).await.unwrap();
    assert_eq!(task.await.unwrap(), Err(GrantProblem::Disconnected));
    assert_eq!(two.token().await, Err(GrantProblem::Disconnected));
    assert_eq!(revoked(&fleet), ["canary-refresh-0", "canary-refresh-1"]);
    assert_eq!(two.status().await, disconnected(Revocation::Confirmed));
}

/// A process whose answer is on its way, and its wish.
async fn asking(fleet: &Fleet) -> JoinHandle<Result<String, GrantProblem>> {
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(5)));
    let task = tokio::spawn(async move { process.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    fleet.transport.always(REVOKE, Script::status(200));
    task
}

#[tokio::test]
async fn a_pair_that_comes_after_the_end_is_never_used_although_its_retirement_was_not_confirmed() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (task, other) = (asking(&fleet).await, fleet.process());
    other.grants.disconnect(&key()).await.unwrap();
    fleet.store_faults.make_without_a_word(0, 1);
    assert_eq!(task.await.unwrap(), Err(GrantProblem::Disconnected));
}

#[tokio::test]
async fn a_pair_of_the_authorization_of_before_is_revoked_and_takes_no_place() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (task, other) = (asking(&fleet).await, fleet.process());
    let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
    other.grants.adopt(&key(), token).await.unwrap();
    assert_eq!(task.await.unwrap().unwrap(), "canary-access-9");
    assert!(revoked(&fleet).contains(&"canary-refresh-1".to_owned()));
    let bearer = other.credentials.bearer().await.unwrap();
    other.credentials.refuse(bearer.generation());
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    let problem = other.token().await.unwrap_err();
    assert!(matches!(problem, GrantProblem::ReconnectRequired { .. }), "{problem:?}");
}

#[tokio::test]
async fn a_grant_of_which_something_is_to_be_revoked_is_not_renewed_for_it() {
    let fleet = Fleet::new(RotationModel::OnFirstUse);
    let process = fleet.connected().await;
    fleet.transport.push(REVOKE, Script::status(503));
    fleet.transport.always(REVOKE, Script::status(200));
    let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
    process.grants.adopt(&key(), token).await.unwrap();
    fleet.clock.sleep(Duration::from_secs(120)).await;
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(revoked(&fleet), ["canary-refresh-0", "canary-refresh-0"]);
    assert!(fleet.posts().is_empty());
}

fn revoked(fleet: &Fleet) -> Vec<String> {
    let posts = fleet.transport.requests_to(REVOKE);
    posts.iter().map(|post| field(&post.body, "token").unwrap()).collect()
}

fn disconnected(revocation: Revocation) -> GrantStatus {
    GrantStatus::Disconnected { revocation }
}

#[tokio::test]
async fn an_ended_grant_is_revoked_by_its_refresh_token() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.transport.always(REVOKE, Script::status(200));
    let status = process.grants.disconnect(&key()).await.unwrap();
    assert_eq!(status, disconnected(Revocation::Confirmed));
    assert_eq!(revoked(&fleet), ["canary-refresh-0"]);
}

#[tokio::test]
async fn where_an_old_pair_may_live_until_the_new_one_is_used_both_are_revoked() {
    for (rotation, expected) in [
        (RotationModel::OnFirstUse, vec!["canary-refresh-1", "canary-refresh-0"]),
        (RotationModel::Undocumented, vec!["canary-refresh-1", "canary-refresh-0"]),
        (RotationModel::Immediate, vec!["canary-refresh-1"]),
    ] {
        let fleet = Fleet::new(rotation);
        let process = fleet.connected().await;
        fleet.clock.advance(EXPIRED);
        fleet.issue(1);
        process.token().await.unwrap();
        fleet.transport.always(REVOKE, Script::status(200));
        process.grants.disconnect(&key()).await.unwrap();
        assert_eq!(revoked(&fleet), expected, "{rotation:?}");
    }
}

#[tokio::test]
async fn pairs_whose_successors_were_never_used_are_revoked_with_the_last_one() {
    let fleet = Fleet::new(RotationModel::OnFirstUse);
    let process = fleet.connected().await;
    for number in 1..=3 {
        fleet.clock.advance(EXPIRED);
        fleet.issue(number);
        process.token().await.unwrap();
    }
    fleet.transport.always(REVOKE, Script::status(200));
    process.grants.disconnect(&key()).await.unwrap();
    let expected = [3, 2, 1, 0].map(|number| format!("canary-refresh-{number}"));
    assert_eq!(revoked(&fleet), expected);
}

#[tokio::test]
async fn a_revocation_that_fails_is_tried_again_until_the_server_confirms_it() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.transport.always(REVOKE, Script::status(503));
    let status = process.grants.disconnect(&key()).await.unwrap();
    assert_eq!(status, GrantStatus::Disconnecting);
    for _ in 0..60 {
        fleet.clock.advance(Duration::from_secs(60));
        process.grants.attend_once(10).await.unwrap();
    }
    assert_eq!(process.status().await, GrantStatus::Disconnecting);
    fleet.transport.always(REVOKE, Script::status(200));
    fleet.clock.advance(Duration::from_secs(3_600));
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(process.status().await, disconnected(Revocation::Confirmed));
}

#[tokio::test]
async fn a_revocation_that_is_never_confirmed_is_said_after_a_day() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.transport.always(REVOKE, Script::status(503));
    process.grants.disconnect(&key()).await.unwrap();
    fleet.clock.advance(Duration::from_secs(86_400));
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(process.status().await, disconnected(Revocation::Unconfirmed));
    fleet.clock.advance(Duration::from_secs(7 * 86_400));
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 0);
}

#[tokio::test]
async fn the_pair_of_before_is_revoked_when_the_user_connects_again_unless_it_is_the_same() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.transport.always(REVOKE, Script::status(200));
    for number in [9, 9] {
        let token = IssuedToken::new(format!("canary-access-{number}"), LIFE)
            .refresh_token(format!("canary-refresh-{number}"));
        process.grants.adopt(&key(), token).await.unwrap();
    }
    // Whatever was begun is over by then.
    fleet.clock.sleep(Duration::from_secs(60)).await;
    assert_eq!(revoked(&fleet), ["canary-refresh-0"]);
    assert_eq!(process.token().await.unwrap(), "canary-access-9");
}

/// A process that has read the next pair from the store and not yet given it out.
async fn reading(fleet: &Fleet) -> (Arc<Process>, JoinHandle<Result<String, GrantProblem>>) {
    let process = Arc::new(fleet.connected().await);
    process.token().await.unwrap();
    fleet.clock.advance(EXPIRED);
    fleet.issue(1);
    // The write is made, and it takes five seconds until the process knows.
    let wish = Arc::clone(&process);
    fleet.store_faults.freeze_after(1, &fleet.clock, Duration::from_secs(5));
    let task = tokio::spawn(async move { wish.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    (process, task)
}

#[tokio::test]
async fn a_pair_that_was_written_before_the_end_is_not_given_out_after_it() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (process, task) = reading(&fleet).await;
    fleet.transport.always(REVOKE, Script::status(200));
    process.grants.disconnect(&key()).await.unwrap();
    assert_eq!(task.await.unwrap(), Err(GrantProblem::Disconnected));
    assert_eq!(process.token().await, Err(GrantProblem::Disconnected));
}

#[tokio::test]
async fn who_waits_for_a_pair_while_the_user_connects_again_gets_that_of_the_new_authorization() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (process, task) = reading(&fleet).await;
    let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
    process.grants.adopt(&key(), token).await.unwrap();
    assert_eq!(task.await.unwrap().unwrap(), "canary-access-9");
    assert_eq!(process.token().await.unwrap(), "canary-access-9");
}

/// Adopts the pair of this number, and waits until whatever was begun for it is over.
async fn connect_again(fleet: &Fleet, process: &Process, number: u32) {
    let token = IssuedToken::new(format!("canary-access-{number}"), LIFE)
        .refresh_token(format!("canary-refresh-{number}"));
    process.grants.adopt(&key(), token).await.unwrap();
    fleet.clock.sleep(Duration::from_secs(60)).await;
}

#[tokio::test]
async fn tokens_that_are_still_to_be_revoked_are_not_when_the_server_gives_them_again() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.transport.push(REVOKE, Script::status(503));
    process.grants.disconnect(&key()).await.unwrap();
    fleet.transport.always(REVOKE, Script::status(200));
    connect_again(&fleet, &process, 0).await;
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(revoked(&fleet).len(), 1);
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn tokens_that_the_server_gives_again_while_others_are_revoked_are_not() {
    let fleet = Fleet::new(RotationModel::OnFirstUse);
    let process = Arc::new(fleet.connected().await);
    fleet.clock.advance(EXPIRED);
    fleet.issue(1);
    process.token().await.unwrap();
    fleet.transport.always(REVOKE, Script::status(200).after(Duration::from_secs(10)));
    let ending = Arc::clone(&process);
    let task = tokio::spawn(async move { ending.grants.disconnect(&key()).await });
    while revoked(&fleet).is_empty() {
        tokio::task::yield_now().await;
    }
    connect_again(&fleet, &process, 0).await;
    task.await.unwrap().unwrap();
    assert!(!revoked(&fleet).contains(&"canary-refresh-0".to_owned()));
}

#[tokio::test]
async fn tokens_that_were_replaced_are_not_revoked_when_the_server_gives_them_again() {
    let fleet = Fleet::new(RotationModel::OnFirstUse);
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    fleet.issue(1);
    process.token().await.unwrap();
    fleet.transport.always(REVOKE, Script::status(200));
    connect_again(&fleet, &process, 0).await;
    assert_eq!(revoked(&fleet), ["canary-refresh-1"]);
}

#[tokio::test]
async fn a_refresh_token_that_would_end_unused_is_used_halfway() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    let day = Duration::from_secs(86_400);
    fleet.policy.refresh_token_life = Some(30 * day);
    let process = fleet.connected().await;
    fleet.clock.advance(14 * day);
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 0);
    fleet.clock.advance(2 * day);
    fleet.issue(1);
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 1);
    assert_eq!(fleet.sent(), ["canary-refresh-0"]);
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 0);
}

#[tokio::test]
async fn after_a_restore_the_token_is_used_to_its_end_and_a_spent_refresh_token_is_a_lost_rotation()
{
    let fleet = Fleet::new(RotationModel::ReuseRevokes);
    fleet.connected().await;
    let process = fleet.process();
    process.grants.after_restore().await.unwrap();
    fleet.clock.advance(Duration::from_secs(7_000));
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
    assert!(fleet.posts().is_empty());
    fleet.clock.advance(Duration::from_secs(400));
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    process.token().await.unwrap_err();
    fleet.clock.advance(Duration::from_secs(31));
    let problem = process.token().await.unwrap_err();
    let expected = ReconnectReason::LostRotation;
    assert!(
        matches!(&problem, GrantProblem::ReconnectRequired { reason, .. } if *reason == expected),
        "{problem:?}"
    );
    assert_eq!(fleet.posts().len(), 1);
}

#[tokio::test]
async fn after_a_restore_a_grant_that_nobody_had_renewed_goes_on() {
    let fleet = Fleet::new(RotationModel::Immediate);
    fleet.connected().await;
    let process = fleet.process();
    process.grants.after_restore().await.unwrap();
    fleet.clock.advance(Duration::from_secs(7_200));
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

#[test]
fn what_is_dropped_with_its_runtime_is_said_to_be_abandoned() {
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (fleet, ending, key) = (Fleet::new(RotationModel::Immediate), runtime(), key());
    let process = fleet.process();
    let mut adopting = Box::pin(process.grants.adopt(&key, IssuedToken::new("canary", LIFE)));
    ending.block_on(async {
        tokio::select! {
            biased;
            done = &mut adopting => panic!("{done:?}"),
            () = std::future::ready(()) => {}
        }
    });
    drop(ending);
    assert_eq!(runtime().block_on(adopting), Err(GrantProblem::Abandoned));
}
