//! The group `Unit Allocations`.

use stora_2025_09::model::{
    ContactId, SiteId, SortDirection, TenancyId, UnitAllocationId, UnitAllocationSortField, UnitId,
};

use super::ids::{CONTACT, SITE_OF_UNIT, TENANCY, UNIT};
use super::{Account, names};

pub(crate) async fn required(account: &Account) {
    let unit_allocations = account.client.unit_allocations();
    let id: UnitAllocationId = account.seed("unit_allocations");
    unit_allocations.list().await.unwrap();
    unit_allocations.show(id).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let unit_allocations = account.client.unit_allocations();
    unit_allocations
        .list()
        .page(1)
        .limit(25)
        .sort_by(UnitAllocationSortField::CreatedAt)
        .sort_direction(SortDirection::Asc)
        .contact_id([ContactId::from(CONTACT), ContactId::from("con_b60e19f4d27c5a83")])
        .tenancy_id([TenancyId::from(TENANCY)])
        .unit_id([UnitId::from(UNIT)])
        .site_id([SiteId::from(SITE_OF_UNIT)])
        .expand(names(["unit", "tenancy"]))
        .await
        .unwrap();
    let id: UnitAllocationId = account.seed("unit_allocations");
    unit_allocations.show(id).expand(names(["unit", "tenancy"])).await.unwrap();
}
