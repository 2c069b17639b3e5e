//! Every list of the document, walked to its end item by item.

use std::collections::{BTreeMap, BTreeSet};

use specwright_testkit::Sandbox;
use stora_2025_09::runtime::operation::Paginated;
use stora_2025_09::{Call, Client};

use crate::setup::{client, effective_document, options, sandbox_with};

/// Seeded beside those of the examples, so that each list has several pages of [`LIMIT`] items.
const SEEDS: usize = 7;

const LIMIT: i64 = 3;

#[tokio::test]
async fn every_list_is_walked_to_its_end() {
    let sandbox = seeded().await;
    let counts = walk_all(&client(&sandbox)).await;
    for (collection, count) in &counts {
        assert!(*count > SEEDS, "{collection} has {count} items");
        assert_eq!(*count, sandbox.ids(collection).len(), "{collection}");
    }
}

#[tokio::test]
async fn every_operation_with_pages_is_a_list_that_is_walked() {
    let sandbox = seeded().await;
    walk_all(&client(&sandbox)).await;
    walk_line_items(&sandbox).await;
    let walked: BTreeSet<String> =
        sandbox.ledger().requests.into_iter().filter_map(|request| request.operation).collect();
    assert_eq!(walked, operations_with_pages());
}

/// The line items of an order are a list below a resource.
#[tokio::test]
async fn the_line_items_of_an_order_are_walked_to_their_end() {
    let sandbox = seeded().await;
    let (walked, there) = walk_line_items(&sandbox).await;
    assert!(there > 1);
    assert_eq!(walked, there);
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

/// How many items each list has.
async fn walk_all(client: &Client) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([
        ("contacts", walk(client.contacts().list().limit(LIMIT)).await),
        ("sites", walk(client.sites().list().limit(LIMIT)).await),
        ("units", walk(client.units().list().limit(LIMIT)).await),
        ("unit_types", walk(client.unit_types().list().limit(LIMIT)).await),
        ("unit_allocations", walk(client.unit_allocations().list().limit(LIMIT)).await),
        ("tenancies", walk(client.tenancies().list().limit(LIMIT)).await),
        ("products", walk(client.products().list().limit(LIMIT)).await),
        ("product_categories", walk(client.product_categories().list().limit(LIMIT)).await),
        ("protection_levels", walk(client.protection_levels().list().limit(LIMIT)).await),
        ("coupons", walk(client.coupons().list().limit(LIMIT)).await),
        ("orders", walk(client.orders().list().limit(LIMIT)).await),
        ("subscriptions", walk(client.subscriptions().list().limit(LIMIT)).await),
        ("invoices", walk(client.invoices().list().limit(LIMIT)).await),
        ("credit_notes", walk(client.credit_notes().list().limit(LIMIT)).await),
        ("contracts", walk(client.contracts().list().limit(LIMIT)).await),
        ("contract_templates", walk(client.contract_templates().list().limit(LIMIT)).await),
        ("deals", walk(client.deals().list().limit(LIMIT)).await),
        ("deal_stages", walk(client.deals().stages().list().limit(LIMIT)).await),
        ("identity_verifications", walk(client.identity_verifications().list().limit(LIMIT)).await),
        ("tasks", walk(client.tasks().list().limit(LIMIT)).await),
        ("timeline_sources", walk(client.timeline().sources().list().limit(LIMIT)).await),
        ("timeline_templates", walk(client.timeline().templates().list().limit(LIMIT)).await),
        ("webhook_endpoints", walk(client.webhook_endpoints().list().limit(LIMIT)).await),
    ])
}

/// How many line items of an order were walked, and how many it has.
async fn walk_line_items(sandbox: &Sandbox) -> (usize, usize) {
    let id = sandbox.seed("orders", 1).remove(0);
    let orders = client(sandbox).orders();
    let order = sandbox.resources("orders").into_iter().find(|order| order["id"] == id).unwrap();
    let there = order["line_items"].as_array().unwrap().len();
    (walk(orders.line_items().list(&*id).limit(1)).await, there)
}

async fn walk<O: Paginated>(call: Call<O>) -> usize {
    let mut items = call.items();
    let mut count = 0;
    while let Some(item) = items.next().await {
        item.unwrap();
        count += 1;
    }
    count
}

fn operations_with_pages() -> BTreeSet<String> {
    let document = effective_document();
    let paths = document["paths"].as_object().unwrap().values();
    let gets = paths.filter_map(|path| path.get("get"));
    let paged = gets.filter(|get| get.get("x-specwright-pagination").is_some());
    paged.filter_map(|get| get["operationId"].as_str()).map(str::to_owned).collect()
}
