//! Connecting by authorization code.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_core::transport::{SendErrorKind, Sent};
use specwright_oauth::{
    AuthorizationRequest, Callback, CallbackError, ClientRegistration, Session,
};
use specwright_refresh::{ConnectError, GrantStatus, RotationModel, TokenIdempotency};
use specwright_testkit::Script;
use url::Url;

use crate::fleet::{Fleet, LIFE, Process, REVOKE, TOKEN, field, key, pair, refusal};

const REDIRECT: &str = "https://app.example/callback";

fn request() -> AuthorizationRequest {
    let endpoint = Url::parse("https://id.example/oauth/authorize").unwrap();
    let client = ClientRegistration::public("fake-client");
    AuthorizationRequest::new(endpoint, &client, REDIRECT).unwrap().scope("a:read")
}

/// Starts an authorization and gives the `state` that the browser was sent away with.
async fn start(process: &Process) -> String {
    let session = Session::Browser("cookie-1");
    let url = process.grants.authorize(&key(), &request(), session).await.unwrap();
    let url = Url::parse(url.as_str()).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

fn callback(query: &str, state: &str) -> Callback {
    Callback::from_query(&format!("{query}&state={state}")).unwrap()
}

async fn receive(
    process: &Process,
    state: &str,
) -> Result<specwright_refresh::GrantKey, ConnectError> {
    let session = Session::Browser("cookie-1");
    process.grants.receive(callback("code=canary-code", state), session).await
}

#[tokio::test]
async fn a_callback_connects_the_grant_in_whatever_process_receives_it() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (one, two) = (fleet.process(), fleet.process());
    let state = start(&one).await;
    fleet.issue(0);
    assert_eq!(receive(&two, &state).await.unwrap(), key());
    assert_eq!(one.token().await.unwrap(), "canary-access-0");
    let post = &fleet.posts()[0];
    assert_eq!(field(&post.body, "code").unwrap(), "canary-code");
    assert_eq!(field(&post.body, "redirect_uri").unwrap(), REDIRECT);
    assert_eq!(field(&post.body, "code_verifier").unwrap().len(), 43);
}

#[tokio::test]
async fn of_a_hundred_that_finish_one_authorization_one_connects() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let state = start(&process).await;
    fleet.transport.always(TOKEN, pair(0));
    let mut connected = 0;
    for _ in 0..100 {
        match receive(&process, &state).await {
            Ok(_) => connected += 1,
            Err(error) => assert!(
                matches!(error, ConnectError::Callback(CallbackError::StateUnknown)),
                "{error:?}"
            ),
        }
    }
    assert_eq!((connected, fleet.posts().len()), (1, 1));
}

#[tokio::test]
async fn a_callback_that_is_refused_has_used_the_authorization_up() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let state = start(&process).await;
    let other = Session::Browser("cookie-2");
    let foreign = process.grants.receive(callback("code=canary-code", &state), other).await;
    assert!(matches!(foreign, Err(ConnectError::Callback(CallbackError::SessionMismatch))));
    receive(&process, &state).await.unwrap_err();
    assert!(fleet.posts().is_empty());
    assert_eq!(process.status().await, GrantStatus::NotConnected);
}

#[tokio::test]
async fn a_state_that_nobody_gave_out_and_one_that_is_over_connect_nothing() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    receive(&process, "invented-by-somebody").await.unwrap_err();
    let state = start(&process).await;
    fleet.clock.advance(Duration::from_secs(600));
    receive(&process, &state).await.unwrap_err();
    assert!(fleet.posts().is_empty());
}

#[tokio::test]
async fn clocks_that_are_hours_behind_that_of_the_store_and_of_each_other_connect() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.behind = Duration::from_secs(7_200);
    let one = fleet.process();
    fleet.behind = Duration::from_secs(3_600);
    let two = fleet.process();
    let state = start(&one).await;
    fleet.issue(0);
    receive(&two, &state).await.unwrap();
    assert_eq!(two.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn the_life_of_a_token_counts_from_before_the_code_is_shown() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let state = start(&process).await;
    fleet.transport.push(TOKEN, pair(0).after(Duration::from_secs(15)));
    let before = fleet.clock.now();
    receive(&process, &state).await.unwrap();
    let status = process.status().await;
    let GrantStatus::Connected { expires_at, .. } = status else { panic!("{status:?}") };
    assert_eq!(expires_at, Some(before + LIFE));
}

#[tokio::test]
async fn a_user_who_does_not_agree_is_told_from_one_who_never_answered() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let state = start(&process).await;
    let denied = callback("error=access_denied", &state);
    let outcome = process.grants.receive(denied, Session::Browser("cookie-1")).await;
    assert!(matches!(outcome, Err(ConnectError::Callback(CallbackError::AccessDenied))));
}

