//! Every alternative that a request may be, and that it was sent.

use std::collections::BTreeSet;

use crate::exchange::Exchanges;
use crate::inputs;
use crate::{stora, understory};
use specwright_testkit::sandbox::{RequestEntry, Verdict};
use vendors::{Document, schema_name};

/// By operation: which part of the body may be what.
const STORA: [&str; 11] = [
    "create_order: OrderCreate.contact = ContactReference",
    "create_order: OrderCreate.contact = OrderContactCreate",
    "create_order: OrderStartsAt = string \"now\"",
    "create_order: OrderStartsAt = string date-time",
    "oauth2_token: OAuth2TokenRequest = OAuth2AuthorizationCodeRequest",
    "oauth2_token: OAuth2TokenRequest = OAuth2ClientCredentialsRequest",
    "oauth2_token: OAuth2TokenRequest = OAuth2RefreshTokenRequest",
    "update_order: OrderStartsAt = string \"now\"",
    "update_order: OrderStartsAt = string date-time",
    "update_order: OrderUpdate.contact = ContactReference",
    "update_order: OrderUpdate.contact = OrderContactCreate",
];

const UNDERSTORY: [&str; 2] =
    ["createBooking: Customer = CompanyCustomer", "createBooking: Customer = PrivateCustomer"];

#[test]
fn these_are_the_alternatives_that_the_documents_offer() {
    assert_eq!(offered(&stora::document()), STORA);
    assert_eq!(offered(&understory::document()), UNDERSTORY);
}

#[tokio::test]
async fn every_alternative_that_stora_offers_is_sent() {
    let exchanges = [stora::run().await, stora::others().await];
    assert_eq!(sent(&stora::document(), &exchanges), STORA);
}

#[tokio::test]
async fn every_alternative_that_understory_offers_is_sent() {
    let exchanges = [understory::run().await, understory::others().await];
    assert_eq!(sent(&understory::document(), &exchanges), UNDERSTORY);
}

#[tokio::test]
async fn an_alternative_that_is_never_sent_is_found() {
    let exchanges = [understory::run().await];
    assert_eq!(sent(&understory::document(), &exchanges), UNDERSTORY[1..]);
}

#[tokio::test]
async fn an_alternative_that_is_refused_counts_as_never_sent() {
    let mut exchanges = understory::others().await;
    for request in &mut exchanges.ledger.requests {
        request.verdict =
            Verdict::Answered { status: 422, reason: Some("invalid_content: no".to_owned()) };
    }
    assert_eq!(sent(&understory::document(), &[exchanges]), [""; 0]);
}

fn offered(document: &Document) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for (id, operation) in &document.operations {
        let Some(body) = &operation.body else { continue };
        let alternatives = document.equal.alternatives(&body.schema).unwrap();
        lines.extend(alternatives.iter().map(|pointer| line(document, id, pointer)));
    }
    lines.into_iter().collect()
}

/// The alternatives that were sent in requests which the sandbox understood.
fn sent(document: &Document, exchanges: &[Exchanges]) -> Vec<String> {
    let mut lines = BTreeSet::new();
    let requests = exchanges.iter().flat_map(|exchanges| &exchanges.ledger.requests);
    for request in requests.filter(|request| is_understood(request)) {
        let id = request.operation.as_ref().unwrap();
        let alternatives = inputs::alternatives(&document.equal, &document.operations[id], request);
        lines.extend(alternatives.iter().map(|pointer| line(document, id, pointer)));
    }
    lines.into_iter().collect()
}

/// Whether the sandbox did what was asked for, or would have done it for another program: it refuses two of the grants
/// after it has read them, because its own program may use client credentials alone.
fn is_understood(request: &RequestEntry) -> bool {
    match &request.verdict {
        Verdict::Answered { status, reason: None } => (200..400).contains(status),
        Verdict::Answered { status: 400, reason: Some(reason) } => {
            reason.starts_with("unauthorized_client")
        }
        _ => false,
    }
}

/// `/components/schemas/OrderCreate/properties/contact/oneOf/0` as `OrderCreate.contact = ContactReference`.
fn line(document: &Document, operation: &str, pointer: &str) -> String {
    let schema = document.raw().pointer(pointer).unwrap();
    let fixed = schema.get("const").map(|value| format!(" {value}")).unwrap_or_default();
    let (union, _) = pointer.rsplit_once('/').unwrap();
    let (union, _) = union.rsplit_once('/').unwrap();
    let union = union.strip_prefix("/components/schemas/").unwrap_or(union);
    let union = union.replace("/properties/", ".");
    format!("{operation}: {union} = {}{fixed}", schema_name(schema))
}
