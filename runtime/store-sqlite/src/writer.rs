//! The thread that writes: what is queued shares a transaction, and is answered after its commit.

use std::iter;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use rusqlite::Connection;

use crate::clock::StoreClock;
use crate::failure::Failure;
use crate::high_water::{HighWater, Marks};
use crate::lane::Job;
use crate::link::Link;
use crate::schema::Layout;
use crate::tables::Tables;
use crate::wait::Wait;

/// Jobs of one transaction. A commit costs one synchronization with the disk, however many share it; the bound keeps
/// the first of them, and the other processes, from waiting for long.
const GROUP: usize = 128;

/// Everything that writes to the database.
#[derive(Debug)]
pub(crate) struct Writer {
    link: Link,
    layout: &'static Layout,
    clock: StoreClock,
    high: HighWater,
    /// The highest version that this process knows to be committed.
    seen: i64,
    restored: Arc<AtomicBool>,
}

/// How far a transaction came.
enum Broken {
    /// It did not begin.
    Begin(Failure),
    /// It was given up before its commit, because one job or what all of them need could not be done.
    Jobs(Failure),
    /// Nobody knows whether it was committed.
    Commit(Failure),
}

impl Writer {
    /// A writer to the file at an absolute path.
    pub(crate) fn to(
        path: &Path,
        layout: &'static Layout,
        wait: Wait,
        clock: StoreClock,
        restored: Arc<AtomicBool>,
    ) -> Self {
        let link = Link::to(path.to_owned(), layout, wait).with_a_look();
        Self { link, layout, clock, high: HighWater::of(path), seen: 0, restored }
    }

    /// Opens the database, and sees whether it was restored.
    pub(crate) fn open(&mut self) -> Result<(), Failure> {
        self.transact(&mut Vec::new(), iter::empty()).map_err(Broken::into_failure)
    }

    /// Serves until the queue ends.
    pub(crate) fn serve(mut self, queue: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = queue.recv() {
            let mut group = vec![first];
            match self.transact(&mut group, queue.try_iter().take(GROUP - 1)) {
                // One of them cannot be done, such as a text that is too large for the disk. The others can.
                Err(Broken::Jobs(_)) if group.len() > 1 => {
                    for job in group {
                        self.serve_alone(job);
                    }
                }
                outcome => answer(group, &outcome.map_err(Broken::into_failure)),
            }
        }
        // Marks that the last commit is committed, so that a copy that lacks nothing else is known for older. If it
        // fails, nothing that was acknowledged is worse for it.
        let _ = self.open();
    }

    fn serve_alone(&mut self, job: Box<dyn Job>) {
        let mut alone = vec![job];
        let outcome = self.transact(&mut alone, iter::empty());
        answer(alone, &outcome.map_err(Broken::into_failure));
    }

    /// Does a group of jobs, and `more` that came in the meantime, in one transaction.
    fn transact(
        &mut self,
        group: &mut Vec<Box<dyn Job>>,
        more: impl Iterator<Item = Box<dyn Job>>,
    ) -> Result<(), Broken> {
        let outcome = self.try_to_transact(group, more);
        if let Err(broken) = &outcome {
            // Closing rolls back, whatever state the connection is in.
            self.link.give_up(broken.failure());
        }
        outcome
    }

    fn try_to_transact(
        &mut self,
        group: &mut Vec<Box<dyn Job>>,
        more: impl Iterator<Item = Box<dyn Job>>,
    ) -> Result<(), Broken> {
        // The lock is taken with the transaction and not with its first write: between reading a version and taking the
        // lock, another process could replace the row.
        let begun = self.link.begin(|connection| Ok(connection.execute_batch("BEGIN IMMEDIATE")?));
        // Taken after the lock was waited for: who came in the meantime shares the commit, or the error.
        group.extend(more);
        let connection = begun.map_err(Broken::Begin)?;
        let past = Past::of(connection, &self.high, self.seen).map_err(Broken::Jobs)?;
        let tables = Tables::writing(connection, &self.clock, past.last);
        let last = run(group, tables, self.layout, &past, &self.high).map_err(Broken::Jobs)?;
        connection.execute_batch("COMMIT").map_err(|error| Broken::Commit(Failure::from(error)))?;
        self.seen = last;
        self.restored.fetch_or(past.restored, Ordering::Relaxed);
        Ok(())
    }
}

