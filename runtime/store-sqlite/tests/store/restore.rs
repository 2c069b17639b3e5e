//! A database that is replaced by an older copy of itself.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rusqlite::Connection;
use specwright_refresh::{GrantKey, GrantStore as _, NewRow};
use specwright_store::{Row, StoreErrorKind, Swap, Version};
use specwright_store_sqlite::SqliteStore;
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

    fn open(&self) -> SqliteStore {
        SqliteStore::open(self.file("grants.db")).unwrap()
    }

    /// Copies a file, as a backup does that keeps rights.
    fn copy(&self, from: &str, to: &str) {
        fs::copy(self.file(from), self.file(to)).unwrap();
        fs::set_permissions(self.file(to), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Puts a copy in the place of a file.
    fn restore(&self, copy: &str, file: &str) {
        self.copy(copy, "on its way");
        fs::rename(self.file("on its way"), self.file(file)).unwrap();
    }
}

fn key(name: &str) -> GrantKey {
    GrantKey::new(name, "grant")
}

async fn write(
    store: &SqliteStore,
    name: &str,
    expected: Option<Version>,
    text: &str,
) -> Option<Version> {
    let row = NewRow { text: text.to_owned(), due: None };
    match store.swap(&key(name), expected, row).await.unwrap() {
        Swap::Done(version) => Some(version),
        Swap::Conflict(_) => None,
    }
}

async fn read(store: &SqliteStore, name: &str) -> Option<Row> {
    store.load(&key(name)).await.unwrap().row
}

/// A database with two rows, its copy in `backup`, and the version of `a` that was written after the copy was made.
async fn with_a_lost_version(place: &Place) -> Version {
    let store = place.open();
    let first = write(&store, "a", None, "a1").await;
    write(&store, "b", None, "b1").await.unwrap();
    drop(store);
    place.copy("grants.db", "backup");
    place.copy("grants.db.high", "backup.high");
    let store = place.open();
    let second = write(&store, "a", first, "a2").await;
    write(&store, "a", second, "a3").await.unwrap()
}

#[tokio::test]
async fn a_restored_database_is_told_when_it_is_opened() {
    let place = Place::new();
    with_a_lost_version(&place).await;
    place.restore("backup", "grants.db");
    let store = place.open();
    assert!(store.restored());
    assert_eq!(read(&store, "a").await.unwrap().text, "a1");
}

#[tokio::test]
async fn a_copy_that_lacks_one_change_is_told() {
    let place = Place::new();
    let store = place.open();
    let first = write(&store, "a", None, "a1").await;
    drop(store);
    place.copy("grants.db", "backup");
    let held = write(&place.open(), "a", first, "a2").await;
    place.restore("backup", "grants.db");
    let store = place.open();
    assert!(store.restored());
    assert!(Some(read(&store, "a").await.unwrap().version) > held);
}

#[tokio::test]
async fn a_version_of_the_lost_time_replaces_nothing() {
    let place = Place::new();
    let held = with_a_lost_version(&place).await;
    place.restore("backup", "grants.db");
    let store = place.open();
    // Counted on from the copy, the third of these would have the version that is held.
    for text in ["x", "y", "z", "w"] {
        let there = read(&store, "a").await.unwrap().version;
        assert!(there > held, "{there:?} was given after {held:?}");
        write(&store, "a", Some(there), text).await.unwrap();
    }
    assert_eq!(write(&store, "a", Some(held), "stale").await, None);
}

#[tokio::test]
async fn the_feed_has_every_restored_row_again() {
    let place = Place::new();
    let seen = with_a_lost_version(&place).await;
    place.restore("backup", "grants.db");
    let page = place.open().changes(Some(seen), 10).await.unwrap();
    let rows: Vec<_> = page.iter().map(|change| change.row.text.as_str()).collect();
    assert_eq!(rows, ["a1", "b1"]);
}

#[tokio::test]
async fn a_restored_database_is_told_once() {
    let place = Place::new();
    with_a_lost_version(&place).await;
    place.restore("backup", "grants.db");
    let first = place.open();
    let page = first.changes(None, 10).await.unwrap();
    let second = place.open();
    assert!(!second.restored());
    assert_eq!(second.changes(None, 10).await.unwrap(), page);
}

#[tokio::test]
async fn a_database_that_is_opened_again_was_not_restored() {
    let place = Place::new();
    let last = with_a_lost_version(&place).await;
    let store = place.open();
    assert!(!store.restored());
    assert_eq!(read(&store, "a").await.unwrap().version, last);
}

#[tokio::test]
async fn a_running_store_goes_over_to_the_file_that_was_put_in_its_place() {
    let place = Place::new();
    with_a_lost_version(&place).await;
    let store = place.open();
    let held = read(&store, "a").await.unwrap().version;
    fs::remove_file(place.file("grants.db-wal")).unwrap();
    fs::remove_file(place.file("grants.db-shm")).unwrap();
    place.restore("backup", "grants.db");
    assert_eq!(write(&store, "a", Some(held), "stale").await, None);
    assert!(store.restored());
    let there = read(&store, "a").await.unwrap();
    assert_eq!(there.text, "a1");
    write(&store, "a", Some(there.version), "on").await.unwrap();
    drop(store);
    assert_eq!(read(&place.open(), "a").await.unwrap().text, "on");
}

#[tokio::test]
async fn a_running_store_remembers_what_the_marks_have_forgotten() {
    let place = Place::new();
    with_a_lost_version(&place).await;
    let store = place.open();
    fs::remove_file(place.file("grants.db-wal")).unwrap();
    fs::remove_file(place.file("grants.db-shm")).unwrap();
    place.restore("backup.high", "grants.db.high");
    place.restore("backup", "grants.db");
    write(&store, "new", None, "text").await.unwrap();
    assert!(store.restored());
}

#[tokio::test]
async fn versions_of_rows_that_somebody_erased_are_not_given_again() {
    let place = Place::new();
    let last = with_a_lost_version(&place).await;
    fs::remove_file(place.file("grants.db.high")).unwrap();
    let by_hand = Connection::open(place.file("grants.db")).unwrap();
    by_hand.execute_batch("DELETE FROM grants").unwrap();
    drop(by_hand);
    let store = place.open();
    assert_eq!(write(&store, "a", Some(last), "stale").await, None);
    assert!(write(&store, "a", None, "new").await > Some(last));
}

#[tokio::test]
async fn marks_that_are_missing_are_made_again() {
    let place = Place::new();
    let last = with_a_lost_version(&place).await;
    fs::remove_file(place.file("grants.db.high")).unwrap();
    let store = place.open();
    assert!(!store.restored());
    let next = write(&store, "new", None, "text").await.unwrap();
    assert_eq!(next.number(), last.number() + 1);
    drop(store);
    place.restore("backup", "grants.db");
    assert!(place.open().restored());
}

#[tokio::test]
async fn a_file_that_was_taken_away_is_not_made_again() {
    let place = Place::new();
    let store = place.open();
    fs::remove_file(place.file("grants.db")).unwrap();
    let row = NewRow { text: "text".to_owned(), due: None };
    let error = store.swap(&key("a"), None, row).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert_eq!(store.load(&key("a")).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert!(!place.file("grants.db").exists());
}
