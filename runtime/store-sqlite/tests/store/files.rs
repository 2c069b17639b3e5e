//! What is opened, what is refused, and who may read it.

use std::error::Error as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;

use rusqlite::Connection;
use specwright_refresh::{GrantKey, GrantStore as _, NewRow};
use specwright_store::{StoreError, StoreErrorKind, Swap};
use specwright_store_sqlite::SqliteStore;
use tempfile::tempdir;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The error with all of its causes, as a log would have them.
fn whole(error: &StoreError) -> String {
    format!("{error} {} {error:?}", error.source().unwrap())
}

async fn fill(store: &SqliteStore, rows: usize) {
    for number in 0..rows {
        let row = NewRow { text: format!("canary {}", "x".repeat(2_000)), due: None };
        let key = GrantKey::new(number.to_string(), "grant");
        assert!(matches!(store.swap(&key, None, row).await, Ok(Swap::Done(_))));
    }
}

#[tokio::test]
async fn every_file_is_for_its_owner_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("grants.db");
    let store = SqliteStore::open(&path).unwrap();
    fill(&store, 1).await;
    let mut files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), mode(&entry.path())))
        .collect();
    files.sort();
    let names = ["grants.db", "grants.db-shm", "grants.db-wal", "grants.db.high"];
    assert_eq!(files, names.map(|name| (name.to_owned(), 0o600)));
}

#[test]
fn a_missing_folder_is_made_for_its_owner_alone() {
    let folder = tempdir().unwrap();
    let made = folder.path().join("a/b");
    SqliteStore::open(made.join("grants.db")).unwrap();
    assert_eq!((mode(&made), mode(&folder.path().join("a"))), (0o700, 0o700));
}

#[test]
fn a_folder_that_is_there_keeps_its_rights() {
    let folder = tempdir().unwrap();
    set_mode(folder.path(), 0o755);
    SqliteStore::open(folder.path().join("grants.db")).unwrap();
    assert_eq!(mode(folder.path()), 0o755);
}

#[test]
fn a_file_that_others_can_use_is_refused() {
    for exposed in [0o640, 0o604, 0o620, 0o602, 0o666] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("grants.db");
        drop(SqliteStore::open(&path).unwrap());
        set_mode(&path, exposed);
        let error = SqliteStore::open(&path).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Exposed);
        let text = whole(&error);
        assert!(text.contains("grants.db can be used by others"), "{text}");
        assert!(text.contains(&format!("mode {exposed:03o}")), "{text}");
        assert_eq!(mode(&path), exposed);
    }
}

#[test]
fn a_log_that_others_can_use_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("grants.db");
    let _open = SqliteStore::open(&path).unwrap();
    set_mode(&folder.path().join("grants.db-wal"), 0o644);
    assert_eq!(SqliteStore::open(&path).unwrap_err().kind(), StoreErrorKind::Exposed);
}

/// Opening is refused as unreadable, and the file stays as it is. The words of the refusal.
fn refused_and_untouched(path: &Path) -> String {
    set_mode(path, 0o600);
    let before = fs::read(path).unwrap();
    let error = SqliteStore::open(path).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreadable);
    assert!(fs::read(path).unwrap() == before, "the file was changed");
    let text = whole(&error);
    assert!(text.contains(&format!("{}: ", path.display())), "{text}");
    text
}

#[test]
fn tables_of_a_newer_version_are_left_as_they_are() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("grants.db");
    drop(SqliteStore::open(&path).unwrap());
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let text = refused_and_untouched(&path);
    assert!(text.contains("version 99") && text.contains("up to version 1"), "{text}");
}

#[test]
fn a_database_of_something_else_is_left_as_it_is() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE contacts (name)").unwrap();
    let text = refused_and_untouched(&path);
    assert!(text.contains("not one of grants"), "{text}");
}

#[test]
fn what_is_no_database_is_left_as_it_is() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "canary ".repeat(1_000)).unwrap();
    let text = refused_and_untouched(&path);
    assert!(text.contains("file is not a database"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_folder_is_no_database() {
    let folder = tempdir().unwrap();
    let error = SqliteStore::open(folder.path()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

#[tokio::test]
async fn a_damaged_database_is_unreadable_and_its_rows_are_in_no_error() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("grants.db");
    let store = SqliteStore::open(&path).unwrap();
    fill(&store, 50).await;
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    // The first page says that it is a database, and which one. Every other one is damaged.
    bytes[4_096..].iter_mut().step_by(3).for_each(|byte| *byte ^= 0xff);
    fs::write(&path, bytes).unwrap();
    let error = match SqliteStore::open(&path) {
        Err(error) => error,
        Ok(store) => store.changes(None, 100).await.unwrap_err(),
    };
    assert_eq!(error.kind(), StoreErrorKind::Unreadable);
    assert!(!whole(&error).contains("canary"), "{}", whole(&error));
}

#[test]
fn many_may_open_a_new_file_at_once() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("grants.db");
    let opened: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| SqliteStore::open(&path))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for store in opened {
        assert!(!store.unwrap().restored());
    }
}
