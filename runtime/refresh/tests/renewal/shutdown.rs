//! A process that ends.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_oauth::{AuthorizationRequest, Callback, ClientRegistration, IssuedToken, Session};
use specwright_refresh::{ConnectError, GrantKey, GrantProblem, RotationModel, Step};
use specwright_testkit::Script;
use url::Url;

use crate::fleet::{EXPIRED, Fleet, LIFE, Process, TOKEN, key, pair};

const TEN_SECONDS: Duration = Duration::from_secs(10);

/// A process that is in the middle of a renewal, whose answer takes this long.
async fn renewing(fleet: &Fleet, time: Duration) -> Process {
    let process = fleet.connected().await;
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, pair(1).after(time));
    let credentials = process.credentials.clone();
    tokio::spawn(async move {
        use specwright_refresh::Credentials as _;
        credentials.bearer().await.map(|_| ()).ok()
    });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    process
}

#[tokio::test]
async fn a_renewal_that_is_under_way_is_waited_for() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = renewing(&fleet, Duration::from_secs(5)).await;
    let committed = || fleet.watched.steps.lock().unwrap().contains(&Step::Committed);
    assert!(!committed());
    assert_eq!(process.grants.shutdown(TEN_SECONDS).await, []);
    assert!(committed());
}

#[tokio::test]
async fn what_is_still_under_way_at_the_end_is_said_and_goes_on() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = renewing(&fleet, Duration::from_secs(5)).await;
    assert_eq!(process.grants.shutdown(Duration::from_secs(1)).await, [key()]);
    assert_eq!(process.grants.shutdown(TEN_SECONDS).await, []);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn a_process_without_work_ends_at_once() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    let before = fleet.clock.elapsed();
    assert_eq!(process.grants.shutdown(TEN_SECONDS).await, []);
    assert_eq!(fleet.clock.elapsed(), before);
}

#[tokio::test]
async fn after_the_end_a_token_is_served_as_long_as_it_lives_and_none_is_fetched() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
    assert_eq!(process.grants.shutdown(TEN_SECONDS).await, []);
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
    fleet.clock.advance(EXPIRED);
    assert_eq!(process.token().await, Err(GrantProblem::ShutDown));
    assert_eq!(process.grants.attend_once(10).await, Err(GrantProblem::ShutDown));
    assert_eq!(fleet.posts().len(), 0);
}

#[tokio::test]
async fn who_attends_tells_nothing_any_more_after_the_end() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    assert_eq!(process.grants.shutdown(TEN_SECONDS).await, []);
    tokio::select! {
        never = process.grants.attend() => match never {},
        () = fleet.clock.sleep(TEN_SECONDS) => {}
    }
    assert_eq!(*fleet.watched.hindrances.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_grant_that_is_left_for_the_next_process_at_the_end_is_not_told_of() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.policy.refresh_token_life = Some(EXPIRED);
    let process = Arc::new(fleet.connected().await);
    let other = GrantKey::new("another-operator", "stora");
    let token = IssuedToken::new("canary-access-0", LIFE).refresh_token("canary-refresh-0");
    process.grants.adopt(&other, token).await.unwrap();
    fleet.clock.advance(EXPIRED);
    fleet.issue(1);
    let attending = Arc::clone(&process);
    let round = tokio::spawn(async move { attending.grants.attend_once(10).await });
    // One has asked, and the other one waits for its turn.
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(process.grants.shutdown(TEN_SECONDS).await, []);
    assert_eq!(round.await.unwrap(), Ok(2));
    assert_eq!(fleet.posts().len(), 1);
    assert_eq!(*fleet.watched.hindrances.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_wait_for_another_process_ends_with_the_shutdown() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let first = renewing(&fleet, Duration::from_secs(6)).await;
    let second = fleet.process();
    let credentials = second.credentials.clone();
    let waiting = tokio::spawn(async move {
        use specwright_refresh::Credentials as _;
        credentials.bearer().await.map(|_| ()).map_err(|error| error.problem().cloned())
    });
    tokio::task::yield_now().await;
    assert_eq!(second.grants.shutdown(Duration::from_secs(1)).await, []);
    assert_eq!(waiting.await.unwrap(), Err(Some(GrantProblem::ShutDown)));
    assert_eq!(first.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn a_callback_that_comes_too_late_is_left_for_another_process() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (one, two) = (fleet.process(), fleet.process());
    let endpoint = Url::parse("https://id.example/oauth/authorize").unwrap();
    let client = ClientRegistration::public("fake-client");
    let request = AuthorizationRequest::new(endpoint, &client, "https://app.example/back").unwrap();
    let url = one.grants.authorize(&key(), &request, Session::None).await.unwrap();
    let url = Url::parse(url.as_str()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let callback = || Callback::from_query(&format!("code=canary-code&state={state}")).unwrap();
    assert_eq!(one.grants.shutdown(TEN_SECONDS).await, []);
    let late = one.grants.receive(callback(), Session::None).await;
    assert!(matches!(late, Err(ConnectError::Grant(GrantProblem::ShutDown))), "{late:?}");
    fleet.transport.push(TOKEN, Script::json(200, r#"{"access_token":"a","expires_in":60}"#));
    two.grants.receive(callback(), Session::None).await.unwrap();
}

#[tokio::test]
async fn who_drops_everything_in_the_middle_of_a_renewal_loses_nothing() {
    let fleet = Fleet::new(RotationModel::ReuseRevokes);
    drop(renewing(&fleet, Duration::from_secs(5)).await);
    assert_eq!(fleet.process().token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.posts().len(), 1);
}
