//! What the update changes in the client and in the decisions that it rests on.

use std::collections::BTreeMap;

use toml::Value;

use crate::generated::{Generated, NEWER, OLDER};

#[test]
fn the_surface_gains_four_fields_and_nothing_else() {
    let (older, newer) = update();
    let surface = Generated::surface_with_every_feature;
    insta::assert_snapshot!(surface::difference(&surface(&older), &surface(&newer)), @"
    model.contact
    + field Contact::identity_check: Option<IdentityCheck>
    + field Contact::status: Option<ContactStatus>
    model.deal
    + field Deal::metadata: Option<Metadata>
    + field Deal::note: Option<String>
    ");
}

/// Every group that has contacts has their status now, so the type needs no feature any more.
#[test]
fn the_type_of_one_field_is_there_with_more_features_than_before() {
    let (older, newer) = update();
    insta::assert_snapshot!(surface::difference(&types(&older), &types(&newer)), @"
    model.contact
    - enum ContactStatus [contacts] #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)] #[non_exhaustive]
    + enum ContactStatus #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)] #[non_exhaustive]
    ");
}

#[test]
fn the_lock_gains_the_four_names_and_nothing_else() {
    let (older, newer) = update();
    let difference = surface::difference(&decisions(&older.lock), &decisions(&newer.lock));
    insta::assert_snapshot!(difference, @r#"
    types
    + /components/schemas/Contact plain "identity_check"
    + /components/schemas/Contact plain "status"
    + /components/schemas/Deal plain "metadata"
    + /components/schemas/Deal plain "note"
    "#);
}

/// The client that a user has had, and the one after the document was replaced.
#[track_caller]
fn update() -> (Generated, Generated) {
    let older = Generated::of(OLDER, None);
    let newer = Generated::of(NEWER, Some(&older.lock));
    (older, newer)
}

/// The lines of the surface that are a type each.
fn types(generated: &Generated) -> BTreeMap<String, String> {
    let is_type = |line: &&str| ["struct ", "enum ", "type "].iter().any(|it| line.starts_with(it));
    let types = |text: String| text.lines().filter(is_type).collect::<Vec<_>>().join("\n");
    generated.surface().into_iter().map(|(group, text)| (group, types(text))).collect()
}

/// A lock as the lines of each section, one a decision: a line of the file holds those of a whole type.
fn decisions(lock: &str) -> BTreeMap<String, String> {
    let sections: BTreeMap<String, Value> = toml::from_str(lock).unwrap();
    let lines = |section: Value| {
        let mut lines = Vec::new();
        flatten("", &section, &mut lines);
        lines.join("\n")
    };
    sections.into_iter().map(|(name, section)| (name, lines(section))).collect()
}

fn flatten(path: &str, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            table.iter().for_each(|(key, value)| flatten(&format!("{path}{key} "), value, lines));
        }
        Value::Array(list) => list.iter().for_each(|value| flatten(path, value, lines)),
        value => lines.push(format!("{path}{value}")),
    }
}
