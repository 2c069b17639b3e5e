//! What the operations on contacts and tokens do with their inputs. That each can be called, and that its answer is Equal
//! after decode and encode, is proved for all operations in `tests/operations`.

use serde_json::{Value, json};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::EffectKind;
use stora_2025_09::Client;
use stora_2025_09::model::{Address, ContactType, ContactUpdate, OAuth2ClientCredentialsRequest};
use stora_2025_09::runtime::json::{Encode, to_vec};
use stora_2025_09::runtime::operation::BodyCodec;
use stora_2025_09::runtime::types::Maybe;

use crate::inputs::{full_contact, full_update, with_every_parameter};
use crate::setup::{SCOPES, client, effective_document, sandbox};

#[test]
fn every_list_input_is_filled() {
    let document = effective_document();
    let parameters = &document["paths"]["/2025-09/contacts"]["get"]["parameters"];
    assert_eq!(parameters.as_array().unwrap().len(), 14);
}

#[tokio::test]
async fn all_filters_together_keep_the_one_contact_that_fits() {
    let (sandbox, client) = started().await;
    sandbox.seed_contacts(3);
    let created = client.contacts().create(full_contact()).await.unwrap();
    let page = with_every_parameter(client.contacts().list()).await.unwrap();
    let ids: Vec<&str> = page.contacts.iter().map(|contact| contact.id.as_str()).collect();
    assert_eq!(ids, [created.id.as_str()]);
}

#[tokio::test]
async fn create_stores_every_member_as_it_was_sent() {
    let (_sandbox, client) = started().await;
    let answer = client.contacts().create(full_contact()).send_with_response().await.unwrap();
    let sent = json_of(&full_contact());
    assert_eq!(members_like(&sent, &json_from(answer.body())["contact"]), sent);
}

#[test]
fn every_create_input_is_filled() {
    assert_eq!(member_names(&json_of(&full_contact())), declared("ContactCreate"));
}

#[tokio::test]
async fn update_stores_every_member_as_it_was_sent() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    let call = client.contacts().update(id, full_update());
    let answer = call.send_with_response().await.unwrap();
    let sent = json_of(&full_update());
    assert_eq!(members_like(&sent, &json_from(answer.body())["contact"]), sent);
}

#[test]
fn every_update_input_is_filled() {
    assert_eq!(member_names(&json_of(&full_update())), declared("ContactUpdate"));
}

#[tokio::test]
async fn update_leaves_what_is_absent() {
    let (_sandbox, client) = started().await;
    let updated = updated(&client, ContactUpdate::new().full_name("Ada Meyer")).await;
    assert_eq!(updated["tax_id"], "GB123456789");
}

#[tokio::test]
async fn update_empties_what_is_null() {
    let (_sandbox, client) = started().await;
    let updated = updated(&client, ContactUpdate::new().tax_id(Maybe::Null)).await;
    assert_eq!(updated["tax_id"], Value::Null);
}

#[tokio::test]
async fn update_sets_what_has_a_value() {
    let (_sandbox, client) = started().await;
    let updated = updated(&client, ContactUpdate::new().r#type(ContactType::Domestic)).await;
    assert_eq!(updated["type"], "domestic");
}

#[tokio::test]
async fn null_inside_of_an_address_is_sent() {
    let (_sandbox, client) = started().await;
    let address = Address::new().line_1("1 Quay").line_2(Maybe::Null);
    let updated = updated(&client, ContactUpdate::new().address(address)).await;
    assert_eq!(updated["address"], json!({ "line_1": "1 Quay", "line_2": null }));
}

#[tokio::test]
async fn delete_needs_an_id() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    client.contacts().delete(&id).await.unwrap();
    let effects = sandbox.ledger().effects;
    assert_eq!((effects[0].kind, &effects[0].id), (EffectKind::Deleted, &id));
}

#[tokio::test]
async fn a_token_is_asked_for_in_json() {
    let (sandbox, client) = started().await;
    let answer = client.oauth2().token(grant(&sandbox)).await.unwrap();
    assert_eq!(answer.scope.as_deref(), Some(SCOPES));
}

#[tokio::test]
async fn a_token_is_asked_for_in_a_form() {
    let (sandbox, client) = started().await;
    let call = client.oauth2().token(grant(&sandbox)).body_codec(BodyCodec::Form);
    assert_eq!(call.await.unwrap().scope.as_deref(), Some(SCOPES));
}

#[tokio::test]
async fn a_token_request_carries_no_token() {
    let (sandbox, client) = started().await;
    client.oauth2().token(grant(&sandbox)).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].header("authorization"), None);
}

async fn started() -> (Sandbox, Client) {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    (sandbox, client)
}

fn grant(sandbox: &Sandbox) -> OAuth2ClientCredentialsRequest {
    OAuth2ClientCredentialsRequest::new(sandbox.client_id(), sandbox.client_secret(), SCOPES)
}

/// The full contact after one change, as the sandbox answers it.
async fn updated(client: &Client, change: ContactUpdate) -> Value {
    let id = client.contacts().create(full_contact()).await.unwrap().id;
    let answer = client.contacts().update(id, change).send_with_response().await.unwrap();
    json_from(answer.body())["contact"].clone()
}

/// Of `value` the members that `model` has.
fn members_like(model: &Value, value: &Value) -> Value {
    let names = model.as_object().unwrap().keys();
    names.map(|name| (name.clone(), value[name].clone())).collect()
}

fn member_names(value: &Value) -> Vec<String> {
    let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    names.sort();
    names
}

/// The members that the document declares for a component, sorted.
fn declared(component: &str) -> Vec<String> {
    member_names(&effective_document()["components"]["schemas"][component]["properties"])
}

fn json_of(value: &dyn Encode) -> Value {
    json_from(&to_vec(value).unwrap())
}

fn json_from(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}
