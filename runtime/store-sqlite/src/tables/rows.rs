//! The statements on rows that end by themselves.

use std::time::Duration;

use rusqlite::{OptionalExtension as _, params};
use specwright_store::{KeptRow, Loaded, Row, StoreTime, Swap, Table, Version};

use super::{Tables, number, version};
use crate::failure::Failure;

/// How many rows that have ended go with each that is written. More than one, so that what has piled up becomes less; few,
/// so that nobody waits for long. A transaction is of 128 swaps at most.
const ENDED: i64 = 4;

/// How long rows whose loss does harm stay after their end. Whatever a clock that was ahead took for ended is there again when
/// the clock is right. The local times of the world differ by 26 hours at most, and somebody has to notice.
const GRACE: Duration = Duration::from_secs(48 * 60 * 60);

impl Tables<'_> {
    pub(crate) fn load_row(&self, table: Table, key: &str) -> Result<Loaded, Failure> {
        let sql = "SELECT version, text, until FROM ending_rows WHERE kind = ?1 AND key = ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        let found: Option<(i64, String, i64)> = query
            .query_row([table.name(), key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        // After the row was read: whoever wrote it did so before this moment.
        let now = self.clock.now();
        let row = match found.filter(|(_, _, until)| number(now.as_millis()) < *until) {
            Some((number, text, _)) => Some(Row { version: version(number)?, text }),
            None => None,
        };
        Ok(Loaded { now, row })
    }

    pub(crate) fn swap_row(
        &mut self,
        table: Table,
        key: &str,
        expected: Option<Version>,
        new: &KeptRow,
    ) -> Result<Swap, Failure> {
        let there = self.load_row(table, key)?;
        if there.row.as_ref().map(|row| row.version) != expected {
            return Ok(Swap::Conflict(there));
        }
        self.drop_ended(there.now.before(grace(table)))?;
        let next = self.next()?;
        // A row that has ended may still be there.
        let sql = "INSERT INTO ending_rows (kind, key, version, until, text) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kind, key) DO UPDATE \
                   SET version = excluded.version, until = excluded.until, text = excluded.text";
        let until = number(new.until.as_millis());
        self.connection.prepare_cached(sql)?.execute(params![
            table.name(),
            key,
            next,
            until,
            new.text
        ])?;
        self.last = next;
        Ok(Swap::Done(version(next)?))
    }

    /// Takes a few rows away that ended by then, whatever they are about.
    fn drop_ended(&self, by: StoreTime) -> Result<(), Failure> {
        let sql = "DELETE FROM ending_rows WHERE rowid IN (\
                       SELECT rowid FROM ending_rows WHERE until <= ?1 ORDER BY until LIMIT ?2)";
        let mut query = self.connection.prepare_cached(sql)?;
        query.execute(params![number(by.as_millis()), ENDED])?;
        Ok(())
    }
}

fn grace(table: Table) -> Duration {
    match table {
        // Nobody misses them after a window, and their file is to be small.
        Table::Quotas => Duration::ZERO,
        // A table that is added is kept safely until somebody decides otherwise.
        _ => GRACE,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rusqlite::Connection;
    use specwright_testkit::VirtualClock;

    use super::*;
    use crate::clock::StoreClock;
    use crate::schema::{self, QUOTAS, ROWS};

    const MINUTE: Duration = Duration::from_secs(60);

    /// Writes new rows that end in a minute.
    fn write(
        connection: &Connection,
        clock: &StoreClock,
        table: Table,
        keys: std::ops::Range<usize>,
    ) {
        let last = Tables::sequence(connection).unwrap();
        let mut tables = Tables::writing(connection, clock, last);
        for key in keys {
            let row = KeptRow { text: String::new(), until: clock.now().after(MINUTE) };
            let swap = tables.swap_row(table, &key.to_string(), None, &row).unwrap();
            assert!(matches!(swap, Swap::Done(_)));
        }
        tables.keep_sequence().unwrap();
    }

    fn rows(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM ending_rows", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn rows_that_have_ended_go_a_few_at_a_time_until_all_are_gone() {
        for (layout, table) in [(&ROWS, Table::Deliveries), (&QUOTAS, Table::Quotas)] {
            let connection = Connection::open_in_memory().unwrap();
            schema::migrate(&connection, layout).unwrap();
            let time = VirtualClock::new();
            let clock = StoreClock::Given(Arc::new(time.clone()));
            write(&connection, &clock, table, 0..100);
            assert_eq!(rows(&connection), 100);
            time.advance(MINUTE + grace(table));
            write(&connection, &clock, table, 100..101);
            assert_eq!(rows(&connection), 100 - ENDED + 1);
            write(&connection, &clock, table, 101..130);
            assert_eq!(rows(&connection), 30);
        }
    }

    #[test]
    fn what_a_clock_that_was_ahead_took_for_ended_is_there_again() {
        for table in [Table::Operations, Table::Deliveries] {
            let connection = Connection::open_in_memory().unwrap();
            schema::migrate(&connection, &ROWS).unwrap();
            let [right, ahead] = [VirtualClock::new(), VirtualClock::new()];
            ahead.advance(26 * 60 * MINUTE);
            let [right, ahead] = [right, ahead].map(|time| StoreClock::Given(Arc::new(time)));
            write(&connection, &right, table, 0..1);
            write(&connection, &ahead, table, 1..2);
            let there = Tables::reading(&connection, &right).load_row(table, "0").unwrap();
            assert!(there.row.is_some(), "{table:?}");
        }
    }

    #[test]
    fn a_conflict_takes_nothing_away() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, &ROWS).unwrap();
        let time = VirtualClock::new();
        let clock = StoreClock::Given(Arc::new(time.clone()));
        write(&connection, &clock, Table::Deliveries, 0..10);
        time.advance(MINUTE + GRACE);
        let row = KeptRow { text: String::new(), until: clock.now().after(MINUTE) };
        let swap = Tables::writing(&connection, &clock, 10)
            .swap_row(Table::Deliveries, "0", Some(Version::new(1)), &row)
            .unwrap();
        assert!(matches!(swap, Swap::Conflict(_)));
        assert_eq!(rows(&connection), 10);
    }
}
