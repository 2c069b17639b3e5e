//! Where grants are kept: rows that change only if they are still what somebody read.

use std::fmt::Debug;
use std::sync::Arc;

use specwright_core::transport::BoxFuture;
pub use specwright_store::{Durability, Loaded, Row, StoreError, StoreErrorKind, Swap, Version};

use crate::grant::{GrantKey, StoreTime};

/// Keeps the rows of grants, durably or not.
///
/// There is one verb that changes a row, [`swap`](Self::swap), and it is atomic: of any number of processes that try to
/// replace one version, exactly one does. What a change means is decided above, once for all stores, so a store knows
/// nothing of tokens, leases or phases: a row is a text and a moment.
///
/// # For implementers
///
/// - A swap that was acknowledged survives what [`durability`](Self::durability) promises.
/// - Every operation is one transaction. A future that is dropped leaves the row as it was or as it was to be.
/// - All times come from one clock, that of the store, which all processes share. The time that comes with a row was taken
///   after the row was read, so that it is not before the moment at which the row was written.
/// - The suite in `specwright_testkit::grant_store` passes.
pub trait GrantStore: Debug + Send + Sync + 'static {
    /// The row of a grant and the time by the store's clock.
    fn load<'a>(&'a self, key: &'a GrantKey) -> BoxFuture<'a, Result<Loaded, StoreError>>;

    /// Writes a row if the version that is there is `expected`: `None` if there is none.
    ///
    /// The new version is greater than every version that this store ever gave, of any row.
    fn swap<'a>(
        &'a self,
        key: &'a GrantKey,
        expected: Option<Version>,
        row: NewRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>>;

    /// The rows whose [`NewRow::due`] is not after now, the longest due first, at most `most`.
    fn due(&self, most: usize) -> BoxFuture<'_, Result<Vec<GrantKey>, StoreError>>;

    /// The rows with a version after `after`, in the order of their versions, at most `most`. A row that changed twice
    /// is there once, as it is now.
    ///
    /// Reading on from the last version that was seen misses no change and repeats none.
    fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> BoxFuture<'_, Result<Vec<Change>, StoreError>>;

    /// Keeps a text that can be taken once, until a moment. `false` if there is one of this id that has not ended.
    fn put_once<'a>(
        &'a self,
        id: &'a str,
        text: String,
        until: StoreTime,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Takes the text away. Of any number who try, one gets it, and none after its moment has come.
    fn take_once<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>>;

    /// What an acknowledged change survives.
    fn durability(&self) -> Durability;
}

/// A program may keep a store in its own hands, to ask it for more than grants need: whether it was restored, say.
impl<S: GrantStore + ?Sized> GrantStore for Arc<S> {
    fn load<'a>(&'a self, key: &'a GrantKey) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        (**self).load(key)
    }

    fn swap<'a>(
        &'a self,
        key: &'a GrantKey,
        expected: Option<Version>,
        row: NewRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        (**self).swap(key, expected, row)
    }

    fn due(&self, most: usize) -> BoxFuture<'_, Result<Vec<GrantKey>, StoreError>> {
        (**self).due(most)
    }

    fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> BoxFuture<'_, Result<Vec<Change>, StoreError>> {
        (**self).changes(after, most)
    }

    fn put_once<'a>(
        &'a self,
        id: &'a str,
        text: String,
        until: StoreTime,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        (**self).put_once(id, text, until)
    }

    fn take_once<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        (**self).take_once(id)
    }

    fn durability(&self) -> Durability {
        (**self).durability()
    }
}

/// What a row is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// The record.
    pub text: String,
    /// When somebody should look at it without being asked to; `None` for never.
    pub due: Option<StoreTime>,
}

/// A row that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The grant.
    pub key: GrantKey,
    /// The row as it is now.
    pub row: Row,
}
