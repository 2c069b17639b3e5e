//! Which files there are, what is refused, and what begins anew.

use std::error::Error as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use rusqlite::Connection;
use specwright_store::{Rows as _, StoreErrorKind, Table};
use specwright_store_sqlite::{SqliteRows, SqliteStore};
use tokio::runtime::Handle;

use crate::place::{Place, write};

/// The files of rows that were opened once, and closed.
async fn filled() -> Place {
    let place = Place::new();
    let rows = place.open();
    for table in Table::ALL {
        create(&rows, table, "a").await;
    }
    place
}

async fn create(rows: &SqliteRows, table: Table, key: &str) {
    write(rows, table, key, None, "canary").await.unwrap();
}

/// Opening is refused, the words name the file, and the file stays as it is. The words.
#[track_caller]
fn refuses(place: &Place, name: &str, kind: StoreErrorKind) -> String {
    let path = place.file(name);
    let before = fs::read(&path).unwrap();
    let error = place.try_to_open().unwrap_err();
    assert_eq!(error.kind(), kind);
    assert!(fs::read(&path).unwrap() == before, "{name} was changed");
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains(path.to_str().unwrap()), "{cause}");
    format!("{cause} {error:?}")
}

async fn is_there(rows: &SqliteRows, table: Table, key: &str) -> bool {
    rows.load(table, key).await.unwrap().row.is_some()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Both files, by their names.
const FILES: [&str; 2] = ["rows.db", "rows.db.quotas"];

#[tokio::test]
async fn every_file_is_for_its_owner_alone() {
    let place = filled().await;
    let _open = place.open();
    let mut files: Vec<_> = fs::read_dir(place.file(""))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            (entry.file_name().into_string().unwrap(), mode)
        })
        .collect();
    files.sort();
    let endings = ["", "-shm", "-wal", ".high"];
    let mut names: Vec<_> = FILES
        .iter()
        .flat_map(|file| endings.map(|ending| (format!("{file}{ending}"), 0o600)))
        .collect();
    names.sort();
    assert_eq!(files, names);
}

#[tokio::test]
async fn a_file_that_others_can_use_is_refused() {
    for name in FILES {
        let place = filled().await;
        set_mode(&place.file(name), 0o640);
        refuses(&place, name, StoreErrorKind::Exposed);
    }
}

#[tokio::test]
async fn tables_of_a_newer_version_are_left_as_they_are() {
    for name in FILES {
        let place = filled().await;
        let newer = Connection::open(place.file(name)).unwrap();
        newer.pragma_update(None, "user_version", 99).unwrap();
        drop(newer);
        let text = refuses(&place, name, StoreErrorKind::Unreadable);
        assert!(text.contains("version 99"), "{text}");
    }
}

#[tokio::test]
async fn a_database_of_something_else_is_left_as_it_is() {
    for name in FILES {
        let place = filled().await;
        fs::remove_file(place.file(name)).unwrap();
        let other = Connection::open(place.file(name)).unwrap();
        other.execute_batch("CREATE TABLE contacts (name)").unwrap();
        drop(other);
        set_mode(&place.file(name), 0o600);
        refuses(&place, name, StoreErrorKind::Unreadable);
    }
}

#[tokio::test]
async fn a_database_of_grants_is_no_place_for_rows() {
    let place = Place::new();
    drop(SqliteStore::open(place.file("rows.db")).unwrap());
    let text = refuses(&place, "rows.db", StoreErrorKind::Unreadable);
    assert!(text.contains("not one of rows"), "{text}");
}

#[tokio::test]
async fn what_is_no_database_is_left_as_it_is() {
    let place = filled().await;
    fs::write(place.file("rows.db"), "canary ".repeat(1_000)).unwrap();
    let text = refuses(&place, "rows.db", StoreErrorKind::Unreadable);
    assert!(text.contains("file is not a database") && !text.contains("canary"), "{text}");
}

#[tokio::test]
async fn operations_in_pieces_are_left_as_they_are() {
    let place = filled().await;
    let mut bytes = fs::read(place.file("rows.db")).unwrap();
    bytes[100..].fill(0);
    fs::write(place.file("rows.db"), bytes).unwrap();
    refuses(&place, "rows.db", StoreErrorKind::Unreadable);
}

#[tokio::test]
async fn quotas_in_pieces_begin_anew() {
    let place = filled().await;
    place.leave_in_pieces("rows.db.quotas");
    let rows = place.open();
    assert!(!is_there(&rows, Table::Quotas, "a").await);
    create(&rows, Table::Quotas, "a").await;
    drop(rows);
    let rows = place.open();
    assert!(is_there(&rows, Table::Quotas, "a").await);
    assert!(is_there(&rows, Table::Operations, "a").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_open_quotas_in_pieces_at_once_and_none_loses_what_it_wrote() {
    for _ in 0..10 {
        let place = Arc::new(filled().await);
        place.leave_in_pieces("rows.db.quotas");
        let runtime = Handle::current();
        let opening: Vec<_> = (0..8)
            .map(|number| {
                let (place, runtime) = (Arc::clone(&place), runtime.clone());
                thread::spawn(move || {
                    let rows = place.open();
                    runtime.block_on(create(&rows, Table::Quotas, &format!("new {number}")));
                })
            })
            .collect();
        for thread in opening {
            thread.join().unwrap();
        }
        let rows = place.open();
        for number in 0..8 {
            assert!(is_there(&rows, Table::Quotas, &format!("new {number}")).await, "{number}");
        }
    }
}

#[tokio::test]
async fn without_the_file_of_quotas_the_other_tables_go_on() {
    let place = filled().await;
    let rows = place.open();
    fs::remove_file(place.file("rows.db.quotas")).unwrap();
    let error = rows.load(Table::Quotas, "a").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(is_there(&rows, Table::Operations, "a").await);
    create(&rows, Table::Deliveries, "b").await;
}

#[test]
fn many_may_open_new_files_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.db");
    let opened: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| SqliteRows::open(&path))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for rows in opened {
        assert!(!rows.unwrap().restored());
    }
}
