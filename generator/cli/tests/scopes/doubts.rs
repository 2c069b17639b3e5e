//! What cannot be told is said, never dropped.

use crate::fixture::{Program, operations};

/// The operations and the places in doubt of a program.
fn seen(main: &str) -> (Vec<String>, Vec<String>) {
    let answer = Program::new(main).answer();
    let place = |doubt: &String| {
        let mut parts = doubt.splitn(4, ':').skip(1);
        let line = parts.next().unwrap_or_default();
        let counted = if doubt.contains("; counted") { "counted" } else { "not counted" };
        format!("{line} {counted}")
    };
    (operations(&answer), answer.doubts.iter().map(place).collect())
}

#[test]
fn a_method_of_an_unknown_value_is_not_counted() {
    let (operations, doubts) = seen(
        "
fn run() {
    elsewhere::handle().list();
}",
    );
    assert_eq!((operations, doubts), (vec![], vec!["3 not counted".to_owned()]));
}

#[test]
fn a_doubt_says_what_it_may_be_and_what_to_do() {
    let answer = Program::new("fn run() { elsewhere::handle().ship(1); }").answer();
    insta::assert_snapshot!(answer.doubts.join("\n"), @"src/main.rs:1:32: `ship` is called on something of a type that cannot be told; it may be POST /orders/{id}/ship; not counted. State the type where the value begins");
}

#[test]
fn an_accessor_and_a_method_of_its_handle_are_counted_and_in_doubt() {
    let (operations, doubts) = seen(
        "
fn run() {
    elsewhere::client().things().list();
    elsewhere::each(|client| client.orders().lines().list(1));
}",
    );
    assert_eq!(operations, ["GET /orders/{id}/lines 4", "GET /things 3"]);
    assert_eq!(doubts, ["3 counted", "4 counted"]);
}

#[test]
fn a_method_with_another_number_of_arguments_is_another_method() {
    assert_eq!(seen("fn run() { elsewhere::handle().list(1, 2); }"), (vec![], vec![]));
}

#[test]
fn a_macro_of_the_program_is_read_by_its_names() {
    let (operations, doubts) = seen(
        "
macro_rules! all { ($client:expr) => { $client.things().list().await }; }
macro_rules! one { ($handle:expr) => { $handle.show(1) }; }",
    );
    assert_eq!(operations, ["GET /things 2"]);
    assert_eq!(doubts, ["2 counted", "3 not counted"]);
}

#[test]
fn a_request_that_another_crate_hands_on_is_in_doubt() {
    let (operations, doubts) = seen("fn run() { send(elsewhere::ListThings::new()); }");
    assert_eq!((operations, doubts), (vec![], vec!["1 not counted".to_owned()]));
}

#[test]
fn sending_something_unknown_is_in_doubt() {
    let (_, doubts) =
        seen("fn run(client: shop_v1::Client) { client.send(elsewhere::request()); }");
    assert_eq!(doubts, ["1 not counted"]);
}

#[test]
fn sending_what_a_caller_chooses_is_not_in_doubt() {
    let program = "
use shop_v1::runtime::operation::Operation;
async fn go<O: Operation>(client: &shop_v1::Client, request: O) { client.send(request).await; }
async fn run(client: &shop_v1::Client) { go(client, shop_v1::things::ListThings::new()).await; }";
    assert_eq!(seen(program), (vec!["GET /things 4".to_owned()], vec![]));
}

#[test]
fn a_request_made_by_hand_is_in_doubt() {
    let (_, doubts) = seen(
        "
fn run(client: shop_v1::Client) { client.request(Method::GET, \"/hidden\"); }",
    );
    assert_eq!(doubts, ["2 not counted"]);
}

#[test]
fn a_file_that_is_no_rust_is_in_doubt_and_the_others_count() {
    let answer = Program::new("fn run(client: shop_v1::Client) { client.things().list(); }")
        .with("src/template.rs", "fn {{ name }}() {}")
        .answer();
    assert_eq!(operations(&answer), ["GET /things 1"]);
    assert_eq!(answer.doubts.len(), 1);
    assert!(answer.doubts[0].starts_with("src/template.rs:1:"), "{:?}", answer.doubts);
}

#[test]
fn a_type_that_dereferences_to_a_handle_is_in_doubt() {
    let (operations, doubts) = seen("
struct Stock(shop_v1::things::Things);
impl std::ops::Deref for Stock { type Target = shop_v1::things::Things; fn deref(&self) -> &Self::Target { &self.0 } }
fn run(stock: Stock) { stock.list(); }");
    assert_eq!((operations, doubts), (vec![], vec!["4 not counted".to_owned()]));
}

#[test]
fn a_member_of_a_type_that_its_user_chooses_is_in_doubt() {
    let (operations, doubts) = seen(
        "
struct Holder<T> { inner: T }
fn run(holder: Holder<shop_v1::things::Things>) { holder.inner.list(); }",
    );
    assert_eq!((operations, doubts), (vec![], vec!["3 not counted".to_owned()]));
}

#[test]
fn a_method_that_containers_have_too_is_in_doubt_on_what_may_be_a_pointer() {
    let (operations, doubts) = seen(
        "
fn run(client: shop_v1::Client) { pointer::wrap(client.things()).find(1); }",
    );
    assert_eq!((operations, doubts), (vec![], vec!["2 not counted".to_owned()]));
}

#[test]
fn what_an_option_of_another_crates_type_holds_is_in_doubt() {
    let (operations, doubts) = seen(
        "
struct App { stock: Option<elsewhere::Stock> }
fn run(app: App) {
    app.stock.as_ref().unwrap().find(1);
    if let Some(stock) = &app.stock { stock.find(1); }
    app.stock?.find(1);
}",
    );
    assert_eq!(operations, [""; 0]);
    assert_eq!(doubts, ["4 not counted", "5 not counted", "6 not counted"]);
}

#[test]
fn what_stands_behind_the_guard_of_another_crate_is_in_doubt() {
    let (operations, doubts) = seen(
        "
fn run(stock: elsewhere::Guard<'_, elsewhere::Stock>, pool: elsewhere::Guard<shop_v1::Client>) {
    stock.find(1);
    elsewhere::wrap(elsewhere::stock()).find(1);
    pool.send(elsewhere::request());
}",
    );
    assert_eq!(operations, [""; 0]);
    assert_eq!(doubts, ["3 not counted", "4 not counted", "5 not counted"]);
}

#[test]
fn a_client_that_a_channel_is_given_is_not_in_doubt() {
    let program = "
fn run(clients: std::sync::mpsc::Sender<shop_v1::Client>, client: shop_v1::Client) { clients.send(client); }";
    assert_eq!(seen(program), (vec![], vec![]));
}

#[test]
fn what_a_trait_gives_of_another_crates_type_is_in_doubt() {
    let (operations, doubts) = seen(
        "
fn a(stock: impl AsRef<elsewhere::Stock>) { stock.as_ref().find(1); }
fn b(stock: impl Into<elsewhere::Stock>) { stock.into().find(1); }
fn c(stock: &dyn std::ops::Deref<Target = elsewhere::Stock>) { stock.find(1); }",
    );
    assert_eq!(operations, [""; 0]);
    assert_eq!(doubts, ["2 not counted", "3 not counted", "4 not counted"]);
}
