//! Scripted faults.

use std::time::Duration;

use specwright_sandbox::{EffectKind, Fault, Target, Verdict};

use crate::client::{call, sandbox, try_send};

const LIST: &str = "GET /2025-09/contacts";
const CREATE: &str = "POST /2025-09/contacts";
const GRACE: &str = r#"{"email":"grace@attic.example","full_name":"Grace Field"}"#;

#[tokio::test]
async fn a_status_is_answered_once_and_in_the_envelope() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(503));
    let answer = call(&sandbox, LIST, "").await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "api_error"));
    assert_eq!(call(&sandbox, LIST, "").await.status, 200);
}

#[tokio::test]
async fn a_number_that_is_no_status_is_a_500() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(9));
    assert_eq!(call(&sandbox, LIST, "").await.status, 500);
}

#[tokio::test]
async fn a_status_may_have_headers() {
    let sandbox = sandbox().await;
    let headers = vec![("Retry-After".to_owned(), "7".to_owned())];
    sandbox.push_fault(Target::Any, Fault::StatusWithHeaders(429, headers));
    let answer = call(&sandbox, LIST, "").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));
}

#[tokio::test]
async fn a_fault_waits_for_the_operation_it_is_for() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::operation("create_contact"), Fault::Status(503));
    assert_eq!(call(&sandbox, LIST, "").await.status, 200);
    assert_eq!(call(&sandbox, CREATE, GRACE).await.status, 503);
}

#[tokio::test]
async fn a_connection_closed_before_the_answer_had_no_effect() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::CloseBeforeAnswer);
    assert!(lost(&sandbox).await);
    let ledger = sandbox.ledger();
    assert_eq!(ledger.effects(), []);
    assert_eq!(ledger.requests_for("create_contact")[0].verdict, Verdict::Closed);
}

#[tokio::test]
async fn a_connection_closed_after_the_effect_had_one() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::CloseAfterEffect);
    assert!(lost(&sandbox).await);
    let ledger = sandbox.ledger();
    assert_eq!(ledger.effects()[0].kind, EffectKind::Created);
    assert_eq!(ledger.requests_for("create_contact")[0].verdict, Verdict::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_delayed_request_is_answered_in_the_end() {
    let sandbox = sandbox().await;
    let before = tokio::time::Instant::now();
    sandbox.push_fault(Target::Any, Fault::Delay(Duration::from_secs(3600)));
    assert_eq!(call(&sandbox, LIST, "").await.status, 200);
    assert!(before.elapsed() >= Duration::from_secs(3600));
}

#[tokio::test]
async fn a_redirect_names_where_to() {
    let sandbox = sandbox().await;
    let url = "https://elsewhere.example/contacts";
    sandbox.push_fault(Target::Any, Fault::Redirect(url.to_owned()));
    let answer = call(&sandbox, LIST, "").await;
    assert_eq!((answer.status, answer.header("location")), (307, Some(url)));
}

#[tokio::test]
async fn a_body_is_sent_as_it_is() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Body("{\"contacts\":".into()));
    let answer = call(&sandbox, LIST, "").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "{\"contacts\":"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_fault_that_was_played_is_in_the_ledger() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(503));
    call(&sandbox, LIST, "").await;
    assert_eq!(sandbox.ledger().faults[0].fault, "status");
}

/// Creates a contact; says whether the connection ended without an answer.
async fn lost(sandbox: &specwright_sandbox::Sandbox) -> bool {
    let token = format!("Bearer {}", sandbox.static_token());
    let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
    try_send(sandbox, CREATE, &headers, GRACE).await.is_none()
}
