//! A database that may be lost, and is in pieces: it begins anew.
//!
//! Without synchronization the end of the machine can leave some pages of a file as they were and others as they were to be.
//! Nobody can open it then, and nobody would miss what is in it. It is emptied in place and not replaced: other processes
//! have it open, with locks on it, and a log belongs to a database by its path alone.
//!
//! Several processes may find the damage at once. Whoever empties it holds a lock on a file of its own, and has looked again
//! under it: what the first one wrote afterwards is not taken away by the second.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode};

use crate::failure::Failure;
use crate::file;
use crate::schema::{Layout, Marks};
use crate::wait::Wait;

/// Makes a database in pieces one without rows. Fails, and writes nothing, where it is not ours to empty.
pub(crate) fn mend(
    connection: &Connection,
    path: &Path,
    layout: &Layout,
    wait: Wait,
) -> Result<(), Failure> {
    if !is_found(connection, layout)? {
        return Ok(());
    }
    let _lock = lock(path, wait)?;
    if is_found(connection, layout)? {
        clear(connection)?;
    }
    Ok(())
}

/// Whether what is there cannot be read as it was written. Reads all of it, so it is for what is small.
///
/// It is asked first whose it is. To a program that does not know the functions of a database, or its syntax, a whole one
/// looks damaged.
fn is_found(connection: &Connection, layout: &Layout) -> Result<bool, Failure> {
    match marks(connection) {
        Ok(marks) => marks.check(connection, layout)?,
        // It has no beginning any more, so it is nobody's.
        Err(Error::SqliteFailure(error, _)) if is_damage(error.code) => return Ok(true),
        Err(error) => return Err(error.into()),
    }
    let report =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    match report {
        Ok(report) => Ok(report != "ok"),
        Err(Error::SqliteFailure(error, _)) if is_damage(error.code) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Read from the beginning of a file, also if its end was cut off: a connection that may write the schema does not compare the
/// size (`lockBtree` of SQLite).
fn marks(connection: &Connection) -> rusqlite::Result<Marks> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    let marks = Marks::of(connection);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false)?;
    marks
}

/// The lock of whoever empties the database, until it is dropped. The file stays: who waits for it has it open.
fn lock(path: &Path, wait: Wait) -> Result<File, Failure> {
    let path = file::beside(path, file::CLEARING);
    let failed = |error| Failure::io(&path, &error);
    let file = file::owned(OpenOptions::new().write(true).create(true).truncate(false))
        .open(&path)
        .map_err(failed)?;
    let mut attempts = 0;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if wait(attempts) => attempts += 1,
            Err(error) => return Err(failed(error.into())),
        }
    }
}

/// Makes it a database without tables, under the lock and through the log, as every change is made.
fn clear(connection: &Connection) -> Result<(), Failure> {
    // Before it is cleared, a connection has to have seen it, or it would forget that there is a log. What it saw does not
    // matter (documentation of `SQLITE_DBCONFIG_RESET_DATABASE`).
    let _ = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, true)?;
    let cleared = connection.execute_batch("VACUUM");
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, false)?;
    Ok(cleared?)
}

