//! Hostile files on a real disk, and inputs of hostile size.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use specwright_source::{Budget, DiskFiles, Loader, Reference, Sink, SourceMap, read};

/// Writes `main.yaml` with this reference into `folder`, opens it and follows the reference.
/// Gives the code that was reported, and the names of the files that were read.
fn follow(folder: &Path, reference: &str) -> (Option<&'static str>, usize) {
    let main = folder.join("main.yaml");
    std::fs::write(&main, format!("r: {{$ref: '{reference}'}}\n")).unwrap();
    let mut loader = Loader::beside(DiskFiles, &main, Budget::DEFAULT).unwrap();
    let mut sink = Sink::default();
    let file = loader.open(&main, &mut sink).unwrap();
    let node = loader.tree(file).unwrap().root().get("r").and_then(|r| r.get("$ref")).unwrap();
    let reference = Reference::of(node).unwrap();
    loader.follow(&reference, &mut sink);
    let reported = sink.diagnostics().first();
    if let Some(diagnostic) = reported {
        assert_eq!(diagnostic.labels[0].span, reference.span);
    }
    (reported.map(|diagnostic| diagnostic.code.id), loader.sources().files().count())
}

#[test]
fn a_file_below_the_root_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::write(folder.path().join("sub/other.yaml"), "a: 1").unwrap();
    assert_eq!(follow(folder.path(), "sub/other.yaml#/a"), (None, 2));
}

#[test]
fn the_password_file_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    for reference in ["/etc/passwd", "file:///etc/passwd", "../../../../../etc/passwd#/root"] {
        assert_eq!(follow(folder.path(), reference), (Some("OA0102"), 1), "{reference}");
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_out_of_the_root_is_not_read() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.yaml"), "a: 1").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
    assert_eq!(follow(folder.path(), "link/secret.yaml"), (Some("OA0102"), 1));
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_within_the_root_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("real.yaml"), "a: 1").unwrap();
    std::os::unix::fs::symlink("real.yaml", folder.path().join("link.yaml")).unwrap();
    assert_eq!(follow(folder.path(), "link.yaml"), (None, 2));
}

#[test]
fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    assert_eq!(follow(folder.path(), "sub"), (Some("OA0101"), 1));
}

#[test]
fn no_more_of_a_file_is_read_than_the_budget_allows() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main.yaml");
    std::fs::write(&main, "x".repeat(1_000)).unwrap();
    let budget = Budget { bytes: 10, ..Budget::DEFAULT };
    let mut loader = Loader::beside(DiskFiles, &main, budget).unwrap();
    let mut sink = Sink::default();
    assert_eq!(loader.open(&main, &mut sink), None);
    assert_eq!(sink.diagnostics()[0].message, "file has 11 bytes or more, 10 are allowed");
}

#[test]
fn a_scalar_of_ten_megabytes_is_read() {
    let long = "x".repeat(10_000_000);
    for (name, text) in [("a.json", format!("\"{long}\"")), ("a.yaml", format!("- {long}\n"))] {
        let mut sink = Sink::default();
        let bytes = text.as_bytes();
        let (_, tree) =
            read(&mut SourceMap::default(), name, bytes, &Budget::DEFAULT, &mut sink).unwrap();
        let node = tree.root().items().next().unwrap_or(tree.root());
        assert_eq!(node.as_str().map(str::len), Some(10_000_000));
    }
}

#[test]
fn a_number_of_a_million_digits_is_kept() {
    let digits = "7".repeat(1_000_000);
    for name in ["a.json", "a.yaml"] {
        let mut sink = Sink::default();
        let bytes = digits.as_bytes();
        let (_, tree) =
            read(&mut SourceMap::default(), name, bytes, &Budget::DEFAULT, &mut sink).unwrap();
        assert_eq!(tree.root().as_number().map(|number| number.as_str().len()), Some(1_000_000));
    }
}

#[test]
fn an_alias_bomb_ends_at_the_budget() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    text.extend((1..60).map(|level| {
        let aliases = format!("*a{}, ", level - 1).repeat(10);
        format!("a{level}: &a{level} [{aliases}]\n")
    }));
    let budget = Budget { nodes: 300_000, ..Budget::DEFAULT };
    let mut sink = Sink::default();
    let tree = read(&mut SourceMap::default(), "a.yaml", text.as_bytes(), &budget, &mut sink);
    assert_eq!(sink.diagnostics()[0].code.id, "OA0006");
    // The levels that were open are closed, one node for each.
    assert!(tree.unwrap().1.len() <= budget.nodes + budget.depth);
}
