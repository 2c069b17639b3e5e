//! The token endpoint, and what tokens open.

use std::time::Duration;

use serde_json::{Value, json};
use specwright_sandbox::{Client, EarlierTokens, ExpiresIn, Sandbox, TokenEvent};

use crate::client::{Answer, START, options, sandbox, send};

const READ: &str = "public.contact:read";
const WRITE: &str = "public.contact:write";

#[tokio::test]
async fn client_credentials_in_json_give_a_token() {
    let sandbox = sandbox().await;
    let answer = token(&sandbox, &credentials(&sandbox, READ)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.at("/token_type"), "Bearer");
    assert_eq!(answer.at("/expires_in"), 7200);
    assert_eq!(answer.at("/scope"), READ);
    assert_eq!(answer.at("/created_at"), START);
}

#[tokio::test]
async fn client_credentials_in_a_form_give_a_token() {
    let sandbox = sandbox().await;
    let body = form(&sandbox, "");
    let answer = form_token(&sandbox, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.at("/scope"), format!("{READ} {WRITE}"));
}

#[tokio::test]
async fn a_token_answer_is_not_to_be_stored() {
    let sandbox = sandbox().await;
    let answer = token(&sandbox, &credentials(&sandbox, READ)).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_token_opens_what_its_scope_names() {
    let sandbox = sandbox().await;
    let bearer = bearer(&sandbox, READ).await;
    assert_eq!(list(&sandbox, &bearer).await.status, 200);
}

#[tokio::test]
async fn a_token_without_the_scope_is_forbidden() {
    let sandbox = sandbox().await;
    let bearer = bearer(&sandbox, WRITE).await;
    let answer = list(&sandbox, &bearer).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"));
    assert_eq!(answer.at("/error/message"), "The scope public.contact:read is needed.");
}

#[tokio::test]
async fn a_seeded_token_has_the_scopes_it_was_given() {
    let options = options().with_static_token("fake-static-token", [WRITE]);
    let sandbox = Sandbox::start(options).await.unwrap();
    assert_eq!(list(&sandbox, "fake-static-token").await.status, 403);
}

#[tokio::test]
async fn a_token_expires_by_the_clock() {
    let sandbox = sandbox().await;
    let bearer = bearer(&sandbox, READ).await;
    sandbox.advance(Duration::from_secs(7199));
    assert_eq!(list(&sandbox, &bearer).await.status, 200);
    sandbox.advance(Duration::from_secs(1));
    let answer = list(&sandbox, &bearer).await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "invalid_token"));
    assert_eq!(answer.at("/error/message"), "The access token has expired.");
}

#[tokio::test]
async fn a_lifetime_may_be_set() {
    let options = options().with_token_lifetime(Duration::from_secs(5));
    let sandbox = Sandbox::start(options).await.unwrap();
    assert_eq!(token(&sandbox, &credentials(&sandbox, READ)).await.at("/expires_in"), 5);
    sandbox.advance(Duration::from_secs(5));
    assert_eq!(sandbox.live_tokens(), [1]);
}

#[tokio::test]
async fn expires_in_may_be_a_moment() {
    let sandbox = Sandbox::start(options().with_expires_in(ExpiresIn::Epoch)).await.unwrap();
    let answer = token(&sandbox, &credentials(&sandbox, READ)).await;
    assert_eq!(answer.at("/expires_in"), START + 7200);
}

#[tokio::test]
async fn a_new_token_may_revoke_the_one_before() {
    let options = options().with_earlier_tokens(EarlierTokens::Revoked);
    let sandbox = Sandbox::start(options).await.unwrap();
    let (first, second) = (bearer(&sandbox, READ).await, bearer(&sandbox, READ).await);
    assert_eq!(list(&sandbox, &first).await.status, 401);
    assert_eq!(list(&sandbox, &second).await.status, 200);
}

