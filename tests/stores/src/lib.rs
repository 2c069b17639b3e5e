//! Counters in a store, whatever keeps them, and events.

pub mod events;

use std::path::Path;

use specwright_core::transport::BoxError;
use specwright_refresh::{GrantKey, GrantStore, NewRow};
use specwright_store::{KeptRow, Row, Rows, StoreTime, Swap, Table, Version};
use specwright_store_sqlite::{SqliteRows, SqliteStore};

/// What keeps the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// A store of grants.
    Grants,
    /// A table of a store of rows.
    Rows(Table),
}

/// Rows with a number each.
#[derive(Debug)]
pub enum Counters {
    /// In the place of grants.
    Grants(SqliteStore),
    /// In a table of rows.
    Rows(SqliteRows, Table),
}

impl Keeper {
    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grants => "grants",
            Self::Rows(table) => table.name(),
        }
    }

    /// The one of a name.
    pub fn called(name: &str) -> Option<Self> {
        let tables = Table::ALL.into_iter().map(Self::Rows);
        std::iter::once(Self::Grants).chain(tables).find(|keeper| keeper.name() == name)
    }

    /// Opens the counters in a file.
    pub fn open(self, file: &Path) -> Result<Counters, BoxError> {
        Ok(match self {
            Self::Grants => Counters::Grants(SqliteStore::open(file)?),
            Self::Rows(table) => Counters::Rows(SqliteRows::open(file)?, table),
        })
    }
}

impl Counters {
    /// The row of a counter, if it ever counted.
    pub async fn load(&self, counter: &str) -> Result<Option<Row>, BoxError> {
        let loaded = match self {
            Self::Grants(store) => store.load(&key(counter)).await?,
            Self::Rows(rows, table) => rows.load(*table, counter).await?,
        };
        Ok(loaded.row)
    }

    /// Writes a number in the place of a version.
    pub async fn swap(
        &self,
        counter: &str,
        expected: Option<Version>,
        count: u64,
    ) -> Result<Swap, BoxError> {
        let text = count.to_string();
        Ok(match self {
            Self::Grants(store) => {
                store.swap(&key(counter), expected, NewRow { text, due: None }).await?
            }
            Self::Rows(rows, table) => {
                let row = KeptRow { text, until: StoreTime::from_millis(u64::MAX) };
                rows.swap(*table, counter, expected, row).await?
            }
        })
    }

    /// Whether the file was found to be an older copy of itself.
    pub fn restored(&self) -> bool {
        match self {
            Self::Grants(store) => store.restored(),
            Self::Rows(rows, _) => rows.restored(),
        }
    }
}

fn key(counter: &str) -> GrantKey {
    GrantKey::new(counter, "count")
}
