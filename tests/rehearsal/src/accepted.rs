//! The snapshots of the surface: what a reviewer sees of a change.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use crate::repository::{FIRST, ORIGIN, SECOND, surface_in_memory};

/// Set by [`crate::round`], which runs these tests on a copy of this package.
pub(crate) const ROOT: &str = "REHEARSAL_ROOT";

#[test]
fn the_surface_of_the_first_version_is_the_accepted_one() {
    assert_accepted(FIRST);
}

#[test]
fn the_surface_of_the_second_version_is_the_accepted_one() {
    assert_accepted(SECOND);
}

/// Compares every group, so that one run shows all differences.
#[track_caller]
fn assert_accepted(version: &str) {
    let root = PathBuf::from(std::env::var_os(ROOT).unwrap_or_else(|| ORIGIN.into()));
    let folder = root.join("surface").join(version.replace('/', "-"));
    let surface = surface_in_memory(&root, version);

    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let differs = |group: &String, text: &String| {
        let compare = || settings.bind(|| insta::assert_snapshot!(group.as_str(), text));
        catch_unwind(AssertUnwindSafe(compare)).is_err()
    };
    let differing: Vec<&String> = surface
        .iter()
        .filter(|(group, text)| differs(group, text))
        .map(|(group, _)| group)
        .collect();
    assert!(
        differing.is_empty(),
        "the surface of {version} has changed in {differing:?}; run `cargo insta review`"
    );

    let accepted: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_string_lossy().strip_suffix(".snap").map(str::to_owned)
        })
        .collect();
    let groups: BTreeSet<String> = surface.into_keys().collect();
    assert_eq!(groups, accepted, "a group is gone from {version}; delete its snapshot");
}
