//! One wrong writing for each style of a parameter: the sandbox refuses it, so what it accepts from the generated client
//! is right.

use serde_json::Value;
use specwright_testkit::Sandbox;
use stora_2025_09::runtime::{Method, RawRequest};

use crate::setup::{client, sandbox, sandbox_with};
use crate::styles::other_document;

#[tokio::test]
async fn a_list_with_commas_is_not_taken_exploded() {
    assert_eq!(
        refusal("/2025-09/contacts?status=lead&status=customer").await,
        "/query/status: `status` is given 2 times and may be given once"
    );
}

#[tokio::test]
async fn a_list_with_commas_is_not_taken_with_pipes() {
    assert_eq!(
        refusal("/2025-09/contacts?status=lead%7Ccustomer").await,
        "/query/status/0: value is not one of \"lead\", \"customer\" or \"churned\""
    );
}

#[tokio::test]
async fn the_comma_between_items_is_not_taken_encoded() {
    assert_eq!(
        refusal("/2025-09/contacts?status=lead%2Ccustomer").await,
        "/query/status/0: value is not one of \"lead\", \"customer\" or \"churned\""
    );
}

#[tokio::test]
async fn a_single_value_is_not_taken_twice() {
    assert_eq!(
        refusal("/2025-09/contacts?limit=1&limit=1").await,
        "/query/limit: `limit` is given 2 times and may be given once"
    );
}

#[tokio::test]
async fn a_number_is_not_taken_as_a_decimal() {
    assert_eq!(
        refusal("/2025-09/contacts?limit=1.0").await,
        "/query/limit: value is not of type \"integer\""
    );
}

#[tokio::test]
async fn a_moment_is_not_taken_with_a_bare_plus() {
    assert_eq!(
        refusal("/2025-09/contacts?created_after=2026-01-01T00:00:00+01:00").await,
        "/query/created_after: value is not a \"date-time\""
    );
}

#[tokio::test]
async fn a_path_value_is_not_taken_empty() {
    let reason = "/path/contact_id: the parameter is required";
    assert_eq!(refusal("/2025-09/contacts/").await, reason);
}

#[tokio::test]
async fn a_path_value_is_not_taken_in_latin_1() {
    assert_eq!(
        refusal("/2025-09/contacts/con_%E4").await,
        "/path/contact_id: the percent-encoded bytes are not UTF-8"
    );
}

/// No operation of Stora takes a header, so another document stands in.
#[tokio::test]
async fn a_list_in_a_header_is_not_taken_with_pipes() {
    let sandbox = sandbox_with(other_document()).await;
    let request = get(&sandbox, "/header-list").with_header("X-Sizes", "1|2");
    assert_eq!(reason_of(request).await, "/header/X-Sizes/0: value is not of type \"integer\"");
}

async fn refusal(target: &str) -> String {
    let sandbox = sandbox().await;
    reason_of(get(&sandbox, target)).await
}

fn get(sandbox: &Sandbox, target: &str) -> RawRequest {
    client(sandbox).request(Method::GET, target)
}

/// The reason of a 422, as `pointer: message`.
async fn reason_of(request: RawRequest) -> String {
    let error = request.send().await.unwrap_err();
    assert_eq!(error.status(), Some(422), "{error}");
    let body: Value = serde_json::from_slice(error.body().unwrap().bytes()).unwrap();
    let details = body["error"]["details"].as_array().unwrap();
    let text = |detail: &Value, name: &str| detail[name].as_str().unwrap().to_owned();
    let reasons = details
        .iter()
        .map(|detail| format!("{}: {}", text(detail, "pointer"), text(detail, "message")));
    reasons.collect::<Vec<_>>().join("\n")
}
