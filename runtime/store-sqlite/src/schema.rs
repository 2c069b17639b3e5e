//! What a database holds: its tables, how they came to be what they are, and the mark of their owner.

use rusqlite::Connection;

use crate::failure::Failure;

/// What a database holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// What it is a database of, in a word.
    pub(crate) holds: &'static str,
    /// Marks a database as one of these. Four letters of ASCII.
    application: i64,
    /// The table of the rows that have versions.
    pub(crate) versioned: &'static str,
    pub(crate) loss: Loss,
    /// What turns tables of each version into those of the next one. The first entry makes version 1 of nothing.
    ///
    /// A new version is a new entry at the end; an entry that was released is never changed.
    migrations: &'static [&'static str],
}

/// What it would mean to lose what a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Harm. Each commit waits for the disk, and what is damaged is left to a person.
    Harmful,
    /// That everybody is careful for a while. No commit waits for the disk, so the end of the machine may leave the file in
    /// pieces; then it begins anew.
    Bearable,
}

/// Grants, and texts that are taken once.
pub(crate) const GRANTS: Layout = Layout {
    holds: "grants",
    // `SwGr`
    application: 0x5377_4772,
    versioned: "grants",
    loss: Loss::Harmful,
    migrations: &["
    CREATE TABLE grants (
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        version INTEGER NOT NULL UNIQUE,
        due INTEGER,
        text TEXT NOT NULL,
        PRIMARY KEY (tenant, name)
    ) STRICT;
    CREATE INDEX grants_by_due ON grants (due) WHERE due IS NOT NULL;
    CREATE TABLE one_time_texts (
        id TEXT NOT NULL PRIMARY KEY,
        text TEXT NOT NULL,
        until INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX one_time_texts_by_end ON one_time_texts (until);
    CREATE TABLE sequence (last INTEGER NOT NULL) STRICT;
    INSERT INTO sequence (last) VALUES (0);
"],
};

/// Rows that end by themselves and whose loss does harm: operations and deliveries.
pub(crate) const ROWS: Layout = Layout {
    holds: "rows",
    // `SwRo`
    application: 0x5377_526f,
    versioned: "ending_rows",
    loss: Loss::Harmful,
    migrations: ENDING_ROWS,
};

/// Rows of quotas. What the file may go through is another thing, so it is no database of the other rows.
pub(crate) const QUOTAS: Layout = Layout {
    holds: "quotas",
    // `SwQu`
    application: 0x5377_5175,
    loss: Loss::Bearable,
    ..ROWS
};

/// One table for all kinds of rows, so that another kind needs no other tables.
const ENDING_ROWS: &[&str] = &["
    CREATE TABLE ending_rows (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        version INTEGER NOT NULL,
        until INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (kind, key)
    ) STRICT;
    CREATE INDEX ending_rows_by_end ON ending_rows (until);
    CREATE TABLE sequence (last INTEGER NOT NULL) STRICT;
    INSERT INTO sequence (last) VALUES (0);
"];

/// Refuses a database that is not ours or is of a newer version. Writes nothing. The version that it has.
pub(crate) fn check(connection: &Connection, layout: &Layout) -> Result<usize, Failure> {
    let (found, application, tables) = marks_and_tables(connection)?;
    if found == 0 && tables == 0 {
        return Ok(0);
    }
    known(layout, found, application)
}

/// What is written at the beginning of a database. It can be read even if the tables cannot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks {
    version: i64,
    application: i64,
}

impl Marks {
    pub(crate) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        // Both of one moment: another process may be making the tables. One statement would want to know all tables.
        let _moment = connection.unchecked_transaction()?;
        let mark = |name| connection.pragma_query_value(None, name, |row| row.get(0));
        Ok(Self { version: mark("user_version")?, application: mark("application_id")? })
    }

    /// As [`check`], of a database whose tables are damaged, or of a syntax that is not known.
    pub(crate) fn check(self, connection: &Connection, layout: &Layout) -> Result<(), Failure> {
        match self {
            // Nobody has marked it, so only its tables could tell whose it is.
            Self { version: 0, application: 0 } => check(connection, layout)?,
            Self { version, application } => known(layout, version, application)?,
        };
        Ok(())
    }
}

/// The version of tables with these marks, if they are ours.
fn known(layout: &Layout, found: i64, application: i64) -> Result<usize, Failure> {
    if found == 0 || application != layout.application {
        return Err(Failure::Foreign { wanted: layout.holds });
    }
    let newest = layout.migrations.len();
    let version = usize::try_from(found).ok().filter(|version| *version <= newest);
    let known = i64::try_from(newest).unwrap_or(i64::MAX);
    version.ok_or(Failure::Newer { found, known })
}

/// Brings the tables to the newest version, in one transaction.
pub(crate) fn migrate(connection: &Connection, layout: &Layout) -> Result<(), Failure> {
    if check(connection, layout)? == layout.migrations.len() {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let migrated = apply(connection, layout);
    // If `COMMIT` fails, `ROLLBACK` may have nothing left to do. Both are told by the first error.
    let committed = migrated.and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    if committed.is_err() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    committed
}

fn apply(connection: &Connection, layout: &Layout) -> Result<(), Failure> {
    // Asked again under the lock: another process may have done it in the meantime.
    let version = check(connection, layout)?;
    for migration in layout.migrations.iter().skip(version) {
        connection.execute_batch(migration)?;
    }
    connection.pragma_update(None, "application_id", layout.application)?;
    let version = i64::try_from(layout.migrations.len()).unwrap_or(i64::MAX);
    connection.pragma_update(None, "user_version", version)?;
    Ok(())
}

/// The version of the tables, the mark of their owner, and their number.
///
/// One statement, so that all three are of one moment: another process may be making the tables.
fn marks_and_tables(connection: &Connection) -> rusqlite::Result<(i64, i64, i64)> {
    connection.query_row(
        "SELECT
            (SELECT user_version FROM pragma_user_version),
            (SELECT application_id FROM pragma_application_id),
            count(*)
        FROM sqlite_schema",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn with_next(next: &'static str) -> Layout {
        Layout { migrations: [GRANTS.migrations, &[next]].concat().leak(), ..GRANTS }
    }

    const ROW: &str = "INSERT INTO grants VALUES ('a', 'b', 1, NULL, 'text')";

    #[test]
    fn an_empty_database_gets_the_newest_tables() {
        let connection = memory();
        migrate(&connection, &GRANTS).unwrap();
        assert_eq!(check(&connection, &GRANTS).unwrap(), GRANTS.migrations.len());
        connection.execute_batch(ROW).unwrap();
    }

    #[test]
    fn tables_of_an_older_version_keep_their_rows() {
        let connection = memory();
        migrate(&connection, &GRANTS).unwrap();
        connection.execute_batch(ROW).unwrap();
        let newer = with_next("ALTER TABLE grants ADD COLUMN note TEXT NOT NULL DEFAULT 'new'");
        migrate(&connection, &newer).unwrap();
        let row: (String, String) = connection
            .query_row("SELECT text, note FROM grants", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(row, ("text".to_owned(), "new".to_owned()));
        assert_eq!(check(&connection, &newer).unwrap(), newer.migrations.len());
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let connection = memory();
        migrate(&connection, &GRANTS).unwrap();
        connection.execute_batch(ROW).unwrap();
        migrate(&connection, &GRANTS).unwrap();
        let rows: i64 =
            connection.query_row("SELECT count(*) FROM grants", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_version_that_was_there() {
        let connection = memory();
        migrate(&connection, &GRANTS).unwrap();
        let broken = with_next("CREATE TABLE half (a); SELECT no_such_function()");
        migrate(&connection, &broken).unwrap_err();
        assert_eq!(check(&connection, &GRANTS).unwrap(), GRANTS.migrations.len());
        connection.execute_batch("SELECT a FROM half").unwrap_err();
        connection.execute_batch(ROW).unwrap();
    }

    #[test]
    fn tables_of_a_newer_version_are_refused() {
        let connection = memory();
        migrate(&connection, &with_next("CREATE TABLE newer (a)")).unwrap();
        let refused = migrate(&connection, &GRANTS).unwrap_err();
        assert!(matches!(refused, Failure::Newer { found: 2, known: 1 }), "{refused:?}");
    }

    #[test]
    fn the_tables_of_each_layout_are_refused_by_the_others() {
        let layouts = [GRANTS, ROWS, QUOTAS];
        for (place, layout) in layouts.iter().enumerate() {
            let connection = memory();
            migrate(&connection, layout).unwrap();
            for (other_place, other) in layouts.iter().enumerate() {
                let checked = check(&connection, other);
                assert_eq!(checked.is_ok(), place == other_place, "{checked:?}");
            }
        }
    }

    #[test]
    fn an_empty_database_of_something_else_is_refused() {
        let connection = memory();
        connection.pragma_update(None, "application_id", 1).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        let refused = migrate(&connection, &GRANTS).unwrap_err();
        assert!(matches!(refused, Failure::Foreign { wanted: "grants" }), "{refused:?}");
    }

    #[test]
    fn tables_of_something_else_are_refused() {
        for version in [0, 1] {
            let connection = memory();
            connection.execute_batch("CREATE TABLE grants (a)").unwrap();
            connection.pragma_update(None, "user_version", version).unwrap();
            let refused = migrate(&connection, &GRANTS).unwrap_err();
            assert!(matches!(refused, Failure::Foreign { wanted: "grants" }), "{refused:?}");
        }
    }
}
