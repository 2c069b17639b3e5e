//! Lists, page by page and item by item.

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Target};
use vendors::walk;

use crate::setup::{client, sandbox};

const CONTACTS: usize = 120;

#[tokio::test]
async fn items_come_one_after_the_other_without_a_stream() {
    let (sandbox, ids) = seeded().await;
    let mut items = client(&sandbox).contacts().list().items();
    let mut found = Vec::new();
    while let Some(item) = items.next().await {
        found.push(item.unwrap().id.into_inner());
    }
    assert_eq!(found, ids);
}

#[tokio::test]
async fn a_walk_asks_for_a_hundred_items_a_page_unless_asked_otherwise() {
    let (sandbox, _) = seeded().await;
    assert_eq!(page_sizes(&sandbox, None).await, [100, 20]);
}

#[tokio::test]
async fn a_page_has_as_many_items_as_were_asked_for() {
    let (sandbox, _) = seeded().await;
    assert_eq!(page_sizes(&sandbox, Some(50)).await, [50, 50, 20]);
}

#[tokio::test]
async fn a_last_page_that_is_full_is_the_last() {
    let (sandbox, _) = seeded().await;
    assert_eq!(page_sizes(&sandbox, Some(60)).await, [60, 60]);
}

#[tokio::test]
async fn every_page_is_asked_for_with_the_same_inputs() {
    let (sandbox, _) = seeded().await;
    page_sizes(&sandbox, Some(50)).await;
    let queries: Vec<String> =
        sandbox.ledger().requests.into_iter().map(|request| request.query).collect();
    assert_eq!(queries, ["limit=50", "page=2&limit=50", "page=3&limit=50"]);
}

#[tokio::test]
async fn a_page_is_fetched_when_its_first_item_is_asked_for() {
    let (sandbox, _) = seeded().await;
    let mut items = client(&sandbox).contacts().list().items();
    for _ in 0..50 {
        items.next().await.unwrap().unwrap();
    }
    assert_eq!(sandbox.ledger().requests.len(), 1);
}

#[tokio::test]
async fn a_walk_may_begin_at_any_page() {
    let (sandbox, _) = seeded().await;
    let mut pages = client(&sandbox).contacts().list().page(3).pages();
    assert_eq!(pages.next().await.unwrap().unwrap().contacts.len(), 20);
}

#[tokio::test]
async fn an_empty_list_has_one_page() {
    let sandbox = sandbox().await;
    assert_eq!(page_sizes(&sandbox, None).await, [0]);
}

#[tokio::test]
async fn an_error_ends_the_walk() {
    let (sandbox, _) = seeded().await;
    sandbox.push_fault(Target::Any, Fault::Status(404));
    let mut items = client(&sandbox).contacts().list().items();
    items.next().await.unwrap().unwrap_err();
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn each_page_is_retried_on_its_own() {
    let (sandbox, ids) = seeded().await;
    let mut items = client(&sandbox).contacts().list().items();
    let mut found = Vec::new();
    while let Some(item) = items.next().await {
        if found.is_empty() {
            // It hits the second page.
            sandbox.push_fault(Target::Any, Fault::Status(503));
        }
        found.push(item.unwrap().id.into_inner());
    }
    assert_eq!(found, ids);
}

/// With the ids of its contacts, the newest first, as they are listed.
async fn seeded() -> (Sandbox, Vec<String>) {
    let sandbox = sandbox().await;
    let mut ids = sandbox.seed_contacts(CONTACTS);
    ids.reverse();
    (sandbox, ids)
}

/// How many contacts each page holds.
async fn page_sizes(sandbox: &Sandbox, limit: Option<i64>) -> Vec<usize> {
    let list = client(sandbox).contacts().list();
    let pages = match limit {
        Some(limit) => list.limit(limit).pages(),
        None => list.pages(),
    };
    walk(pages).await.iter().map(|page| page.contacts.len()).collect()
}
