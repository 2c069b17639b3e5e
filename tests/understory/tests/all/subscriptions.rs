//! Webhook subscriptions: PUT replaces, and a secret is shown once.

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Target};
use understory_v1::Client;
use understory_v1::model::{
    WebhookEventType, WebhookSubscriptionCreate, WebhookSubscriptionReplace,
    WebhookSubscriptionState, WebhookSubscriptionWithSecret,
};
use understory_v1::runtime::types::Bytes;

use crate::setup::started;

const URL: &str = "https://hooks.partner.example/understory";

#[tokio::test]
async fn what_a_replacement_leaves_out_is_gone() {
    let (_sandbox, client) = started().await;
    let subscriptions = client.webhook_subscriptions();
    let before = subscriptions.get("sub_example_0001").await.unwrap();
    assert!(before.description.is_some() && before.metadata.is_some());
    let types = [WebhookEventType::V1BookingCreated];
    let replace = WebhookSubscriptionReplace::new(URL, types, WebhookSubscriptionState::Enabled);
    let after = subscriptions.update("sub_example_0001", replace).await.unwrap();
    assert_eq!((after.description, after.metadata), (None, None));
}

#[tokio::test]
async fn a_replacement_is_a_put() {
    let (sandbox, client) = started().await;
    let types = [WebhookEventType::V1BookingCreated];
    let replace = WebhookSubscriptionReplace::new(URL, types, WebhookSubscriptionState::Enabled);
    client.webhook_subscriptions().update("sub_example_0001", replace).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].method, "PUT");
}

#[tokio::test]
async fn the_answer_to_a_creation_holds_the_secret() {
    let (_sandbox, client) = started().await;
    assert!(created(&client).await.secret.expose().starts_with("whsec_"));
}

#[tokio::test]
async fn no_later_answer_holds_the_secret() {
    let (_sandbox, client) = started().await;
    let created = created(&client).await;
    let shown = client.webhook_subscriptions().get(&created.id).send_with_response().await.unwrap();
    assert!(!String::from_utf8_lossy(shown.body()).contains("secret"));
}

#[tokio::test]
async fn a_secret_is_in_no_debug_text() {
    let (_sandbox, client) = started().await;
    let created = created(&client).await;
    let secret = created.secret.expose().to_owned();
    assert!(!format!("{created:?} {created:#?}").contains(&secret));
}

/// The documentation does not say with which status a subscription is deleted.
#[tokio::test]
async fn a_deletion_may_be_answered_with_200_instead_of_204() {
    let (sandbox, client) = started().await;
    sandbox.push_fault(Target::Any, Fault::Body(Bytes::new()));
    let call = client.webhook_subscriptions().delete("sub_example_0001");
    assert_eq!(call.send_with_response().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_creation_carries_no_idempotency_key() {
    let (sandbox, client) = started().await;
    created(&client).await;
    assert_eq!(key(&sandbox), None);
}

async fn created(client: &Client) -> WebhookSubscriptionWithSecret {
    let types = [WebhookEventType::V1BookingCreated];
    let create = WebhookSubscriptionCreate::new(URL, types, WebhookSubscriptionState::Enabled);
    client.webhook_subscriptions().create(create).await.unwrap()
}

fn key(sandbox: &Sandbox) -> Option<String> {
    sandbox.ledger().requests[0].header("idempotency-key").map(str::to_owned)
}
