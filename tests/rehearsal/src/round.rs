//! The round of a reviewer with insta itself: the snapshots fail, are accepted, and pass.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::accepted::ROOT;
use crate::edits::replace;
use crate::repository::{FIRST, Repository};

#[test]
fn the_snapshot_of_a_changed_group_fails_until_it_is_accepted() {
    let repository = Repository::with(&[FIRST]);
    repository.copy("surface/parcels-2025-09");
    assert!(run_snapshots(repository.root()).status.success());

    repository.edit(|document| {
        replace(document, "  town: { type: string }", "  town: { type: integer }")
    });

    let failed = run_snapshots(repository.root());
    let said = String::from_utf8_lossy(&failed.stdout);
    assert!(!failed.status.success(), "{said}");
    assert!(said.contains("-field Locker::town: Option<String>"), "{said}");
    assert!(said.contains("+field Locker::town: Option<i64>"), "{said}");
    assert!(said.contains(r#"has changed in ["model"]; run `cargo insta review`"#), "{said}");

    accept(&repository.root().join("surface/parcels-2025-09"));
    assert!(run_snapshots(repository.root()).status.success());
}

/// Runs the snapshot test of this very program on another repository, as `cargo xtask test` does,
/// whatever settings of insta this test itself runs with.
fn run_snapshots(root: &Path) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "accepted::the_surface_of_the_first_version_is_the_accepted_one"]);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("INSTA_") {
            command.env_remove(name);
        }
    }
    command.env(ROOT, root).env("INSTA_UPDATE", "new").output().unwrap()
}

/// What `cargo insta accept` does: the new snapshot replaces the old one.
fn accept(folder: &Path) {
    let mut accepted = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let new = entry.unwrap().path();
        if new.extension().is_some_and(|extension| extension == "new") {
            fs::rename(&new, new.with_extension("")).unwrap();
            accepted += 1;
        }
    }
    assert_eq!(accepted, 1);
}
