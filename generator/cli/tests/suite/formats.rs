//! What goes to which stream.

use crate::fixture::{Fixture, GOOD};

fn damaged() -> Fixture {
    Fixture::new(&GOOD.replace("{ type: string }", "string"))
}

#[test]
fn text_of_generate_is_words_and_goes_to_stderr() {
    let ended = damaged().generate();
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("--> openapi.yaml:19:47"), "{}", ended.stderr);
}

#[test]
fn json_is_one_object_a_line_on_stdout() {
    let ended = damaged().run(&["generate", "openapi.yaml", "--out", "out", "--format", "json"]);
    assert!(!ended.stdout.is_empty());
    for line in ended.stdout.lines() {
        let diagnostic: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(diagnostic["code"].as_str().unwrap().starts_with("OA"), "{line}");
    }
}

#[test]
fn github_commands_are_on_stdout() {
    let ended = damaged().run(&["lint", "openapi.yaml", "--format", "github"]);
    let command = "::error file=openapi.yaml,line=19,col=47,";
    assert!(ended.stdout.starts_with(command), "{}", ended.stdout);
}

#[test]
fn the_effective_document_is_on_stdout_and_holds_what_an_overlay_wrote() {
    let fixture = Fixture::new(GOOD);
    fixture.write(
        "a.overlay.yaml",
        "overlay: 1.0.0\ninfo: { title: t, version: '1' }\nactions:\n\
         - target: $.info\n  update: { title: Market }\n",
    );
    let ended = fixture.run(&["effective", "openapi.yaml", "--overlay", "a.overlay.yaml"]);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["info"]["title"], "Market");
    assert_eq!(ended.stderr, "");
}

#[test]
fn the_meaning_is_on_stdout() {
    let ended = Fixture::new(GOOD).run(&["ir", "openapi.yaml"]);
    assert!(ended.stdout.starts_with("api \"Shop\" version \"1\"\n"), "{}", ended.stdout);
}

#[test]
fn a_page_is_printed_for_a_code() {
    let ended = Fixture::new(GOOD).run(&["explain", "OA0902"]);
    assert!(ended.stdout.starts_with("# OA0902: "), "{}", ended.stdout);
}
