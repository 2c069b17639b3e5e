//! The group `Sites`.

use stora_2025_09::model::SortDirection;

use super::Account;
use super::ids::SITE;

pub(crate) async fn required(account: &Account) {
    let sites = account.client.sites();
    sites.list().await.unwrap();
    sites.show(SITE).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let sites = account.client.sites();
    sites.list().page(1).limit(25).sort_direction(SortDirection::Desc).await.unwrap();
    sites.show(SITE).await.unwrap();
}
