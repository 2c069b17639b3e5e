//! Lists.

use std::error::Error as _;

use specwright_client::json::{Decode, DecodeError, Node};
use specwright_client::operation::{
    Answer, Decoded, EncodeError, Idempotency, NextPage, Operation, OperationMeta, PageItems,
    Paginated, QueryStyle, Reply, RequestEncoder,
};
use specwright_client::{CallOptions, Drift, ErrorKind, Items, Method, Pages};
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

/// Answers page after page as `page` says, and walks them to their end: how many pages came, what ended them, and what
/// shows of changes. Each page is asked for as the page before named it.
async fn walked(pages_there: i64, page: impl Fn(i64) -> String) -> (usize, Option<String>, Drift) {
    let shelf = Shelf::with_static_token();
    for number in 1..=pages_there {
        shelf.transport.push(TITLES, Script::json(200, page(number)));
    }
    let mut pages = pages(&shelf);
    let mut came = 0;
    let mut problem = None;
    while let Some(page) = pages.next().await {
        match page {
            Ok(_) => came += 1,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Pagination);
                assert_eq!(error.operation(), Some("list_titles"));
                problem = Some(error.source().unwrap().to_string());
            }
        }
    }
    assert_eq!(asked(&shelf).len(), came);
    (came, problem, pages.drift())
}