/// What was before a transaction.
struct Past {
    /// What was kept beside the database.
    marks: Marks,
    /// A version that was committed, and everything before it.
    committed: i64,
    /// No version above this one was given.
    last: i64,
    /// Whether the database is older than what was committed to it.
    restored: bool,
}

impl Past {
    fn of(connection: &Connection, high: &HighWater, seen: i64) -> Result<Self, Failure> {
        let stored = Tables::sequence(connection)?;
        let marks = high.read();
        let known = marks.committed.max(seen);
        Ok(Self {
            marks,
            committed: stored.max(known),
            last: stored.max(seen).max(marks.begun),
            restored: stored < known,
        })
    }
}

/// Everything between the begin and the commit. The highest version that will be committed with it.
fn run(
    group: &mut [Box<dyn Job>],
    mut tables: Tables<'_>,
    layout: &Layout,
    past: &Past,
    high: &HighWater,
) -> Result<i64, Failure> {
    if past.restored {
        tables.renumber(layout)?;
    }
    for job in group {
        job.run(&mut tables)?;
    }
    let given = past.restored || tables.last() > past.last;
    if given {
        tables.keep_sequence()?;
    }
    let marks = Marks { committed: past.committed, begun: tables.last() };
    if marks != past.marks {
        high.write(marks)?;
    }
    Ok(if given { tables.last() } else { past.committed })
}

fn answer(group: Vec<Box<dyn Job>>, outcome: &Result<(), Failure>) {
    for job in group {
        job.answer(outcome.clone());
    }
}

impl Broken {
    fn failure(&self) -> &Failure {
        match self {
            Self::Begin(failure) | Self::Jobs(failure) | Self::Commit(failure) => failure,
        }
    }

