//! The groups of what a site sells: `Products`, `Product Categories`, `Protection Levels` and `Coupons`; and `Tenancies`,
//! which come of it.

use stora_2025_09::model::{ProtectionLevelSortField, SortDirection, TenancySortField};

use super::ids::COUPON;
use super::{Account, names};

pub(crate) async fn required(account: &Account) {
    let client = &account.client;
    client.tenancies().list().await.unwrap();
    client.products().list().await.unwrap();
    client.product_categories().list().await.unwrap();
    client.protection_levels().list().await.unwrap();
    client.coupons().list().await.unwrap();
    client.coupons().show(COUPON).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let client = &account.client;
    client
        .tenancies()
        .list()
        .page(1)
        .limit(25)
        .sort_by(TenancySortField::CreatedAt)
        .sort_direction(SortDirection::Asc)
        .expand(names(["contact", "unit_allocations"]))
        .await
        .unwrap();
    client.products().list().page(1).limit(25).sort_direction(SortDirection::Asc).await.unwrap();
    client
        .product_categories()
        .list()
        .page(1)
        .limit(25)
        .sort_direction(SortDirection::Asc)
        .expand(names(["site"]))
        .await
        .unwrap();
    client
        .protection_levels()
        .list()
        .page(1)
        .limit(25)
        .sort_by(ProtectionLevelSortField::CreatedAt)
        .sort_direction(SortDirection::Asc)
        .await
        .unwrap();
    client.coupons().list().page(1).limit(25).sort_direction(SortDirection::Asc).await.unwrap();
    client.coupons().show(COUPON).await.unwrap();
}
