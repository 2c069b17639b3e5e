//! Lists.

use specwright_client::{CallOptions, ErrorKind, Items, Pages};
use specwright_testkit::Script;

use crate::shelf::{ListTitles, Shelf};

const TITLES: &str = "/v1/titles";

fn page(titles: &str, next: &str) -> Script {
    Script::json(200, format!(r#"{{"titles":[{titles}],"next":{next}}}"#))
}

fn pages(shelf: &Shelf) -> Pages<ListTitles> {
    Pages::new(shelf.client.clone(), ListTitles::default(), CallOptions::default())
}

fn asked(shelf: &Shelf) -> Vec<String> {
    shelf.transport.requests().iter().map(|request| request.uri.to_string()).collect()
}

#[tokio::test]
async fn entries_come_in_order_over_all_pages_and_empty_ones_are_passed_over() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(TITLES, page(r#""a","b""#, "2"));
    shelf.transport.push(TITLES, page("", "3"));
    shelf.transport.push(TITLES, page(r#""c""#, "null"));
    let mut items = Items::new(pages(&shelf));
    let mut titles = Vec::new();
    while let Some(item) = items.next().await {
        titles.push(item.unwrap());
    }
    assert_eq!(titles, ["a", "b", "c"]);
    assert_eq!(
        asked(&shelf),
        [
            "https://shelf.example/v1/titles",
            "https://shelf.example/v1/titles?page=2",
            "https://shelf.example/v1/titles?page=3"
        ]
    );
}

#[tokio::test]
async fn nothing_is_fetched_ahead() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(TITLES, page(r#""a","b""#, "2"));
    let mut items = Items::new(pages(&shelf));
    assert!(shelf.transport.requests().is_empty());
    items.next().await.unwrap().unwrap();
    items.next().await.unwrap().unwrap();
    assert_eq!(asked(&shelf).len(), 1);
}

#[tokio::test]
async fn a_page_that_was_asked_for_before_ends_the_list_with_an_error() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(TITLES, page(r#""a""#, "2"));
    shelf.transport.push(TITLES, page(r#""b""#, "3"));
    shelf.transport.push(TITLES, page(r#""c""#, "2"));
    let mut pages = pages(&shelf);
    for _ in 0..3 {
        pages.next().await.unwrap().unwrap();
    }
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Pagination, Some("list_titles")));
    assert!(pages.next().await.is_none());
    assert_eq!(asked(&shelf).len(), 3);
}

#[tokio::test]
async fn a_list_without_an_end_ends_after_ten_thousand_pages() {
    let shelf = Shelf::with_static_token();
    for number in 2..=10_002 {
        shelf.transport.push(TITLES, page(r#""a""#, &number.to_string()));
    }
    let mut pages = pages(&shelf);
    let mut fetched = 0;
    let error = loop {
        match pages.next().await.unwrap() {
            Ok(page) => fetched += page.titles.len(),
            Err(error) => break error,
        }
    };
    assert_eq!((fetched, error.kind()), (10_000, ErrorKind::Pagination));
}

#[tokio::test]
async fn an_error_is_the_last_thing_that_comes() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(TITLES, page(r#""a""#, "2"));
    shelf.transport.push(TITLES, Script::status(403));
    let mut items = Items::new(pages(&shelf));
    items.next().await.unwrap().unwrap();
    assert_eq!(items.next().await.unwrap().unwrap_err().status(), Some(403));
    assert!(items.next().await.is_none());
}
