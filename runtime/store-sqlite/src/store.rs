//! Grants in a file.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;
use specwright_refresh::{Change, GrantKey, GrantStore, NewRow};
use specwright_store::{Durability, Loaded, StoreError, StoreTime, Swap, Version};

use crate::clock::StoreClock;
use crate::database::Database;
use crate::schema::GRANTS;

/// Keeps grants in a SQLite file. Any number of processes of one host may open the same file.
///
/// A change that was acknowledged survives the end of the process at any instruction, and that of the machine as far as
/// the disk keeps what it says it has written. Changes that wait at the same time share one transaction.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use specwright_refresh::{GrantStore, Grants};
/// use specwright_store_sqlite::SqliteStore;
///
/// # async fn example(set_up: impl FnOnce(Arc<dyn GrantStore>) -> Grants) -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(SqliteStore::open("/var/lib/my-app/grants.db")?);
/// // However the grants are set up: the store is shared with them.
/// let grants = set_up(store.clone());
/// if store.restored() {
///     // Before anything else. Some operators may have to connect again.
///     grants.after_restore().await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Backups
///
/// Back up with `sqlite3 grants.db ".backup copy.db"`, or copy the file while no program has it open. To restore, end the
/// programs, remove `grants.db-wal` and `grants.db-shm`, and put the copy in the place of `grants.db`, with mode 600. Leave
/// `grants.db.high` where it is: it says how far the versions of the database went. See [`restored`](Self::restored).
pub struct SqliteStore {
    database: Database,
}

impl SqliteStore {
    /// Opens the file, or makes it with mode 600, in a folder that is made with mode 700 if it is missing. Time is that
    /// of the machine.
    ///
    /// It reads and writes files, and waits up to five seconds for another process that is writing; in an asynchronous
    /// program it belongs to the start.
    ///
    /// # Errors
    ///
    /// [`Exposed`](specwright_store::StoreErrorKind::Exposed) if others have rights on the file.
    /// [`Unreadable`](specwright_store::StoreErrorKind::Unreadable) if it is no database, one of something else, or of a
    /// newer version of this crate; it is left as it was. The other kinds if the disk, the folder or another process
    /// does not let it be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::start(path.as_ref(), StoreClock::Machine)
    }

    /// As [`open`](Self::open), with another clock. All processes that share the file must have the same.
    pub fn open_with_clock(
        path: impl AsRef<Path>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        Self::start(path.as_ref(), StoreClock::Given(clock))
    }

    /// Whether this store found that the file was replaced by an older copy of itself: when it was opened, or later.
    ///
    /// It is found by comparing the versions of the database with those in `<file>.high` and with those that this process
    /// has seen. Then every row has a new version: whoever holds an old one conflicts and reads anew, the feed of changes
    /// has every row again, and no version of the lost time is given a second time. One process tells, the one that came
    /// first. Rows that were created after the copy was made are gone, and the tokens in older rows may be spent.
    ///
    /// Then [`Grants::after_restore`](specwright_refresh::Grants::after_restore) has to be called, before anything else.
    ///
    /// It is not found if `<file>.high` was replaced or removed together with the file, unless this process saw the newer
    /// versions itself, and not if all that is missing is the last transaction of a process that was killed.
    pub fn restored(&self) -> bool {
        self.database.restored()
    }

    fn start(path: &Path, clock: StoreClock) -> Result<Self, StoreError> {
        Ok(Self { database: Database::open(path, &GRANTS, clock)? })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("SqliteStore").field("path", &self.database.path()).finish_non_exhaustive()
    }
}

impl GrantStore for SqliteStore {
    fn load<'a>(&'a self, key: &'a GrantKey) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        let key = key.clone();
        Box::pin(self.database.read(move |tables| tables.load(&key)))
    }

    fn swap<'a>(
        &'a self,
        key: &'a GrantKey,
        expected: Option<Version>,
        row: NewRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        let key = key.clone();
        Box::pin(self.database.write(move |tables| tables.swap(&key, expected, &row)))
    }

    fn due(&self, most: usize) -> BoxFuture<'_, Result<Vec<GrantKey>, StoreError>> {
        Box::pin(self.database.read(move |tables| tables.due(most)))
    }

    fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> BoxFuture<'_, Result<Vec<Change>, StoreError>> {
        Box::pin(self.database.read(move |tables| tables.changes(after, most)))
    }

    fn put_once<'a>(
        &'a self,
        id: &'a str,
        text: String,
        until: StoreTime,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let id = id.to_owned();
        Box::pin(self.database.write(move |tables| tables.put_once(&id, &text, until)))
    }

    fn take_once<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        let id = id.to_owned();
        Box::pin(self.database.write(move |tables| tables.take_once(&id)))
    }

    fn durability(&self) -> Durability {
        self.database.durability()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, SystemTime};

    use rusqlite::Connection;

    use super::*;

    /// A clock at each reading of which another process has just written what time it is.
    #[derive(Debug)]
    struct Overtaken {
        path: PathBuf,
        readings: AtomicU64,
    }

    impl Clock for Overtaken {
        fn now(&self) -> SystemTime {
            let moment = self.readings.fetch_add(1, Ordering::Relaxed);
            let other = Connection::open(&self.path).unwrap();
            other.execute("UPDATE grants SET text = ?1", [moment.to_string()]).unwrap();
            SystemTime::UNIX_EPOCH + Duration::from_millis(moment)
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    #[tokio::test]
    async fn what_is_loaded_was_written_before_the_time_that_is_told_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grants.db");
        let key = GrantKey::new("tenant", "grant");
        let row = NewRow { text: "0".to_owned(), due: None };
        SqliteStore::open(&path).unwrap().swap(&key, None, row).await.unwrap();
        let clock = Overtaken { path: path.clone(), readings: AtomicU64::new(1) };
        let store = SqliteStore::open_with_clock(&path, Arc::new(clock)).unwrap();
        for _ in 0..3 {
            let loaded = store.load(&key).await.unwrap();
            let written: u64 = loaded.row.unwrap().text.parse().unwrap();
            assert!(written < loaded.now.as_millis(), "{written}, {:?}", loaded.now);
        }
    }
}
