//! The groups `Timeline / Events`, `Timeline / Sources` and `Timeline / Templates`.

use std::collections::BTreeMap;

use stora_2025_09::model::{
    ContactReference, InvoiceReference, SiteReference, SortDirection, SubscriptionReference,
    TenancyReference, TimelineEventCreate, TimelineEventExternalInput, TimelineEventId,
    TimelineEventUpdate, TimelineSourceReference, TimelineTemplateReference, UnitReference,
    UnitTypeReference,
};

use super::ids::{
    CONTACT, INVOICE, SITE, SUBSCRIPTION, TENANCY, TIMELINE_SOURCE, TIMELINE_TEMPLATE, UNIT,
    UNIT_TYPE,
};
use super::{Account, moment};

pub(crate) async fn required(account: &Account) {
    let timeline = account.client.timeline();
    timeline.events().create(TimelineEventCreate::new()).await.unwrap();
    let id: TimelineEventId = account.seed("timeline_events");
    timeline.events().update(id, TimelineEventUpdate::new()).await.unwrap();
    timeline.sources().list().await.unwrap();
    timeline.templates().list().await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let timeline = account.client.timeline();
    timeline.events().create(full_event()).await.unwrap();
    let id: TimelineEventId = account.seed("timeline_events");
    timeline.events().update(id, full_update()).await.unwrap();
    timeline.sources().list().page(1).limit(25).sort_direction(SortDirection::Asc).await.unwrap();
    let list = timeline.templates().list().page(1).limit(25).sort_direction(SortDirection::Asc);
    list.created_after(moment("2025-09-01T00:00:00Z")).await.unwrap();
}

fn full_event() -> TimelineEventCreate {
    TimelineEventCreate::new()
        .source(TimelineSourceReference::new(TIMELINE_SOURCE))
        .template(TimelineTemplateReference::new(TIMELINE_TEMPLATE))
        .contact(ContactReference::new(CONTACT))
        .description("Locked by the gate system.")
        .external(external())
        .invoice(InvoiceReference::new(INVOICE))
        .site(SiteReference::new(SITE))
        .subscription(SubscriptionReference::new(SUBSCRIPTION))
        .tenancy(TenancyReference::new(TENANCY))
        .unit(UnitReference::new(UNIT))
        .unit_type(UnitTypeReference::new(UNIT_TYPE))
        .variables(variables())
}

fn full_update() -> TimelineEventUpdate {
    TimelineEventUpdate::new()
        .source(TimelineSourceReference::new(TIMELINE_SOURCE))
        .template(TimelineTemplateReference::new(TIMELINE_TEMPLATE))
        .contact(ContactReference::new(CONTACT))
        .description("Locked by hand.")
        .external(external())
        .invoice(InvoiceReference::new(INVOICE))
        .site(SiteReference::new(SITE))
        .subscription(SubscriptionReference::new(SUBSCRIPTION))
        .tenancy(TenancyReference::new(TENANCY))
        .unit(UnitReference::new(UNIT))
        .unit_type(UnitTypeReference::new(UNIT_TYPE))
        .variables(variables())
}

fn external() -> TimelineEventExternalInput {
    TimelineEventExternalInput::new().id("gate-log-5521").url("https://gate.example/log/5521")
}

fn variables() -> BTreeMap<String, String> {
    BTreeMap::from([("door".to_owned(), "North gate".to_owned())])
}
