use std::fmt::Write as _;
use std::fs;

use specwright_cli::project::Project;

use super::*;

const CONFIG: &str = "\
package: shop-v1
library: shop_v1
title: Shop
document: openapi.yaml
overlays:
  - overlays/10-a.overlay.yaml # mends a
  - overlays/20-b.overlay.yaml
output: generated/shop-v1
";

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
paths: {}
servers: []
tags: []
";

fn overlay(targets: &[&str]) -> String {
    let mut text = String::from("overlay: 1.0.0\ninfo: { title: t, version: '1' }\nactions:\n");
    for target in targets {
        writeln!(text, "  - target: {target}\n    remove: true").unwrap();
    }
    text
}

/// A repository with one project, and a new document beside it.
struct Fixture {
    folder: tempfile::TempDir,
    project: Project,
    new: std::path::PathBuf,
}

fn fixture(name: &str, text: &str) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let specs = folder.path().join("specs/shop/v1");
    fs::create_dir_all(specs.join("overlays")).unwrap();
    fs::write(specs.join("api.yaml"), CONFIG).unwrap();
    fs::write(specs.join("openapi.yaml"), DOCUMENT).unwrap();
    fs::write(specs.join("overlays/10-a.overlay.yaml"), overlay(&["$.servers"])).unwrap();
    fs::write(specs.join("overlays/20-b.overlay.yaml"), overlay(&["$.tags", "$.security"]))
        .unwrap();
    let new = folder.path().join(name);
    fs::write(&new, text).unwrap();
    let project = Project::all(folder.path()).unwrap().remove(0);
    Fixture { folder, project, new }
}

impl Fixture {
    fn pull(&self, stale: Stale) -> (Exit, Vec<String>) {
        let mut lines = Vec::new();
        let exit = replace(&self.project, &self.new, stale, &mut lines).unwrap();
        (exit, lines)
    }

    fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.folder.path().join("specs/shop/v1").join(path)).ok()
    }
}

#[test]
fn actions_that_match_nothing_are_listed_at_their_place() {
    let fixture = fixture("new.yaml", &DOCUMENT.replace("servers: []\n", ""));
    let (exit, lines) = fixture.pull(Stale::List);
    assert_eq!(exit, Exit::Done);
    assert!(lines[0].ends_with("overlays/10-a.overlay.yaml:4:13: $.servers"), "{lines:?}");
    assert!(lines[1].ends_with("overlays/20-b.overlay.yaml:6:13: $.security"), "{lines:?}");
    assert_eq!(lines.len(), 2);
    assert_eq!(fixture.text("openapi.yaml"), Some(DOCUMENT.replace("servers: []\n", "")));
    assert_eq!(fixture.text("overlays/10-a.overlay.yaml"), Some(overlay(&["$.servers"])));
    assert_eq!(fixture.text("api.yaml").as_deref(), Some(CONFIG));
}

#[test]
fn pruning_removes_actions_and_overlays_without_any() {
    let fixture = fixture("new.yaml", &DOCUMENT.replace("servers: []\n", ""));
    assert_eq!(fixture.pull(Stale::Prune).0, Exit::Done);
    assert_eq!(fixture.text("overlays/10-a.overlay.yaml"), None);
    assert_eq!(fixture.text("overlays/20-b.overlay.yaml"), Some(overlay(&["$.tags"])));
    let config = CONFIG.replace("  - overlays/10-a.overlay.yaml # mends a\n", "");
    assert_eq!(fixture.text("api.yaml"), Some(config));
}

#[test]
fn a_document_in_the_other_language_gets_the_name_that_tells_it() {
    let json = r#"{"openapi":"3.1.0","info":{"title":"Shop","version":"2"},"paths":{},"servers":[],"tags":[],"security":[]}"#;
    let fixture = fixture("new.json", json);
    assert_eq!(fixture.pull(Stale::List), (Exit::Done, vec![]));
    assert_eq!(fixture.text("openapi.yaml"), None);
    assert_eq!(fixture.text("openapi.json").as_deref(), Some(json));
    let config = CONFIG.replace("document: openapi.yaml", "document: openapi.json");
    assert_eq!(fixture.text("api.yaml"), Some(config));
}

#[test]
fn a_file_that_cannot_be_read_changes_nothing() {
    let broken = ["", "openapi: [", "{\"openapi\": \"3.1.0\", \"pa", "title: not OpenAPI\n"];
    for text in broken {
        let fixture = fixture("new.yaml", text);
        assert_eq!(fixture.pull(Stale::Prune).0, Exit::Input, "{text:?}");
        assert_eq!(fixture.text("openapi.yaml").as_deref(), Some(DOCUMENT), "{text:?}");
        assert_eq!(fixture.text("api.yaml").as_deref(), Some(CONFIG), "{text:?}");
    }
    let fixture = fixture("new.yaml", DOCUMENT);
    fs::remove_file(&fixture.new).unwrap();
    assert_eq!(fixture.pull(Stale::Prune).0, Exit::Input);
}
