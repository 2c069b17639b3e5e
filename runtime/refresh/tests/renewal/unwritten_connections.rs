//! Codes that are exchanged while the store is down.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_core::transport::{BoxError, BoxFuture};
use specwright_oauth::{AuthorizationRequest, Callback, ClientRegistration, IssuedToken, Session};
use specwright_refresh::{
    AccountId, Bearer, ConnectError, GrantKey, GrantStatus, Identify, RotationModel,
};
use specwright_testkit::Script;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use url::Url;

use crate::fleet::{EXPIRED, Fleet, LIFE, Process, REVOKE, TOKEN, field, key, pair};

/// How long the server takes to exchange a code.
const EXCHANGE: Duration = Duration::from_secs(5);

/// A fleet whose server takes its time to exchange a code, and revokes what it is asked to.
fn fleet() -> Fleet {
    let fleet = Fleet::new(RotationModel::ReuseRevokes);
    fleet.transport.push(TOKEN, pair(1).after(EXCHANGE));
    fleet.transport.always(REVOKE, Script::status(200));
    fleet
}

/// A fleet whose processes spill into this folder.
fn spilling(folder: &Path) -> Fleet {
    Fleet { spill: Some(folder.into()), ..fleet() }
}

/// A user comes back with a code, and it is being exchanged.
async fn exchanging(fleet: &Fleet, process: &Arc<Process>) -> JoinHandle<Result<(), ConnectError>> {
    let endpoint = Url::parse("https://id.example/oauth/authorize").unwrap();
    let client = ClientRegistration::public("fake-client");
    let request = AuthorizationRequest::new(endpoint, &client, "https://app.example/back").unwrap();
    let url = process.grants.authorize(&key(), &request, Session::None).await.unwrap();
    let url = Url::parse(url.as_str()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let callback = Callback::from_query(&format!("code=canary-code&state={state}")).unwrap();
    let owned = Arc::clone(process);
    let receiving =
        tokio::spawn(
            async move { owned.grants.receive(callback, Session::None).await.map(|_| ()) },
        );
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    receiving
}

/// A process that runs until its time has come: all of its tasks end in the middle.
fn until_killed(life: impl Future<Output = ()>) {
    runtime().block_on(life);
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn spilled(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

fn revoked(fleet: &Fleet) -> Vec<String> {
    let asked = fleet.transport.requests_to(REVOKE);
    asked.iter().map(|request| field(&request.body, "token").unwrap()).collect()
}

/// Says of every token that it is of one account.
#[derive(Debug)]
struct OneAccount;

impl Identify for OneAccount {
    fn account<'a>(
        &'a self,
        _: &'a GrantKey,
        _: &'a Bearer,
    ) -> BoxFuture<'a, Result<AccountId, BoxError>> {
        Box::pin(async { Ok(AccountId::new("acc_1")) })
    }
}

#[tokio::test]
async fn a_pair_whose_store_is_down_for_a_minute_connects_its_grant() {
    let fleet = fleet();
    let process = Arc::new(fleet.process());
    let receiving = exchanging(&fleet, &process).await;
    fleet.store_faults.close();
    fleet.clock.sleep(EXCHANGE + Duration::from_secs(60)).await;
    assert!(!receiving.is_finished());
    fleet.store_faults.open();
    receiving.await.unwrap().unwrap();
    assert_eq!(fleet.process().token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.posts().len(), 1);
}

#[tokio::test]
async fn a_pair_whose_store_is_down_for_a_minute_is_identified_after_it() {
    let fleet = Fleet { identify: Some(Arc::new(OneAccount)), ..fleet() };
    let process = Arc::new(fleet.process());
    let receiving = exchanging(&fleet, &process).await;
    fleet.store_faults.close();
    fleet.clock.sleep(EXCHANGE + Duration::from_secs(60)).await;
    fleet.store_faults.open();
    receiving.await.unwrap().unwrap();
    let status = process.status().await;
    let GrantStatus::Connected { account, .. } = status else { panic!("{status:?}") };
    assert_eq!(account, Some(AccountId::new("acc_1")));
}

#[tokio::test]
async fn a_store_that_is_down_while_a_pair_is_identified_costs_nothing() {
    let fleet = Fleet { identify: Some(Arc::new(OneAccount)), ..fleet() };
    let process = Arc::new(fleet.process());
    // The pair is written down, and then nothing for six seconds.
    fleet.store_faults.refuse(1, 8);
    exchanging(&fleet, &process).await.await.unwrap().unwrap();
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn whoever_wishes_for_a_token_writes_the_pair_that_waits_for_the_store() {
    let fleet = fleet();
    let process = Arc::new(fleet.process());
    let receiving = exchanging(&fleet, &process).await;
    fleet.store_faults.close();
    // Its task tries the next time in five seconds.
    fleet.clock.sleep(EXCHANGE + Duration::from_secs(20)).await;
    fleet.store_faults.open();
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    receiving.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_pair_is_off_the_disk_when_the_grant_is_connected() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = spilling(folder.path());
    let process = Arc::new(fleet.process());
    let receiving = exchanging(&fleet, &process).await;
    fleet.store_faults.close();
    fleet.clock.sleep(EXCHANGE + Duration::from_secs(60)).await;
    // The pair, and that its process lives.
    assert_eq!(spilled(folder.path()), 2);
    fleet.store_faults.open();
    receiving.await.unwrap().unwrap();
    assert_eq!(spilled(folder.path()), 0);
}

#[test]
fn a_pair_of_a_process_that_stopped_while_the_store_was_down_is_written_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = spilling(folder.path());
    until_killed(async {
        exchanging(&fleet, &Arc::new(fleet.process())).await;
        fleet.store_faults.close();
        fleet.clock.sleep(EXCHANGE + Duration::from_secs(60)).await;
    });
    fleet.store_faults.open();
    runtime().block_on(async {
        let next = fleet.process();
        assert_eq!(next.status().await, GrantStatus::NotConnected);
        next.grants.attend_once(10).await.unwrap();
        assert_eq!(fleet.process().token().await.unwrap(), "canary-access-1");
        assert_eq!((fleet.posts().len(), spilled(folder.path())), (1, 0));
    });
}

#[test]
fn a_pair_of_a_process_that_stopped_before_it_was_known_whose_it_is_is_revoked_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = Fleet { identify: Some(Arc::new(OneAccount)), ..spilling(folder.path()) };
    until_killed(async {
        exchanging(&fleet, &Arc::new(fleet.process())).await;
        fleet.store_faults.close();
        fleet.clock.sleep(EXCHANGE + Duration::from_secs(60)).await;
    });
    fleet.store_faults.open();
    runtime().block_on(async {
        let next = fleet.process();
        next.grants.attend_once(10).await.unwrap();
        fleet.clock.advance(Duration::from_secs(300));
        next.grants.attend_once(10).await.unwrap();
        assert_eq!(revoked(&fleet), ["canary-refresh-1"]);
        assert_eq!(next.status().await, GrantStatus::NotConnected);
    });
}

