//! When an order starts: at a moment, or now.

use serde_json::json;
use stora_2025_09::model::{OrderCreate, OrderId, OrderStartsAt, OrderUpdate};
use stora_2025_09::runtime::json::{from_slice, to_vec};
use stora_2025_09::runtime::types::Maybe;

use crate::setup::{client, options, sandbox_with};

#[tokio::test]
async fn now_is_a_word_in_request_and_answer() {
    let sandbox = sandbox_with(options().with_examples()).await;
    let orders = client(&sandbox).orders();
    let order = orders.create(OrderCreate::new().starts_at(OrderStartsAt::Now)).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].body, Some(json!({ "starts_at": "now" })));
    assert_eq!(order.starts_at, Some(OrderStartsAt::Now));
}

#[tokio::test]
async fn an_update_can_take_the_start_away() {
    let sandbox = sandbox_with(options().with_examples()).await;
    let id: OrderId = sandbox.seed("orders", 1).remove(0).into();
    let update = OrderUpdate::new().starts_at(Maybe::Null);
    assert_eq!(client(&sandbox).orders().update(id, update).await.unwrap().starts_at, None);
}

#[test]
fn another_word_is_kept() {
    let text = br#""soon""#;
    let starts_at: OrderStartsAt = from_slice(text).unwrap();
    assert!(matches!(starts_at, OrderStartsAt::Unknown(_)));
    assert_eq!(to_vec(&starts_at).unwrap(), text);
}
