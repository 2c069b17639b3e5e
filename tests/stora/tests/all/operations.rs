//! Each operation with only the required inputs and with all of them: accepted, with its effect, and its answer Equal
//! after decode and encode.

use serde_json::{Value, json};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{EffectKind, Verdict};
use stora_2025_09::Client;
use stora_2025_09::meta::OPERATIONS;
use stora_2025_09::model::{
    Address, ContactListResponse, ContactResponse, ContactType, ContactUpdate, ErrorResponse,
    MetadataUpdate, OAuth2ClientCredentialsRequest, OAuth2TokenResponse,
};
use stora_2025_09::runtime::json::{Decode, Encode, from_slice, to_vec};
use stora_2025_09::runtime::operation::BodyCodec;
use stora_2025_09::runtime::types::Maybe;

use crate::inputs::{full_contact, full_update, smallest_contact, with_every_parameter};
use crate::setup::{SCOPES, client, effective_document, sandbox, statuses};
use equal::{Equal, Relaxations};

#[tokio::test]
async fn list_needs_no_input() {
    let (sandbox, client) = started().await;
    client.contacts().list().await.unwrap();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(200)]);
}

#[tokio::test]
async fn list_takes_all_fourteen_parameters() {
    let (sandbox, client) = started().await;
    with_every_parameter(client.contacts().list()).await.unwrap();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(200)]);
}

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
async fn create_needs_an_email_and_a_name() {
    let (sandbox, client) = started().await;
    client.contacts().create(smallest_contact()).await.unwrap();
    assert_eq!(statuses(&sandbox, "create_contact"), [Some(201)]);
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
async fn show_needs_an_id() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    assert_eq!(client.contacts().show(&id).await.unwrap().id.as_str(), id);
}

#[tokio::test]
async fn show_takes_names_to_expand() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    let expand = ["tenancies".to_owned(), "tenancies.unit".to_owned()];
    client.contacts().show(id).expand(expand).await.unwrap();
    assert_eq!(statuses(&sandbox, "show_contact"), [Some(200)]);
}

#[tokio::test]
async fn update_needs_no_member() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    client.contacts().update(id, ContactUpdate::new()).await.unwrap();
    assert_eq!(statuses(&sandbox, "update_contact"), [Some(200)]);
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
async fn null_drops_one_key_of_the_metadata() {
    let (_sandbox, client) = started().await;
    let metadata = MetadataUpdate::default().remove("crm.id").set("a", "b");
    let updated = updated(&client, ContactUpdate::new().metadata(metadata)).await;
    assert_eq!(updated["metadata"], json!({ "a": "b" }));
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

#[tokio::test]
async fn every_operation_is_called_with_few_and_with_all_inputs_and_none_is_refused() {
    let (sandbox, client) = started().await;
    call_everything(&sandbox, &client).await;
    let ledger = sandbox.ledger();
    let called = |id: &str| ledger.requests_for(id).len() == 2;
    let called = OPERATIONS.iter().filter(|operation| called(operation.id)).count();
    let refused = ledger.requests.iter().filter(|request| {
        !matches!(request.verdict, Verdict::Answered { status: 200..=299, reason: None })
    });
    let count = format!("operations: {called} called, {} refused", refused.count());
    println!("{count}");
    assert_eq!(count, format!("operations: {} called, 0 refused", OPERATIONS.len()));
}

#[tokio::test]
async fn the_sandbox_kept_to_the_document_itself() {
    let (sandbox, client) = started().await;
    call_everything(&sandbox, &client).await;
    assert_eq!(sandbox.ledger().defects, []);
}

#[tokio::test]
async fn the_answer_of_list_is_equal() {
    let (sandbox, client) = started().await;
    sandbox.seed_contacts(3);
    client.contacts().create(full_contact()).await.unwrap();
    let answer = client.contacts().list().limit(2).send_with_response().await.unwrap();
    assert_equal::<ContactListResponse>("ContactListResponse", answer.body());
}

#[tokio::test]
async fn the_answer_of_create_is_equal() {
    let (_sandbox, client) = started().await;
    let answer = client.contacts().create(full_contact()).send_with_response().await.unwrap();
    assert_equal::<ContactResponse>("ContactResponse", answer.body());
}

#[tokio::test]
async fn the_answer_of_show_is_equal() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    let answer = client.contacts().show(id).send_with_response().await.unwrap();
    assert_equal::<ContactResponse>("ContactResponse", answer.body());
}

