//! What `api.lock` may hold, and what becomes of a client if it holds something else.

use crate::fixture::{Fixture, GOOD};

/// A client that was generated once, with one text of its lock replaced by another.
#[track_caller]
fn edited(from: &str, to: &str) -> Fixture {
    edited_of(GOOD, from, to)
}

#[track_caller]
fn edited_of(document: &str, from: &str, to: &str) -> Fixture {
    let fixture = Fixture::new(document);
    assert_eq!(fixture.generate().code, Some(0));
    let lock = fixture.read("out/api.lock");
    assert!(lock.contains(from), "{lock}");
    fixture.write("out/api.lock", &lock.replace(from, to));
    fixture
}

#[track_caller]
fn assert_refused(fixture: &Fixture, said: &[&str]) {
    let before = fixture.generated();
    let ended = fixture.generate();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    for text in ["error[OA0701]", "out/api.lock"].iter().chain(said) {
        assert!(ended.stderr.contains(text), "{text}: {}", ended.stderr);
    }
    assert_eq!(fixture.generated(), before);
}

#[test]
fn a_name_that_is_none_is_refused_with_file_and_line_and_the_client_stays() {
    let lock = edited("name = \"Item\"", "name = \"I tem\"");
    assert_refused(&lock, &["line 4", "`I tem`"]);
    let lock = edited("method = \"list\"", "method = \"li-st\"");
    assert_refused(&lock, &["line 7", "`li-st`"]);
}

#[test]
fn a_name_that_two_things_have_is_refused_with_both_and_the_client_stays() {
    let lock = edited(
        "[operations]",
        "\"/components/schemas/Twin\" = { name = \"Item\" }\n\n[operations]",
    );
    assert_refused(&lock, &["`Item`", "/components/schemas/Item", "/components/schemas/Twin"]);
}

#[test]
fn what_a_lock_says_of_inputs_and_members_that_are_not_there_changes_nothing() {
    let fixture = edited(
        "request = \"ListItems\"",
        "request = \"ListItems\", positional = [\"query:gone\", \"body\", \"nonsense\", \"query:gone\"], \
         params = { \"query:gone\" = \"gone\" }, media = { \"text/csv\" = \"send_csv\" }",
    );
    let mut before = fixture.generated();
    assert_eq!(fixture.generate().code, Some(0));
    let mut after = fixture.generated();
    before.remove("work/out/api.lock");
    after.remove("work/out/api.lock");
    assert_eq!(after, before);
}

#[test]
fn an_input_that_is_positional_twice_is_given_once() {
    let document = GOOD.replace(
        "      security: []\n",
        "      security: []\n      parameters: [{ name: shelf, in: query, schema: { type: string } }]\n",
    );
    let fixture = edited_of(&document, "plain = [\"query:shelf\"]", TWICE);
    assert_eq!(fixture.generate().code, Some(0));
    let lock = fixture.read("out/api.lock");
    assert!(lock.contains("positional = [\"query:shelf\"]"), "{lock}");
}

const TWICE: &str = r#"plain = ["query:shelf"], positional = ["query:shelf", "query:shelf"]"#;

#[test]
fn a_new_group_inside_a_group_does_not_take_the_name_of_a_method_that_is_there() {
    let method = GOOD.replace("operationId: listItems", "operationId: archiveItems");
    let fixture = Fixture::new(&method);
    assert_eq!(fixture.generate().code, Some(0));
    let group = "
  /archive:
    get:
      operationId: listArchive
      tags: [Items / Archive]
      security: []
      responses: { \"204\": { description: Empty. } }
components:";
    fixture.write("openapi.yaml", &method.replace("\ncomponents:", group));
    assert_eq!(fixture.generate().code, Some(0));
    let handle = fixture.read("out/src/items.rs");
    assert_eq!(handle.matches("pub fn archive(").count(), 1, "{handle}");
    assert_eq!(handle.matches("pub fn archive_group(").count(), 1, "{handle}");
}
