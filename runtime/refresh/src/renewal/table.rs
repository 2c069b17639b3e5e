//! Records in a store: transitions become compare-and-swap.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::grant::{GrantKey, Record, RecordError, RefreshPolicy, StoreTime};
use crate::store::{GrantStore, Loaded, NewRow, Row, StoreError, StoreErrorKind, Swap, Version};

/// How often one change is applied anew because somebody else was faster. Each time somebody else got further, so this
/// is the number of processes and users that may want one grant at one moment.
const CONFLICTS: u32 = 256;

/// The records of a store.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) store: Arc<dyn GrantStore>,
    pub(crate) policy: RefreshPolicy,
}

/// What a transition wants to be done about the record that it was shown.
pub(crate) enum Edit<T> {
    /// Write this, and then the answer is so.
    Write(Box<Record>, T),
    /// Write nothing.
    Leave(T),
}

impl<T> Edit<T> {
    /// Writes a record.
    pub(crate) fn write(record: Record, value: T) -> Self {
        Self::Write(Box::new(record), value)
    }
}

/// A record as it was read, or that there is none.
pub(crate) struct Reading {
    pub(crate) now: StoreTime,
    pub(crate) record: Option<Record>,
    version: Option<Version>,
}

impl Reading {
    fn of(loaded: Loaded) -> Result<Self, TableError> {
        let Loaded { now, row } = loaded;
        let (version, record) = match row {
            None => (None, None),
            Some(Row { version, text }) => (Some(version), Some(Record::parse(&text)?)),
        };
        Ok(Self { now, record, version })
    }
}

impl Table {
    /// Reads a record.
    pub(crate) async fn read(&self, key: &GrantKey) -> Result<Reading, TableError> {
        Reading::of(self.store.load(key).await?)
    }

    /// Applies a transition to the record as it is, until what it wants is written.
    ///
    /// If the store fails, the change may have been made all the same. So a transition that is applied again has to
    /// recognize its own work.
    pub(crate) async fn change<T>(
        &self,
        key: &GrantKey,
        mut transition: impl FnMut(Option<&Record>, StoreTime) -> Edit<T>,
    ) -> Result<T, TableError> {
        let mut reading = self.read(key).await?;
        for _ in 0..CONFLICTS {
            let (record, value) = match transition(reading.record.as_ref(), reading.now) {
                Edit::Leave(value) => return Ok(value),
                Edit::Write(record, value) => (record, value),
            };
            let row = NewRow { text: record.to_text()?, due: record.due(&self.policy) };
            match self.store.swap(key, reading.version, row).await? {
                Swap::Done(_) => return Ok(value),
                Swap::Conflict(loaded) => reading = Reading::of(loaded)?,
            }
        }
        Err(TableError::Crowded)
    }
}

/// A record that could not be read or written.
#[derive(Debug)]
pub(crate) enum TableError {
    Store(StoreError),
    Record(RecordError),
    /// Others changed it as often as we tried.
    Crowded,
}

impl TableError {
    /// Whether the same may succeed a little later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Store(error) => error.kind() == StoreErrorKind::Unavailable,
            Self::Crowded => true,
            Self::Record(_) => false,
        }
    }
}

impl From<StoreError> for TableError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<RecordError> for TableError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Store(_) => "the grant could not be read or written",
            Self::Record(_) => "what the store holds of the grant is of no use",
            Self::Crowded => "too many change the grant at once",
        })
    }
}

impl StdError for TableError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Record(error) => Some(error),
            Self::Crowded => None,
        }
    }
}
