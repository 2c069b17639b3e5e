//! The group `Webhook Subscriptions`.

use std::collections::BTreeMap;

use understory_v1::model::{
    WebhookEventType, WebhookSubscriptionCreate, WebhookSubscriptionId, WebhookSubscriptionReplace,
    WebhookSubscriptionState,
};

use super::Account;

const URL: &str = "https://hooks.partner.example/understory";

pub(crate) async fn required(account: &Account) {
    let subscriptions = account.client.webhook_subscriptions();
    let id: WebhookSubscriptionId = account.seed("webhook_subscriptions");
    subscriptions.list().await.unwrap();
    let types = [WebhookEventType::V1BookingCreated];
    let create = WebhookSubscriptionCreate::new(URL, types, WebhookSubscriptionState::Enabled);
    subscriptions.create(create).await.unwrap();
    subscriptions.get(&id).await.unwrap();
    let types = [WebhookEventType::V1BookingCreated];
    let replace = WebhookSubscriptionReplace::new(URL, types, WebhookSubscriptionState::Enabled);
    subscriptions.update(&id, replace).await.unwrap();
    subscriptions.delete(&id).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let subscriptions = account.client.webhook_subscriptions();
    let id: WebhookSubscriptionId = account.seed("webhook_subscriptions");
    let metadata = BTreeMap::from([("team".to_owned(), "calendar".to_owned())]);
    subscriptions.list().cursor("").limit(25).await.unwrap();
    let types = [WebhookEventType::V1BookingCreated, WebhookEventType::V1EventCancelled];
    let create = WebhookSubscriptionCreate::new(URL, types, WebhookSubscriptionState::Disabled)
        .description("Feeds the calendar.")
        .metadata(metadata.clone());
    subscriptions.create(create).await.unwrap();
    subscriptions.get(&id).await.unwrap();
    let types = [WebhookEventType::V1BookingUpdated];
    let replace = WebhookSubscriptionReplace::new(URL, types, WebhookSubscriptionState::Enabled)
        .description("Feeds the calendar.")
        .metadata(metadata);
    subscriptions.update(&id, replace).await.unwrap();
    subscriptions.delete(&id).await.unwrap();
}
