//! Tokens come from a host of their own, for one audience, and permit what their scopes say.

use std::sync::Arc;

use specwright_testkit::Sandbox;
use understory_v1::Client;
use understory_v1::meta::PROFILE;
use understory_v1::model::ErrorResponse;
use understory_v1::runtime::{
    ClientCredentials, ClientRegistration, Error, GrantKey, GrantProblem, KeyRing, MemoryStore,
    ScopeCheck, SealingKey, Session, SystemClock,
};

use crate::setup::{builder, clock, options, sandbox, token_client};

#[test]
fn the_authorization_server_is_a_host_of_its_own() {
    let oauth = PROFILE.oauth.unwrap();
    assert_eq!(oauth.token, "https://api.auth.understory.io/oauth2/token");
    assert_eq!(oauth.authorization, Some("https://api.auth.understory.io/oauth2/auth"));
}

#[tokio::test]
async fn a_token_is_asked_for_with_the_audience_of_the_document() {
    let sandbox = sandbox().await;
    token_client(&sandbox, "order.read").orders().list().await.unwrap();
    assert_eq!(token_request(&sandbox)["audience"], "https://api.understory.io");
}

#[tokio::test]
async fn an_operator_is_asked_for_the_audience_and_the_offline_scope_of_the_document() {
    let store = MemoryStore::volatile(Arc::new(SystemClock::new()));
    let keys = KeyRing::new("test", SealingKey::new([7; 32]));
    let grants = Client::builder("Example/Tests")
        .grants(ClientRegistration::confidential("fake-id", "fake-secret"))
        .store(store)
        .keys(keys)
        .build()
        .unwrap();
    let request = grants.authorization("https://acme.example/back").unwrap().scope("order.read");
    let key = GrantKey::new("operator", "understory");
    let url = grants.grants().authorize(&key, &request, Session::None).await.unwrap();
    let (page, query) = url.as_str().split_once('?').unwrap();
    assert_eq!(page, "https://api.auth.understory.io/oauth2/auth");
    let asked: Vec<&str> = query.split('&').collect();
    assert!(asked.contains(&"scope=offline+order.read"), "{asked:?}");
    assert!(asked.contains(&"audience=https%3A%2F%2Fapi.understory.io"), "{asked:?}");
}

#[tokio::test]
async fn a_token_is_asked_for_in_a_form() {
    let sandbox = sandbox().await;
    token_client(&sandbox, "order.read").orders().list().await.unwrap();
    let ledger = sandbox.ledger();
    let content_type = ledger.requests[0].header("content-type");
    assert_eq!(content_type, Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn another_audience_is_refused() {
    let sandbox = sandbox().await;
    let grant = ClientCredentials::new(sandbox.client_id(), sandbox.client_secret())
        .scope("order.read")
        .audience("https://elsewhere.example");
    let builder = builder(&sandbox, clock(&sandbox));
    let client = builder.credentials(grant).build().unwrap();
    assert!(client.orders().list().await.unwrap_err().is_credentials());
}

#[tokio::test]
async fn a_wrong_secret_is_a_credentials_error() {
    assert!(error_of_wrong_secret().await.is_credentials());
}

#[tokio::test]
async fn the_cause_of_a_wrong_secret_is_the_refusal_of_the_token_endpoint() {
    let error = error_of_wrong_secret().await;
    let said = match GrantProblem::of(&error) {
        Some(GrantProblem::ClientRejected { refusal, .. }) => {
            Some((refusal.code.as_deref(), refusal.status))
        }
        _ => None,
    };
    assert_eq!(said, Some((Some("invalid_client"), 401)));
}

#[tokio::test]
async fn a_scope_that_is_missing_is_known_without_a_request() {
    let sandbox = sandbox().await;
    let client = token_client(&sandbox, "event.read");
    client.events().list().await.unwrap();
    let error = client.orders().list().await.unwrap_err();
    let missing = vec!["order.read".to_owned()];
    assert_eq!(GrantProblem::of(&error), Some(&GrantProblem::MissingScopes { missing }));
    let ledger = sandbox.ledger();
    assert!(ledger.requests.iter().all(|request| !request.path.contains("order")));
}

#[tokio::test]
async fn a_scope_that_is_missing_is_a_403_where_the_api_alone_looks() {
    let sandbox = sandbox().await;
    let grant = ClientCredentials::new(sandbox.client_id(), sandbox.client_secret());
    let builder = builder(&sandbox, clock(&sandbox)).scope_check(ScopeCheck::ByServer);
    let client = builder.credentials(grant.scope("event.read")).build().unwrap();
    let error = client.orders().list().await.unwrap_err();
    assert_eq!((error.status(), error.is_forbidden()), (Some(403), true));
}

#[tokio::test]
async fn any_token_tells_whom_it_belongs_to() {
    let sandbox = sandbox().await;
    let me = token_client(&sandbox, "event.read").account().get_me().await.unwrap();
    assert_eq!(me.company_name.as_deref(), Some("Lighthouse Tours"));
}

#[tokio::test]
async fn every_request_names_the_product() {
    let sandbox = Sandbox::start_with(options()).await.unwrap();
    token_client(&sandbox, "event.read").events().list().await.unwrap();
    let ledger = sandbox.ledger();
    let products = ledger.requests.iter().filter_map(|request| request.header("user-agent"));
    assert_eq!(products.filter(|product| product.starts_with("Example/Tests")).count(), 2);
}

async fn error_of_wrong_secret() -> Error<ErrorResponse> {
    let sandbox = sandbox().await;
    let wrong = ClientCredentials::new(sandbox.client_id(), "wrong").scope("order.read");
    let builder = builder(&sandbox, clock(&sandbox));
    builder.credentials(wrong).build().unwrap().orders().list().await.unwrap_err()
}

/// The body of the request for a token.
fn token_request(sandbox: &Sandbox) -> serde_json::Value {
    let ledger = sandbox.ledger();
    assert_eq!(ledger.token_posts(), 1);
    ledger.requests[0].body.clone().unwrap()
}
