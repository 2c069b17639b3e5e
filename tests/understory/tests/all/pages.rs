//! Lists by cursor, walked to both of their ends: `next` empty, and `next` left out.

use std::collections::{BTreeMap, BTreeSet};

use specwright_testkit::Sandbox;
use understory_v1::runtime::operation::Paginated;
use understory_v1::{Call, Client};

use crate::setup::{effective_document, started};

const EXPERIENCE: &str = "exp_example_0001";

const LANGUAGES: &str = "en-GB";

/// Seeded beside those of the examples, so that each list has several pages of [`LIMIT`] items.
const SEEDS: usize = 7;

const LIMIT: i32 = 3;

#[tokio::test]
async fn every_list_is_walked_to_its_end() {
    let (sandbox, client) = filled().await;
    for (collection, found) in walk_all(&client).await {
        assert_eq!(found, there(&sandbox, collection), "{collection}");
        assert!(found.len() > SEEDS, "{collection} has {found:?}");
    }
}

/// They show no id, and older builds have none.
#[tokio::test]
async fn marketing_consents_are_walked_to_their_end() {
    let (sandbox, client) = filled().await;
    let items = walk(client.marketing_consents().list().limit(LIMIT)).await;
    assert_eq!(items.len(), sandbox.resources("marketing_consents").len());
    assert!(items.len() > SEEDS);
}

#[tokio::test]
async fn lists_below_an_experience_are_walked_to_their_end() {
    let (_sandbox, client) = started().await;
    assert_eq!(walk_below(&client).await, [2, 2]);
}

#[tokio::test]
async fn every_operation_with_pages_is_a_list_that_is_walked() {
    let (sandbox, client) = filled().await;
    walk_all(&client).await;
    walk(client.marketing_consents().list().limit(LIMIT)).await;
    walk_below(&client).await;
    let walked: BTreeSet<String> =
        sandbox.ledger().requests.into_iter().filter_map(|request| request.operation).collect();
    assert_eq!(walked, operations_with_pages());
}

#[tokio::test]
async fn a_cursor_that_is_empty_is_the_end() {
    let (sandbox, client) = started().await;
    let ids = sandbox.seed("events", 3);
    let pages = pages(client.events().list().limit(2)).await;
    assert_eq!(pages.last().unwrap().next.as_deref(), Some(""));
    assert!(ids.len() < pages.iter().filter_map(|page| page.items.as_ref()).flatten().count());
}

#[tokio::test]
async fn a_cursor_that_is_left_out_is_the_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("orders", 3);
    let pages = pages(client.orders().list().limit(2)).await;
    assert_eq!(pages.last().unwrap().next, None);
    assert!(pages.len() > 1);
}

#[tokio::test]
async fn every_page_is_asked_for_with_the_same_inputs() {
    let (sandbox, client) = started().await;
    sandbox.seed("orders", 3);
    pages(client.orders().list().limit(2)).await;
    let ledger = sandbox.ledger();
    let limits = ledger.requests.iter().filter(|request| request.query.contains("limit=2"));
    assert_eq!(limits.count(), ledger.requests.len());
}

#[tokio::test]
async fn a_list_without_items_has_one_page() {
    let (_sandbox, client) = started().await;
    let list = client.event_availabilities().list("exp_none");
    assert_eq!(walk(list).await.len(), 0);
}

/// The ids that each list has, by the collection that it shows. None comes twice.
async fn walk_all(client: &Client) -> BTreeMap<&'static str, BTreeSet<String>> {
    let availabilities = client.event_availabilities().list(EXPERIENCE).limit(LIMIT);
    let subscriptions = client.webhook_subscriptions().list().limit(LIMIT);
    BTreeMap::from([
        ("bookings", found(walk(client.bookings().list().limit(LIMIT)).await, |it| it.id)),
        ("events", found(walk(client.events().list().limit(LIMIT)).await, |it| it.id)),
        ("event_availabilities", found(walk(availabilities).await, |it| it.event_id)),
        (
            "experiences",
            found(walk(client.experiences().list(LANGUAGES).limit(LIMIT)).await, |it| it.id),
        ),
        ("orders", found(walk(client.orders().list().limit(LIMIT)).await, |it| it.id)),
        ("webhook_subscriptions", found(walk(subscriptions).await, |it| it.id)),
    ])
}

/// How many questions and how many kinds of ticket an experience has.
async fn walk_below(client: &Client) -> [usize; 2] {
    let experiences = client.experiences();
    let questions = experiences.get_information_requests_for(EXPERIENCE, LANGUAGES).limit(1);
    let variants = experiences.get_ticket_variants_for(EXPERIENCE, LANGUAGES).limit(1);
    [walk(questions).await.len(), walk(variants).await.len()]
}

/// A sandbox in which each list has several pages.
async fn filled() -> (Sandbox, Client) {
    let (sandbox, client) = started().await;
    let lists = ["bookings", "events", "event_availabilities", "experiences", "orders"];
    for collection in [&lists[..], &["marketing_consents", "webhook_subscriptions"]].concat() {
        assert_eq!(sandbox.seed(collection, SEEDS).len(), SEEDS, "{collection}");
    }
    (sandbox, client)
}

fn operations_with_pages() -> BTreeSet<String> {
    let document = effective_document();
    let paths = document["paths"].as_object().unwrap().values();
    let gets = paths.filter_map(|path| path.get("get"));
    let paged = gets.filter(|get| get.get("x-specwright-pagination").is_some());
    paged.filter_map(|get| get["operationId"].as_str()).map(str::to_owned).collect()
}

/// All items of a list.
async fn walk<O: Paginated>(call: Call<O>) -> Vec<O::Item> {
    let mut items = call.items();
    let mut found = Vec::new();
    while let Some(item) = items.next().await {
        found.push(item.unwrap());
    }
    found
}

/// All pages of a list.
async fn pages<O: Paginated>(call: Call<O>) -> Vec<O::Output> {
    let mut pages = call.pages();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        found.push(page.unwrap());
    }
    found
}

/// The ids of the items, none of which came twice.
#[track_caller]
fn found<T, I: Into<String>>(items: Vec<T>, id: fn(T) -> I) -> BTreeSet<String> {
    let count = items.len();
    let ids: BTreeSet<String> = items.into_iter().map(|item| id(item).into()).collect();
    assert_eq!(ids.len(), count);
    ids
}

fn there(sandbox: &Sandbox, collection: &str) -> BTreeSet<String> {
    sandbox.ids(collection).into_iter().collect()
}
