//! Values that are followed from the client to a call.

use crate::fixture::{Program, calls, operations};

#[test]
fn a_chain_may_run_over_lines() {
    let program = "
async fn run(client: shop_v1::Client) {
    let things = client
        .things()
        // newest first
        .list()
        .await;
}";
    assert_eq!(calls(program), ["GET /things 6"]);
}

#[test]
fn a_nested_group_is_reached_through_its_parent() {
    let program = "
async fn run(client: &shop_v1::Client) {
    client.orders().lines().list(\"1\").await;
}";
    assert_eq!(calls(program), ["GET /orders/{id}/lines 3"]);
}

#[test]
fn a_handle_may_be_a_variable() {
    let program = "
async fn run(client: &shop_v1::Client) {
    let things = client.things();
    let same = things.clone();
    let all = same.list();
    all.await;
}";
    assert_eq!(calls(program), ["GET /things 5"]);
}

#[test]
fn a_variable_means_what_it_was_given_last() {
    let program = "
async fn run(client: &shop_v1::Client) {
    let things = client.things();
    things.list().await;
    {
        let things = client.orders();
        things.list().await;
    }
    things.show(\"1\").await;
    let things = vec![1];
    things.list();
}";
    assert_eq!(calls(program), ["GET /orders 7", "GET /things 4", "GET /things/{id} 9"]);
}

#[test]
fn a_variable_of_a_function_is_none_of_another() {
    let program = "
fn one(client: &shop_v1::Client) { let things = client.things(); }
fn other(things: &[u8]) { things.list(); }";
    assert_eq!(calls(program), [] as [&str; 0]);
}

#[test]
fn a_client_is_built_and_may_be_shared() {
    let program = "
use std::sync::Arc;
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let client = Arc::new(shop_v1::Client::builder(\"A/B\").build()?);
    let other = Arc::clone(&client);
    let task = tokio::spawn(async move { other.things().list().await });
    Ok(())
}";
    assert_eq!(calls(program), ["GET /things 6"]);
}

#[test]
fn a_field_holds_what_its_type_says() {
    let program = "
use shop_v1::things::Things;
struct App { things: Things, shop: Shop }
struct Shop { client: std::sync::Mutex<shop_v1::Client> }
impl App {
    async fn run(&self) {
        self.things.list().await;
        let Self { shop, .. } = self;
        shop.client.lock().unwrap().orders().list().await;
    }
}";
    assert_eq!(calls(program), ["GET /orders 9", "GET /things 7"]);
}

#[test]
fn a_function_gives_what_its_type_says() {
    let program = "
async fn connect() -> Result<(shop_v1::Client, u8), std::io::Error> { todo!() }
struct App;
impl App { fn orders(&self) -> shop_v1::orders::Orders { todo!() } }
async fn run(app: App) -> Result<(), std::io::Error> {
    let (client, _) = connect().await?;
    client.things().list().await;
    app.orders().ship(\"1\").await;
    Ok(())
}";
    assert_eq!(calls(program), ["GET /things 7", "POST /orders/{id}/ship 8"]);
}

#[test]
fn a_closure_sees_the_variables_around_it() {
    let program = "
async fn run(client: shop_v1::Client, ids: Vec<String>) {
    let things = client.things();
    let show = |id: &str| things.show(id);
    let calls: Vec<_> = ids.iter().map(|id| show(id)).collect();
    let orders = |client: &shop_v1::Client| client.orders();
    orders(&client).list().await;
}";
    assert_eq!(calls(program), ["GET /orders 7", "GET /things/{id} 4"]);
}

#[test]
fn what_holds_a_client_gives_it_to_closures_patterns_and_loops() {
    let program = "
use shop_v1::Client;
async fn run(all: Vec<Client>, one: Option<Client>) {
    for client in &all {
        client.things().list().await;
    }
    one.as_ref().map(|client| client.orders().list());
    if let Some(client) = &one {
        client.orders().ship(\"1\").await;
    }
    let Some(client) = one else { return };
    client.status().check().await;
}";
    let expected = ["GET /orders 7", "GET /status 12", "GET /things 5", "POST /orders/{id}/ship 9"];
    assert_eq!(calls(program), expected);
}

#[test]
fn an_empty_list_holds_what_is_put_into_it() {
    let program = "
async fn run(client: shop_v1::Client) {
    let mut handles = Vec::new();
    handles.push(client.things());
    handles[0].list().await;
}";
    assert_eq!(calls(program), ["GET /things 5"]);
}

#[test]
fn a_call_inside_a_macro_counts() {
    let program = "
async fn run(client: shop_v1::Client) {
    let (things, orders) = tokio::join!(client.things().list(), async { client.orders().list().await });
    println!(\"{:?}\", client.things().show(\"1\").await);
    tokio::select! {
        answer = client.things().create() => drop(answer),
        _ = client.orders().ship(\"1\") => {}
    }
}";
    let expected = [
        "GET /orders 3",
        "GET /things 3",
        "GET /things/{id} 4",
        "POST /orders/{id}/ship 7",
        "POST /things 6",
    ];
    assert_eq!(calls(program), expected);
}

#[test]
fn pages_and_options_of_a_call_change_nothing() {
    let program = "
async fn run(client: &shop_v1::Client) {
    let mut things = client.things().list().with_header(\"a\", \"b\").items();
    while let Some(thing) = things.next().await {
        thing.list();
    }
}";
    assert_eq!(calls(program), ["GET /things 3"]);
}

#[test]
fn an_extension_of_a_handle_calls_its_methods() {
    let program = "
trait Everything { fn all(&self); }
impl Everything for shop_v1::things::Things {
    fn all(&self) { self.list(); }
}";
    assert_eq!(calls(program), ["GET /things 4"]);
}

#[test]
fn a_generic_function_may_hand_on_what_it_is_given() {
    let program = "
use shop_v1::Client;
fn same<T>(value: T) -> T { value }
struct Retry;
impl Retry { async fn run<F, T>(&self, call: F) -> T where F: AsyncFn() -> T { call().await } }
async fn run(client: Client, retry: Retry) {
    same(&client).things().list().await;
    let things = retry.run(|| client.things()).await;
    things.show(\"1\").await;
    let answer = same(client.orders().list()).await;
    answer.list();
}";
    assert_eq!(calls(program), ["GET /orders 10", "GET /things 7", "GET /things/{id} 9"]);
}

#[test]
fn a_container_of_another_crate_holds_what_is_put_into_it() {
    let program = "
async fn run(client: shop_v1::Client) {
    let cache = cache::Cache::new(10);
    cache.insert(1, client.things());
    cache.get(&1).unwrap().list().await;
}";
    let lock = "[[package]]\nname = \"cache\"\n";
    let answer = Program::new(program).with("Cargo.lock", lock).answer();
    assert_eq!(answer.doubts, [] as [&str; 0]);
    assert_eq!(operations(&answer), ["GET /things 5"]);
}