#[tokio::test]
async fn the_answer_of_update_is_equal() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    let call = client.contacts().update(id, full_update());
    let answer = call.send_with_response().await.unwrap();
    assert_equal::<ContactResponse>("ContactResponse", answer.body());
}

#[tokio::test]
async fn the_answer_of_delete_has_no_body() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    let answer = client.contacts().delete(id).send_with_response().await.unwrap();
    assert_eq!((answer.status(), answer.body().len()), (204, 0));
}

#[tokio::test]
async fn the_answer_of_token_is_equal() {
    let (sandbox, client) = started().await;
    let answer = client.oauth2().token(grant(&sandbox)).send_with_response().await.unwrap();
    assert_equal::<OAuth2TokenResponse>("OAuth2TokenResponse", answer.body());
}

#[tokio::test]
async fn an_error_answer_is_equal() {
    let (_sandbox, client) = started().await;
    let error = client.contacts().show("con_0000000000000000").await.unwrap_err();
    assert_equal::<ErrorResponse>("ErrorResponse", error.body().unwrap().bytes());
}

#[test]
fn every_example_of_an_answer_is_equal() {
    let document = effective_document();
    let media = "/content/application~1json/examples";
    let list = format!("/paths/~12025-09~1contacts/get/responses/200{media}");
    let show = format!("/paths/~12025-09~1contacts~1{{contact_id}}/get/responses/200{media}");
    let token = format!("/paths/~1oauth2~1token/post/responses/200{media}");
    let error = format!("/components/responses/UnprocessableContent{media}");
    let mut total = Relaxations::default();
    let mut examples = 0;
    let mut add = |pointer: &str, check: fn(&str, &[u8]) -> Relaxations, component: &str| {
        for example in document.pointer(pointer).unwrap().as_object().unwrap().values() {
            total += check(component, example["value"].to_string().as_bytes());
            examples += 1;
        }
    };
    add(&list, assert_equal::<ContactListResponse>, "ContactListResponse");
    add(&show, assert_equal::<ContactResponse>, "ContactResponse");
    add(&token, assert_equal::<OAuth2TokenResponse>, "OAuth2TokenResponse");
    add(&error, assert_equal::<ErrorResponse>, "ErrorResponse");
    println!("equal: {examples} examples: {total}");
    assert_eq!(examples, 8);
}

async fn started() -> (Sandbox, Client) {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    (sandbox, client)
}

/// Each operation twice: with the required inputs only, then with all of them.
async fn call_everything(sandbox: &Sandbox, client: &Client) {
    let contacts = client.contacts();
    let small = contacts.create(smallest_contact()).await.unwrap().id;
    let full = contacts.create(full_contact()).await.unwrap().id;
    contacts.list().await.unwrap();
    with_every_parameter(contacts.list()).await.unwrap();
    contacts.show(&small).await.unwrap();
    contacts.show(&full).expand(["tenancies".to_owned()]).await.unwrap();
    contacts.update(&small, ContactUpdate::new()).await.unwrap();
    contacts.update(&full, full_update()).await.unwrap();
    contacts.delete(small).await.unwrap();
    contacts.delete(full).await.unwrap();
    client.oauth2().token(grant(sandbox)).await.unwrap();
    client.oauth2().token(grant(sandbox)).body_codec(BodyCodec::Form).await.unwrap();
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

#[expect(clippy::print_stdout, reason = "each relaxation that was used is to be seen")]
#[track_caller]
fn assert_equal<T: Decode + Encode>(component: &str, body: &[u8]) -> Relaxations {
    let written = to_vec(&from_slice::<T>(body).unwrap()).unwrap();
    let relaxations = Equal::of(effective_document())
        .unwrap()
        .compare(
            &format!("/components/schemas/{component}"),
            &json_from(body),
            &json_from(&written),
        )
        .unwrap_or_else(|differences| panic!("{component} is not Equal:\n{differences}"));
    println!("equal: {component}: {relaxations}");
    relaxations
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
