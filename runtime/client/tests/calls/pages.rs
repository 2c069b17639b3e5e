//! Lists.

use specwright_client::json::{Decode, DecodeError, Node};
use specwright_client::operation::{
    Answer, Decoded, EncodeError, Idempotency, Operation, OperationMeta, Paginated, QueryStyle,
    Reply, RequestEncoder,
};
use specwright_client::{CallOptions, ErrorKind, Items, Method, Pages};
use specwright_testkit::Script;

use crate::shelf::{Failure, ListTitles, Shelf};

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

/// One page of loans, of which the next is named by a cursor.
#[derive(Clone, Debug, Default)]
struct ListLoans {
    cursor: Option<String>,
}

struct LoanPage {
    items: Vec<i64>,
    next: Option<String>,
}

impl Decode for LoanPage {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let mut object = from.object()?;
        Ok(Self { items: object.required("items")?, next: object.optional("next")? })
    }
}

impl Operation for ListLoans {
    const META: &'static OperationMeta = &OperationMeta {
        id: "list_loans",
        method: Method::GET,
        path: LOANS,
        security: &[],
        idempotency: Idempotency::Safe,
    };
    type Output = LoanPage;
    type Error = Failure;

    fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
        to.header("Accept-Language", &"en-GB")?;
        to.query("cursor", QueryStyle::FormExploded, &self.cursor)
    }

    fn decode(answer: &Answer) -> Decoded<Self> {
        match answer.status() {
            200 => answer.json().map(Reply::Success),
            _ => answer.undocumented(),
        }
    }
}

impl Paginated for ListLoans {
    type Item = i64;

    fn items(answer: LoanPage) -> Vec<i64> {
        answer.items
    }

    fn next(&self, answer: &LoanPage) -> Option<Self> {
        let next = answer.next.as_deref().filter(|next| !next.is_empty())?;
        Some(Self { cursor: Some(next.to_owned()) })
    }
}

const LOANS: &str = "/v1/loans";

/// Answers with so many pages, each of which names its next cursor in this way, and walks them to their end.
async fn walk(nexts: &[&str]) -> (Vec<i64>, Option<ErrorKind>, usize) {
    let shelf = Shelf::with_static_token();
    for (item, next) in (1..).zip(nexts) {
        let body = format!(r#"{{"items":[{item}]{next}}}"#);
        shelf.transport.push(LOANS, Script::json(200, body));
    }
    let pages = Pages::new(shelf.client.clone(), ListLoans::default(), CallOptions::default());
    let mut items = Items::new(pages);
    let mut seen = Vec::new();
    let mut end = None;
    while let Some(item) = items.next().await {
        match item {
            Ok(item) => seen.push(item),
            Err(error) => end = Some(error.kind()),
        }
    }
    (seen, end, shelf.transport.requests().len())
}

#[tokio::test]
async fn a_cursor_that_is_absent_null_or_empty_ends_the_list() {
    for end in ["", r#","next":null"#, r#","next":"""#] {
        assert_eq!(walk(&[r#","next":"c/2 +""#, end]).await, (vec![1, 2], None, 2), "{end}");
    }
}

#[tokio::test]
async fn a_cursor_that_names_its_own_page_ends_the_list_with_an_error() {
    let walked = walk(&[r#","next":"b""#, r#","next":"b""#, ""]).await;
    assert_eq!(walked, (vec![1, 2], Some(ErrorKind::Pagination), 2));
}

#[tokio::test]
async fn cursors_that_lead_in_a_circle_end_the_list_with_an_error() {
    let walked =
        walk(&[r#","next":"b""#, r#","next":"c""#, r#","next":"d""#, r#","next":"b""#, ""]).await;
    assert_eq!(walked, (vec![1, 2, 3, 4], Some(ErrorKind::Pagination), 4));
}
