//! What every store of [`Rows`] must do, as cases that any store is held to.
//!
//! Input: a [`Subject`], which opens handles onto one store. Output: a test for each case and table, so that a failure has
//! a name; a store may keep each table in its own way, so one table says nothing of another.
//! [`rows_cases!`](crate::rows_cases) makes the tests.
#![expect(missing_docs, reason = "the name of a case is what the store must do")]
#![expect(
    clippy::missing_panics_doc,
    reason = "a case panics where the store is wrong; that is what it is for"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
#[doc(hidden)]
pub use specwright_store::Table;
use specwright_store::{KeptRow, Loaded, Row, Rows, StoreError, StoreTime, Swap, Version};

use crate::dropped::poll_once;

/// A store that is tested. At first it is empty.
pub trait Subject: Send + Sync {
    /// Another handle onto the same data, as another process has one. A store that cannot be shared gives the same
    /// handle each time.
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn Rows>, BoxError>>;

    /// Lets the time of the store pass.
    fn advance(&self, time: Duration);
}

/// What a case ends with. It panics where the store is wrong, and gives the error where the store gave one.
pub type Outcome = Result<(), BoxError>;

/// A test for each case that every store of rows must pass with each of its tables. The argument makes a [`Subject`]; it
/// may await.
///
/// Each test runs on a tokio runtime with two threads, so the crate needs `tokio` with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! rows_cases {
    ($subject:expr) => {
        $crate::rows_tests! { $subject =>
            a_key_that_was_never_written_has_no_row,
            a_load_tells_the_time_of_the_store,
            a_row_is_loaded_as_it_was_written,
            creating_a_row_that_is_there_conflicts_and_gives_it,
            a_swap_replaces_the_version_that_was_read,
            a_stale_version_conflicts_and_writes_nothing,
            replacing_a_row_that_is_not_there_conflicts_without_a_row,
            the_same_text_again_is_another_version,
            tables_share_no_keys,
            keys_are_compared_exactly,
            texts_are_kept_exactly,
            a_row_is_there_until_just_before_its_end,
            a_row_is_gone_at_its_end,
            a_row_that_ended_can_be_created_anew,
            a_row_that_ended_cannot_be_replaced,
            a_version_of_a_row_that_ended_names_no_later_row,
            a_swap_gives_a_row_another_end,
            a_row_until_the_end_of_time_stays,
            a_handle_sees_at_once_what_another_wrote,
            one_of_many_creates_a_row,
            no_update_is_lost,
            an_operation_that_was_never_polled_does_nothing,
            a_dropped_swap_is_whole_or_not_there,
            dropped_operations_leave_the_store_working,
            debug_shows_no_text,
        }
    };
}

/// A module for each case, with a test for each table.
#[doc(hidden)]
#[macro_export]
macro_rules! rows_tests {
    ($subject:expr => $($case:ident,)+) => {
        $(
            mod $case {
                use super::*;

                $crate::rows_test! { quotas, $case, $subject, Quotas }
                $crate::rows_test! { operations, $case, $subject, Operations }
                $crate::rows_test! { deliveries, $case, $subject, Deliveries }
            }
        )+
    };
}

/// A case with one table.
#[doc(hidden)]
#[macro_export]
macro_rules! rows_test {
    ($name:ident, $case:ident, $subject:expr, $table:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() -> $crate::rows::Outcome {
            $crate::rows::$case(&$subject, $crate::rows::Table::$table).await
        }
    };
}

const HOUR: Duration = Duration::from_secs(3_600);

/// Many enough to meet, few enough to be quick on a disk.
const MANY: usize = 64;

pub async fn a_key_that_was_never_written_has_no_row(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    assert_eq!(rows.load("a").await?.row, None);
    Ok(())
}

pub async fn a_load_tells_the_time_of_the_store(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let before = now(&rows).await?;
    subject.advance(HOUR);
    assert!(before.until(now(&rows).await?) >= HOUR);
    Ok(())
}

