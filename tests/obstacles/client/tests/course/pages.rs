//! Lists that go on where their pages say.

use obstacles_client::model::ThingId;
use obstacles_client::pages::{
    ListByCursor, ListByNamedCursor, ListByNamedNumber, ListByRequiredCursor, ListByRequiredNumber,
    ListBySentCursor, ListBySentNumber,
};
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
    (all, queries.collect())
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
