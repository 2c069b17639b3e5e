//! Secrets that answers hold: in the answer to a creation alone, and in no text.

use specwright_testkit::Sandbox;
use stora_2025_09::model::{
    WebhookApiVersion, WebhookEndpoint, WebhookEndpointCreate, WebhookEventType,
};
use stora_2025_09::runtime::json::to_vec;

use crate::setup::{client, sandbox};

#[tokio::test]
async fn the_answer_to_a_creation_holds_the_key_of_the_signatures() {
    let (_sandbox, endpoint) = created().await;
    assert_eq!(endpoint.secret.unwrap().expose().len(), 64);
}

#[tokio::test]
async fn no_later_answer_holds_the_key() {
    let (sandbox, _) = created().await;
    let list = client(&sandbox).webhook_endpoints().list().await.unwrap();
    assert!(list.endpoints.iter().all(|endpoint| endpoint.secret.is_none()));
}

#[tokio::test]
async fn the_key_is_in_no_debug_text() {
    let (_sandbox, endpoint) = created().await;
    let secret = endpoint.secret.as_ref().unwrap().expose().to_owned();
    assert!(!format!("{endpoint:?} {endpoint:#?}").contains(&secret));
}

#[tokio::test]
async fn the_key_is_in_no_debug_text_of_the_response() {
    let sandbox = sandbox().await;
    let create = client(&sandbox).webhook_endpoints().create(endpoint());
    let response = create.send_with_response().await.unwrap();
    let secret = response.inner().secret.as_ref().unwrap().expose();
    assert!(!format!("{response:?}").contains(secret));
}

/// Whoever keeps what came has to get it back.
#[tokio::test]
async fn the_key_is_encoded() {
    let (_sandbox, endpoint) = created().await;
    let text = String::from_utf8(to_vec(&endpoint).unwrap()).unwrap();
    assert!(text.contains(endpoint.secret.unwrap().expose()));
}

async fn created() -> (Sandbox, WebhookEndpoint) {
    let sandbox = sandbox().await;
    let endpoint = client(&sandbox).webhook_endpoints().create(endpoint()).await.unwrap();
    (sandbox, endpoint)
}

fn endpoint() -> WebhookEndpointCreate {
    WebhookEndpointCreate::new(
        WebhookApiVersion::V202509,
        [WebhookEventType::ContactCreated],
        "CRM sync",
        "https://crm.example/hooks/stora",
    )
}
