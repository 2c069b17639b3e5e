//! Files that are replaced by older copies of themselves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use specwright_store::{KeptRow, Rows as _, StoreTime, Swap, Table, Version};
use specwright_store_sqlite::SqliteRows;
use tempfile::TempDir;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self) -> SqliteRows {
        SqliteRows::open(self.file("rows.db")).unwrap()
    }

    /// Puts a copy of a file in the place of another.
    fn copy(&self, from: &str, to: &str) {
        fs::copy(self.file(from), self.file("on its way")).unwrap();
        fs::set_permissions(self.file("on its way"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::rename(self.file("on its way"), self.file(to)).unwrap();
    }
}

async fn write(
    rows: &SqliteRows,
    table: Table,
    key: &str,
    expected: Option<Version>,
    text: &str,
) -> Option<Version> {
    let new = KeptRow { text: text.to_owned(), until: StoreTime::from_millis(u64::MAX) };
    match rows.swap(table, key, expected, new).await.unwrap() {
        Swap::Done(version) => Some(version),
        Swap::Conflict(_) => None,
    }
}

/// Files of which a copy was put in place of one: the version of `a` that was written after the copy was made.
async fn after_a_backup(place: &Place, file: &str, table: Table) -> Version {
    let rows = place.open();
    let first = write(&rows, table, "a", None, "a1").await;
    drop(rows);
    place.copy(file, "backup");
    let rows = place.open();
    let second = write(&rows, table, "a", first, "a2").await.unwrap();
    let third = write(&rows, table, "a", Some(second), "a3").await.unwrap();
    write(&rows, table, "new", None, "new").await.unwrap();
    drop(rows);
    place.copy("backup", file);
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
    let file = place.file("rows.db.quotas");
    let whole = fs::read(&file).unwrap().len();
    fs::write(&file, vec![0; whole]).unwrap();
    let rows = place.open();
    write(&rows, Table::Quotas, "a", None, "new").await.unwrap();
    replaces_nothing(&rows, Table::Quotas, held).await;
}

/// Leaves a file in pieces, as the end of the machine may. Another process does it: one that closes a file gives up the locks
/// that it has on it.
fn leave_in_pieces(file: &Path) {
    let script =
        "head -c \"$(stat -c %s \"$1\")\" /dev/zero | dd of=\"$1\" conv=notrunc 2>/dev/null";
    let left = Command::new("sh").args(["-c", script, "sh"]).arg(file).status().unwrap();
    assert!(left.success());
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
    leave_in_pieces(&place.file("rows.db.quotas"));
    let other = place.open();
    assert_eq!(rows.load(Table::Quotas, "a").await.unwrap().row, None);
    assert_eq!(write(&rows, Table::Quotas, "a", Some(held), "stale").await, None);
    assert!(write(&rows, Table::Quotas, "a", None, "new").await > Some(held));
    replaces_nothing(&other, Table::Quotas, held).await;
}
