//! What is read from the tables and written to them, within one transaction.

mod grants;
mod rows;

use rusqlite::Connection;
use specwright_store::Version;

use crate::clock::StoreClock;
use crate::failure::Failure;
use crate::schema::Layout;

/// The tables as one transaction sees them.
pub(crate) struct Tables<'c> {
    connection: &'c Connection,
    clock: &'c StoreClock,
    /// The version that was given last.
    last: i64,
}

impl<'c> Tables<'c> {
    /// The tables for somebody who reads.
    pub(crate) fn reading(connection: &'c Connection, clock: &'c StoreClock) -> Self {
        Self { connection, clock, last: i64::MAX }
    }

    /// The tables for somebody who holds the write lock. Versions are given from `last` on.
    pub(crate) fn writing(connection: &'c Connection, clock: &'c StoreClock, last: i64) -> Self {
        Self { connection, clock, last }
    }

    /// The version that was given last.
    pub(crate) fn last(&self) -> i64 {
        self.last
    }

    /// The version that was given last, as the database remembers it.
    pub(crate) fn sequence(connection: &Connection) -> Result<i64, Failure> {
        let mut query = connection.prepare_cached("SELECT last FROM sequence")?;
        Ok(query.query_row([], |row| row.get(0))?)
    }

    /// Makes the database remember the version that was given last.
    pub(crate) fn keep_sequence(&self) -> Result<(), Failure> {
        self.connection.prepare_cached("UPDATE sequence SET last = ?1")?.execute([self.last])?;
        Ok(())
    }

    /// Gives every row a new version, in the order of those that they have.
    pub(crate) fn renumber(&mut self, layout: &Layout) -> Result<(), Failure> {
        let table = layout.versioned;
        let sql = format!(
            "UPDATE {table} SET version = ?1 + place FROM (\
                 SELECT rowid AS id, row_number() OVER (ORDER BY version) AS place FROM {table}\
             ) WHERE rowid = id"
        );
        let rows = self.connection.execute(&sql, [self.last])?;
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        self.last = self.last.checked_add(rows).ok_or(Failure::NoVersionLeft)?;
        Ok(())
    }

    /// A version for a row that is written now.
    fn next(&self) -> Result<i64, Failure> {
        self.last.checked_add(1).ok_or(Failure::NoVersionLeft)
    }
}

fn version(number: i64) -> Result<Version, Failure> {
    u64::try_from(number).map(Version::new).map_err(|_| Failure::Value)
}

/// As SQLite keeps it, with a sign. What is larger is later than every moment, and greater than every version.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
