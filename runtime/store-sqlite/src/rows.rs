//! Rows in files: those of quotas in one, all others in another.

use std::fmt;
use std::path::{Path, absolute};
use std::sync::Arc;

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;
use specwright_store::{Durability, KeptRow, Loaded, Rows, StoreError, Swap, Table, Version};

use crate::clock::StoreClock;
use crate::database::Database;
use crate::failure::Failure;
use crate::file;
use crate::schema::{QUOTAS, ROWS};

/// Keeps operations, deliveries and quotas in two SQLite files. Any number of processes of one host may open the same ones.
///
/// | table | file | an acknowledged change survives |
/// |---|---|---|
/// | operations, deliveries | `FILE` | the end of the process at any instruction, and of the machine |
/// | quotas | `FILE.quotas` | the end of the process at any instruction |
///
/// ```no_run
/// # use std::sync::Arc;
/// use specwright_store_sqlite::SqliteRows;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let rows = Arc::new(SqliteRows::open("/var/lib/my-app/rows.db")?);
/// # Ok(())
/// # }
/// ```
///
/// Grants have a file of their own ([`SqliteStore`](crate::SqliteStore)): none of them waits for the commit of a delivery,
/// and whoever has to act on a restored backup of either is told of it.
///
/// # Quotas
///
/// They are written at every request and are worth nothing after a window, so they wait for no disk (`synchronous=OFF`). The
/// end of the machine may take what was written just before it: Linux keeps that in memory for about 30 seconds
/// (`vm.dirty_expire_centisecs`). A window of seconds or of a minute holds little of it when programs run again. One of hours
/// may be taken for emptier than it is; then the server refuses what is too much.
///
/// The end of the machine may also leave the file in pieces. Such a file begins anew, and nobody has to remove it: it is looked
/// for when a process opens the file, and when an operation has met the damage, which fails with
/// [`Unreadable`](specwright_store::StoreErrorKind::Unreadable). Whoever empties it holds a lock on `FILE.quotas.clearing`.
/// A limiter that begins then finds no requests of before. One that runs misses the record that it has seen, and sends
/// nothing for its longest window.
///
/// Whatever else is wrong with the file is an error, and it stays as it is: others have rights on it, it is a database of
/// something else, or of a newer version of this crate.
///
/// # Backups
///
/// As of [`SqliteStore`](crate::SqliteStore#backups). `FILE.quotas` needs none. What older rows mean is said at
/// [`restored`](Self::restored).
///
/// # Rows that have ended
///
/// They are removed a few at a time, with the rows that are written: those of quotas at once, those of operations and
/// deliveries two days after their end. A clock that was ahead by less than that takes none of them away; when it is right
/// again, they are there again. The file keeps its size, and uses the space again.
pub struct SqliteRows {
    durable: Database,
    quotas: Database,
}

impl SqliteRows {
    /// Opens the files, or makes them with mode 600, in a folder that is made with mode 700 if it is missing. Time is that
    /// of the machine.
    ///
    /// It reads and writes files, and waits for other processes that are writing, up to five seconds for each of the two files;
    /// in an asynchronous program it belongs to the start.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::open`](crate::SqliteStore::open), but for quotas in pieces, which begin anew. The error names the
    /// file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::start(path.as_ref(), StoreClock::Machine)
    }

    /// As [`open`](Self::open), with another clock. All processes that share the files must have the same.
    pub fn open_with_clock(
        path: impl AsRef<Path>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        Self::start(path.as_ref(), StoreClock::Given(clock))
    }

    /// Whether this store found that the file of operations and deliveries was replaced by an older copy of itself: when it
    /// was opened, or later. How it is found, and when it is not, is said at
    /// [`SqliteStore::restored`](crate::SqliteStore::restored).
    ///
    /// No version of the lost time replaces anything. Beyond that, a restored backup means:
    ///
    /// - **operations**: what was begun since the copy was made is forgotten. To begin it again draws another key, and may
    ///   do it a second time; look at the server first. An operation that the copy has as under way may be done by now. It
    ///   goes on with its own key, so the server answers from what it keeps, for as long as it keeps it.
    /// - **deliveries**: events that were seen since the copy was made count as new if they are sent again.
    /// - **quotas** are in no backup. If an older copy is put there all the same, its rows have ended, or hold requests back
    ///   for a window; this function says nothing of it.
    pub fn restored(&self) -> bool {
        self.durable.restored()
    }

    fn start(path: &Path, clock: StoreClock) -> Result<Self, StoreError> {
        let path = absolute(path).map_err(|error| Failure::io(path, &error).at(path))?;
        let quotas = file::beside(&path, ".quotas");
        Ok(Self {
            durable: Database::open(&path, &ROWS, clock.clone())?,
            quotas: Database::open(&quotas, &QUOTAS, clock)?,
        })
    }

    fn database(&self, table: Table) -> &Database {
        match table {
            Table::Quotas => &self.quotas,
            // A table that is added is kept safely until somebody decides otherwise.
            _ => &self.durable,
        }
    }
}

impl fmt::Debug for SqliteRows {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("SqliteRows").field("path", &self.durable.path()).finish_non_exhaustive()
    }
}

impl Rows for SqliteRows {
    fn load<'a>(&'a self, table: Table, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        let key = key.to_owned();
        Box::pin(self.database(table).read(move |tables| tables.load_row(table, &key)))
    }

    fn swap<'a>(
        &'a self,
        table: Table,
        key: &'a str,
        expected: Option<Version>,
        row: KeptRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        let key = key.to_owned();
        let database = self.database(table);
        Box::pin(database.write(move |tables| tables.swap_row(table, &key, expected, &row)))
    }

    fn durability(&self, table: Table) -> Durability {
        self.database(table).durability()
    }
}
