//! The public surface of the generated crate, one snapshot a group: what a reviewer of an API change reads first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

#[test]
fn the_surface_of_every_group_is_the_accepted_one() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder(SNAPSHOTS));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let differs = |group: &str, text: &str| {
        let compare = || settings.bind(|| insta::assert_snapshot!(group, text));
        catch_unwind(AssertUnwindSafe(compare)).is_err()
    };
    let groups = groups();
    // Every group is compared, so that one run shows all differences.
    let differing: Vec<&String> = groups
        .iter()
        .filter(|(group, text)| differs(group, text))
        .map(|(group, _)| group)
        .collect();
    assert!(
        differing.is_empty(),
        "the surface has changed in {differing:?}; run `cargo insta review`"
    );
}

#[test]
fn every_snapshot_is_of_a_group() {
    let snapshots = fs::read_dir(folder(SNAPSHOTS)).unwrap();
    let names = snapshots.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let snapshots: BTreeSet<String> =
        names.filter_map(|name| name.strip_suffix(".snap").map(str::to_owned)).collect();
    let groups: BTreeSet<String> = groups().into_keys().collect();
    assert_eq!(snapshots, groups);
}

/// The surface of each group of the crate.
fn groups() -> BTreeMap<String, String> {
    let root = folder(CRATE);
    let mut files = BTreeMap::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    surface::of_files(files).unwrap()
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

const CRATE: &str = "../../generated/stora-2025-09";

const SNAPSHOTS: &str = "surface";
