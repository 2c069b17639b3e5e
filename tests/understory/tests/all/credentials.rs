//! Tokens come from a host of their own, for one audience, and permit what their scopes say.

use std::error::Error as _;

use specwright_testkit::Sandbox;
use understory_v1::meta::PROFILE;
use understory_v1::model::ErrorResponse;
use understory_v1::runtime::{ClientCredentials, Error, TokenError, TokenErrorKind};

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
    let mut cause = error.source();
    while let Some(inner) = cause.filter(|cause| !cause.is::<TokenError>()) {
        cause = inner.source();
    }
    let refusal: &TokenError = cause.unwrap().downcast_ref().unwrap();
    let status = refusal.status().map(|status| status.as_u16());
    assert_eq!((refusal.kind(), status), (TokenErrorKind::Client, Some(401)));
}

#[tokio::test]
async fn a_scope_that_is_missing_is_a_403() {
    let sandbox = sandbox().await;
    let client = token_client(&sandbox, "event.read");
    client.events().list().await.unwrap();
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
