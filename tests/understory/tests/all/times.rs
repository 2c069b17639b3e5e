//! Local date-times without a zone, and moments to the nanosecond.

use understory_v1::model::SortOrder;
use understory_v1::runtime::types::{DateTime, LocalDateTime};

use crate::setup::started;

#[tokio::test]
async fn a_local_time_is_sent_without_a_zone() {
    let (sandbox, client) = started().await;
    client.events().list().from(local("2026-06-15T09:00:00")).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].query, "from=2026-06-15T09%3A00%3A00");
}

/// The session begins at 09:00 in Copenhagen, which is 07:00 in UTC.
#[tokio::test]
async fn a_local_time_means_the_clock_at_the_place_of_the_event() {
    let (_sandbox, client) = started().await;
    let events = client.events();
    let at_nine = events.list().from(local("2026-06-15T09:00:00")).await.unwrap();
    let later = events.list().from(local("2026-06-15T09:00:01")).await.unwrap();
    let count = |items: Option<Vec<_>>| items.unwrap().len();
    assert_eq!((count(at_nine.items), count(later.items)), (1, 0));
}

#[tokio::test]
async fn a_moment_with_an_offset_is_sent_in_utc() {
    let (sandbox, client) = started().await;
    let from: DateTime = "2026-01-01T02:00:00+02:00".parse().unwrap();
    client.orders().list().from(from).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].query, "from=2026-01-01T00%3A00%3A00Z");
}

#[tokio::test]
async fn an_order_of_items_with_a_sign_is_sent_encoded() {
    let (sandbox, client) = started().await;
    client.bookings().list().sort(SortOrder::UpdatedAtAscending).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].query, "sort=%2Bupdated_at");
}

fn local(text: &str) -> LocalDateTime {
    text.parse().unwrap()
}
