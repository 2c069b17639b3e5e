//! The group `Unit Types`.

use stora_2025_09::model::{MoneyAmount, SortDirection, UnitTypeBasePriceCreate};

use super::ids::UNIT_TYPE;
use super::{Account, names};

pub(crate) async fn required(account: &Account) {
    let unit_types = account.client.unit_types();
    unit_types.list().await.unwrap();
    unit_types.show(UNIT_TYPE).await.unwrap();
    unit_types.create_base_price(UNIT_TYPE, UnitTypeBasePriceCreate::new()).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let unit_types = account.client.unit_types();
    unit_types
        .list()
        .page(1)
        .limit(25)
        .sort_direction(SortDirection::Desc)
        .expand(names(["site"]))
        .await
        .unwrap();
    unit_types.show(UNIT_TYPE).expand(names(["site"])).await.unwrap();
    let price = UnitTypeBasePriceCreate::new()
        .weekly(MoneyAmount::new(1600))
        .monthly(MoneyAmount::new(6200));
    unit_types.create_base_price(UNIT_TYPE, price).await.unwrap();
}
