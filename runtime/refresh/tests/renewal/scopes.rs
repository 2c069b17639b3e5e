//! What a grant is known to be allowed.

use specwright_oauth::{AuthorizationRequest, Callback, ClientRegistration, IssuedToken, Session};
use specwright_refresh::{Credentials as _, Generation, GrantStatus, RotationModel, Scopes};
use specwright_testkit::Script;
use url::Url;

use crate::fleet::{EXPIRED, Fleet, LIFE, Process, TOKEN, key, pair, shown};

/// Connects by a request for these scopes, whose answer is `answer`.
async fn connect(fleet: &Fleet, process: &Process, asked: &str, answer: Script) {
    let endpoint = Url::parse("https://id.example/oauth/authorize").unwrap();
    let client = ClientRegistration::public("fake-client");
    let request = AuthorizationRequest::new(endpoint, &client, "https://app.example/callback");
    let request = request.unwrap().scope(asked);
    let url = process.grants.authorize(&key(), &request, Session::None).await.unwrap();
    let url = Url::parse(url.as_str()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let callback = Callback::from_query(&format!("code=canary-code&state={state}")).unwrap();
    fleet.transport.push(TOKEN, answer);
    process.grants.receive(callback, Session::None).await.unwrap();
}

/// The answer with the pair of this number, which names these scopes.
fn pair_with(number: u32, scope: &str) -> Script {
    Script::json(
        200,
        format!(
            r#"{{"access_token":"canary-access-{number}","refresh_token":"canary-refresh-{number}","expires_in":7200,"scope":"{scope}"}}"#
        ),
    )
}

async fn held(process: &Process) -> Option<String> {
    match process.status().await {
        GrantStatus::Connected { scope, .. } => scope,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_that_names_no_scopes_means_those_that_were_asked_for() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    connect(&fleet, &process, "a:read b:read", pair(0)).await;
    assert_eq!(held(&process).await.as_deref(), Some("a:read b:read"));
}

#[tokio::test]
async fn the_scopes_that_the_server_names_are_those_that_were_granted() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    connect(&fleet, &process, "a:read b:read", pair_with(0, "a:read")).await;
    assert_eq!(held(&process).await.as_deref(), Some("a:read"));
}

#[tokio::test]
async fn the_scopes_that_a_damaged_answer_names_are_those_that_were_granted() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    let damaged = r#"{"access_token":7,"refresh_token":"canary-refresh-0","scope":"a:read"}"#;
    connect(&fleet, &process, "a:read b:read", Script::json(200, damaged)).await;
    assert_eq!(held(&process).await.as_deref(), Some("a:read"));
}

#[tokio::test]
async fn a_renewal_whose_answer_names_no_scopes_leaves_them_as_they_were() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    connect(&fleet, &process, "a:read", pair(0)).await;
    fleet.clock.advance(EXPIRED);
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(held(&process).await.as_deref(), Some("a:read"));
}

#[tokio::test]
async fn a_token_carries_the_scopes_of_its_grant() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.process();
    connect(&fleet, &process, "a:read", pair(0)).await;
    let bearer = process.credentials.bearer().await.unwrap();
    assert_eq!(bearer.scopes(), Some(&Scopes::parse("a:read")));
}

#[tokio::test]
async fn of_tokens_from_elsewhere_the_scopes_are_not_known() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    assert_eq!(process.credentials.bearer().await.unwrap().scopes(), None);
}

#[tokio::test]
async fn a_newer_token_is_found_without_a_request_and_looked_for_once_a_second() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (one, two) = (fleet.connected().await, fleet.process());
    let seen = two.credentials.bearer().await.unwrap().generation();
    assert!(two.credentials.newer(seen).await.is_none());
    let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
    one.grants.adopt(&key(), token).await.unwrap();
    assert!(two.credentials.newer(seen).await.is_none());
    fleet.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(shown(&two.credentials.newer(seen).await.unwrap()), "canary-access-9");
    assert_eq!(two.token().await.unwrap(), "canary-access-9");
    assert_eq!(fleet.posts().len(), 0);
}

#[tokio::test]
async fn nothing_is_newer_than_the_newest() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    let newest = Generation::new(u64::MAX);
    assert!(process.credentials.newer(newest).await.is_none());
}