#[test]
fn a_pair_that_was_written_without_a_word_and_renewed_since_is_not_taken_again() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = spilling(folder.path());
    until_killed(async {
        fleet.store_faults.make_without_a_word(0, 1);
        exchanging(&fleet, &Arc::new(fleet.process())).await;
        fleet.clock.sleep(EXCHANGE + Duration::from_millis(10)).await;
    });
    runtime().block_on(async {
        let other = Fleet { spill: None, ..fleet.clone() }.process();
        fleet.clock.advance(EXPIRED);
        fleet.issue(2);
        assert_eq!(other.token().await.unwrap(), "canary-access-2");
        let next = fleet.process();
        next.grants.attend_once(10).await.unwrap();
        assert_eq!(next.token().await.unwrap(), "canary-access-2");
        assert_eq!((revoked(&fleet), spilled(folder.path())), (vec![], 0));
    });
}

#[test]
fn a_pair_that_comes_after_the_user_has_connected_anew_is_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = spilling(folder.path());
    until_killed(async {
        exchanging(&fleet, &Arc::new(fleet.process())).await;
        fleet.store_faults.close();
        fleet.clock.sleep(EXCHANGE + Duration::from_secs(60)).await;
    });
    fleet.store_faults.open();
    runtime().block_on(async {
        let other = Fleet { spill: None, ..fleet.clone() }.process();
        let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
        other.grants.adopt(&key(), token).await.unwrap();
        let next = fleet.process();
        next.grants.attend_once(10).await.unwrap();
        assert_eq!(next.token().await.unwrap(), "canary-access-9");
        assert_eq!(revoked(&fleet), ["canary-refresh-1"]);
    });
}