#[tokio::test]
async fn a_token_may_be_given_again_with_what_is_left_of_its_time() {
    let options = options().with_earlier_tokens(EarlierTokens::Reused);
    let sandbox = Sandbox::start(options).await.unwrap();
    let first = bearer(&sandbox, READ).await;
    sandbox.advance(Duration::from_secs(200));
    let again = token(&sandbox, &credentials(&sandbox, READ)).await;
    assert_eq!((again.at("/access_token"), again.at("/expires_in")), (json!(first), json!(7000)));
    assert_ne!(bearer(&sandbox, WRITE).await, first);
}

#[tokio::test]
async fn a_revoked_token_opens_nothing() {
    let sandbox = sandbox().await;
    let bearer = bearer(&sandbox, READ).await;
    sandbox.revoke_token(2);
    let answer = list(&sandbox, &bearer).await;
    assert_eq!(answer.at("/error/message"), "The access token was revoked.");
}

#[tokio::test]
async fn no_token_and_an_unknown_one_are_refused_alike() {
    let sandbox = sandbox().await;
    let none = send(&sandbox, "GET /2025-09/contacts", &[], "").await;
    let unknown = list(&sandbox, "fake-unknown-token").await;
    for answer in [none, unknown] {
        assert_eq!((answer.status, answer.code().as_str()), (401, "invalid_token"));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn credentials_are_looked_at_before_the_request() {
    let sandbox = sandbox().await;
    let answer = send(&sandbox, "GET /2025-09/contacts?colour=red", &[], "").await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_wrong_secret_is_an_invalid_client() {
    let sandbox = sandbox().await;
    let mut body = credentials(&sandbox, READ);
    body["client_secret"] = json!("fake-wrong-secret");
    assert_error(&token(&sandbox, &body).await, 401, "invalid_client");
}

#[tokio::test]
async fn an_unknown_client_is_an_invalid_client() {
    let sandbox = sandbox().await;
    let mut body = credentials(&sandbox, READ);
    body["client_id"] = json!("fake-unknown-client");
    assert_error(&token(&sandbox, &body).await, 401, "invalid_client");
}

#[tokio::test]
async fn a_scope_the_client_may_not_have_is_an_invalid_scope() {
    let client = Client::new("fake-client", "fake-secret").with_scopes([READ]);
    let sandbox = Sandbox::start(options().with_client(client)).await.unwrap();
    let body = credentials(&sandbox, &format!("{READ} {WRITE}"));
    assert_error(&token(&sandbox, &body).await, 400, "invalid_scope");
}

#[tokio::test]
async fn an_unknown_grant_is_unsupported() {
    let sandbox = sandbox().await;
    let mut body = credentials(&sandbox, READ);
    body["grant_type"] = json!("password");
    assert_error(&token(&sandbox, &body).await, 400, "unsupported_grant_type");
}

#[tokio::test]
async fn a_grant_the_client_may_not_use_is_unauthorized() {
    let sandbox = sandbox().await;
    assert_error(&token(&sandbox, &refresh(&sandbox)).await, 400, "unauthorized_client");
}

#[tokio::test]
async fn an_unknown_refresh_token_is_an_invalid_grant() {
    let client = Client::new("fake-client", "fake-secret").with_grants(["refresh_token"]);
    let sandbox = Sandbox::start(options().with_client(client)).await.unwrap();
    assert_error(&token(&sandbox, &refresh(&sandbox)).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_missing_field_is_an_invalid_request_that_names_it() {
    let sandbox = sandbox().await;
    let mut body = credentials(&sandbox, READ);
    body.as_object_mut().unwrap().remove("scope");
    let answer = token(&sandbox, &body).await;
    assert_error(&answer, 400, "invalid_request");
    // RFC 6749, section 5.2: the description has no quotation marks.
    assert_eq!(answer.at("/error_description"), ": 'scope' is a required property");
}

#[tokio::test]
async fn a_grant_type_given_twice_in_a_form_is_refused() {
    let sandbox = sandbox().await;
    let body = form(&sandbox, "&grant_type=client_credentials");
    let answer = form_token(&sandbox, &body).await;
    assert_error(&answer, 400, "invalid_request");
}

#[tokio::test]
async fn a_grant_type_given_twice_in_json_is_refused() {
    let sandbox = sandbox().await;
    let body = credentials(&sandbox, READ).to_string();
    let body = body.replacen('{', r#"{"grant_type":"client_credentials","#, 1);
    let json = [("Content-Type", "application/json")];
    let answer = send(&sandbox, "POST /oauth2/token", &json, &body).await;
    assert_error(&answer, 400, "invalid_request");
}

#[tokio::test]
async fn an_error_of_the_token_endpoint_is_flat() {
    let sandbox = sandbox().await;
    let answer = send(&sandbox, "POST /oauth2/token?colour=red", &[], "").await;
    let body = answer.json();
    let members: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((answer.status, members), (400, vec!["error", "error_description"]));
}

#[tokio::test]
async fn the_ledger_tells_the_life_of_a_token() {
    let sandbox = sandbox().await;
    let bearer = bearer(&sandbox, READ).await;
    list(&sandbox, &bearer).await;
    sandbox.advance(Duration::from_secs(9000));
    let ledger = sandbox.ledger();
    let life: Vec<_> = ledger.tokens.iter().filter(|entry| entry.token == 2).collect();
    let events: Vec<&TokenEvent> = life.iter().map(|entry| &entry.event).collect();
    let minted = &life[0].event;
    assert!(matches!(minted, TokenEvent::Minted { scopes, .. } if scopes == &[READ]), "{minted:?}");
    assert_eq!(events[1..], [&TokenEvent::Used, &TokenEvent::Expired]);
    assert_eq!(life[2].at, "2026-01-01T02:00:00.000Z");
}

#[tokio::test]
async fn token_requests_are_counted() {
    let sandbox = sandbox().await;
    token(&sandbox, &credentials(&sandbox, READ)).await;
    token(&sandbox, &json!({})).await;
    assert_eq!(sandbox.ledger().token_posts(), 2);
}

#[tokio::test]
async fn credentials_are_new_in_every_sandbox() {
    let (one, other) = (sandbox().await, sandbox().await);
    assert_ne!(one.client_secret(), other.client_secret());
    assert_ne!(one.static_token(), other.static_token());
}

fn credentials(sandbox: &Sandbox, scope: &str) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id(),
        "client_secret": sandbox.client_secret(),
        "scope": scope,
    })
}

fn refresh(sandbox: &Sandbox) -> Value {
    json!({
        "grant_type": "refresh_token",
        "client_id": sandbox.client_id(),
        "client_secret": sandbox.client_secret(),
        "refresh_token": "fake-refresh-token",
    })
}

fn form(sandbox: &Sandbox, more: &str) -> String {
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let scope = "public.contact%3Aread+public.contact%3Awrite";
    format!(
        "grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={scope}{more}"
    )
}

async fn form_token(sandbox: &Sandbox, body: &str) -> Answer {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    send(sandbox, "POST /oauth2/token", &form, body).await
}

async fn token(sandbox: &Sandbox, body: &Value) -> Answer {
    let json = [("Content-Type", "application/json")];
    send(sandbox, "POST /oauth2/token", &json, &body.to_string()).await
}

async fn bearer(sandbox: &Sandbox, scope: &str) -> String {
    let answer = token(sandbox, &credentials(sandbox, scope)).await;
    answer.at("/access_token").as_str().unwrap().to_owned()
}

async fn list(sandbox: &Sandbox, bearer: &str) -> Answer {
    let authorization = format!("Bearer {bearer}");
    let headers = [("Authorization", authorization.as_str())];
    send(sandbox, "GET /2025-09/contacts", &headers, "").await
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, answer.at("/error")), (status, json!(error)), "{}", answer.text);
}
