//! The groups `Orders`, `Marketing Consents` and `Account`.

use understory_v1::model::{OrderId, SortOrder};

use super::{Account, moment};

pub(crate) async fn required(account: &Account) {
    account.client.account().get_me().await.unwrap();
    account.client.marketing_consents().list().await.unwrap();
    account.client.orders().list().await.unwrap();
    one_order(account).await;
}

pub(crate) async fn all(account: &Account) {
    account.client.account().get_me().await.unwrap();
    account.client.marketing_consents().list().cursor("").limit(25).await.unwrap();
    account
        .client
        .orders()
        .list()
        .cursor("")
        .limit(25)
        .from(moment("2026-01-01T00:00:00Z"))
        .to(moment("2026-07-01T00:00:00Z"))
        .sort(SortOrder::CreatedAtDescending)
        .await
        .unwrap();
    one_order(account).await;
}

/// What has no optional input.
async fn one_order(account: &Account) {
    let orders = account.client.orders();
    let id: OrderId = account.seed("orders");
    orders.get(&id).await.unwrap();
    orders.get_line_items(&id).await.unwrap();
    orders.get_transactions(&id).await.unwrap();
    orders.get_refunds(&id).await.unwrap();
}
