//! The group `Webhook Endpoints`.

use std::collections::BTreeMap;

use stora_2025_09::model::{
    MetadataUpdate, SortDirection, WebhookApiVersion, WebhookEndpointCreate, WebhookEndpointId,
    WebhookEndpointSortField, WebhookEndpointStatus, WebhookEndpointUpdate, WebhookEventType,
};

use super::{Account, names};

pub(crate) async fn required(account: &Account) {
    let endpoints = account.client.webhook_endpoints();
    let id: WebhookEndpointId = account.seed("webhook_endpoints");
    endpoints.list().await.unwrap();
    endpoints.create(smallest_endpoint()).await.unwrap();
    endpoints.update(&id, WebhookEndpointUpdate::new()).await.unwrap();
    endpoints.disable(&id).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let endpoints = account.client.webhook_endpoints();
    let id: WebhookEndpointId = account.seed("webhook_endpoints");
    endpoints
        .list()
        .page(1)
        .limit(25)
        .sort_by(WebhookEndpointSortField::CreatedAt)
        .sort_direction(SortDirection::Asc)
        .status([WebhookEndpointStatus::Enabled, WebhookEndpointStatus::Disabled])
        .metadata(BTreeMap::from([("team".to_owned(), "sales".to_owned())]))
        .expand(names(["creator"]))
        .await
        .unwrap();
    let create = smallest_endpoint()
        .description("Keeps the CRM up to date.".to_owned())
        .metadata(BTreeMap::from([("team".to_owned(), "sales".to_owned())]));
    endpoints.create(create).await.unwrap();
    let update = WebhookEndpointUpdate::new()
        .description("Keeps the CRM up to date.".to_owned())
        .event_types([WebhookEventType::OrderCreated])
        .metadata(MetadataUpdate::default().set("team", "sales").remove("owner"))
        .name("CRM and bookings")
        .url("https://crm.example/hooks/stora");
    endpoints.update(&id, update).await.unwrap();
    endpoints.disable(&id).await.unwrap();
}

fn smallest_endpoint() -> WebhookEndpointCreate {
    WebhookEndpointCreate::new(
        WebhookApiVersion::V202509,
        [WebhookEventType::ContactCreated, WebhookEventType::DealUpdated],
        "CRM sync",
        "https://crm.example/hooks/stora",
    )
}
