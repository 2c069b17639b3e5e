//! A connection that is opened anew when it broke, or when the path leads to another file.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::failure::Failure;
use crate::file::{self, Identity};
use crate::schema::{self, MIGRATIONS};

/// How long a connection waits for another one that writes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How often a file may turn out to be another one before that is an error.
const ATTEMPTS: u32 = 3;

/// The connection of one thread to the database.
#[derive(Debug)]
pub(crate) struct Link {
    path: PathBuf,
    patience: Duration,
    open: Option<(Connection, Identity)>,
}

impl Link {
    /// A link to the file at an absolute path. It is opened by the first use.
    pub(crate) fn to(path: PathBuf, patience: Duration) -> Self {
        Self { path, patience, open: None }
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
                None => (connect(&self.path, self.patience)?, Identity::of(&self.path)?),
            };
            begin(&connection)?;
            if Identity::of(&self.path)? == identity {
                return Ok(&self.open.insert((connection, identity)).0);
            }
        }
        Err(Failure::Replaced)
    }

    /// Closes the connection, whatever state it is in. What was not committed is rolled back.
    pub(crate) fn give_up(&mut self) {
        self.open = None;
    }
}

/// Opens an existing file. SQLite must not make it: it would make it for everybody.
fn connect(path: &std::path::Path, patience: Duration) -> Result<Connection, Failure> {
    file::check(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    // Before anything is written: what is not ours, or is newer, stays as it is.
    schema::check(&connection, MIGRATIONS)?;
    let journal: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if journal != "wal" {
        return Err(Failure::NoWal);
    }
    // A commit that was acknowledged is on the disk. On macOS that takes more than `fsync`.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    schema::migrate(&connection, MIGRATIONS)?;
    Ok(connection)
}
