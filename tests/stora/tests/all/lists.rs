//! Every list of the document, walked to its end as a stream of items.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use specwright_testkit::Sandbox;
use stora_2025_09::model::{Coupon, CouponId};
use stora_2025_09::runtime::operation::Paginated;
use stora_2025_09::{Call, Client};
use vendors::walk;

use crate::setup::{client, document, options, sandbox_with};

/// Seeded beside those of the examples, so that each list has several pages of [`LIMIT`] items.
const SEEDS: usize = 7;

const LIMIT: i64 = 3;

#[tokio::test]
async fn every_list_gives_each_item_once_and_the_newest_first() {
    let sandbox = seeded().await;
    for (collection, ids) in walk_all(&client(&sandbox)).await {
        assert_eq!(ids, newest_first(&sandbox, collection), "{collection}");
        assert!(ids.len() > SEEDS, "{collection} has {ids:?}");
    }
}

#[tokio::test]
async fn every_operation_with_pages_is_a_list_that_is_walked() {
    let sandbox = seeded().await;
    walk_all(&client(&sandbox)).await;
    walk_line_items(&sandbox, &seeded_order(&sandbox)).await;
    let walked: BTreeSet<String> =
        sandbox.ledger().requests.into_iter().filter_map(|request| request.operation).collect();
    assert_eq!(walked, document().lists());
}

/// The line items of an order are a list below a resource.
#[tokio::test]
async fn the_line_items_of_an_order_come_once_each_and_the_last_first() {
    let sandbox = seeded().await;
    let id = seeded_order(&sandbox);
    let order = sandbox.resources("orders").into_iter().find(|order| order["id"] == *id).unwrap();
    let there = order["line_items"].as_array().unwrap().iter().rev();
    let there: Vec<&str> = there.map(|item| item["id"].as_str().unwrap()).collect();
    assert!(there.len() > 1, "{there:?}");
    assert_eq!(walk_line_items(&sandbox, &id).await, there);
}

async fn seeded() -> Sandbox {
    let sandbox = sandbox_with(options().with_examples()).await;
    for collection in COLLECTIONS {
        assert_eq!(sandbox.seed(collection, SEEDS).len(), SEEDS, "{collection}");
    }
    sandbox
}

/// Every collection that a list of its own shows.
const COLLECTIONS: [&str; 23] = [
    "contacts",
    "sites",
    "units",
    "unit_types",
    "unit_allocations",
    "tenancies",
    "products",
    "product_categories",
    "protection_levels",
    "coupons",
    "orders",
    "subscriptions",
    "invoices",
    "credit_notes",
    "contracts",
    "contract_templates",
    "deals",
    "deal_stages",
    "identity_verifications",
    "tasks",
    "timeline_sources",
    "timeline_templates",
    "webhook_endpoints",
];

/// The ids that each list gives, by the collection that it shows.
async fn walk_all(client: &Client) -> BTreeMap<&'static str, Vec<String>> {
    BTreeMap::from([
        ("contacts", ids(client.contacts().list().limit(LIMIT), |it| it.id).await),
        ("sites", ids(client.sites().list().limit(LIMIT), |it| it.id).await),
        ("units", ids(client.units().list().limit(LIMIT), |it| it.id).await),
        ("unit_types", ids(client.unit_types().list().limit(LIMIT), |it| it.id).await),
        ("unit_allocations", ids(client.unit_allocations().list().limit(LIMIT), |it| it.id).await),
        ("tenancies", ids(client.tenancies().list().limit(LIMIT), |it| it.id).await),
        ("products", ids(client.products().list().limit(LIMIT), |it| it.id).await),
        (
            "product_categories",
            ids(client.product_categories().list().limit(LIMIT), |it| it.id).await,
        ),
        (
            "protection_levels",
            ids(client.protection_levels().list().limit(LIMIT), |it| it.id).await,
        ),
        ("coupons", ids(client.coupons().list().limit(LIMIT), coupon_id).await),
        ("orders", ids(client.orders().list().limit(LIMIT), |it| it.id).await),
        ("subscriptions", ids(client.subscriptions().list().limit(LIMIT), |it| it.id).await),
        ("invoices", ids(client.invoices().list().limit(LIMIT), |it| it.id).await),
        ("credit_notes", ids(client.credit_notes().list().limit(LIMIT), |it| it.id).await),
        ("contracts", ids(client.contracts().list().limit(LIMIT), |it| it.id).await),
        (
            "contract_templates",
            ids(client.contract_templates().list().limit(LIMIT), |it| it.id).await,
        ),
        ("deals", ids(client.deals().list().limit(LIMIT), |it| it.id).await),
        ("deal_stages", ids(client.deals().stages().list().limit(LIMIT), |it| it.id).await),
        (
            "identity_verifications",
            ids(client.identity_verifications().list().limit(LIMIT), |it| it.id).await,
        ),
        ("tasks", ids(client.tasks().list().limit(LIMIT), |it| it.id).await),
        (
            "timeline_sources",
            ids(client.timeline().sources().list().limit(LIMIT), |it| it.id).await,
        ),
        (
            "timeline_templates",
            ids(client.timeline().templates().list().limit(LIMIT), |it| it.id).await,
        ),
        (
            "webhook_endpoints",
            ids(client.webhook_endpoints().list().limit(LIMIT), |it| it.id).await,
        ),
    ])
}

async fn walk_line_items(sandbox: &Sandbox, order: &str) -> Vec<String> {
    let call = client(sandbox).orders().line_items().list(order).limit(1);
    ids(call, |it| it.id).await
}

fn coupon_id(coupon: Coupon) -> CouponId {
    match coupon {
        Coupon::Percentage(coupon) => coupon.id,
        Coupon::Amount(coupon) => coupon.id,
        coupon => panic!("{coupon:?}"),
    }
}

fn seeded_order(sandbox: &Sandbox) -> String {
    sandbox.seed("orders", 1).remove(0)
}

/// The ids of all items that the list gives as a stream.
async fn ids<O: Paginated, I: Into<String>>(call: Call<O>, id: fn(O::Item) -> I) -> Vec<String> {
    walk(call.items()).await.into_iter().map(|item| id(item).into()).collect()
}

/// The ids in a collection. Of two that are equally old, the later one in the sandbox is the newer one.
fn newest_first(sandbox: &Sandbox, collection: &str) -> Vec<String> {
    let mut there = sandbox.resources(collection);
    there.reverse();
    there.sort_by_key(|resource| Reverse(resource["created_at"].as_str().map(str::to_owned)));
    there.iter().map(|resource| resource["id"].as_str().unwrap().to_owned()).collect()
}
