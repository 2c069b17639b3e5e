//! What the operations on contacts and tokens do with their inputs. That each can be called, and that its answer is Equal
//! after decode and encode, is proved for all operations in `tests/operations`.

use serde_json::{Value, json};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::EffectKind;
use stora_2025_09::Client;
use stora_2025_09::model::{Address, ContactType, ContactUpdate, OAuth2ClientCredentialsRequest};
use stora_2025_09::runtime::types::Maybe;

use crate::setup::{SCOPES, client, sandbox};
use stora_tests::inputs::{full_contact, full_update, with_every_parameter};

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
    let expected = json!({
        "address": {
            "line_1": "12 Harbor Lane",
            "line_2": "Unit 4",
            "city": "Bristol",
            "postal_code": "BS1 4ST",
            "state": "Avon",
            "country_alpha2": "GB",
        },
        "company_registration_number": "01234567",
        "email": "ada+storage@lock-and-key.example",
        "full_name": "Ada Holt",
        "marketing_source": "google_search",
        "metadata": { "crm.id": "4711" },
        "phone_number": "+441174960123",
        "source": "phone",
        "tax_id": "GB123456789",
        "type": "company",
        "use_case": "business_needs",
    });
    assert_eq!(members_like(&expected, &json_from(answer.body())["contact"]), expected);
}

#[tokio::test]
async fn update_stores_every_member_as_it_was_sent() {
    let (sandbox, client) = started().await;
    let id = sandbox.seed_contacts(1).remove(0);
    let call = client.contacts().update(id, full_update());
    let answer = call.send_with_response().await.unwrap();
    let expected = json!({
        "address": {
            "line_1": "12 Harbor Lane",
            "line_2": "Unit 4",
            "city": "Bristol",
            "postal_code": "BS1 4ST",
            "state": "Avon",
            "country_alpha2": "GB",
        },
        "company_registration_number": "07654321",
        "email": "ada@elsewhere.example",
        "full_name": "Ada Holt-Meyer",
        "marketing_source": "radio",
        "metadata": { "campaign": "spring" },
        "phone_number": "+441174960124",
        "source": "walkin",
        "tax_id": "GB987654321",
        "type": "domestic",
        "use_case": "moving_home",
    });
    assert_eq!(members_like(&expected, &json_from(answer.body())["contact"]), expected);
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

fn json_from(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}
