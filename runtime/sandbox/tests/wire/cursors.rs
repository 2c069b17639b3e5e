//! Lists with cursors: walked to their end, and what a cursor is good for.

use std::time::Duration;

use serde_json::{Value, json};
use specwright_sandbox::{Profile, Sandbox};

use crate::client::{Answer, call, options, understory};

#[tokio::test]
async fn a_list_is_walked_to_its_end_and_no_item_comes_twice() {
    let sandbox = filled("orders", 7).await;
    let mut seen = walk(&sandbox, "/v1/orders").await.0;
    let mut there = sandbox.ids("orders");
    seen.sort();
    there.sort();
    assert_eq!(seen, there);
}

#[tokio::test]
async fn the_end_of_some_lists_has_no_next() {
    let sandbox = filled("orders", 1).await;
    assert_eq!(walk(&sandbox, "/v1/orders").await.1.get("next"), None);
}

#[tokio::test]
async fn the_end_of_other_lists_has_an_empty_next() {
    let sandbox = filled("events", 1).await;
    assert_eq!(walk(&sandbox, "/v1/events").await.1["next"], "");
}

#[tokio::test]
async fn an_empty_cursor_is_the_start() {
    let sandbox = filled("orders", 2).await;
    let answer = call(&sandbox, "GET /v1/orders?cursor=", "").await;
    assert_eq!(answer.at("/items").as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_cursor_must_be_encoded() {
    let sandbox = filled("orders", 3).await;
    let first = call(&sandbox, "GET /v1/orders?limit=1", "").await;
    let raw = first.at("/next").as_str().unwrap().to_owned();
    let answer = call(&sandbox, &format!("GET /v1/orders?limit=1&cursor={raw}"), "").await;
    assert_refused(&answer);
}

#[tokio::test]
async fn an_invented_cursor_is_refused() {
    let sandbox = filled("orders", 3).await;
    assert_refused(&call(&sandbox, "GET /v1/orders?cursor=2", "").await);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let sandbox = filled("orders", 3).await;
    let cursor = next(&call(&sandbox, "GET /v1/orders?limit=1", "").await).unwrap();
    assert_refused(&call(&sandbox, &format!("GET /v1/bookings?cursor={cursor}"), "").await);
}

#[tokio::test]
async fn a_cursor_that_was_changed_is_refused() {
    let sandbox = filled("orders", 3).await;
    let cursor = next(&call(&sandbox, "GET /v1/orders?limit=1", "").await).unwrap();
    let changed = cursor.replace("%2F1", "%2F2");
    assert_ne!(changed, cursor);
    assert_refused(&call(&sandbox, &format!("GET /v1/orders?cursor={changed}"), "").await);
}

#[tokio::test]
async fn a_cursor_with_other_filters_is_refused() {
    let sandbox = filled("orders", 3).await;
    let first = call(&sandbox, "GET /v1/orders?limit=1&sort=%2Bcreated_at", "").await;
    let cursor = next(&first).unwrap();
    for other in ["", "&sort=-created_at", "&sort=%2Bcreated_at&from=2020-01-01T00:00:00Z"] {
        let line = format!("GET /v1/orders?limit=1&cursor={cursor}{other}");
        assert_refused(&call(&sandbox, &line, "").await);
    }
}

#[tokio::test]
async fn a_cursor_goes_on_with_pages_of_another_size() {
    let sandbox = filled("orders", 3).await;
    let cursor = next(&call(&sandbox, "GET /v1/orders?limit=1", "").await).unwrap();
    let rest = call(&sandbox, &format!("GET /v1/orders?limit=2&cursor={cursor}"), "").await;
    assert_eq!(rest.at("/items").as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_cursor_lives_for_five_minutes() {
    let sandbox = filled("orders", 3).await;
    let cursor = next(&call(&sandbox, "GET /v1/orders?limit=1", "").await).unwrap();
    let line = format!("GET /v1/orders?limit=1&cursor={cursor}");
    sandbox.advance(Duration::from_secs(299));
    assert_eq!(call(&sandbox, &line, "").await.status, 200);
    sandbox.advance(Duration::from_secs(1));
    assert_refused(&call(&sandbox, &line, "").await);
}

#[tokio::test]
async fn the_newest_comes_first_unless_asked_otherwise() {
    let sandbox = filled("orders", 1).await;
    sandbox.advance(Duration::from_secs(1));
    let newest = sandbox.seed("orders", 1).remove(0);
    let first = async |query: &str| {
        let answer = call(&sandbox, &format!("GET /v1/orders{query}"), "").await;
        answer.at("/items/0/id").as_str().unwrap().to_owned()
    };
    assert_eq!(first("").await, newest);
    assert_eq!(first("?sort=-created_at").await, newest);
    assert_ne!(first("?sort=%2Bcreated_at").await, newest);
}

#[tokio::test]
async fn a_plus_sign_that_was_not_encoded_is_a_space() {
    let sandbox = filled("orders", 1).await;
    assert_refused(&call(&sandbox, "GET /v1/orders?sort=+created_at", "").await);
}

#[tokio::test]
async fn a_list_below_a_resource_comes_whole_and_without_next() {
    let sandbox = understory().await;
    let answer = call(&sandbox, "GET /v1/orders/ord_example_0001/transactions", "").await;
    let members: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["items"]);
    assert_eq!(answer.each("/items", "id"), ["txn_example_0001", "txn_example_0002"]);
}

#[tokio::test]
async fn a_list_below_a_resource_is_no_part_of_it() {
    let sandbox = understory().await;
    let answer = call(&sandbox, "GET /v1/orders/ord_example_0001", "").await;
    assert_eq!(answer.at("/transactions"), Value::Null);
}

#[tokio::test]
async fn a_list_below_nothing_is_not_found() {
    let sandbox = understory().await;
    assert_eq!(call(&sandbox, "GET /v1/orders/ord_none/refunds", "").await.status, 404);
}

/// Events are found by what the clock at their place shows: 09:00 in Copenhagen is 07:00 UTC.
#[tokio::test]
async fn local_times_are_compared_with_the_local_start() {
    let sandbox = understory().await;
    let found = async |query: &str| {
        let answer = call(&sandbox, &format!("GET /v1/events?{query}"), "").await;
        answer.each("/items", "id").contains(&"evt_example_0001".to_owned())
    };
    assert!(found("from=2026-06-15T09:00:00").await);
    assert!(!found("from=2026-06-15T09:00:01").await);
    assert!(found("to=2026-06-15T09:00:01").await);
    assert!(!found("to=2026-06-15T09:00:00").await);
}

#[tokio::test]
async fn a_local_time_with_a_zone_is_refused() {
    let sandbox = understory().await;
    assert_refused(&call(&sandbox, "GET /v1/events?from=2026-06-15T09:00:00Z", "").await);
}

#[tokio::test]
async fn a_filter_follows_references() {
    let sandbox = understory().await;
    let line = "GET /v1/event-availabilities?experienceId=exp_example_0002";
    assert_eq!(call(&sandbox, line, "").await.at("/items"), json!([]));
}

async fn filled(collection: &str, count: usize) -> Sandbox {
    let profile = Profile::understory().unwrap();
    let options = options().with_profile(profile).with_seeds(collection, count);
    Sandbox::start(options).await.unwrap()
}

/// The ids of all items, and the last page.
async fn walk(sandbox: &Sandbox, path: &str) -> (Vec<String>, Value) {
    let (mut ids, mut query) = (Vec::new(), String::new());
    loop {
        let answer = call(sandbox, &format!("GET {path}?limit=3{query}"), "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        ids.extend(answer.each("/items", "id"));
        match next(&answer) {
            Some(cursor) => query = format!("&cursor={cursor}"),
            None => return (ids, answer.json()),
        }
    }
}

/// The cursor of the next page, encoded.
fn next(answer: &Answer) -> Option<String> {
    let next = answer.at("/next").as_str()?.replace('+', "%2B").replace('/', "%2F");
    (!next.is_empty()).then(|| next.replace('=', "%3D"))
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    assert_eq!((answer.status, answer.at("/code")), (400, json!("EXAMPLE_BAD_REQUEST")));
}
