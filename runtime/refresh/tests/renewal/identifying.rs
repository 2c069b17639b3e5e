//! Whose account a grant is of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_oauth::{AuthorizationRequest, Callback, ClientRegistration, Session};
use specwright_refresh::{
    AccountId, Bearer, ConnectError, GrantKey, GrantProblem, GrantStatus, Grants, Identify,
    RotationModel,
};
use specwright_testkit::Script;
use tokio::sync::Notify;
use url::Url;

use crate::fleet::{Fleet, Process, REVOKE, field, key, shown};

/// Knows the account of each access token, and was asked about these.
#[derive(Debug, Default)]
struct Accounts {
    of: BTreeMap<&'static str, &'static str>,
    asked: Mutex<Vec<String>>,
    /// Ends the grant while it is asked.
    ends: Mutex<Option<Grants>>,
}

impl Identify for Accounts {
    fn account<'a>(
        &'a self,
        _: &'a GrantKey,
        token: &'a Bearer,
    ) -> BoxFuture<'a, Result<AccountId, BoxError>> {
        Box::pin(async move {
            let token = shown(token);
            let account = self.of.get(token.as_str()).copied();
            self.asked.lock().unwrap().push(token);
            let grants = self.ends.lock().unwrap().take();
            if let Some(grants) = grants {
                grants.disconnect(&key()).await?;
            }
            Ok(AccountId::new(account.ok_or("the API does not answer")?))
        })
    }
}

/// A fleet whose server revokes what it is asked to, and where each number of a pair is of this account.
fn fleet(accounts: &[(&'static str, &'static str)]) -> (Fleet, Arc<Accounts>) {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    let of = accounts.iter().copied().collect();
    let accounts = Arc::new(Accounts { of, ..Accounts::default() });
    fleet.identify = Some(accounts.clone());
    fleet.transport.always(REVOKE, Script::status(200));
    (fleet, accounts)
}