fn is_damage(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::fs;
    use std::path::{Path, PathBuf};

    use rusqlite::ffi;
    use specwright_store::StoreErrorKind;
    use tempfile::TempDir;

    use super::*;
    use crate::file;
    use crate::link::Link;
    use crate::schema::{self, QUOTAS};
    use crate::wait::wait_patiently;

    /// A page of a database, as SQLite makes them.
    const PAGE: usize = 4_096;

    fn link(path: &Path) -> Link {
        Link::to(path.to_owned(), &QUOTAS, wait_patiently).with_a_look()
    }

    /// A closed database with many rows.
    fn filled() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.db.quotas");
        file::create(&path).unwrap();
        link(&path).begin(fill).unwrap();
        (folder, path)
    }

    fn fill(connection: &Connection) -> Result<(), Failure> {
        Ok(connection.execute_batch(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number LIMIT 200)
             INSERT INTO ending_rows SELECT 'quotas', n, n, n, hex(zeroblob(200)) FROM number",
        )?)
    }

    fn rows(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM ending_rows", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_whole_file_keeps_its_rows() {
        let (_folder, path) = filled();
        assert_eq!(rows(link(&path).begin(|_| Ok(())).unwrap()), 200);
    }

    /// A file after something was done to its bytes begins anew, and can be written and read from then on.
    #[track_caller]
    fn begins_anew(damage: impl FnOnce(&mut Vec<u8>)) {
        let (_folder, path) = filled();
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
        assert_eq!(rows(link(&path).begin(|_| Ok(())).unwrap()), 0);
        link(&path).begin(fill).unwrap();
        let mut again = link(&path);
        let connection = again.begin(|_| Ok(())).unwrap();
        assert_eq!(rows(connection), 200);
        assert!(!is_found(connection, &QUOTAS).unwrap());
    }

    #[test]
    fn pages_that_were_never_written_begin_anew() {
        begins_anew(|bytes| bytes.fill(0));
        begins_anew(|bytes| bytes[..PAGE].fill(0));
        begins_anew(|bytes| bytes[PAGE..].fill(0));
    }

    #[test]
    fn pages_of_another_time_begin_anew() {
        begins_anew(|bytes| {
            let (first, rest) = bytes[PAGE..].split_at_mut(PAGE);
            first.swap_with_slice(&mut rest[..PAGE]);
        });
    }

    #[test]
    fn a_file_that_was_cut_off_begins_anew() {
        begins_anew(|bytes| bytes.truncate(PAGE));
        begins_anew(|bytes| bytes.truncate(PAGE * 3 / 2));
    }

    #[test]
    fn what_is_no_database_begins_anew() {
        begins_anew(|bytes| *bytes = b"text ".repeat(1_000));
    }

    /// A file is refused with this kind of failure, and no byte of it is changed.
    #[track_caller]
    fn refused(path: &Path, expected: fn(&Failure) -> bool) {
        let before = fs::read(path).unwrap();
        let failure = link(path).begin(|_| Ok(())).unwrap_err();
        assert!(expected(&failure), "{failure:?}");
        assert!(fs::read(path).unwrap() == before, "the file was changed");
    }

    /// Something else that is marked, or not, and whose rows are not what its own rules say.
    fn foreign(marks: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.db.quotas");
        file::create(&path).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch(marks).unwrap();
        other
            .execute_batch(
                "CREATE TABLE contacts (name CHECK (name <> 'a'), text);
                 PRAGMA ignore_check_constraints = ON;
                 INSERT INTO contacts VALUES ('a', hex(zeroblob(20000)));",
            )
            .unwrap();
        (folder, path)
    }

    /// Puts words that no version of SQLite knows into the tables of a database.
    fn with_unknown_syntax(path: &Path) {
        let connection = Connection::open(path).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true).unwrap();
        connection
            .execute_batch(
                "UPDATE sqlite_schema SET sql = 'CREATE TABLE x (a) OF TOMORROW' WHERE type = 'table';
                 PRAGMA wal_checkpoint(truncate);",
            )
            .unwrap();
    }

    const MARKS: [&str; 3] =
        ["", "PRAGMA user_version = 1", "PRAGMA application_id = 7; PRAGMA user_version = 1"];

    #[test]
    fn what_is_of_something_else_and_breaks_its_rules_is_left_as_it_is() {
        for marks in MARKS {
            let (_folder, path) = foreign(marks);
            refused(&path, |failure| matches!(failure, Failure::Foreign { wanted: "quotas" }));
        }
    }

    #[test]
    fn what_is_of_something_else_and_was_cut_off_is_left_as_it_is() {
        for marks in MARKS {
            let (_folder, path) = foreign(marks);
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..2 * PAGE]).unwrap();
            refused(&path, |failure| failure.kind() == StoreErrorKind::Unreadable);
        }
    }

    #[test]
    fn what_is_of_something_else_and_cannot_be_understood_is_left_as_it_is() {
        for marks in MARKS {
            let (_folder, path) = foreign(marks);
            with_unknown_syntax(&path);
            refused(&path, |failure| failure.kind() == StoreErrorKind::Unreadable);
        }
    }

    #[test]
    fn tables_of_a_newer_version_that_cannot_be_understood_are_left_as_they_are() {
        let (_folder, path) = filled();
        let newer = Connection::open(&path).unwrap();
        newer.pragma_update(None, "user_version", 99).unwrap();
        drop(newer);
        with_unknown_syntax(&path);
        refused(&path, |failure| matches!(failure, Failure::Newer { found: 99, known: 1 }));
    }

    thread_local! {
        /// What another process does while this one waits for the lock.
        static MEANWHILE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    }

    #[test]
    fn what_another_wrote_after_it_emptied_the_file_is_not_taken_away() {
        let (_folder, path) = filled();
        fs::write(&path, vec![0; 4 * PAGE]).unwrap();
        let lock = lock(&path, |_| false).unwrap();
        let theirs = path.clone();
        MEANWHILE.set(Some(Box::new(move || {
            let connection = Connection::open(&theirs).unwrap();
            clear(&connection).unwrap();
            schema::migrate(&connection, &QUOTAS).unwrap();
            fill(&connection).unwrap();
            drop(lock);
        })));
        let wait = |_| MEANWHILE.take().map(|write| write()).is_some();
        let mut waiting = Link::to(path, &QUOTAS, wait).with_a_look();
        assert_eq!(rows(waiting.begin(|_| Ok(())).unwrap()), 200);
        assert!(MEANWHILE.take().is_none());
    }

    #[test]
    fn a_lock_that_is_not_given_is_a_file_out_of_reach() {
        let (_folder, path) = filled();
        fs::write(&path, vec![0; 4 * PAGE]).unwrap();
        let _lock = lock(&path, |_| false).unwrap();
        let mut waiting = Link::to(path, &QUOTAS, |attempt| attempt < 3).with_a_look();
        let failure = waiting.begin(|_| Ok(())).unwrap_err();
        assert_eq!(failure.kind(), StoreErrorKind::Unavailable);
    }

    /// A link that had the file open, and has to open it again after a failure, with the file in pieces by now.
    fn after(failure: &Failure) -> (TempDir, Link) {
        let (folder, path) = filled();
        let mut link = link(&path);
        link.begin(|_| Ok(())).unwrap();
        link.give_up(failure);
        fs::write(&path, vec![0; 4 * PAGE]).unwrap();
        (folder, link)
    }

    fn answered(code: i32) -> Failure {
        Failure::Sqlite(ffi::Error::new(code))
    }

    #[test]
    fn a_file_is_looked_at_again_after_damage() {
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            let (_folder, mut link) = after(&answered(code));
            assert_eq!(rows(link.begin(|_| Ok(())).unwrap()), 0);
        }
    }

    #[test]
    fn a_file_is_not_looked_at_again_because_it_was_busy() {
        let (_folder, mut link) = after(&answered(ffi::SQLITE_BUSY));
        let damage = link.begin(|_| Ok(())).unwrap_err();
        assert_eq!(damage.kind(), StoreErrorKind::Unreadable);
        // Now there is a reason.
        link.give_up(&damage);
        assert_eq!(rows(link.begin(|_| Ok(())).unwrap()), 0);
    }

    #[test]
    fn who_only_reads_does_not_look_first() {
        let (_folder, path) = filled();
        fs::write(&path, vec![0; 4 * PAGE]).unwrap();
        let mut reader = Link::to(path, &QUOTAS, wait_patiently);
        assert_eq!(reader.begin(|_| Ok(())).unwrap_err().kind(), StoreErrorKind::Unreadable);
    }

    #[test]
    fn who_has_it_open_goes_on_with_the_new_tables() {
        let (_folder, path) = filled();
        let mut other = link(&path);
        assert_eq!(rows(other.begin(|_| Ok(())).unwrap()), 200);
        let connection = Connection::open(&path).unwrap();
        clear(&connection).unwrap();
        drop(connection);
        link(&path).begin(fill).unwrap();
        assert_eq!(rows(other.begin(|_| Ok(())).unwrap()), 200);
    }
}
