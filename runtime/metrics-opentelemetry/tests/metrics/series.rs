//! How many series there are: what follows from the document, whatever is called.

use std::time::Duration;

use specwright_client::{CallOptions, GrantKey, Observer as _};
use specwright_metrics_opentelemetry::GrantMetrics;
use specwright_refresh::{WishEnd, WishOutcome};
use specwright_testkit::Script;

use crate::readings::Readings;
use crate::shelf::{FindBook, Shelf};

/// A call of a book that nobody else calls. Every third one is not found, and every fifth one has to wait.
async fn call(shelf: &Shelf, number: usize) {
    let (id, note) = (format!("canary-id-{number}"), format!("canary-note-{number}"));
    let status = if number.is_multiple_of(3) { 404 } else { 200 };
    let answer = Script::status(status).header("x-request-id", &format!("canary-request-{number}"));
    let path = format!("/v1/books/{id}");
    if number.is_multiple_of(5) {
        shelf.transport.push(&path, Script::status(429).header("retry-after", "1"));
    }
    shelf.transport.push(&path, answer);
    let options = CallOptions::default().with_header("x-tenant", format!("canary-tenant-{number}"));
    let _ = shelf.client.send(&FindBook { id, note }, options).await;
}

/// The series of each instrument.
fn series(shelf: &Shelf) -> Vec<(String, usize)> {
    let all = shelf.readings.all().into_iter();
    all.map(|(name, reading)| (name, reading.series.len())).collect()
}

#[tokio::test]
async fn ten_thousand_calls_with_different_ids_have_the_series_of_the_first_ten() {
    let shelf = Shelf::new();
    for number in 0..10 {
        call(&shelf, number).await;
    }
    let few = series(&shelf);
    for number in 10..10_000 {
        call(&shelf, number).await;
    }
    assert_eq!(series(&shelf), few);
    let requests = shelf.readings.series("http.client.request.duration");
    assert_eq!(requests.iter().map(|series| series.count).sum::<u64>(), 12_000);
}

#[tokio::test]
async fn ten_thousand_tenants_have_the_series_of_one() {
    let readings = Readings::new();
    let metrics = GrantMetrics::new(&readings.meter(), "shelf");
    for number in 0..10_000 {
        let key = GrantKey::new(format!("canary-tenant-{number}"), "canary-grant");
        let end = WishEnd::new(Duration::from_secs(1), WishOutcome::Renewed);
        metrics.wished(&key, &end);
        metrics.taken_over(&key);
    }
    let all = readings.all();
    assert!(all.values().all(|reading| reading.series.len() == 1), "{all:?}");
    assert!(!format!("{all:?}").contains("canary"), "{all:?}");
}

#[tokio::test]
async fn nothing_that_a_call_was_given_is_an_attribute() {
    let shelf = Shelf::new();
    for number in 0..6 {
        call(&shelf, number).await;
    }
    let all = shelf.readings.all();
    assert_eq!(all.len(), 8);
    assert!(!format!("{all:?}").contains("canary"), "{all:?}");
}
