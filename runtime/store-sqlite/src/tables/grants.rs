//! The statements on grants.

use rusqlite::{OptionalExtension as _, Row as SqlRow, params};
use specwright_refresh::{Change, GrantKey, NewRow};
use specwright_store::{Loaded, Row, StoreTime, Swap, Version};

use super::{Tables, limit, number, version};
use crate::failure::Failure;

impl Tables<'_> {
    pub(crate) fn load(&self, key: &GrantKey) -> Result<Loaded, Failure> {
        let sql = "SELECT version, text FROM grants WHERE tenant = ?1 AND name = ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        let row = query
            .query_row([key.tenant(), key.grant()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let row = match row {
            Some((number, text)) => Some(Row { version: version(number)?, text }),
            None => None,
        };
        // After the row was read: whoever wrote it did so before this moment.
        Ok(Loaded { now: self.clock.now(), row })
    }

    pub(crate) fn swap(
        &mut self,
        key: &GrantKey,
        expected: Option<Version>,
        new: &NewRow,
    ) -> Result<Swap, Failure> {
        let there = self.load(key)?;
        if there.row.as_ref().map(|row| row.version) != expected {
            return Ok(Swap::Conflict(there));
        }
        let next = self.next()?;
        let sql = "INSERT INTO grants (tenant, name, version, due, text) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT (tenant, name) \
                   DO UPDATE SET version = excluded.version, due = excluded.due, text = excluded.text";
        let due = new.due.map(|due| number(due.as_millis()));
        self.connection.prepare_cached(sql)?.execute(params![
            key.tenant(),
            key.grant(),
            next,
            due,
            new.text
        ])?;
        self.last = next;
        Ok(Swap::Done(version(next)?))
    }

    pub(crate) fn due(&self, most: usize) -> Result<Vec<GrantKey>, Failure> {
        let sql = "SELECT tenant, name FROM grants WHERE due <= ?1 ORDER BY due LIMIT ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        let keys =
            query.query_map(params![number(self.clock.now().as_millis()), limit(most)], key)?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    pub(crate) fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> Result<Vec<Change>, Failure> {
        let sql = "SELECT tenant, name, version, text FROM grants WHERE version > ?1 \
                   ORDER BY version LIMIT ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        let after = number(after.unwrap_or_default().number());
        let rows = query.query_map(params![after, limit(most)], |row| {
            Ok((key(row)?, row.get(2)?, row.get(3)?))
        })?;
        rows.map(|row| {
            let (key, number, text) = row?;
            Ok(Change { key, row: Row { version: version(number)?, text } })
        })
        .collect()
    }

    pub(crate) fn put_once(&self, id: &str, text: &str, until: StoreTime) -> Result<bool, Failure> {
        // What has ended goes first: its id is free again, and what nobody takes does not pile up.
        self.connection
            .prepare_cached("DELETE FROM one_time_texts WHERE until <= ?1")?
            .execute([number(self.clock.now().as_millis())])?;
        let sql = "INSERT INTO one_time_texts (id, text, until) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (id) DO NOTHING";
        let until = number(until.as_millis());
        Ok(self.connection.prepare_cached(sql)?.execute(params![id, text, until])? == 1)
    }

    pub(crate) fn take_once(&self, id: &str) -> Result<Option<String>, Failure> {
        let sql = "DELETE FROM one_time_texts WHERE id = ?1 RETURNING text, until";
        let mut query = self.connection.prepare_cached(sql)?;
        let taken: Option<(String, i64)> =
            query.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let now = number(self.clock.now().as_millis());
        Ok(taken.and_then(|(text, until)| (now < until).then_some(text)))
    }
}

fn key(row: &SqlRow<'_>) -> rusqlite::Result<GrantKey> {
    Ok(GrantKey::new(row.get::<_, String>(0)?, row.get::<_, String>(1)?))
}