#[tokio::test]
async fn a_browser_that_goes_away_while_the_code_is_exchanged_loses_nothing() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = Arc::new(fleet.process());
    let state = start(&process).await;
    fleet.transport.push(TOKEN, pair(0).after(Duration::from_secs(5)));
    let receiver = Arc::clone(&process);
    let task = tokio::spawn(async move { receive(&receiver, &state).await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    fleet.clock.sleep(Duration::from_secs(10)).await;
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn a_browser_that_goes_away_while_its_callback_is_looked_up_loses_nothing() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = Arc::new(fleet.process());
    let state = start(&process).await;
    fleet.store_faults.freeze(&fleet.clock, Duration::from_secs(5));
    fleet.issue(0);
    let receiver = Arc::clone(&process);
    let task = tokio::spawn(async move { receive(&receiver, &state).await });
    fleet.clock.sleep(Duration::from_secs(1)).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    fleet.clock.sleep(Duration::from_secs(10)).await;
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn a_code_is_shown_once_if_its_answer_is_lost() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let state = start(&process).await;
    fleet.transport.push(TOKEN, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
    let outcome = receive(&process, &state).await;
    assert!(matches!(outcome, Err(ConnectError::Lost)), "{outcome:?}");
    assert_eq!(fleet.posts().len(), 1);
}

#[tokio::test]
async fn who_refuses_what_is_told_apart_when_a_code_is_exchanged() {
    let unreachable = || Script::failure(Sent::No, SendErrorKind::Connect);
    for (answer, expected) in [
        (refusal(400, "invalid_grant"), "the authorization server refused the code"),
        (refusal(401, "invalid_client"), "the authorization server refuses this program"),
        (Script::status(429), "the authorization server does not exchange codes now"),
        (unreachable(), "the authorization server does not exchange codes now"),
    ] {
        let fleet = Fleet::new(RotationModel::Immediate);
        let process = fleet.process();
        let state = start(&process).await;
        fleet.transport.always(TOKEN, answer);
        let error = receive(&process, &state).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_code_that_was_not_sent_is_sent_again() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let state = start(&process).await;
    fleet.transport.push(TOKEN, Script::failure(Sent::No, SendErrorKind::Connect));
    fleet.issue(0);
    receive(&process, &state).await.unwrap();
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn where_the_server_keeps_answers_a_lost_one_is_asked_for_again_with_the_same_key() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.policy.idempotency = TokenIdempotency::Header;
    let process = fleet.process();
    let state = start(&process).await;
    fleet.transport.push(TOKEN, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
    fleet.issue(0);
    receive(&process, &state).await.unwrap();
    let posts = fleet.posts();
    assert_eq!(posts[0].header("idempotency-key"), posts[1].header("idempotency-key"));
}

#[tokio::test]
async fn who_connects_again_does_not_wait_until_the_old_pair_is_revoked() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.transport.always(REVOKE, Script::status(200).after(Duration::from_secs(15)));
    let state = start(&process).await;
    fleet.issue(1);
    let before = fleet.clock.now();
    receive(&process, &state).await.unwrap();
    assert_eq!(fleet.clock.now(), before);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    fleet.clock.sleep(Duration::from_secs(20)).await;
    let revoked = fleet.transport.requests_to(REVOKE);
    assert_eq!(field(&revoked[0].body, "token").unwrap(), "canary-refresh-0");
    assert_eq!(process.grants.attend_once(10).await.unwrap(), 0);
}

#[test]
fn what_a_process_that_ended_has_not_revoked_is_revoked_by_whoever_attends() {
    let process = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let fleet = Fleet::new(RotationModel::Immediate);
    fleet.transport.always(REVOKE, Script::silence());
    // The task that revokes ends with the runtime, as it does with a process.
    process().block_on(async {
        let process = fleet.connected().await;
        let state = start(&process).await;
        fleet.issue(1);
        receive(&process, &state).await.unwrap();
    });
    let asked_before = fleet.transport.requests_to(REVOKE).len();
    fleet.transport.always(REVOKE, Script::status(200));
    process().block_on(async {
        let process = fleet.process();
        process.grants.attend_once(10).await.unwrap();
        let revoked = fleet.transport.requests_to(REVOKE);
        assert_eq!(revoked.len(), asked_before + 1);
        assert_eq!(field(&revoked[asked_before].body, "token").unwrap(), "canary-refresh-0");
        assert_eq!(process.grants.attend_once(10).await.unwrap(), 0);
    });
}

#[tokio::test]
async fn what_is_kept_for_a_callback_opens_under_its_own_name_only() {
    use specwright_refresh::{GrantStore, StoreTime};

    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let (one, two) = (start(&process).await, start(&process).await);
    let id = |state: &str| callback("code=c", state).pending_id();
    let text = fleet.store.take_once(&id(&one)).await.unwrap().unwrap();
    fleet.store.take_once(&id(&two)).await.unwrap();
    let end = StoreTime::from_millis(u64::MAX / 2);
    assert!(fleet.store.put_once(&id(&two), text, end).await.unwrap());
    let outcome = receive(&process, &two).await;
    assert!(matches!(outcome, Err(ConnectError::Grant(_))), "{outcome:?}");
}