pub async fn a_row_is_loaded_as_it_was_written(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let version = write(&rows, "a", None, "text").await?;
    assert_eq!(rows.load("a").await?.row, Some(row(version, "text")));
    Ok(())
}

pub async fn creating_a_row_that_is_there_conflicts_and_gives_it(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let version = write(&rows, "a", None, "text").await?;
    let there = conflict(&rows, "a", None).await?;
    assert_eq!(there.row, Some(row(version, "text")));
    Ok(())
}

pub async fn a_swap_replaces_the_version_that_was_read(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let first = write(&rows, "a", None, "first").await?;
    let second = write(&rows, "a", Some(first), "second").await?;
    assert_eq!(rows.load("a").await?.row, Some(row(second, "second")));
    Ok(())
}

pub async fn a_stale_version_conflicts_and_writes_nothing(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let first = write(&rows, "a", None, "first").await?;
    let second = write(&rows, "a", Some(first), "second").await?;
    conflict(&rows, "a", Some(first)).await?;
    assert_eq!(rows.load("a").await?.row, Some(row(second, "second")));
    Ok(())
}

pub async fn replacing_a_row_that_is_not_there_conflicts_without_a_row(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    assert_eq!(conflict(&rows, "a", Some(Version::new(1))).await?.row, None);
    Ok(())
}

pub async fn the_same_text_again_is_another_version(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let first = write(&rows, "a", None, "text").await?;
    let second = write(&rows, "a", Some(first), "text").await?;
    assert_ne!(first, second);
    Ok(())
}

pub async fn tables_share_no_keys(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    write(&rows, "a", None, table.name()).await?;
    for other in Table::ALL.into_iter().filter(|other| *other != table) {
        let other = Handle::open(subject, other).await?;
        conflict(&other, "a", Some(Version::new(1))).await?;
        assert_eq!(other.load("a").await?.row, None, "{:?}", other.table);
        write(&other, "a", None, other.table.name()).await?;
    }
    let there = rows.load("a").await?.row.map(|row| row.text);
    assert_eq!(there.as_deref(), Some(table.name()));
    Ok(())
}

pub async fn keys_are_compared_exactly(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let keys = ["a", "A", "a ", " a", "", "a\0", "a'", "a%", "1", "01", "é", "e\u{301}", "a/b"];
    for key in keys {
        write(&rows, key, None, key).await?;
    }
    for key in keys {
        let there = rows.load(key).await?.row.map(|row| row.text);
        assert_eq!(there.as_deref(), Some(key));
    }
    Ok(())
}

pub async fn texts_are_kept_exactly(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let long = "x".repeat(1 << 20);
    for text in ["", " a ", "\0", "'; DROP TABLE a", "007", "e\u{301}", "\u{1f980}\r\n", &long] {
        let before = rows.load("a").await?.row.map(|row| row.version);
        let version = write(&rows, "a", before, text).await?;
        assert_eq!(rows.load("a").await?.row, Some(row(version, text)));
    }
    Ok(())
}

pub async fn a_row_is_there_until_just_before_its_end(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    write(&rows, "a", None, "text").await?;
    subject.advance(Duration::from_secs(3_570));
    assert!(rows.load("a").await?.row.is_some());
    Ok(())
}

pub async fn a_row_is_gone_at_its_end(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    write(&rows, "a", None, "text").await?;
    subject.advance(HOUR);
    assert_eq!(rows.load("a").await?.row, None);
    Ok(())
}

pub async fn a_row_that_ended_can_be_created_anew(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    write(&rows, "a", None, "first").await?;
    subject.advance(HOUR);
    let second = write(&rows, "a", None, "second").await?;
    assert_eq!(rows.load("a").await?.row, Some(row(second, "second")));
    Ok(())
}

pub async fn a_row_that_ended_cannot_be_replaced(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let version = write(&rows, "a", None, "text").await?;
    subject.advance(HOUR);
    assert_eq!(conflict(&rows, "a", Some(version)).await?.row, None);
    Ok(())
}

