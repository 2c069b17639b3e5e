//! A folder with the files of rows.

use std::path::PathBuf;
use std::process::Command;

use specwright_store::{KeptRow, Rows as _, StoreError, StoreTime, Swap, Table, Version};
use specwright_store_sqlite::SqliteRows;
use tempfile::TempDir;

/// A folder in which rows are kept. There is nothing in it yet.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn open(&self) -> SqliteRows {
        self.try_to_open().unwrap()
    }

    pub(crate) fn try_to_open(&self) -> Result<SqliteRows, StoreError> {
        SqliteRows::open(self.file("rows.db"))
    }

    /// Leaves a file in pieces, as the end of the machine may. Another process does it: one that closes a file gives up the
    /// locks that it has on it.
    pub(crate) fn leave_in_pieces(&self, name: &str) {
        let script =
            "head -c $(($(wc -c < \"$1\"))) /dev/zero | dd of=\"$1\" conv=notrunc 2>/dev/null";
        let left = Command::new("sh").args(["-c", script, "sh"]).arg(self.file(name)).status();
        assert!(left.unwrap().success());
    }
}

/// Writes a row that stays. Its version, or nothing if another one was there.
pub(crate) async fn write(
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
