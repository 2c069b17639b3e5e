//! Answers kept for an `Idempotency-Key`.

use std::time::Duration;

use specwright_sandbox::{Fault, Sandbox, Target};

use crate::client::{Answer, call, call_with, sandbox, try_send};

const CREATE: &str = "POST /2025-09/contacts";
const GRACE: &str = r#"{"email":"grace@attic.example","full_name":"Grace Field"}"#;
const ADA: &str = r#"{"email":"ada@lock-and-key.example","full_name":"Ada Holt"}"#;

#[tokio::test]
async fn the_same_key_gets_the_same_answer() {
    let sandbox = sandbox().await;
    let first = create(&sandbox, "key-1", GRACE).await;
    let second = create(&sandbox, "key-1", GRACE).await;
    assert_eq!((first.status, first.text), (second.status, second.text));
}

#[tokio::test]
async fn a_replay_has_no_effect() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    create(&sandbox, "key-1", GRACE).await;
    let ledger = sandbox.ledger();
    assert_eq!((ledger.effects().len(), ledger.replays.len()), (1, 1));
    assert_eq!(ledger.effects()[0].idempotency_key.as_deref(), Some("key-1"));
}

#[tokio::test]
async fn the_body_of_a_replay_is_not_compared() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    let answer = create(&sandbox, "key-1", ADA).await;
    assert_eq!(answer.at("/contact/email"), "grace@attic.example");
}

#[tokio::test]
async fn another_key_is_another_contact() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    create(&sandbox, "key-2", GRACE).await;
    assert_eq!(sandbox.ledger().effects().len(), 2);
}

#[tokio::test]
async fn a_key_is_new_again_after_a_day() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    sandbox.advance(Duration::from_secs(86_399));
    create(&sandbox, "key-1", GRACE).await;
    assert_eq!(sandbox.ledger().effects().len(), 1);
    sandbox.advance(Duration::from_secs(1));
    create(&sandbox, "key-1", GRACE).await;
    assert_eq!(sandbox.ledger().effects().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_kept_too() {
    let sandbox = sandbox().await;
    assert_eq!(create(&sandbox, "key-1", "{}").await.status, 422);
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 422);
}

#[tokio::test]
async fn a_failure_of_the_application_is_final_for_its_key() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::StoredStatus(500));
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 500);
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 500);
    assert_eq!(sandbox.ledger().effects(), []);
}

#[tokio::test]
async fn a_failure_before_the_application_is_not_kept() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(503));
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 503);
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
}

#[tokio::test]
async fn a_request_without_credentials_is_not_kept() {
    let sandbox = sandbox().await;
    let headers = [("Idempotency-Key", "key-1"), ("Content-Type", "application/json")];
    let refused = try_send(&sandbox, CREATE, &headers, GRACE).await;
    assert_eq!(refused.map(|answer| answer.status), Some(401));
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_had_again() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::CloseAfterEffect);
    let token = format!("Bearer {}", sandbox.static_token());
    let headers = [
        ("Authorization", token.as_str()),
        ("Idempotency-Key", "key-1"),
        ("Content-Type", "application/json"),
    ];
    assert!(try_send(&sandbox, CREATE, &headers, GRACE).await.is_none());
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
    assert_eq!(sandbox.ledger().effects().len(), 1);
}

#[tokio::test]
async fn a_change_is_no_post_and_takes_no_key() {
    let sandbox = sandbox().await;
    let id = sandbox.seed_contacts(1).remove(0);
    let line = format!("PATCH /2025-09/contacts/{id}");
    let key = [("Idempotency-Key", "key-1")];
    call_with(&sandbox, &line, &key, r#"{"full_name":"One"}"#).await;
    call_with(&sandbox, &line, &key, r#"{"full_name":"Two"}"#).await;
    let shown = call(&sandbox, &format!("GET /2025-09/contacts/{id}"), "").await;
    assert_eq!(shown.at("/contact/full_name"), "Two");
}

async fn create(sandbox: &Sandbox, key: &str, body: &str) -> Answer {
    call_with(sandbox, CREATE, &[("Idempotency-Key", key)], body).await
}