#[tokio::test]
async fn who_connects_beside_somebody_else_is_connected_and_one_pair_is_left() {
    let fleet = fleet();
    let process = Arc::new(fleet.connected().await);
    let receiving = exchanging(&fleet, &process).await;
    fleet.clock.sleep(Duration::from_secs(1)).await;
    let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
    fleet.process().grants.adopt(&key(), token).await.unwrap();
    receiving.await.unwrap().unwrap();
    assert_eq!(fleet.process().token().await.unwrap(), "canary-access-9");
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(revoked(&fleet), ["canary-refresh-0", "canary-refresh-1"]);
}

#[tokio::test]
async fn a_pair_that_comes_after_the_grant_was_ended_is_revoked_and_said_to_be_late() {
    let fleet = fleet();
    let process = Arc::new(fleet.connected().await);
    let receiving = exchanging(&fleet, &process).await;
    fleet.clock.sleep(Duration::from_secs(1)).await;
    process.grants.disconnect(&key()).await.unwrap();
    let late = receiving.await.unwrap().unwrap_err();
    assert!(matches!(late, ConnectError::Late), "{late:?}");
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(revoked(&fleet), ["canary-refresh-0", "canary-refresh-1"]);
}

#[tokio::test]
async fn a_spilled_pair_that_comes_after_the_grant_was_ended_is_revoked_once_whoever_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = spilling(folder.path());
    let process = Arc::new(fleet.connected().await);
    let receiving = exchanging(&fleet, &process).await;
    fleet.store_faults.close();
    // Its task tries the next time in five seconds.
    fleet.clock.sleep(EXCHANGE + Duration::from_secs(20)).await;
    fleet.store_faults.open();
    process.grants.disconnect(&key()).await.unwrap();
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(revoked(&fleet), ["canary-refresh-0", "canary-refresh-1"]);
    let late = receiving.await.unwrap().unwrap_err();
    assert!(matches!(late, ConnectError::Late), "{late:?}");
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(revoked(&fleet), ["canary-refresh-0", "canary-refresh-1"]);
}

#[tokio::test]
async fn who_connects_anew_while_the_pair_of_before_is_still_being_revoked_is_connected() {
    let fleet = fleet();
    fleet.transport.push(REVOKE, Script::status(503));
    let process = Arc::new(fleet.connected().await);
    assert_eq!(process.grants.disconnect(&key()).await.unwrap(), GrantStatus::Disconnecting);
    fleet.clock.advance(Duration::from_secs(60));
    let receiving = exchanging(&fleet, &process).await;
    fleet.clock.sleep(Duration::from_secs(1)).await;
    process.grants.attend_once(10).await.unwrap();
    receiving.await.unwrap().unwrap();
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(revoked(&fleet), ["canary-refresh-0", "canary-refresh-0"]);
}

#[tokio::test]
async fn who_connects_anew_after_the_clock_was_set_back_is_connected() {
    let fleet = fleet();
    let process = Arc::new(fleet.connected().await);
    process.grants.disconnect(&key()).await.unwrap();
    fleet.clock.set_wall(fleet.clock.now() - Duration::from_secs(3_600));
    exchanging(&fleet, &process).await.await.unwrap().unwrap();
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}
