//! Eight changes that vendors make, each with the lines of the surface that it changes.

use surface::difference;

use crate::repository::{FIRST, Repository};

#[test]
fn a_removed_field_is_gone_from_its_type_alone() {
    insta::assert_snapshot!(rehearse(|document| {
        replace(document, "        note: { type: [string, 'null'] }\n", "")
    }), @"
    model
    - field Parcel::note: Option<String>
    ");
}

#[test]
fn a_field_that_becomes_optional_is_an_option_and_no_argument_any_more() {
    insta::assert_snapshot!(rehearse(|document| {
        replace(document, "[id, state, handover, weight_grams]", "[id, state, handover]")
    }), @"
    model
    - field Parcel::weight_grams: i32
    - fn Parcel::new(id: impl Into<String>, state: ParcelState, handover: impl Into<Handover>, weight_grams: i32) -> Self
    + field Parcel::weight_grams: Option<i32>
    + fn Parcel::new(id: impl Into<String>, state: ParcelState, handover: impl Into<Handover>) -> Self
    ");
}

#[test]
fn a_field_that_becomes_required_is_an_argument() {
    insta::assert_snapshot!(rehearse(|document| {
        replace(document, "required: [id, number]", "required: [id, number, town]")
    }), @"
    model
    - field Locker::town: Option<String>
    - fn Locker::new(id: impl Into<String>, number: i32) -> Self
    + field Locker::town: String
    + fn Locker::new(id: impl Into<String>, number: i32, town: impl Into<String>) -> Self
    ");
}

#[test]
fn an_added_enum_value_is_a_variant() {
    insta::assert_snapshot!(rehearse(|document| {
        replace(document, "[announced, on_the_way, delivered]", "[announced, on_the_way, delivered, lost]")
    }), @"
    model
    + variant ParcelState::Lost
    ");
}

#[test]
fn an_added_required_parameter_is_an_argument_of_its_operation() {
    let town = "        - { name: town, in: query, schema: { type: string } }\n";
    let country =
        "        - { name: country, in: query, required: true, schema: { type: string } }\n";
    insta::assert_snapshot!(rehearse(|document| {
        replace(document, town, &format!("{town}{country}"))
    }), @"
    lockers
    - fn ListLockers::new() -> Self
    - fn Lockers::list(&self) -> Call<ListLockers>
    - struct ListLockers #[derive(Clone, Debug, Default)] #[non_exhaustive]
    + field ListLockers::country: String
    + fn ListLockers::new(country: impl Into<String>) -> Self
    + fn Lockers::list(&self, country: impl Into<String>) -> Call<ListLockers>
    + struct ListLockers #[derive(Clone, Debug)] #[non_exhaustive]
    ");
}

#[test]
fn a_changed_type_shows_where_the_field_is_read_and_made() {
    insta::assert_snapshot!(rehearse(|document| {
        replace(document, "number: { type: integer, format: int32 }", "number: { type: string }")
    }), @"
    model
    - field Locker::number: i32
    - fn Locker::new(id: impl Into<String>, number: i32) -> Self
    + field Locker::number: String
    + fn Locker::new(id: impl Into<String>, number: impl Into<String>) -> Self
    ");
}

#[test]
fn a_removed_operation_is_gone_with_its_request() {
    insta::assert_snapshot!(rehearse(|document| {
        let start = document.find("  /2025-09/lockers/{locker_id}/open:\n").unwrap();
        let end = document.find("  /2025-09/returns:\n").unwrap();
        [&document[..start], &document[end..]].concat()
    }), @r#"
    lockers
    - field OpenLocker::locker_id: String
    - fn Lockers::open(&self, locker_id: impl Into<String>) -> Call<OpenLocker>
    - fn OpenLocker::new(locker_id: impl Into<String>) -> Self
    - impl Operation for OpenLocker { META = &OperationMeta { id: "open_locker", method: Method::POST, path: "/2025-09/lockers/{locker_id}/open", security: &[&[("token", &[])]], idempotency: Idempotency::Unsafe }, Output = (), Error = () }
    - struct OpenLocker #[derive(Clone, Debug)] #[non_exhaustive]
    meta
    - element OPERATIONS <crate::lockers::OpenLocker as Operation>::META
    "#);
}

#[test]
fn a_renamed_tag_shows_though_the_lock_keeps_every_name() {
    insta::assert_snapshot!(rehearse(|document| {
        let document = replace(document, "- name: Returns", "- name: Send back");
        replace(&document, "tags: [Returns]", "tags: [Send back]")
    }), @"
    returns
    - tag Returns = `Returns`
    + tag Returns = `Send back`
    ");
}

/// Changes the document, regenerates twice, and gives the lines of the surface that changed.
///
/// The second time is after the review: what was generated is the accepted surface then, and the
/// comparison has nothing to say.
#[track_caller]
fn rehearse(edit: impl FnOnce(&str) -> String) -> String {
    let repository = Repository::with(&[FIRST]);
    repository.regen();
    let accepted = repository.surface(FIRST);

    repository.edit(edit);
    repository.regen();
    let surface = repository.surface(FIRST);

    repository.regen();
    assert_eq!(difference(&surface, &repository.surface(FIRST)), "");
    difference(&accepted, &surface)
}

/// Replaces a text that must be there exactly once.
#[track_caller]
pub(crate) fn replace(document: &str, old: &str, new: &str) -> String {
    assert_eq!(document.matches(old).count(), 1, "{old}");
    document.replacen(old, new, 1)
}
