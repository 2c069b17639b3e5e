//! The endpoint that revokes tokens (RFC 7009).

use serde_json::{Value, json};
use specwright_sandbox::{Client, Sandbox};

use crate::client::{Answer, options, sandbox, send};

const SCOPE: &str = "public.contact:read";

#[tokio::test]
async fn a_revoked_token_opens_nothing_any_more() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, sandbox.client_id(), sandbox.client_secret()).await;
    assert_eq!(list(&sandbox, &token).await.status, 200);
    let answer = revoke(&sandbox, &token, sandbox.client_secret()).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    let refused = list(&sandbox, &token).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "invalid_token"));
}

#[tokio::test]
async fn it_takes_forms_too() {
    let sandbox = sandbox().await;
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let token = token(&sandbox, id, secret).await;
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = format!("token={token}&client_id={id}&client_secret={secret}");
    assert_eq!(send(&sandbox, "POST /oauth2/revoke", &form, &body).await.status, 200);
    assert_eq!(list(&sandbox, &token).await.status, 401);
}

#[tokio::test]
async fn a_token_that_nobody_knows_is_no_error() {
    let sandbox = sandbox().await;
    assert_eq!(revoke(&sandbox, "fake-token", sandbox.client_secret()).await.status, 200);
}

#[tokio::test]
async fn a_wrong_secret_revokes_nothing() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, sandbox.client_id(), sandbox.client_secret()).await;
    let answer = revoke(&sandbox, &token, "fake-wrong-secret").await;
    assert_eq!((answer.status, answer.at("/error")), (401, json!("invalid_client")));
    assert_eq!(list(&sandbox, &token).await.status, 200);
}

#[tokio::test]
async fn a_client_cannot_revoke_the_token_of_another() {
    let options = options()
        .with_client(Client::new("fake-one", "fake-secret-one"))
        .with_client(Client::new("fake-other", "fake-secret-other"));
    let sandbox = Sandbox::start(options).await.unwrap();
    let token = token(&sandbox, "fake-other", "fake-secret-other").await;
    let answer = revoke(&sandbox, &token, "fake-secret-one").await;
    assert_eq!((answer.status, answer.at("/error")), (400, json!("unauthorized_client")));
    assert_eq!(list(&sandbox, &token).await.status, 200);
}

#[tokio::test]
async fn a_missing_field_is_an_invalid_request() {
    let sandbox = sandbox().await;
    let answer = post(&sandbox, "/oauth2/revoke", &json!({})).await;
    assert_eq!((answer.status, answer.at("/error")), (400, json!("invalid_request")));
}

async fn revoke(sandbox: &Sandbox, token: &str, secret: &str) -> Answer {
    let id = sandbox.client_id();
    let body = json!({"token": token, "client_id": id, "client_secret": secret});
    post(sandbox, "/oauth2/revoke", &body).await
}

async fn token(sandbox: &Sandbox, id: &str, secret: &str) -> String {
    let grant = "client_credentials";
    let body =
        json!({"grant_type": grant, "client_id": id, "client_secret": secret, "scope": SCOPE});
    let answer = post(sandbox, "/oauth2/token", &body).await;
    answer.at("/access_token").as_str().unwrap().to_owned()
}

async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Answer {
    let json = [("Content-Type", "application/json")];
    send(sandbox, &format!("POST {path}"), &json, &body.to_string()).await
}

async fn list(sandbox: &Sandbox, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    send(sandbox, "GET /2025-09/contacts", &[("Authorization", &bearer)], "").await
}
