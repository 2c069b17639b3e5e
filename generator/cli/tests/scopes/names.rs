//! Paths, imports and aliases.

use crate::fixture::{Program, calls, operations};

#[test]
fn a_request_counts_where_it_is_made() {
    let program = "
use shop_v1::things::ListThings;
async fn run(client: &shop_v1::Client) {
    client.send(ListThings::new()).await;
    client.send(shop_v1::things::ShowThing::new(\"1\")).await;
    let request: shop_v1::orders::ListOrders = Default::default();
    client.send(request).await;
}";
    assert_eq!(calls(program), ["GET /orders 6", "GET /things 4", "GET /things/{id} 5"]);
}

#[test]
fn importing_a_request_calls_nothing() {
    assert_eq!(calls("use shop_v1::things::ListThings;\nfn main() {}"), [] as [&str; 0]);
}

#[test]
fn an_import_may_give_another_name() {
    let program = "
use shop_v1 as shop;
use shop::{Client as Api, things::{Things as Stock, ListThings as Everything}};
async fn run(api: Api, stock: &Stock) {
    stock.show(\"1\").await;
    api.send(Everything::new()).await;
    api.orders().list().await;
}";
    assert_eq!(calls(program), ["GET /orders 7", "GET /things 6", "GET /things/{id} 5"]);
}

#[test]
fn a_glob_brings_in_what_the_module_has() {
    let program = "
use shop_v1::things::*;
async fn run(things: Things) {
    things.list().await;
    let request = ShowThing::new(\"1\");
}";
    assert_eq!(calls(program), ["GET /things 4", "GET /things/{id} 5"]);
}

#[test]
fn a_method_may_be_named_by_its_type() {
    let program = "
use shop_v1::{Client, things::Things};
async fn run(client: &Client, ids: &[String]) {
    Things::list(&Client::things(client)).await;
    <shop_v1::orders::Orders>::ship(&client.orders(), \"1\").await;
}";
    assert_eq!(calls(program), ["GET /things 4", "POST /orders/{id}/ship 5"]);
}

#[test]
fn a_module_of_the_program_may_hand_on_a_part_of_the_client() {
    let program = Program::new(
        "
mod api;
use crate::api::Shop;
use api::requests::ListThings;
async fn run(shop: Shop) { shop.orders().list().await; shop.send(ListThings::new()).await; }",
    )
    .with(
        "src/api.rs",
        "pub use shop_v1::Client as Shop;\npub mod requests { pub use shop_v1::things::*; }",
    );
    let answer = program.answer();
    assert_eq!(answer.doubts, [] as [&str; 0]);
    assert_eq!(operations(&answer), ["GET /orders 5", "GET /things 5"]);
}

#[test]
fn an_alias_is_the_type_that_it_names() {
    let program = "
type Shop = std::sync::Arc<shop_v1::Client>;
async fn run(shop: Shop) { shop.things().list().await; }";
    assert_eq!(calls(program), ["GET /things 3"]);
}

#[test]
fn the_manifest_may_give_the_crate_another_name() {
    let program = Program::new("async fn run(shop: shop::Client) { shop.things().list().await; }")
        .with(
            "Cargo.toml",
            "[dependencies]\nshop = { package = \"specwright-shop-v1\", version = \"1\" }\n",
        );
    let answer = program.answer();
    assert_eq!(answer.doubts, [] as [&str; 0]);
    assert_eq!(operations(&answer), ["GET /things 1"]);
}

#[test]
fn a_type_of_the_program_hides_one_of_the_client() {
    let program = "
struct Things;
impl Things { fn list(&self) {} }
fn run(things: &Things) { things.list(); }";
    assert_eq!(calls(program), [] as [&str; 0]);
}