pub async fn a_version_of_a_row_that_ended_names_no_later_row(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let first = write(&rows, "a", None, "first").await?;
    subject.advance(HOUR);
    write(&rows, "b", None, "other").await?;
    let second = write(&rows, "a", None, "second").await?;
    assert_ne!(first, second);
    conflict(&rows, "a", Some(first)).await?;
    Ok(())
}

pub async fn a_swap_gives_a_row_another_end(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let first = write(&rows, "a", None, "first").await?;
    subject.advance(HOUR / 2);
    write(&rows, "a", Some(first), "second").await?;
    subject.advance(HOUR / 2);
    assert!(rows.load("a").await?.row.is_some());
    subject.advance(HOUR / 2);
    assert_eq!(rows.load("a").await?.row, None);
    Ok(())
}

pub async fn a_row_until_the_end_of_time_stays(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let until = StoreTime::from_millis(u64::MAX);
    let new = KeptRow { text: "text".to_owned(), until };
    assert!(matches!(rows.swap("a", None, new).await?, Swap::Done(_)));
    subject.advance(HOUR * 24 * 3_650);
    assert!(rows.load("a").await?.row.is_some());
    Ok(())
}

pub async fn a_handle_sees_at_once_what_another_wrote(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let (one, other) = (Handle::open(subject, table).await?, Handle::open(subject, table).await?);
    let mut version = None;
    for number in 0..MANY {
        version = Some(write(&one, "a", version, &number.to_string()).await?);
        let there = other.load("a").await?.row.map(|row| row.version);
        assert_eq!(there, version);
    }
    Ok(())
}

pub async fn one_of_many_creates_a_row(subject: &dyn Subject, table: Table) -> Outcome {
    let mut tasks = Vec::new();
    for number in 0..MANY {
        let rows = Handle::open(subject, table).await?;
        tasks.push(tokio::spawn(async move {
            let new = new_row(&rows, &number.to_string()).await?;
            Ok::<_, BoxError>(rows.swap("a", None, new).await?)
        }));
    }
    let mut done = 0;
    for task in tasks {
        done += usize::from(matches!(task.await??, Swap::Done(_)));
    }
    assert_eq!(done, 1);
    Ok(())
}

pub async fn no_update_is_lost(subject: &dyn Subject, table: Table) -> Outcome {
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let rows = Handle::open(subject, table).await?;
        tasks.push(tokio::spawn(async move {
            let mut versions = Vec::new();
            for _ in 0..16 {
                versions.push(count_up(&rows).await?);
            }
            Ok::<_, BoxError>(versions)
        }));
    }
    let mut versions = BTreeSet::new();
    for task in tasks {
        versions.extend(task.await??);
    }
    let rows = Handle::open(subject, table).await?;
    let count = rows.load("a").await?.row.map(|row| row.text);
    assert_eq!((count.as_deref(), versions.len()), (Some("128"), 128));
    Ok(())
}

pub async fn an_operation_that_was_never_polled_does_nothing(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    let new = new_row(&rows, "text").await?;
    drop(rows.swap("a", None, new));
    // Whatever was begun ends before this does.
    write(&rows, "barrier", None, "text").await?;
    assert_eq!(rows.load("a").await?.row, None);
    Ok(())
}

pub async fn a_dropped_swap_is_whole_or_not_there(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    for number in 0..MANY {
        let key = number.to_string();
        let created = after_a_dropped_swap(&rows, &key, None).await?;
        after_a_dropped_swap(&rows, &key, Some(created)).await?;
    }
    Ok(())
}

pub async fn dropped_operations_leave_the_store_working(
    subject: &dyn Subject,
    table: Table,
) -> Outcome {
    let (one, other) = (Handle::open(subject, table).await?, Handle::open(subject, table).await?);
    for number in 0..MANY {
        let (key, new) = (number.to_string(), new_row(&one, "dropped").await?);
        poll_once(one.swap(&key, None, new));
        poll_once(one.load(&key));
    }
    let version = write(&one, "kept", None, "first").await?;
    let version = write(&other, "kept", Some(version), "second").await?;
    assert_eq!(one.load("kept").await?.row, Some(row(version, "second")));
    Ok(())
}

