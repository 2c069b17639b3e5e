//! Lists that go on where their pages say.

use obstacles_client::model::ThingId;
use obstacles_client::pages::{
    ListByCursor, ListByNamedCursor, ListByNamedNumber, ListByRequiredCursor, ListByRequiredNumber,
    ListBySentCursor, ListBySentNumber, ListCounted, ListEither, ListKinds, ListNumbered,
};
use obstacles_client::runtime::Drift;
use obstacles_client::runtime::operation::Paginated;
use obstacles_client::{Call, Client};
use specwright_testkit::Script;

use crate::setup::{Token, client};

/// The items of a list whose pages are these, and the queries that asked for them.
async fn walked<O: Paginated>(
    path: &str,
    pages: &[&'static str],
    call: impl FnOnce(&Client) -> Call<O>,
) -> (Vec<O::Item>, Vec<String>) {
    let (items, queries, _) = walked_to_its_end(path, pages, call).await;
    (items, queries)
}

/// The same, and what shows of changes to the list.
async fn walked_to_its_end<O: Paginated>(
    path: &str,
    pages: &[&'static str],
    call: impl FnOnce(&Client) -> Call<O>,
) -> (Vec<O::Item>, Vec<String>, Drift) {
    let (client, transport) = client(Token::Given);
    for page in pages {
        transport.push(path, Script::json(200, *page));
    }
    let mut items = call(&client).items();
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(item.unwrap());
    }
    let requests = transport.requests();
    let queries = requests.iter().map(|sent| sent.uri.query().unwrap_or_default().to_owned());
    (all, queries.collect(), items.drift())
}

#[tokio::test]
async fn a_cursor_that_is_absent_null_or_empty_ends_the_list() {
    for last in ["{}", r#"{"meta":{}}"#, r#"{"meta":{"next":null}}"#, r#"{"meta":{"next":""}}"#] {
        let first = r#"{"items":["a","b"],"meta":{"next":"c/d"}}"#;
        let (items, queries) =
            walked::<ListByCursor>("/v1/pages/cursor", &[first, last], |client| {
                client.pages().list_by_cursor()
            })
            .await;
        assert_eq!(items, ["a", "b"]);
        assert_eq!(queries, ["", "from=c%2Fd"]);
    }
}

#[tokio::test]
async fn a_cursor_may_be_required() {
    let pages = [r#"{"items":["a"],"next":"2"}"#, r#"{"items":["b"],"next":""}"#];
    let (items, queries) =
        walked::<ListByRequiredCursor>("/v1/pages/required-cursor", &pages, |client| {
            client.pages().list_by_required_cursor("1")
        })
        .await;
    assert_eq!(items, ["a", "b"]);
    assert_eq!(queries, ["from=1", "from=2"]);
}

#[tokio::test]
async fn the_number_of_a_page_may_be_required() {
    let pages = [r#"{"items":["a"],"next":"","number":2}"#, r#"{"items":["b"],"next":""}"#];
    let (items, queries) =
        walked::<ListByRequiredNumber>("/v1/pages/required-number", &pages, |client| {
            client.pages().list_by_required_number(1)
        })
        .await;
    assert_eq!(items, ["a", "b"]);
    assert_eq!(queries, ["page=1", "page=2"]);
}

#[tokio::test]
async fn a_page_may_have_a_number_or_a_cursor_of_its_own_kind() {
    let pages = [r#"{"items":["a"],"next":"","number":2}"#, r#"{"items":["b"],"next":""}"#];
    let (items, queries) =
        walked::<ListByNamedNumber>("/v1/pages/named-number", &pages, |client| {
            client.pages().list_by_named_number()
        })
        .await;
    assert_eq!(items, ["a", "b"]);
    assert_eq!(queries, ["", "page=2"]);
    let pages = [r#"{"things":["a"],"next":"c/d"}"#, r#"{"things":[],"next":""}"#];
    let (items, queries) =
        walked::<ListByNamedCursor>("/v1/pages/named-cursor", &pages, |client| {
            client.pages().list_by_named_cursor()
        })
        .await;
    assert_eq!(items, [ThingId::from("a")]);
    assert_eq!(queries, ["", "from=c%2Fd"]);
}

#[tokio::test]
async fn what_is_also_sent_goes_on_where_it_has_a_value() {
    let first = r#"{"meta":{"items":["a"],"next":"2"}}"#;
    for last in ["{}", r#"{"meta":null}"#, r#"{"meta":{"next":null}}"#, r#"{"meta":{"next":""}}"#] {
        let pages = [first, last];
        let (items, queries) = walked::<ListBySentCursor>("/v1/pages/sent", &pages, |client| {
            client.pages().list_by_sent_cursor()
        })
        .await;
        assert_eq!(items, ["a"], "{last}");
        assert_eq!(queries, ["", "from=2"], "{last}");
    }
}

#[tokio::test]
async fn what_is_also_sent_goes_on_where_it_has_a_number() {
    let pages = [r#"{"items":["a"],"meta":{"number":2}}"#, r#"{"items":null,"meta":{}}"#];
    let (items, queries) = walked::<ListBySentNumber>("/v1/pages/sent", &pages, |client| {
        client.pages().list_by_sent_number()
    })
    .await;
    assert_eq!(items, ["a"]);
    assert_eq!(queries, ["", "page=2"]);
}

#[tokio::test]
async fn how_many_entries_there_are_may_be_said_in_several_places() {
    let pages = [
        r#"{"data":{"list":[{"id":1},{}],"next":1,"count":3},"all":{"of":{"pages":2}}}"#,
        r#"{"data":{"list":[{"id":1},{}],"next":null,"count":4},"all":{"of":{}}}"#,
    ];
    let (items, queries, drift) =
        walked_to_its_end::<ListCounted>("/v1/pages/counted", &pages, |client| {
            client.pages().list_counted()
        })
        .await;
    // What has no id comes as it is.
    assert_eq!(items.iter().map(|item| item.id).collect::<Vec<_>>(), [Some(1), None, None]);
    assert_eq!(queries, ["", "page=1"]);
    assert_eq!((drift.repeated(), drift.changes(), drift.counts()), (1, 1, Some((3, 4))));
    assert_eq!(drift.unidentified(), 2);
}

#[tokio::test]
async fn items_may_be_told_apart_by_a_number_of_another_name() {
    let pages = [
        r#"{"items":[{"number":1},{"number":2}],"next":2,"of":2}"#,
        r#"{"items":[{"number":2},{"number":3}],"of":2}"#,
    ];
    let (items, queries, drift) =
        walked_to_its_end::<ListNumbered>("/v1/pages/numbered", &pages, |client| {
            client.pages().list_numbered()
        })
        .await;
    assert_eq!(items.iter().map(|item| item.number.get()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(queries, ["", "page=2"]);
    assert_eq!((drift.repeated(), drift.is_counted()), (1, false));
}

#[tokio::test]
async fn a_number_that_no_page_can_have_is_an_error_and_no_end() {
    let (client, transport) = client(Token::Given);
    let page = r#"{"items":[],"next":18446744073709551615,"of":2}"#;
    transport.push("/v1/pages/numbered", Script::json(200, page));
    let mut pages = client.pages().list_numbered().pages();
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().is_err());
}

#[tokio::test]
async fn items_of_several_types_are_told_apart_by_the_id_of_each() {
    let pages = [
        r#"{"items":[{"one":"a","id":"7"},{"other":"b","id":7},{"new":"c"}],"next":"2"}"#,
        r#"{"items":[{"other":"b","id":7},{"one":"a","id":"7"},{"new":"c"},{"one":"d"}]}"#,
    ];
    let (items, _, drift) = walked_to_its_end::<ListEither>("/v1/pages/either", &pages, |client| {
        client.pages().list_either()
    })
    .await;
    assert_eq!((items.len(), drift.repeated(), drift.unidentified()), (5, 2, 3));
}

/// Two pages of cats and dogs; the second has a dog again.
const CATS_AND_DOGS: [&str; 2] = [
    r#"{"items":[{"cat":"a","id":"7"},{"dog":"b","id":"7"}],"next":2}"#,
    r#"{"items":[{"dog":"b","id":"7"},{"cat":"c","id":"8"}],"next":null}"#,
];

#[tokio::test]
async fn items_of_two_types_with_one_id_are_two() {
    let (items, _, drift) =
        walked_to_its_end::<ListKinds>("/v1/pages/kinds", &CATS_AND_DOGS, |client| {
            client.pages().list_kinds()
        })
        .await;
    assert_eq!((items.len(), drift.repeated(), drift.unidentified()), (3, 1, 0));
}

#[tokio::test]
async fn a_walk_asks_for_full_pages() {
    let (_, queries) = walked::<ListKinds>("/v1/pages/kinds", &CATS_AND_DOGS, |client| {
        client.pages().list_kinds()
    })
    .await;
    assert_eq!(queries, ["limit=80", "page=2&limit=80"]);
}

#[tokio::test]
async fn a_walk_keeps_to_the_size_or_the_first_page_that_is_named() {
    let (_, queries) = walked::<ListKinds>("/v1/pages/kinds", &CATS_AND_DOGS, |client| {
        client.pages().list_kinds().limit(5)
    })
    .await;
    assert_eq!(queries, ["limit=5", "page=2&limit=5"]);
    let (_, queries) = walked::<ListKinds>("/v1/pages/kinds", &CATS_AND_DOGS, |client| {
        client.pages().list_kinds().page(1)
    })
    .await;
    assert_eq!(queries, ["page=1", "page=2"]);
}

#[tokio::test]
async fn one_page_is_as_large_as_the_server_makes_it() {
    let (client, transport) = client(Token::Given);
    transport.push("/v1/pages/kinds", Script::json(200, CATS_AND_DOGS[1]));
    client.pages().list_kinds().await.unwrap();
    assert_eq!(transport.requests()[0].uri.query(), None);
}