#[tokio::test]
async fn a_page_that_names_another_than_the_one_after_it_ends_the_list_with_an_error() {
    // The third page leads to itself, back, to the beginning, further on, and to where no page is.
    for next in [3, 2, 1, 5, 0, -1, i64::MIN, i64::MAX] {
        let (came, problem, _) = walked(9, |number| {
            let next = if number == 3 { next } else { number + 1 };
            format!(r#"{{"titles":["{number}"],"next":{next}}}"#)
        })
        .await;
        let expected = format!("page 3 names page {next} as next, which is not the one after it");
        assert_eq!((came, problem), (3, Some(expected)));
    }
}

#[tokio::test]
async fn a_number_that_cannot_be_asked_for_ends_the_list_with_an_error() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(TITLES, page(r#""a""#, "100000"));
    let first = ListTitles { page: Some(99_999) };
    let mut pages = Pages::new(shelf.client.clone(), first, CallOptions::default());
    pages.next().await.unwrap().unwrap();
    let error = pages.next().await.unwrap().unwrap_err();
    let problem = error.source().unwrap().to_string();
    assert_eq!(problem, "no page 100000, named as next, can be asked for");
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn a_page_before_the_last_one_that_names_no_next_one_ends_the_list_with_an_error() {
    for next in ["", r#","next":null"#] {
        let body = format!(r#"{{"titles":["a"],"pages":3{next}}}"#);
        let (came, problem, _) = walked(1, |_| body.clone()).await;
        assert_eq!((came, problem.as_deref()), (1, Some("page 1 of 3 names no next one")));
    }
}

#[tokio::test]
async fn a_page_that_says_nothing_of_its_list_does_not_end_one_that_has_more_pages() {
    for silence in ["", r#","numbered":false"#] {
        let (came, problem, _) = walked(2, |number| match number {
            1 => r#"{"titles":["a"],"next":2,"count":3,"pages":3}"#.to_owned(),
            _ => format!(r#"{{"titles":["b"]{silence}}}"#),
        })
        .await;
        assert_eq!((came, problem.as_deref()), (2, Some("page 2 of 3 names no next one")));
    }
    let (came, problem, _) = walked(2, |number| match number {
        1 => r#"{"titles":["a"],"next":2,"pages":2}"#.to_owned(),
        _ => r#"{"titles":["b"],"numbered":false}"#.to_owned(),
    })
    .await;
    assert_eq!((came, problem), (2, None));
}

#[tokio::test]
async fn what_only_some_pages_say_of_the_list_is_no_change_of_it() {
    let (titles, drift) = read(&[
        r#"{"titles":["a","b"],"next":2,"count":3,"pages":2}"#,
        r#"{"titles":["c"],"pages":2}"#,
    ])
    .await;
    assert_eq!(titles.len(), 3);
    assert!(!drift.is_noticed() && drift.is_counted());
}

#[tokio::test]
async fn a_list_without_an_end_ends_after_ten_thousand_pages() {
    let growing = |number| {
        format!(
            r#"{{"titles":["{number}"],"next":{},"count":{},"pages":{}}}"#,
            number + 1,
            number + 1,
            number + 1
        )
    };
    let (came, problem, drift) = walked(10_001, growing).await;
    assert_eq!((came, problem.as_deref()), (10_000, Some("the list has more than 10000 pages")));
    assert_eq!((drift.changes(), drift.counts()), (9_999, Some((2, 10_001))));
}

#[tokio::test]
async fn what_is_no_number_of_a_page_is_an_error_and_no_end() {
    for next in [r#""2""#, "1.5", "1e400", "9223372036854775808", "{}", "[2]", "true", "NaN"] {
        let shelf = Shelf::with_static_token();
        shelf.transport.push(TITLES, page(r#""a""#, "2"));
        shelf.transport.push(TITLES, page(r#""b""#, next));
        let mut pages = pages(&shelf);
        pages.next().await.unwrap().unwrap();
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{next}");
        assert!(pages.next().await.is_none());
        assert_eq!(asked(&shelf).len(), 2);
    }
}

#[tokio::test]
async fn pages_that_bring_nothing_new_end_the_list_with_an_error_after_a_hundred() {
    for (titles, expected) in [("", 100), (r#""a""#, 101)] {
        let same = |number| format!(r#"{{"titles":[{titles}],"next":{}}}"#, number + 1);
        let (came, problem, _) = walked(200, same).await;
        let problem = problem.as_deref();
        assert_eq!((came, problem), (expected, Some("100 pages in a row brought nothing new")));
    }
}

#[tokio::test]
async fn ninety_nine_pages_in_a_row_that_bring_nothing_new_are_passed_over() {
    let walked = walked(200, |number| match number {
        200 => r#"{"titles":["b"]}"#.to_owned(),
        100 => r#"{"titles":["a"],"next":101}"#.to_owned(),
        _ => format!(r#"{{"titles":[],"next":{}}}"#, number + 1),
    });
    let (came, problem, _) = walked.await;
    assert_eq!((came, problem), (200, None));
}

/// The titles that come of these pages, and what shows of changes.
async fn read(bodies: &[&'static str]) -> (Vec<String>, Drift) {
    let shelf = Shelf::with_static_token();
    for body in bodies {
        shelf.transport.push(TITLES, Script::json(200, *body));
    }
    let mut items = Items::new(pages(&shelf));
    let mut titles = Vec::new();
    while let Some(item) = items.next().await {
        titles.push(item.unwrap());
    }
    (titles, items.drift())
}

#[tokio::test]
async fn an_entry_that_moved_to_the_next_page_comes_once_and_shows_as_drift() {
    let (titles, drift) = read(&[
        r#"{"titles":["a","b"],"next":2,"count":4,"pages":2}"#,
        r#"{"titles":["b","c"],"next":3,"count":5,"pages":3}"#,
        r#"{"titles":["d"],"count":5,"pages":3}"#,
    ])
    .await;
    assert_eq!(titles, ["a", "b", "c", "d"]);
    assert_eq!((drift.repeated(), drift.changes(), drift.counts()), (1, 1, Some((4, 5))));
    assert!(drift.is_noticed());
}

#[tokio::test]
async fn an_entry_that_was_skipped_shows_as_drift() {
    let (titles, drift) = read(&[
        r#"{"titles":["a","b"],"next":2,"count":4,"pages":2}"#,
        r#"{"titles":["d"],"count":3,"pages":2}"#,
    ])
    .await;
    assert_eq!(titles, ["a", "b", "d"]);
    assert_eq!((drift.repeated(), drift.changes()), (0, 1));
    assert!(drift.is_noticed());
}

#[tokio::test]
async fn a_list_that_does_not_change_shows_no_drift() {
    let (titles, drift) = read(&[
        r#"{"titles":["a","b"],"next":2,"count":3,"pages":2}"#,
        r#"{"titles":["c"],"count":3,"pages":2}"#,
    ])
    .await;
    assert_eq!(titles.len(), 3);
    assert!(!drift.is_noticed() && drift.is_counted());
}

#[tokio::test]
async fn a_page_holds_no_entry_that_a_page_before_had() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(TITLES, page(r#""a","b","c""#, "2"));
    shelf.transport.push(TITLES, page(r#""b","c","d""#, "null"));
    let mut pages = pages(&shelf);
    let first = pages.next().await.unwrap().unwrap();
    let second = pages.next().await.unwrap().unwrap();
    assert_eq!((first.titles.len(), second.titles), (3, vec!["d".to_owned()]));
    assert_eq!(pages.drift().repeated(), 2);
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

/// How a walk ends whose second page is refused with this status, and what shows of changes.
async fn refused(first: &'static str, status: u16) -> (Option<u16>, Drift) {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(TITLES, Script::json(200, first));
    shelf.transport.push(TITLES, Script::status(status));
    let mut pages = pages(&shelf);
    pages.next().await.unwrap().unwrap();
    let end = pages.next().await.unwrap().unwrap_err().status();
    assert!(pages.next().await.is_none());
    (end, pages.drift())
}

#[tokio::test]
async fn a_page_that_was_named_and_is_not_there_is_an_error_and_shows_as_drift() {
    for status in [400, 404, 410, 416, 422] {
        let (end, drift) =
            refused(r#"{"titles":["a"],"next":2,"count":2,"pages":2}"#, status).await;
        assert_eq!((end, drift.changes(), drift.is_noticed()), (Some(status), 1, true), "{status}");
    }
}

#[tokio::test]
async fn a_page_that_is_refused_for_another_reason_shows_no_drift() {
    for status in [401, 403, 409] {
        let (end, drift) =
            refused(r#"{"titles":["a"],"next":2,"count":2,"pages":2}"#, status).await;
        assert_eq!((end, drift.is_noticed()), (Some(status), false), "{status}");
    }
    // That there is no list is no change of it, and a cursor that has become old says nothing of one.
    let shelf = Shelf::with_static_token();
    shelf.transport.push(TITLES, Script::status(404));
    let mut pages = pages(&shelf);
    assert_eq!(pages.next().await.unwrap().unwrap_err().status(), Some(404));
    assert!(!pages.drift().is_noticed());
    shelf.transport.push(LOANS, Script::json(200, r#"{"items":[1],"next":"b"}"#));
    shelf.transport.push(LOANS, Script::status(404));
    let mut pages = Pages::new(shelf.client, ListLoans::default(), CallOptions::default());
    pages.next().await.unwrap().unwrap();
    assert_eq!(pages.next().await.unwrap().unwrap_err().status(), Some(404));
    assert!(!pages.drift().is_noticed());
}

#[tokio::test]
async fn an_entry_that_one_page_has_twice_comes_once_and_shows_as_drift() {
    let (titles, drift) = read(&[r#"{"titles":["a","b","a"]}"#]).await;
    assert_eq!((titles, drift.repeated()), (vec!["a".to_owned(), "b".to_owned()], 1));
    assert!(drift.is_noticed());
}

/// One page of loans, of which the next is named by a cursor.
#[derive(Clone, Debug, Default)]
struct ListLoans {
    cursor: Option<String>,
}

#[derive(Debug)]
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

    fn items(answer: &mut LoanPage) -> PageItems<'_, i64> {
        PageItems::new(&mut answer.items, |item| (*item).into())
    }

    fn next(&self, answer: &LoanPage) -> Option<NextPage<Self>> {
        let next = answer.next.as_deref().filter(|next| !next.is_empty())?;
        Some(NextPage::cursor(Self { cursor: Some(next.to_owned()) }))
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

#[tokio::test]
async fn cursors_without_an_end_end_after_ten_thousand_pages() {
    let nexts: Vec<String> = (0..10_001).map(|page| format!(r#","next":"{page}""#)).collect();
    let nexts: Vec<&str> = nexts.iter().map(String::as_str).collect();
    let (items, end, asked) = walk(&nexts).await;
    assert_eq!((items.len(), end, asked), (10_000, Some(ErrorKind::Pagination), 10_000));
}

#[tokio::test]
async fn by_cursor_what_comes_again_shows_and_what_is_skipped_does_not() {
    let shelf = Shelf::with_static_token();
    for body in [r#"{"items":[1,2],"next":"b"}"#, r#"{"items":[2,3]}"#] {
        shelf.transport.push(LOANS, Script::json(200, body));
    }
    let pages = Pages::new(shelf.client.clone(), ListLoans::default(), CallOptions::default());
    let mut items = Items::new(pages);
    let mut seen = Vec::new();
    while let Some(item) = items.next().await {
        seen.push(item.unwrap());
    }
    assert_eq!(seen, [1, 2, 3]);
    assert_eq!((items.drift().repeated(), items.drift().is_counted()), (1, false));
}
