//! Names on the wire, whatever they are called in Rust.

use obstacles_client::meta::OPERATIONS;
use obstacles_client::model::{Color, Order};

use crate::setup::{header, request, target};

#[tokio::test]
async fn a_parameter_is_sent_under_its_own_name() {
    let sent = request("/v1/names/parameters", |client| {
        client
            .parameters()
            .create()
            .r#type("1")
            .self_("2")
            .query_send("3")
            .query_with_x("4")
            .query_body("5")
            .client("6")
            .a_b("7")
            .a_minus_b("8")
            .body(Color::new(1, 2))
    })
    .await;
    let mut pairs: Vec<String> =
        target(&sent).split_once('?').unwrap().1.split('&').map(str::to_owned).collect();
    pairs.sort();
    assert_eq!(
        pairs,
        ["a-b=8", "a_b=7", "body=5", "client=6", "self=2", "send=3", "type=1", "with_x=4"]
    );
}

#[tokio::test]
async fn one_name_in_four_places_is_four_inputs() {
    let sent = request("/v1/names/places/path", |client| {
        client.parameters().places("path", "query", "header", "cookie")
    })
    .await;
    assert_eq!(target(&sent), "/names/places/path?id=query");
    assert_eq!(
        (header(&sent, "id").as_str(), header(&sent, "Cookie").as_str()),
        ("header", "id=cookie")
    );
}

#[tokio::test]
async fn a_parameter_may_be_called_as_the_client() {
    let answer = std::collections::BTreeMap::new();
    let sent = request("/v1/names/examples/type", |client| {
        client.parameters().examples(Order::Type, Color::new(1, 2), vec![1], answer)
    })
    .await;
    assert_eq!(target(&sent), "/names/examples/type?R=1&G=2&type=1");
}

#[tokio::test]
async fn a_group_may_be_called_as_a_file_of_the_crate_or_a_keyword() {
    let sent = request("/v1/names/70", |client| client.call_group().list()).await;
    assert_eq!(target(&sent), "/names/70");
    let nested = request("/v1/names/100", |client| client.a().b().list()).await;
    assert_eq!(target(&nested), "/names/100");
}

#[test]
fn no_operation_is_lost() {
    let mut paths: Vec<String> =
        OPERATIONS.iter().map(|meta| format!("{} {}", meta.method, meta.path)).collect();
    let all = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), all);
    assert_eq!(all, include_str!("../../../openapi.yaml").matches("operationId: ").count());
}
