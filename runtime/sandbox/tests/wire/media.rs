//! Answers in other media types than JSON.

use serde_json::{Value, json};
use specwright_sandbox::Sandbox;

use crate::client::{Answer, call_with, options, stora};

#[tokio::test]
async fn a_list_can_be_had_as_csv() {
    let sandbox = Sandbox::start(options().with_contacts(2)).await.unwrap();
    let answer = accept(&sandbox, "GET /2025-09/contacts?limit=1", "text/csv").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv")));
    let lines: Vec<&str> = answer.text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("email,full_name,id"), "{}", lines[0]);
    assert!(lines[1].contains("@seed.example,Contact"), "{}", lines[1]);
}

#[tokio::test]
async fn a_single_resource_cannot_be_had_as_csv() {
    let sandbox = Sandbox::start(options().with_contacts(1)).await.unwrap();
    let line = format!("GET /2025-09/contacts/{}", sandbox.ids("contacts")[0]);
    assert_no_format(&accept(&sandbox, &line, "text/csv").await);
}

#[tokio::test]
async fn a_signed_contract_can_be_had_as_pdf() {
    let sandbox = stora().await;
    let answer = accept(&sandbox, &contract(&sandbox, true), "application/pdf").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/pdf")));
    assert!(answer.text.starts_with("%PDF-") && answer.text.ends_with("%%EOF\n"));
}

#[tokio::test]
async fn another_contract_cannot() {
    let sandbox = stora().await;
    assert_no_format(&accept(&sandbox, &contract(&sandbox, false), "application/pdf").await);
}

#[tokio::test]
async fn the_weight_decides_between_two_media_types() {
    let sandbox = stora().await;
    let line = contract(&sandbox, true);
    let media_type = async |ranges: &str| {
        let answer = accept(&sandbox, &line, ranges).await;
        answer.header("content-type").unwrap_or_default().to_owned()
    };
    assert_eq!(media_type("application/json;q=0.5, application/pdf").await, "application/pdf");
    assert_eq!(media_type("application/json, application/pdf;q=0.5").await, "application/json");
    assert_eq!(media_type("*/*").await, "application/json");
}

#[tokio::test]
async fn no_other_media_type_is_to_be_had() {
    let sandbox = stora().await;
    assert_no_format(&accept(&sandbox, "GET /2025-09/sites", "application/xml").await);
}

#[tokio::test]
async fn what_cannot_be_had_as_a_file_is_refused_before_it_is_done() {
    let mut document: Value =
        serde_json::from_str(include_str!("../../profiles/stora-2025-09/openapi.json")).unwrap();
    let answer = "/paths/~12025-09~1contacts/post/responses/201/content";
    document.pointer_mut(answer).unwrap()["application/pdf"] = json!({});
    let sandbox = Sandbox::start(options().with_document(document.to_string())).await.unwrap();
    let body = r#"{"email":"a@b.example","full_name":"A"}"#;
    let wanted = [("Accept", "application/pdf")];
    assert_no_format(&call_with(&sandbox, "POST /2025-09/contacts", &wanted, body).await);
    assert_eq!(sandbox.ledger().effects(), []);
}

async fn accept(sandbox: &Sandbox, line: &str, ranges: &str) -> Answer {
    call_with(sandbox, line, &[("Accept", ranges)], "").await
}

fn contract(sandbox: &Sandbox, signed: bool) -> String {
    let fits = |contract: &Value| (contract["status"] == "signed") == signed;
    let contract = sandbox.resources("contracts").into_iter().find(fits).unwrap();
    format!("GET /2025-09/contracts/{}", contract["id"].as_str().unwrap())
}

#[track_caller]
fn assert_no_format(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (406, "invalid_format"));
}
