//! Requests that break Stora's document: refused with the status and the reason.

use specwright_sandbox::Sandbox;

use crate::client::{Answer, call, call_with, sandbox, send};

const CREATE: &str = "POST /2025-09/contacts";

#[tokio::test]
async fn an_unknown_query_parameter_is_refused() {
    let answer = list("?colour=red").await;
    assert_param(&answer, "/query/colour: the parameter is not known");
}

#[tokio::test]
async fn a_limit_above_the_most_is_refused() {
    let answer = list("?limit=101").await;
    assert_param(&answer, "/query/limit: value is greater than the maximum of 100");
}

#[tokio::test]
async fn a_list_that_was_sent_exploded_is_refused() {
    let answer = list("?status=lead&status=customer").await;
    assert_param(&answer, "/query/status: `status` is given 2 times and may be given once");
}

#[tokio::test]
async fn an_item_out_of_the_enum_is_refused() {
    let answer = list("?status=lead|customer").await;
    let reason = "/query/status/0: value is not one of \"lead\", \"customer\" or \"churned\"";
    assert_param(&answer, reason);
}

#[tokio::test]
async fn a_date_without_a_time_is_refused() {
    let answer = list("?created_after=2026-01-01").await;
    assert_param(&answer, "/query/created_after: value is not a \"date-time\"");
}

#[tokio::test]
async fn an_empty_contact_id_is_refused() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, "GET /2025-09/contacts/", "").await;
    assert_param(&answer, "/path/contact_id: the parameter is required");
}

#[tokio::test]
async fn a_missing_field_is_refused_by_name() {
    let answer = create(r#"{"email":"a@b.example"}"#).await;
    assert_content(&answer, ": \"full_name\" is a required property");
}

#[tokio::test]
async fn an_unknown_field_is_refused_by_name() {
    let answer = create(r#"{"email":"a@b.example","full_name":"A","colour":"red"}"#).await;
    let reason = ": Additional properties are not allowed ('colour' was unexpected)";
    assert_content(&answer, reason);
}

#[tokio::test]
async fn an_unknown_field_of_a_field_is_refused_by_pointer() {
    let address = r#"{"line_1":"1 Attic Road","postcode":"AB1 2CD"}"#;
    let body = format!(r#"{{"email":"a@b.example","full_name":"A","address":{address}}}"#);
    assert_content(&create(&body).await, "/address/postcode: the member is not known");
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_refused_by_pointer() {
    let answer = create(r#"{"email":"a@b.example","full_name":7}"#).await;
    assert_content(&answer, "/full_name: value is not of type \"string\"");
}

#[tokio::test]
async fn a_malformed_email_is_refused() {
    let answer = create(r#"{"email":"nobody","full_name":"A"}"#).await;
    assert_content(&answer, "/email: value is not a \"email\"");
}

#[tokio::test]
async fn null_for_a_field_that_takes_none_is_refused_on_create() {
    let answer = create(r#"{"email":"a@b.example","full_name":"A","tax_id":null}"#).await;
    assert_content(&answer, "/tax_id: value is not of type \"string\"");
}

#[tokio::test]
async fn a_reason_never_repeats_the_value() {
    let answer = create(r#"{"email":"canary-value","full_name":"A"}"#).await;
    assert!(!answer.text.contains("canary-value"), "{}", answer.text);
}

#[tokio::test]
async fn a_member_given_twice_is_refused() {
    let answer = create(r#"{"email":"a@b.example","email":"c@d.example","full_name":"A"}"#).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_request"));
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let answer = create("email=a").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_request"));
}

#[tokio::test]
async fn a_missing_body_is_refused() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, CREATE, "").await;
    assert_content(&answer, ": the body is required");
}

#[tokio::test]
async fn a_body_where_none_is_taken_is_refused() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, "GET /2025-09/contacts", "{}").await;
    assert_content(&answer, ": the operation takes no body");
}

#[tokio::test]
async fn a_form_where_json_is_wanted_is_refused() {
    let sandbox = sandbox().await;
    let token = format!("Bearer {}", sandbox.static_token());
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let headers = [("Authorization", token.as_str()), form];
    let answer = send(&sandbox, CREATE, &headers, "email=a%40b.example&full_name=A").await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn a_body_without_a_content_type_is_refused() {
    let sandbox = sandbox().await;
    let token = format!("Bearer {}", sandbox.static_token());
    let answer = send(&sandbox, CREATE, &[("Authorization", &token)], "{}").await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let sandbox = sandbox().await;
    let body = format!("\"{}\"", "x".repeat(1 << 20));
    let answer = call(&sandbox, CREATE, &body).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn json_may_name_its_charset() {
    let sandbox = sandbox().await;
    let token = format!("Bearer {}", sandbox.static_token());
    let json = ("Content-Type", "application/json; charset=utf-8");
    let headers = [("Authorization", token.as_str()), json];
    let body = r#"{"email":"a@b.example","full_name":"A"}"#;
    assert_eq!(send(&sandbox, CREATE, &headers, body).await.status, 201);
}

#[tokio::test]
async fn an_empty_idempotency_key_is_refused() {
    let sandbox = sandbox().await;
    let body = r#"{"email":"a@b.example","full_name":"A"}"#;
    let answer = call_with(&sandbox, CREATE, &[("Idempotency-Key", "")], body).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn what_is_refused_has_no_effect() {
    let sandbox = sandbox().await;
    call(&sandbox, CREATE, r#"{"email":"nobody","full_name":"A"}"#).await;
    assert_eq!(sandbox.ledger().effects(), []);
}

async fn list(query: &str) -> Answer {
    call(&sandbox().await, &format!("GET /2025-09/contacts{query}"), "").await
}

async fn create(body: &str) -> Answer {
    let sandbox: Sandbox = sandbox().await;
    call(&sandbox, CREATE, body).await
}

#[track_caller]
fn assert_param(answer: &Answer, reason: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_url_param"));
    assert_eq!(answer.details(), [reason]);
}

#[track_caller]
fn assert_content(answer: &Answer, reason: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_content"));
    assert_eq!(answer.details(), [reason]);
}
