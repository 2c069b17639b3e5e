//! Every alternative that a request may be, and that it was sent.

use std::collections::BTreeSet;

use crate::document::{Document, schema_name};
use crate::exchange::Exchanges;
use crate::inputs;
use crate::{stora, understory};

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

fn offered(document: &Document) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for (id, operation) in &document.operations {
        let Some(body) = &operation.body else { continue };
        let alternatives = document.equal.alternatives(&body.schema).unwrap();
        lines.extend(alternatives.iter().map(|pointer| line(document, id, pointer)));
    }
    lines.into_iter().collect()
}

fn sent(document: &Document, exchanges: &[Exchanges]) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for request in exchanges.iter().flat_map(|exchanges| &exchanges.ledger.requests) {
        let id = request.operation.as_ref().unwrap();
        let alternatives = inputs::alternatives(&document.equal, &document.operations[id], request);
        lines.extend(alternatives.iter().map(|pointer| line(document, id, pointer)));
    }
    lines.into_iter().collect()
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