    fn into_failure(self) -> Failure {
        match self {
            Self::Begin(failure) | Self::Jobs(failure) | Self::Commit(failure) => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::sync::mpsc;

    use rusqlite::ErrorCode;
    use specwright_refresh::{GrantKey, NewRow};
    use specwright_store::{KeptRow, StoreErrorKind, StoreTime, Swap, Table, Version};
    use tempfile::TempDir;
    use tokio::sync::oneshot::Receiver as Answer;

    use super::*;
    use crate::file;
    use crate::lane::job;
    use crate::schema::{GRANTS, QUOTAS, ROWS};

    const LAYOUTS: [&Layout; 3] = [&GRANTS, &ROWS, &QUOTAS];

    struct Place {
        folder: TempDir,
        layout: &'static Layout,
    }

    impl Place {
        fn new() -> Self {
            Self::of(&GRANTS)
        }

        fn of(layout: &'static Layout) -> Self {
            Self { folder: tempfile::tempdir().unwrap(), layout }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("grants.db")
        }

        fn high(&self) -> HighWater {
            HighWater::of(&self.path())
        }

        fn writer(&self) -> Writer {
            let path = self.path();
            file::create(&path).unwrap();
            let clock = StoreClock::Machine;
            let mut writer = Writer::to(&path, self.layout, briefly, clock, Arc::default());
            writer.open().unwrap();
            writer
        }

        fn rows(&self) -> i64 {
            let connection = Connection::open(self.path()).unwrap();
            let sql = format!("SELECT count(*) FROM {}", self.layout.versioned);
            connection.query_row(&sql, [], |row| row.get(0)).unwrap()
        }

        /// A job that creates a row.
        fn create(&self, name: &str, text: &str) -> Box<dyn Job> {
            if self.layout.versioned == GRANTS.versioned {
                return create(name, text).0;
            }
            let (key, until) = (name.to_owned(), StoreTime::from_millis(u64::MAX));
            let row = KeptRow { text: text.to_owned(), until };
            job(move |tables| tables.swap_row(Table::Operations, &key, None, &row)).0
        }
    }

    fn briefly(attempt: i32) -> bool {
        attempt < 10
    }

    fn create(name: &str, text: &str) -> (Box<dyn Job>, Answer<Result<Swap, Failure>>) {
        let (key, row) = (GrantKey::new(name, "g"), NewRow { text: text.to_owned(), due: None });
        job(move |tables| tables.swap(&key, None, &row))
    }

    /// Lets the writer serve jobs that were all queued before it began.
    fn serve(writer: Writer, jobs: Vec<Box<dyn Job>>) {
        let (queue, queued) = mpsc::channel();
        for job in jobs {
            queue.send(job).unwrap();
        }
        drop(queue);
        writer.serve(&queued);
    }

    fn kind(answer: &mut Answer<Result<Swap, Failure>>) -> StoreErrorKind {
        answer.try_recv().unwrap().unwrap_err().kind()
    }

    /// Queues so many jobs, and one that sees how far the transactions before its own came.
    fn marks_at_the_end_of(jobs: usize) -> Marks {
        let place = Place::new();
        let (mut group, mut answers): (Vec<_>, Vec<_>) =
            (0..jobs).map(|number| create(&number.to_string(), "text")).unzip();
        let high = place.high();
        let (last, mut marks) = job(move |_| Ok(high.read()));
        group.push(last);
        serve(place.writer(), group);
        assert!(
            answers.iter_mut().all(|answer| matches!(answer.try_recv(), Ok(Ok(Swap::Done(_)))))
        );
        marks.try_recv().unwrap().unwrap()
    }

    #[test]
    fn jobs_that_wait_together_share_a_commit() {
        assert_eq!(marks_at_the_end_of(GROUP - 1), Marks::default());
    }

    #[test]
    fn a_group_has_a_bound() {
        assert_eq!(marks_at_the_end_of(GROUP), Marks { committed: 0, begun: 128 });
    }

    #[test]
    fn a_job_that_cannot_be_done_leaves_the_others() {
        let place = Place::new();
        let (first, mut first_answer) = create("first", "text");
        let (broken, mut broken_answer) = job(|_| Err::<Swap, _>(Failure::Value));
        let (last, mut last_answer) = create("last", "text");
        serve(place.writer(), vec![first, broken, last]);
        assert_eq!(kind(&mut broken_answer), StoreErrorKind::Unreadable);
        for answer in [&mut first_answer, &mut last_answer] {
            assert!(matches!(answer.try_recv(), Ok(Ok(Swap::Done(_)))));
        }
        assert_eq!(place.rows(), 2);
    }

    #[test]
    fn a_full_disk_writes_nothing_and_spoils_nothing() {
        for layout in LAYOUTS {
            let place = Place::of(layout);
            let mut writer = place.writer();
            let connection = writer.link.begin(|_| Ok(())).unwrap();
            connection.pragma_update_and_check(None, "max_page_count", 1, |_| Ok(())).unwrap();
            let long = place.create("a", &"long".repeat(100_000));
            let full = writer.transact(&mut vec![long], iter::empty());
            let Err(Broken::Jobs(failure)) = full else { panic!("it was written") };
            assert!(matches!(failure, Failure::Sqlite(error) if error.code == ErrorCode::DiskFull));
            assert_eq!(failure.kind(), StoreErrorKind::ReadOnly);
            assert_eq!(place.rows(), 0);
            serve(writer, vec![place.create("a", "short")]);
            assert_eq!(place.rows(), 1);
        }
    }

    #[test]
    fn a_database_that_cannot_be_written_says_so() {
        for layout in LAYOUTS {
            let place = Place::of(layout);
            let mut writer = place.writer();
            let connection = writer.link.begin(|_| Ok(())).unwrap();
            connection.pragma_update(None, "query_only", true).unwrap();
            let refused = writer.transact(&mut vec![place.create("a", "text")], iter::empty());
            let failure = refused.map_err(Broken::into_failure).unwrap_err();
            assert_eq!(failure.kind(), StoreErrorKind::ReadOnly);
            assert_eq!(place.rows(), 0);
        }
    }

    #[test]
    fn a_commit_that_fails_is_not_acknowledged() {
        let place = Place::new();
        let mut writer = place.writer();
        let connection = writer.link.begin(|_| Ok(())).unwrap();
        // What refers to nothing is allowed until the commit.
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON;
                 CREATE TEMP TABLE known (id PRIMARY KEY);
                 CREATE TEMP TABLE broken (id REFERENCES known DEFERRABLE INITIALLY DEFERRED);
                 CREATE TEMP TRIGGER breaks AFTER INSERT ON main.grants
                     BEGIN INSERT INTO broken VALUES (1); END;",
            )
            .unwrap();
        let (job, mut answer) = create("a", "text");
        serve(writer, vec![job]);
        assert!(answer.try_recv().unwrap().is_err());
        assert_eq!(place.rows(), 0);
    }

    #[test]
    fn nothing_is_written_if_the_mark_cannot_be_kept() {
        let place = Place::new();
        let writer = place.writer();
        fs::create_dir(place.folder.path().join("grants.db.high")).unwrap();
        let (job, mut answer) = create("a", "text");
        serve(writer, vec![job]);
        assert!(answer.try_recv().unwrap().is_err());
        assert_eq!(place.rows(), 0);
    }

    #[test]
    fn everybody_who_waited_for_the_lock_learns_that_it_was_not_given() {
        let place = Place::new();
        let writer = place.writer();
        let other = Connection::open(place.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let (jobs, mut answers): (Vec<_>, Vec<_>) =
            (0..20).map(|number| create(&number.to_string(), "text")).unzip();
        serve(writer, jobs);
        let kinds: Vec<_> = answers.iter_mut().map(kind).collect();
        assert_eq!(kinds, [StoreErrorKind::Unavailable; 20]);
        other.execute_batch("ROLLBACK").unwrap();
        serve(place.writer(), vec![create("a", "text").0]);
        assert_eq!(place.rows(), 1);
    }

    #[test]
    fn a_version_that_was_begun_is_not_given_again() {
        let place = Place::new();
        serve(place.writer(), vec![create("a", "text").0]);
        // As a process leaves it that ends between the mark and the commit.
        place.high().write(Marks { committed: 1, begun: 7 }).unwrap();
        let writer = place.writer();
        let restored = Arc::clone(&writer.restored);
        let (job, mut answer) = create("b", "text");
        serve(writer, vec![job]);
        let version = answer.try_recv().unwrap().unwrap();
        assert_eq!(version, Swap::Done(Version::new(8)));
        assert!(!restored.load(Ordering::Relaxed));
    }

    #[test]
    fn a_restoring_that_breaks_off_is_found_again() {
        let place = Place::new();
        serve(place.writer(), vec![create("a", "text").0]);
        place.high().write(Marks { committed: 5, begun: 6 }).unwrap();
        let mut link = Link::to(place.path(), &GRANTS, briefly);
        let connection = link.begin(|_| Ok(())).unwrap();
        let past = Past::of(connection, &place.high(), 0).unwrap();
        let tables = Tables::writing(connection, &StoreClock::Machine, past.last);
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        run(&mut [], tables, &GRANTS, &past, &place.high()).unwrap();
        drop(link);
        let writer = place.writer();
        assert!(writer.restored.load(Ordering::Relaxed));
        assert_eq!(writer.seen, 8);
    }
}
