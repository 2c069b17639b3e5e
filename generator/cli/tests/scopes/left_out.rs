//! What is certainly no call of the program.

use crate::fixture::{Program, calls};

#[test]
fn methods_of_other_types_are_no_calls() {
    let program = "
use std::collections::HashMap;
fn run(names: &HashMap<String, u32>, path: &std::path::Path) {
    names.list();
    path.show(1);
    String::new().create();
    [1, 2].iter().map(|n| n.list());
    std::fs::OpenOptions::new().create();
}";
    assert_eq!(calls(program), [] as [&str; 0]);
}

#[test]
fn what_an_answer_holds_is_none_of_the_client() {
    let program = "
async fn run(client: &shop_v1::Client) {
    let answer = client.things().list().await;
    answer.list();
}";
    assert_eq!(calls(program), ["GET /things 3"]);
}

#[test]
fn what_only_tests_compile_does_not_count() {
    let program = Program::new(
        "
fn main() {}
#[cfg(test)]
mod tests { fn a(client: shop_v1::Client) { client.things().list(); } }
#[tokio::test]
async fn b() { let request = shop_v1::things::ListThings::new(); }",
    )
    .with("Cargo.toml", "")
    .with("tests/all.rs", "fn a(client: shop_v1::Client) { client.things().list(); }")
    .with("target/debug/out.rs", "fn a(client: shop_v1::Client) { client.things().list(); }")
    .with(".hidden/a.rs", "fn a(client: shop_v1::Client) { client.things().list(); }");
    assert_eq!(program.answer().text, "\n");
}

#[test]
fn a_file_that_only_tests_compile_does_not_count() {
    let calls = "fn a(client: shop_v1::Client) { client.things().list(); elsewhere().list(); }";
    let program = Program::new("mod app; fn main() {}")
        .with("src/app.rs", "#[cfg(test)] mod tests;")
        .with("src/app/tests.rs", &format!("mod inner; {calls}"))
        .with("src/app/tests/inner.rs", calls);
    let answer = program.answer();
    assert_eq!((answer.text.as_str(), answer.doubts.len()), ("\n", 0));
}

#[test]
fn another_client_with_methods_of_the_same_name_is_told_apart_by_the_lock_of_cargo() {
    let main = "
async fn run(client: store_v2::Client, things: store_v2::things::Things) {
    client.things().list().await;
    things.list().await;
    store_v2::connect().things().list().await;
}";
    let lock = "[[package]]\nname = \"app\"\ndependencies = [\"specwright-shop-v1\"]\n\
                [[package]]\nname = \"specwright-shop-v1\"\n";
    let answer = Program::new(main)
        .with("Cargo.toml", "[package]\nname = \"app\"\n")
        .with("Cargo.lock", lock)
        .answer();
    assert_eq!((answer.text.as_str(), answer.doubts.len()), ("\n", 0));
}

#[test]
fn another_client_is_told_apart_in_a_workspace_where_others_use_this_one() {
    let main = "async fn run(client: store_v2::Client) { client.things().list().await; }";
    let manifest = "[package]\nname = \"app\"\n[dependencies]\nspecwright-store-v2 = { path = \"../store\" }\n";
    let store = "[package]\nname = \"specwright-store-v2\"\n[lib]\nname = \"store_v2\"\n";
    let lock = "[[package]]\nname = \"other-app\"\ndependencies = [\"specwright-shop-v1\"]\n\
                [[package]]\nname = \"specwright-shop-v1\"\n[[package]]\nname = \"specwright-store-v2\"\n";
    let answer = Program::new(main)
        .with("Cargo.toml", manifest)
        .with("Cargo.lock", lock)
        .with("../store/Cargo.toml", store)
        .answer();
    assert_eq!((answer.text.as_str(), answer.doubts.len()), ("\n", 0));
}