async fn connect(fleet: &Fleet, process: &Process, number: u32) -> Result<(), ConnectError> {
    let endpoint = Url::parse("https://id.example/oauth/authorize").unwrap();
    let client = ClientRegistration::public("fake-client");
    let request = AuthorizationRequest::new(endpoint, &client, "https://app.example/back").unwrap();
    let url = process.grants.authorize(&key(), &request, Session::None).await.unwrap();
    let url = Url::parse(url.as_str()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let callback = Callback::from_query(&format!("code=canary-code&state={state}")).unwrap();
    fleet.issue(number);
    process.grants.receive(callback, Session::None).await.map(|_| ())
}

/// The refresh tokens that were revoked, in order.
async fn revoked(fleet: &Fleet, process: &Process) -> Vec<String> {
    process.grants.attend_once(10).await.unwrap();
    let asked = fleet.transport.requests_to(REVOKE);
    asked.iter().map(|request| field(&request.body, "token").unwrap()).collect()
}

async fn account(process: &Process) -> Option<String> {
    match process.status().await {
        GrantStatus::Connected { account, .. } => account.map(|account| account.to_string()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_account_of_a_grant_stands_in_its_status() {
    let (fleet, _) = fleet(&[("canary-access-0", "acc_1")]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap();
    assert_eq!(account(&process).await.as_deref(), Some("acc_1"));
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn the_same_account_connects_again() {
    let (fleet, _) = fleet(&[("canary-access-0", "acc_1"), ("canary-access-1", "acc_1")]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap();
    connect(&fleet, &process, 1).await.unwrap();
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(revoked(&fleet, &process).await, ["canary-refresh-0"]);
}

#[tokio::test]
async fn another_account_is_said_and_the_grant_keeps_its_pair() {
    let (fleet, _) = fleet(&[("canary-access-0", "acc_1"), ("canary-access-1", "acc_2")]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap();
    let switched = connect(&fleet, &process, 1).await.unwrap_err();
    let ConnectError::AccountSwitched { before, now } = switched else { panic!("{switched:?}") };
    assert_eq!((before.as_str(), now.as_str()), ("acc_1", "acc_2"));
    assert_eq!(fleet.process().token().await.unwrap(), "canary-access-0");
    assert_eq!(revoked(&fleet, &process).await, ["canary-refresh-1"]);
}

#[tokio::test]
async fn another_account_connects_after_the_grant_was_ended() {
    let (fleet, _) = fleet(&[("canary-access-0", "acc_1"), ("canary-access-1", "acc_2")]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap();
    process.grants.disconnect(&key()).await.unwrap();
    connect(&fleet, &process, 1).await.unwrap();
    assert_eq!(account(&process).await.as_deref(), Some("acc_2"));
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn a_pair_of_which_nobody_can_say_whose_it_is_is_revoked() {
    let (fleet, _) = fleet(&[("canary-access-0", "acc_1")]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap();
    let unidentified = connect(&fleet, &process, 1).await.unwrap_err();
    assert!(matches!(unidentified, ConnectError::Unidentified(_)), "{unidentified:?}");
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
    assert_eq!(revoked(&fleet, &process).await, ["canary-refresh-1"]);
}

#[tokio::test]
async fn a_first_pair_of_which_nobody_can_say_whose_it_is_connects_nothing() {
    let (fleet, _) = fleet(&[]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap_err();
    process.token().await.unwrap_err();
    assert_eq!(revoked(&fleet, &process).await, ["canary-refresh-0"]);
}

#[tokio::test]
async fn a_grant_whose_first_account_is_not_known_is_not_connected_and_was_never_ended() {
    let (fleet, _) = fleet(&[]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap_err();
    assert_eq!(process.token().await.unwrap_err(), GrantProblem::NotConnected);
    process.grants.attend_once(10).await.unwrap();
    assert_eq!(process.status().await, GrantStatus::NotConnected);
    let told = process.grants.changes(None, 10).await.unwrap();
    assert_eq!(told[0].status, Some(GrantStatus::NotConnected));
}

#[tokio::test]
async fn the_same_tokens_are_of_the_same_account() {
    let (fleet, accounts) = fleet(&[("canary-access-0", "acc_1")]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap();
    connect(&fleet, &process, 0).await.unwrap();
    assert_eq!(accounts.asked.lock().unwrap().len(), 1);
    assert_eq!(account(&process).await.as_deref(), Some("acc_1"));
    assert_eq!(revoked(&fleet, &process).await, [""; 0]);
}

#[tokio::test]
async fn tokens_that_are_still_to_be_revoked_are_not_when_they_are_identified_anew() {
    let (fleet, _) = fleet(&[("canary-access-0", "acc_1")]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap();
    fleet.transport.push(REVOKE, Script::status(503));
    process.grants.disconnect(&key()).await.unwrap();
    connect(&fleet, &process, 0).await.unwrap();
    fleet.clock.advance(Duration::from_secs(60));
    assert_eq!(revoked(&fleet, &process).await.len(), 1);
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn a_pair_to_which_nobody_comes_back_is_revoked_by_another_process() {
    let (mut fleet, _) = fleet(&[("canary-access-0", "acc_1")]);
    connect(&fleet, &fleet.process(), 0).await.unwrap();
    let never = Arc::new(Never::default());
    fleet.identify = Some(never.clone());
    let (lost, left) = (fleet.process(), fleet.clone());
    let task = tokio::spawn(async move { connect(&left, &lost, 1).await });
    never.asked.notified().await;
    task.abort();
    let other = fleet.process();
    assert_eq!(revoked(&fleet, &other).await, [""; 0]);
    fleet.clock.advance(Duration::from_secs(300));
    assert_eq!(revoked(&fleet, &other).await, ["canary-refresh-1"]);
    assert_eq!(other.token().await.unwrap(), "canary-access-0");
}

/// Never comes back.
#[derive(Debug, Default)]
struct Never {
    asked: Notify,
}

impl Identify for Never {
    fn account<'a>(
        &'a self,
        _: &'a GrantKey,
        _: &'a Bearer,
    ) -> BoxFuture<'a, Result<AccountId, BoxError>> {
        self.asked.notify_one();
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn who_cannot_say_in_five_minutes_whose_a_pair_is_is_not_waited_for() {
    let (mut fleet, _) = fleet(&[("canary-access-0", "acc_1")]);
    connect(&fleet, &fleet.process(), 0).await.unwrap();
    fleet.identify = Some(Arc::new(Never::default()));
    let process = fleet.process();
    let end = fleet.clock.elapsed() + Duration::from_secs(300);
    let late = connect(&fleet, &process, 1).await.unwrap_err();
    assert!(matches!(late, ConnectError::Late), "{late:?}");
    assert_eq!(fleet.clock.elapsed(), end);
    assert_eq!(revoked(&fleet, &process).await, ["canary-refresh-1"]);
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn an_end_in_the_middle_wins_over_what_was_connected() {
    let (fleet, accounts) = fleet(&[("canary-access-0", "acc_1"), ("canary-access-1", "acc_2")]);
    let process = fleet.process();
    connect(&fleet, &process, 0).await.unwrap();
    *accounts.ends.lock().unwrap() = Some(process.grants.clone());
    let late = connect(&fleet, &process, 1).await.unwrap_err();
    assert!(matches!(late, ConnectError::Late), "{late:?}");
    assert_eq!(process.token().await.unwrap_err(), GrantProblem::Disconnected);
    assert_eq!(revoked(&fleet, &process).await, ["canary-refresh-0", "canary-refresh-1"]);
}

#[tokio::test]
async fn an_answer_of_the_store_that_is_lost_neither_loses_nor_revokes_the_pair() {
    for spared in 0..3 {
        let (fleet, _) = fleet(&[("canary-access-0", "acc_1")]);
        let process = fleet.process();
        fleet.store_faults.make_without_a_word(spared, 1);
        connect(&fleet, &process, 0).await.unwrap();
        fleet.clock.advance(Duration::from_secs(600));
        assert_eq!(revoked(&fleet, &process).await, [""; 0], "{spared}");
        assert_eq!(process.token().await.unwrap(), "canary-access-0", "{spared}");
    }
}
