//! Every documented error of both vendors is produced: by doing the wrong thing, or by a fault where
//! no request can bring it about.

use specwright_sandbox::{Fault, Limits, Sandbox, Target, Window};

use crate::client::{Answer, call, call_with, options, send, stora};

const LIST: &str = "GET /2025-09/contacts";
const CREATE: &str = "POST /2025-09/contacts";

#[tokio::test]
async fn invalid_request() {
    let answer = call(&stora().await, CREATE, "{").await;
    assert_error(&answer, 400, "invalid_request", "invalid_request_error");
}

#[tokio::test]
async fn api_error_comes_by_a_fault() {
    let answer = fault("api_error").await;
    assert_error(&answer, 400, "api_error", "api_error");
}

#[tokio::test]
async fn invalid_token() {
    let answer = send(&stora().await, LIST, &[("Authorization", "Bearer fake-token")], "").await;
    assert_error(&answer, 401, "invalid_token", "invalid_request_error");
}

#[tokio::test]
async fn forbidden() {
    let options = options().with_static_token("fake-token", ["public.site:read"]);
    let sandbox = Sandbox::start(options).await.unwrap();
    let answer = send(&sandbox, LIST, &[("Authorization", "Bearer fake-token")], "").await;
    assert_error(&answer, 403, "forbidden", "invalid_request_error");
}

#[tokio::test]
async fn resource_not_found() {
    let answer = call(&stora().await, "GET /2025-09/sites/site_none", "").await;
    assert_error(&answer, 404, "resource_not_found", "invalid_request_error");
}

#[tokio::test]
async fn invalid_endpoint() {
    let answer = call(&stora().await, "GET /2025-09/colours", "").await;
    assert_error(&answer, 404, "invalid_endpoint", "invalid_request_error");
}

#[tokio::test]
async fn invalid_format() {
    let answer = call_with(&stora().await, LIST, &[("Accept", "text/html")], "").await;
    assert_error(&answer, 406, "invalid_format", "invalid_request_error");
}

#[tokio::test]
async fn conflict() {
    let line = "DELETE /2025-09/contacts/con_7d41a0c2e95b38f6";
    let answer = call(&stora().await, line, "").await;
    assert_error(&answer, 409, "conflict", "invalid_request_error");
}

#[tokio::test]
async fn invalid_url_param() {
    let answer = call(&stora().await, "GET /2025-09/contacts?limit=0", "").await;
    assert_error(&answer, 422, "invalid_url_param", "invalid_request_error");
}

#[tokio::test]
async fn invalid_content() {
    let answer = call(&stora().await, CREATE, "{}").await;
    assert_error(&answer, 422, "invalid_content", "invalid_request_error");
}

#[tokio::test]
async fn too_many_requests() {
    let windows = vec![Window::new(1, 60).unwrap()];
    let options = options().with_limits(Limits::Windows(windows));
    let sandbox = Sandbox::start(options).await.unwrap();
    call(&sandbox, LIST, "").await;
    let answer = call(&sandbox, LIST, "").await;
    assert_error(&answer, 429, "too_many_requests", "invalid_request_error");
}

#[tokio::test]
async fn internal_server_error_comes_by_a_fault() {
    let answer = fault("internal_server_error").await;
    assert_error(&answer, 500, "internal_server_error", "api_error");
}

#[tokio::test]
async fn a_fault_by_code_is_kept_for_its_key() {
    let sandbox = stora().await;
    sandbox.push_fault(Target::Any, Fault::Code("api_error".to_owned()));
    let body = r#"{"email":"a@b.example","full_name":"A"}"#;
    for _ in 0..2 {
        let answer = call_with(&sandbox, CREATE, &[("Idempotency-Key", "key-1")], body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "api_error"));
    }
    assert_eq!(sandbox.ledger().effects(), []);
}

#[tokio::test]
async fn a_fault_with_a_code_that_no_one_knows_says_so() {
    let answer = fault("colour").await;
    assert_eq!(answer.at("/error/message"), "The table of errors has no code colour.");
}

#[tokio::test]
async fn a_fault_at_the_token_endpoint_has_its_form() {
    let sandbox = stora().await;
    sandbox.push_fault(Target::Any, Fault::Code("invalid_client".to_owned()));
    let answer = send(&sandbox, "POST /oauth2/token", &[], "").await;
    assert_eq!((answer.status, answer.at("/error")), (401, "invalid_client".into()));
}

#[tokio::test]
async fn a_failure_of_the_token_endpoint_has_its_form() {
    let sandbox = stora().await;
    sandbox.push_fault(Target::Any, Fault::StoredStatus(503));
    let answer = send(&sandbox, "POST /oauth2/token", &[], "").await;
    assert_eq!((answer.status, answer.at("/error")), (503, "server_error".into()));
}

async fn fault(code: &str) -> Answer {
    let sandbox = stora().await;
    sandbox.push_fault(Target::Any, Fault::Code(code.to_owned()));
    call(&sandbox, LIST, "").await
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, code: &str, kind: &str) {
    let found = (answer.status, answer.code(), answer.at("/error/type"));
    assert_eq!(found, (status, code.to_owned(), kind.into()), "{}", answer.text);
    assert_eq!(answer.at("/error/request_id").as_str(), answer.header("x-request-id"));
}
