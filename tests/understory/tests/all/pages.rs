//! Lists by cursor, walked to both of their ends: `next` empty, and `next` left out.

use std::collections::BTreeSet;

use specwright_testkit::Sandbox;
use understory_v1::Call;
use understory_v1::runtime::operation::Paginated;

use crate::setup::started;

const LANGUAGES: &str = "en-GB";

#[tokio::test]
async fn bookings_are_walked_to_their_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("bookings", 7);
    let items = walk(client.bookings().list().limit(2)).await;
    assert_eq!(found(items, |item| item.id), there(&sandbox, "bookings"));
}

#[tokio::test]
async fn events_are_walked_to_their_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("events", 7);
    let items = walk(client.events().list().limit(2)).await;
    assert_eq!(found(items, |item| item.id), there(&sandbox, "events"));
}

#[tokio::test]
async fn availabilities_are_walked_to_their_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("event_availabilities", 7);
    let list = client.event_availabilities().list("exp_example_0001").limit(2);
    let items = walk(list).await;
    assert_eq!(found(items, |item| item.event_id), there(&sandbox, "event_availabilities"));
}

#[tokio::test]
async fn experiences_are_walked_to_their_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("experiences", 7);
    let items = walk(client.experiences().list(LANGUAGES).limit(2)).await;
    assert_eq!(found(items, |item| item.id), there(&sandbox, "experiences"));
}

#[tokio::test]
async fn the_questions_of_an_experience_are_walked_to_their_end() {
    let (_sandbox, client) = started().await;
    let experiences = client.experiences();
    let list = experiences.get_information_requests_for("exp_example_0001", LANGUAGES).limit(1);
    assert_eq!(walk(list).await.len(), 2);
}

#[tokio::test]
async fn the_kinds_of_ticket_of_an_experience_are_walked_to_their_end() {
    let (_sandbox, client) = started().await;
    let experiences = client.experiences();
    let list = experiences.get_ticket_variants_for("exp_example_0001", LANGUAGES).limit(1);
    assert_eq!(walk(list).await.len(), 2);
}

#[tokio::test]
async fn marketing_consents_are_walked_to_their_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("marketing_consents", 7);
    let items = walk(client.marketing_consents().list().limit(2)).await;
    assert_eq!(items.len(), sandbox.resources("marketing_consents").len());
}

#[tokio::test]
async fn orders_are_walked_to_their_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("orders", 7);
    let items = walk(client.orders().list().limit(2)).await;
    assert_eq!(found(items, |item| item.id), there(&sandbox, "orders"));
}

#[tokio::test]
async fn webhook_subscriptions_are_walked_to_their_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("webhook_subscriptions", 7);
    let items = walk(client.webhook_subscriptions().list().limit(2)).await;
    assert_eq!(found(items, |item| item.id), there(&sandbox, "webhook_subscriptions"));
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

/// All items of a list.
async fn walk<O: Paginated>(call: Call<O>) -> Vec<O::Item>
where
    O::Error: std::fmt::Debug,
{
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
