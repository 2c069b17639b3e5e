//! The public surface of the generated crate, one snapshot a group: what a reviewer of an API change reads first.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn call() {
    check("call");
}

#[test]
fn client() {
    check("client");
}

#[test]
fn contacts() {
    check("contacts");
}

#[test]
fn lib() {
    check("lib");
}

#[test]
fn meta() {
    check("meta");
}

#[test]
fn model() {
    check("model");
}

#[test]
fn oauth2() {
    check("oauth2");
}

#[test]
fn webhooks() {
    check("webhooks");
}

#[test]
fn every_group_has_a_snapshot() {
    let groups: Vec<String> = groups().into_keys().collect();
    let checked = ["call", "client", "contacts", "lib", "meta", "model", "oauth2", "webhooks"];
    assert_eq!(groups, checked);
}

fn check(group: &str) {
    insta::assert_snapshot!(group, groups()[group]);
}

/// The surface of each file of the crate, by its name.
fn groups() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated/stora-2025-09/src");
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        files.insert(format!("src/{name}"), fs::read_to_string(&path).unwrap());
    }
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    surface::of_files(files).unwrap()
}