pub async fn debug_shows_no_text(subject: &dyn Subject, table: Table) -> Outcome {
    let rows = Handle::open(subject, table).await?;
    write(&rows, "a", None, "a-text-of-its-own").await?;
    assert!(!format!("{:?}", rows.rows).contains("a-text-of-its-own"));
    Ok(())
}

/// A handle, and the table that is tried through it.
struct Handle {
    rows: Arc<dyn Rows>,
    table: Table,
}

impl Handle {
    async fn open(subject: &dyn Subject, table: Table) -> Result<Self, BoxError> {
        Ok(Self { rows: subject.handle().await?, table })
    }

    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        self.rows.load(self.table, key)
    }

    fn swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<Version>,
        row: KeptRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        self.rows.swap(self.table, key, expected, row)
    }
}

async fn now(rows: &Handle) -> Result<StoreTime, BoxError> {
    Ok(rows.load("nobody").await?.now)
}

/// A row that ends in an hour.
async fn new_row(rows: &Handle, text: &str) -> Result<KeptRow, BoxError> {
    Ok(KeptRow { text: text.to_owned(), until: now(rows).await?.after(HOUR) })
}

/// Writes a row that ends in an hour; a conflict is an error.
async fn write(
    rows: &Handle,
    key: &str,
    expected: Option<Version>,
    text: &str,
) -> Result<Version, BoxError> {
    let new = new_row(rows, text).await?;
    match rows.swap(key, expected, new).await? {
        Swap::Done(version) => Ok(version),
        Swap::Conflict(there) => {
            Err(format!("conflict: {:?} is there", there.row.map(|row| row.version)).into())
        }
    }
}

/// Begins a swap and gives it up, then tries the same swap with another text: that it is done, or meets all of the first.
async fn after_a_dropped_swap(
    rows: &Handle,
    key: &str,
    expected: Option<Version>,
) -> Result<Version, BoxError> {
    poll_once(rows.swap(key, expected, new_row(rows, "dropped").await?));
    let next = new_row(rows, "next").await?;
    let there = match rows.swap(key, expected, next).await? {
        Swap::Done(version) => row(version, "next"),
        Swap::Conflict(Loaded { row: Some(there), .. }) if Some(there.version) != expected => {
            row(there.version, "dropped")
        }
        Swap::Conflict(_) => return Err("a swap meets what it expects, and is not done".into()),
    };
    assert_eq!(rows.load(key).await?.row.as_ref(), Some(&there));
    Ok(there.version)
}

/// Writes a row that must not be written.
async fn conflict(rows: &Handle, key: &str, expected: Option<Version>) -> Result<Loaded, BoxError> {
    let new = new_row(rows, "must not be written").await?;
    match rows.swap(key, expected, new).await? {
        Swap::Conflict(there) => Ok(there),
        Swap::Done(version) => Err(format!("it was written as {version:?}").into()),
    }
}

/// Adds one to the number in a row, against everybody who does the same.
async fn count_up(rows: &Handle) -> Result<Version, BoxError> {
    loop {
        let there = rows.load("a").await?;
        let (version, count) = match there.row {
            Some(row) => (Some(row.version), row.text.parse::<u64>()?),
            None => (None, 0),
        };
        let new = new_row(rows, &(count + 1).to_string()).await?;
        if let Swap::Done(version) = rows.swap("a", version, new).await? {
            return Ok(version);
        }
    }
}

fn row(version: Version, text: &str) -> Row {
    Row { version, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_in_the_macro() {
        let file = include_str!("rows.rs");
        let cases = file.split("\npub async fn ").skip(1);
        let names: Vec<&str> = cases.filter_map(|case| case.split('(').next()).collect();
        let missing: Vec<&&str> =
            names.iter().filter(|name| !file.contains(&format!("            {name},\n"))).collect();
        assert!(missing.is_empty(), "not in the macro: {missing:?}");
        assert!(names.len() > 20, "only {} cases were found", names.len());
    }
}
