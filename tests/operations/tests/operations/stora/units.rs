//! The group `Units`.

use stora_2025_09::model::{
    SiteId, SortDirection, UnitGrantAccess, UnitId, UnitOverlock, UnitRemoveOverlock, UnitReserve,
    UnitSortField, UnitStatusFilter, UnitTypeId,
};

use super::ids::{CONTACT, SITE_OF_UNIT, TENANCY, UNIT_TYPE, UNIT_TYPE_OF_UNIT};
use super::{Account, names};

pub(crate) async fn required(account: &Account) {
    let units = account.client.units();
    let id: UnitId = account.seed("units");
    units.list().await.unwrap();
    units.show(&id).await.unwrap();
    actions(account, &id).await;
}

pub(crate) async fn all(account: &Account) {
    let units = account.client.units();
    let id: UnitId = account.seed("units");
    units
        .list()
        .page(1)
        .limit(25)
        .sort_by(UnitSortField::CreatedAt)
        .sort_direction(SortDirection::Asc)
        .unit_type_id([UnitTypeId::from(UNIT_TYPE_OF_UNIT), UnitTypeId::from(UNIT_TYPE)])
        .site_id([SiteId::from(SITE_OF_UNIT)])
        .status([UnitStatusFilter::Available, UnitStatusFilter::Overlock])
        .expand(names(["site", "unit_type"]))
        .await
        .unwrap();
    units.show(&id).expand(names(["site", "unit_type"])).await.unwrap();
    actions(account, &id).await;
}

/// What has no optional input.
async fn actions(account: &Account, id: &UnitId) {
    let units = account.client.units();
    units.reserve(id, UnitReserve::new(TENANCY)).await.unwrap();
    units.grant_access_to(id, UnitGrantAccess::new(TENANCY)).await.unwrap();
    units.overlock(UnitOverlock::new(CONTACT)).await.unwrap();
    units.remove_overlock_from(UnitRemoveOverlock::new(CONTACT)).await.unwrap();
    units.deallocate(id).await.unwrap();
}
