//! A connection that is opened anew when it broke, or when the path leads to another file.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use specwright_store::StoreErrorKind;

use crate::damage;
use crate::failure::Failure;
use crate::file::{self, Identity};
use crate::schema::{self, Layout, Loss};
use crate::wait::Wait;

/// How often a file may turn out to be another one before that is an error.
const ATTEMPTS: u32 = 3;

/// The connection of one thread to the database.
#[derive(Debug)]
pub(crate) struct Link {
    path: PathBuf,
    layout: &'static Layout,
    wait: Wait,
    /// What is done about damage when the file is opened next.
    care: Care,
    open: Option<(Connection, Identity)>,
}

/// What is done about damage when a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// It is looked for. That reads the whole file.
    Look,
    /// There is no reason to look.
    Trust,
}

impl Link {
    /// A link to the file at an absolute path. It is opened by the first use.
    pub(crate) fn to(path: PathBuf, layout: &'static Layout, wait: Wait) -> Self {
        Self { path, layout, wait, care: Care::Trust, open: None }
    }

    /// Looks for damage when the file is opened first, as the first of a process does: the machine may have ended since.
    #[must_use]
    pub(crate) fn with_a_look(self) -> Self {
        Self { care: Care::Look, ..self }
    }

    /// The connection, after `begin` ran on it, to the file that the path leads to now.
    ///
    /// Looked at after `begin`, which may wait for seconds: what is written to a file that was replaced would be seen by
    /// nobody else, and lost.
    pub(crate) fn begin(
        &mut self,
        begin: impl Fn(&Connection) -> Result<(), Failure>,
    ) -> Result<&Connection, Failure> {
        for _ in 0..ATTEMPTS {
            let (connection, identity) = match self.open.take() {
                Some(open) => open,
                None => {
                    // First: a file that is put in its place while it is opened must not pass for the one that was.
                    let identity = Identity::of(&self.path)?;
                    let connection = connect(&self.path, self.layout, self.wait, self.care)?;
                    self.care = Care::Trust;
                    (connection, identity)
                }
            };
            begin(&connection)?;
            if Identity::of(&self.path)? == identity {
                return Ok(&self.open.insert((connection, identity)).0);
            }
        }
        Err(Failure::Replaced)
    }

    /// Closes the connection after a failure, whatever state it is in. What was not committed is rolled back.
    pub(crate) fn give_up(&mut self, after: &Failure) {
        self.open = None;
        // Not after every failure: a file that is busy would be read as a whole by everybody who waits for it.
        if after.kind() == StoreErrorKind::Unreadable {
            self.care = Care::Look;
        }
    }
}

/// Opens an existing file. SQLite must not make it: it would make it for everybody.
fn connect(path: &Path, layout: &Layout, wait: Wait, care: Care) -> Result<Connection, Failure> {
    file::check(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait))?;
    if layout.loss == Loss::Bearable && care == Care::Look {
        damage::mend(&connection, path, layout, wait)?;
    }
    // Before anything is written: what is not ours, or is newer, stays as it is.
    schema::check(&connection, layout)?;
    insist_on_a_log(&mut connection, wait)?;
    match layout.loss {
        Loss::Harmful => {
            // A commit that was acknowledged is on the disk. On macOS that takes more than `fsync`.
            connection.pragma_update(None, "synchronous", "full")?;
            connection.pragma_update(None, "fullfsync", true)?;
            connection.pragma_update(None, "checkpoint_fullfsync", true)?;
        }
        Loss::Bearable => connection.pragma_update(None, "synchronous", "off")?,
    }
    schema::migrate(&connection, layout)?;
    Ok(connection)
}

/// Has the database keep a write-ahead log.
///
/// It is waited for here, and not by SQLite: that refuses at once while another connection makes the same change, and waits
/// while another one reads. To do both would be to wait once more for each time that was waited for.
fn insist_on_a_log(connection: &mut Connection, wait: Wait) -> Result<(), Failure> {
    connection.busy_handler(None::<Wait>)?;
    let mut attempts = 0;
    let journal: String = loop {
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)) {
            Err(error) if is_busy(&error) && wait(attempts) => attempts += 1,
            outcome => break outcome?,
        }
    };
    connection.busy_handler(Some(wait))?;
    if journal == "wal" { Ok(()) } else { Err(Failure::NoWal) }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;
    use crate::schema::{GRANTS, QUOTAS, ROWS};
    use crate::wait::wait_patiently;

    thread_local! {
        /// What is done when the lock of a file is waited for.
        static MEANWHILE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    }

    #[test]
    fn a_file_that_is_replaced_while_it_is_opened_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("grants.db"), folder.path().join("copy.db"));
        for path in [&path, &other] {
            file::create(path).unwrap();
            Link::to(path.clone(), &GRANTS, wait_patiently).begin(|_| Ok(())).unwrap();
        }
        let lock = Connection::open(&path).unwrap();
        lock.execute_batch("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE").unwrap();
        let (from, to) = (other, path.clone());
        let replace = move || {
            std::fs::rename(from, to).unwrap();
            drop(lock);
        };
        MEANWHILE.set(Some(Box::new(replace)));
        let mut link = Link::to(path.clone(), &GRANTS, |_| {
            MEANWHILE.take().map(|replace| replace()).is_some()
        });
        let written = link.begin(|_| Ok(())).unwrap();
        assert!(MEANWHILE.take().is_none());
        written.execute_batch("PRAGMA user_version = 4711").unwrap();
        // The log is found by its path. What is in it is lost when it goes into a file that nobody finds.
        written.execute_batch("PRAGMA wal_checkpoint(truncate)").unwrap();
        let read = Connection::open(&path).unwrap();
        let found = read.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
        assert_eq!(found.unwrap(), 4711);
    }

    thread_local! {
        /// How often a lock was waited for.
        static WAITS: Cell<u32> = const { Cell::new(0) };
    }

    /// Has another connection do this with a new database, and opens that. How often it was waited for, in vain.
    fn waits_while(another: &str) -> u32 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.db");
        file::create(&path).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch(another).unwrap();
        WAITS.set(0);
        let mut link = Link::to(path, &ROWS, |attempt| {
            WAITS.set(WAITS.get() + 1);
            attempt < 10
        });
        link.begin(|_| Ok(())).unwrap_err();
        WAITS.get()
    }

    #[test]
    fn a_file_that_others_use_is_waited_for_once() {
        // Ten times, and the time at which it ended.
        for another in ["BEGIN; SELECT * FROM sqlite_schema", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"]
        {
            assert_eq!(waits_while(another), 11, "{another}");
        }
    }

    /// The pragmas that say what a commit waits for.
    fn waits_for(layout: &'static Layout) -> [i64; 3] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.db");
        file::create(&path).unwrap();
        let mut link = Link::to(path, layout, wait_patiently);
        let connection = link.begin(|_| Ok(())).unwrap();
        ["synchronous", "fullfsync", "checkpoint_fullfsync"].map(|name| {
            connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap()
        })
    }

    #[test]
    fn a_commit_is_synchronized_with_the_disk() {
        // 2 is `FULL`: in a write-ahead log each commit is synchronized, and not only each checkpoint.
        assert_eq!(waits_for(&GRANTS), [2, 1, 1]);
        assert_eq!(waits_for(&ROWS), [2, 1, 1]);
    }

    #[test]
    fn a_commit_of_quotas_waits_for_no_disk() {
        assert_eq!(waits_for(&QUOTAS), [0, 0, 0]);
    }
}
