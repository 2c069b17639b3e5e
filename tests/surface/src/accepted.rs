//! The surface that a reviewer has accepted: one snapshot a group.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The surface of the crate in a folder; see [`crate::of_files`].
///
/// # Panics
///
/// If a file cannot be read or is not Rust, which fails the test.
#[track_caller]
pub fn of_folder(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    crate::of_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str()))).unwrap()
}

/// Compares each group with its snapshot in `snapshots`, all of them, so that one run shows all
/// differences; then asks that each snapshot is of a group.
///
/// # Panics
///
/// If the surface is not the accepted one, which fails the test.
#[track_caller]
pub fn assert_accepted(surface: &BTreeMap<String, String>, snapshots: &Path) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(snapshots);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let differs = |group: &str, text: &str| {
        let compare = || settings.bind(|| insta::assert_snapshot!(group, text));
        catch_unwind(AssertUnwindSafe(compare)).is_err()
    };
    let differing: Vec<&String> = surface
        .iter()
        .filter(|(group, text)| differs(group, text))
        .map(|(group, _)| group)
        .collect();
    assert!(
        differing.is_empty(),
        "the surface has changed in {differing:?}; run `cargo insta review`"
    );

    let names = fs::read_dir(snapshots)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let accepted: BTreeSet<String> =
        names.filter_map(|name| name.strip_suffix(".snap").map(str::to_owned)).collect();
    let groups: BTreeSet<String> = surface.keys().cloned().collect();
    assert_eq!(groups, accepted, "a group is gone; delete its snapshot");
}
