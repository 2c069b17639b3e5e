//! What is printed.

use std::path::Path;
use std::process::Command;

use crate::fixture::Program;

#[test]
fn each_scope_has_its_operations_and_places_and_the_last_line_has_the_scopes() {
    let program = Program::new(
        "
async fn run(client: shop_v1::Client) {
    client.things().list().await;
    client.things().show(\"1\").expand([\"seller\", \"seller.address\"]).await;
    client.things().list().await;
    client.things().create().await;
    client.status().check().await;
}",
    );
    insta::assert_snapshot!(program.answer().text, @"
    things:read
      GET /things
        src/main.rs:3
        src/main.rs:5
      GET /things/{id}
        src/main.rs:4

    things:write
      POST /things
        src/main.rs:6

    no scope
      GET /status
        src/main.rs:7

    note: src/main.rs:4:31: `expand` (`seller`, `seller.address`): each resource that is given in full needs the scope that reads it

    things:read things:write
    ");
}

#[test]
fn of_several_ways_to_be_allowed_the_fewest_scopes_in_all_are_taken() {
    let program = Program::new(
        "
async fn run(client: shop_v1::Client) {
    client.orders().list().await;
    client.orders().ship(\"1\").await;
}",
    );
    let text = program.answer().text;
    assert!(text.ends_with("\nall\n"), "{text}");
    let alone = Program::new(
        "fn run(client: shop_v1::Client) { client.orders().lines().list(1); client.orders().list(); }",
    );
    let text = alone.answer().text;
    assert!(text.ends_with("\norders:read\n"), "{text}");
}

/// The scopes that one call needs.
fn scopes_of(call: &str) -> String {
    let main = format!("fn run(client: shop_v1::Client) {{ client.{call}; }}");
    Program::new(&main).answer().text.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn what_another_credential_allows_too_needs_the_scope_of_the_token() {
    assert_eq!(scopes_of("keys().list()"), "things:read");
}

#[test]
fn what_another_credential_alone_allows_needs_no_scope() {
    assert_eq!(scopes_of("keys().create()"), "");
}

#[test]
fn what_needs_a_token_beside_another_credential_needs_its_scope() {
    assert_eq!(scopes_of("keys().clear()"), "things:write");
}

#[test]
fn what_a_token_alone_allows_needs_no_other_credential() {
    assert_eq!(scopes_of("keys().update()"), "all");
}

#[test]
fn what_a_bearer_scheme_lists_are_scopes_and_what_a_key_lists_are_none() {
    assert_eq!(scopes_of("keys().replace()"), "admin");
    assert_eq!(scopes_of("keys().create()"), "");
}

#[test]
fn expansions_given_as_a_member_are_noted() {
    let program = Program::new(
        "
fn run() {
    let mut request = shop_v1::things::ShowThing::new(\"1\");
    request.expand = Some(vec![\"seller\".to_owned()]);
}",
    );
    let text = program.answer().text;
    assert!(text.contains("note: src/main.rs:4:13: `expand` (`seller`)"), "{text}");
}

/// The readme shows the output of this command; it is what the command prints.
#[test]
fn the_readme_shows_what_the_quickstart_needs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
    command.args(["scopes", "specs/stora/2025-09", "examples/quickstart"]).current_dir(&root);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown = format!("```text\n{}```\n", String::from_utf8(output.stdout).unwrap());
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(&shown), "README.md does not show\n{shown}");
}
