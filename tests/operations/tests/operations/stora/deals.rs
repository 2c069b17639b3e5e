//! The groups `Deals` and `Deals / Stages`.

use std::collections::BTreeMap;

use stora_2025_09::model::{
    ContactReference, DealCreate, DealId, DealLineItemCreate, DealLineItemItemReference,
    DealLineItemType, DealLose, DealLostReason, DealReopen, DealStageReference, DealStageSortField,
    DealUpdate, MetadataUpdate, SiteReference, SortDirection, StaffReference,
};

use super::ids::{CONTACT, DEAL_STAGE, PROTECTION_LEVEL, SITE, STAFF, UNIT_TYPE};
use super::{Account, moment, names};

pub(crate) async fn required(account: &Account) {
    let deals = account.client.deals();
    let id: DealId = account.seed("deals");
    deals.list().await.unwrap();
    deals.stages().list().await.unwrap();
    deals.create(DealCreate::new()).await.unwrap();
    deals.show(&id).await.unwrap();
    deals.update(&id, DealUpdate::new()).await.unwrap();
    deals.lose(&id, DealLose::new(DealLostReason::PriceConcerns)).await.unwrap();
    deals.reopen(&id, DealReopen::new()).await.unwrap();
    deals.win(&id).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let deals = account.client.deals();
    let id: DealId = account.seed("deals");
    let list = deals.list().page(1).limit(25).sort_direction(SortDirection::Asc);
    list.expand(names(["contact", "stage"])).await.unwrap();
    deals
        .stages()
        .list()
        .page(1)
        .limit(25)
        .sort_by(DealStageSortField::Position)
        .sort_direction(SortDirection::Asc)
        .await
        .unwrap();
    deals.create(full_deal()).await.unwrap();
    deals.show(&id).expand(names(["contact", "line_items.item"])).await.unwrap();
    deals.update(&id, full_update()).await.unwrap();
    let lost = deals.lose(&id, DealLose::new(DealLostReason::ChoseCompetitor));
    lost.expand(names(["contact"])).await.unwrap();
    let reopen = DealReopen::new()
        .assignee(StaffReference::new(STAFF))
        .stage(DealStageReference::new(DEAL_STAGE));
    deals.reopen(&id, reopen).expand(names(["contact"])).await.unwrap();
    deals.win(&id).expand(names(["contact"])).await.unwrap();
}

fn full_deal() -> DealCreate {
    DealCreate::new()
        .assignee(StaffReference::new(STAFF))
        .contact(ContactReference::new(CONTACT))
        .line_items(line_items())
        .metadata(BTreeMap::from([("crm.id".to_owned(), "4711".to_owned())]))
        .name("Ada Holt, small locker")
        .note("Wants the ground floor")
        .site(SiteReference::new(SITE))
        .stage(DealStageReference::new(DEAL_STAGE))
        .starts_at(moment("2026-03-05T00:00:00Z"))
        .value_estimate("GBP60 per month")
}

fn full_update() -> DealUpdate {
    DealUpdate::new()
        .assignee(StaffReference::new(STAFF))
        .contact(ContactReference::new(CONTACT))
        .line_items(line_items())
        .metadata(MetadataUpdate::default().set("crm.id", "4712"))
        .name("Ada Holt, large locker")
        .note("Wants two floors".to_owned())
        .site(SiteReference::new(SITE))
        .stage(DealStageReference::new(DEAL_STAGE))
        .starts_at(moment("2026-03-06T00:00:00Z"))
        .value_estimate("GBP90 per month".to_owned())
}

fn line_items() -> Vec<DealLineItemCreate> {
    let line_item = |kind, id: &str| {
        DealLineItemCreate::new().r#type(kind).item(DealLineItemItemReference::new(id))
    };
    vec![
        line_item(DealLineItemType::UnitType, UNIT_TYPE),
        line_item(DealLineItemType::Protection, PROTECTION_LEVEL),
    ]
}
