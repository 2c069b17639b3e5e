//! Files that are replaced by older copies of themselves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use specwright_store::{Rows as _, Table, Version};
use specwright_store_sqlite::SqliteRows;

use crate::place::{Place, write};

/// Puts a copy of a file in the place of another.
fn copy(place: &Place, from: &str, to: &str) {
    fs::copy(place.file(from), place.file("on its way")).unwrap();
    fs::set_permissions(place.file("on its way"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(place.file("on its way"), place.file(to)).unwrap();
}

/// Files of which a copy was put in place of one: the version of `a` that was written after the copy was made.
async fn after_a_backup(place: &Place, file: &str, table: Table) -> Version {
    let rows = place.open();
    let first = write(&rows, table, "a", None, "a1").await;
    drop(rows);
    copy(place, file, "backup");
    let rows = place.open();
    let second = write(&rows, table, "a", first, "a2").await.unwrap();
    let third = write(&rows, table, "a", Some(second), "a3").await.unwrap();
    write(&rows, table, "new", None, "new").await.unwrap();
    drop(rows);
    copy(place, "backup", file);
    third
}

/// No version of the lost time replaces a row of the copy, however many were given since.
async fn replaces_nothing(rows: &SqliteRows, table: Table, held: Version) {
    for text in ["x", "y", "z"] {
        let there = rows.load(table, "a").await.unwrap().row.unwrap().version;
        assert!(there > held, "{there:?} was given after {held:?}");
        write(rows, table, "a", Some(there), text).await.unwrap();
    }
    assert_eq!(write(rows, table, "a", Some(held), "stale").await, None);
}

#[tokio::test]
async fn restored_operations_and_deliveries_are_told() {
    for table in [Table::Operations, Table::Deliveries] {
        let place = Place::new();
        let held = after_a_backup(&place, "rows.db", table).await;
        let rows = place.open();
        assert!(rows.restored());
        assert_eq!(rows.load(table, "a").await.unwrap().row.unwrap().text, "a1");
        assert_eq!(rows.load(table, "new").await.unwrap().row, None);
        replaces_nothing(&rows, table, held).await;
    }
}

#[tokio::test]
async fn a_restored_file_is_told_once() {
    let place = Place::new();
    after_a_backup(&place, "rows.db", Table::Operations).await;
    assert!(place.open().restored());
    assert!(!place.open().restored());
}

#[tokio::test]
async fn files_that_are_opened_again_were_not_restored() {
    let place = Place::new();
    let rows = place.open();
    write(&rows, Table::Operations, "a", None, "text").await.unwrap();
    drop(rows);
    assert!(!place.open().restored());
}

#[tokio::test]
async fn older_quotas_are_no_restored_backup_and_give_no_version_again() {
    let place = Place::new();
    let held = after_a_backup(&place, "rows.db.quotas", Table::Quotas).await;
    let rows = place.open();
    assert!(!rows.restored());
    replaces_nothing(&rows, Table::Quotas, held).await;
}

#[tokio::test]
async fn quotas_that_begin_anew_give_no_version_again() {
    let place = Place::new();
    let rows = place.open();
    let first = write(&rows, Table::Quotas, "a", None, "text").await;
    let held = write(&rows, Table::Quotas, "a", first, "text").await.unwrap();
    drop(rows);
    place.leave_in_pieces("rows.db.quotas");
    let rows = place.open();
    write(&rows, Table::Quotas, "a", None, "new").await.unwrap();
    replaces_nothing(&rows, Table::Quotas, held).await;
}

#[tokio::test]
async fn who_has_quotas_open_that_another_empties_goes_on_with_the_new_ones() {
    let place = Place::new();
    let rows = place.open();
    let first = write(&rows, Table::Quotas, "a", None, "text").await;
    // Closed, so that the rows are in the file and not in its log.
    drop(rows);
    let rows = place.open();
    let held = write(&rows, Table::Quotas, "a", first, "text").await.unwrap();
    assert!(rows.load(Table::Quotas, "a").await.unwrap().row.is_some());
    place.leave_in_pieces("rows.db.quotas");
    let other = place.open();
    assert_eq!(rows.load(Table::Quotas, "a").await.unwrap().row, None);
    assert_eq!(write(&rows, Table::Quotas, "a", Some(held), "stale").await, None);
    assert!(write(&rows, Table::Quotas, "a", None, "new").await > Some(held));
    replaces_nothing(&other, Table::Quotas, held).await;
}
