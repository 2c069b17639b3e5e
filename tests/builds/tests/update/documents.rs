//! What the newer document says that the older one does not.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::generated::{NEWER, OLDER, SPECS};

#[test]
fn the_newer_document_adds_four_members_and_its_date() {
    let changes = changes();
    let places: Vec<String> = changes
        .iter()
        .filter(|change| !change.is_in_an_example())
        .map(|change| format!("{} {}", change.kind, change.pointer))
        .collect();
    insta::assert_snapshot!(places.join("\n"), @"
    + /components/schemas/Contact/properties/identity_check
    + /components/schemas/Contact/properties/status
    + /components/schemas/Deal/properties/metadata
    + /components/schemas/Deal/properties/note
    + /info/x-build-date
    ");
}

#[test]
fn examples_gain_the_same_members_of_contacts_and_deals() {
    let changes = changes();
    let members: BTreeSet<String> = changes
        .iter()
        .filter(|change| change.is_in_an_example())
        .map(|change| format!("{} {}: {}", change.kind, change.owner, change.member()))
        .collect();
    insta::assert_snapshot!(Vec::from_iter(members).join("\n"), @"
    + con: identity_check
    + con: status
    + deal: metadata
    + deal: note
    ");
}

/// A place at which the documents differ.
struct Change {
    /// `+` if the newer document alone has it, `-` if the older one alone has it, `~` if it says something else.
    kind: char,
    /// Where, as a JSON Pointer.
    pointer: String,
    /// What the object that holds it is in the newer document: the first letters of its `id`.
    owner: String,
}

impl Change {
    fn is_in_an_example(&self) -> bool {
        self.pointer.split('/').any(|key| matches!(key, "example" | "examples"))
    }

    fn member(&self) -> &str {
        self.pointer.rsplit('/').next().unwrap_or_default()
    }
}

fn changes() -> Vec<Change> {
    let document = |build: &str| -> Value {
        let text = fs::read_to_string(format!("{SPECS}/{build}")).unwrap();
        serde_yaml::from_str(&text).unwrap()
    };
    let mut changes = Vec::new();
    compare("", &document(OLDER), &document(NEWER), &mut changes);
    changes
}

/// Collects where two values differ, as far inside as they differ.
fn compare(pointer: &str, older: &Value, newer: &Value, changes: &mut Vec<Change>) {
    let inside = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
    let change = |kind: char, pointer: String| {
        let id = newer["id"].as_str().unwrap_or_default();
        let owner = id.split('_').next().unwrap_or_default().to_owned();
        Change { kind, pointer, owner }
    };
    match (older, newer) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                match (old.get(key), new.get(key)) {
                    (Some(old), Some(new)) => compare(&inside(key), old, new, changes),
                    (None, _) => changes.push(change('+', inside(key))),
                    (_, None) => changes.push(change('-', inside(key))),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&inside(&index.to_string()), old, new, changes);
            }
        }
        (old, new) if old == new => {}
        _ => changes.push(change('~', pointer.to_owned())),
    }
}
