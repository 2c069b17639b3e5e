//! A store of grants with somebody between it and whoever uses it.

use std::fmt::Debug;
use std::sync::Arc;

use specwright_core::transport::BoxFuture;
use specwright_refresh::{
    Change, Durability, GrantKey, GrantStore, Loaded, NewRow, StoreError, StoreErrorKind,
    StoreTime, Swap, Version,
};

/// A store whose every operation passes a [`StoreWatcher`], which may delay it, refuse it, or lose its answer.
///
/// ```
/// # use std::sync::Arc;
/// # use specwright_core::transport::BoxFuture;
/// # use specwright_refresh::{GrantKey, GrantStore, MemoryStore, StoreError, StoreErrorKind};
/// # use specwright_testkit::{StoreVerb, StoreWatcher, VirtualClock, WatchedStore};
/// /// Whatever is written is written, and nobody hears of it.
/// #[derive(Debug)]
/// struct Deaf;
///
/// impl StoreWatcher for Deaf {
///     fn around<'a>(
///         &'a self,
///         verb: StoreVerb,
///         operation: BoxFuture<'a, Result<(), StoreError>>,
///     ) -> BoxFuture<'a, Result<(), StoreError>> {
///         Box::pin(async move {
///             operation.await?;
///             match verb {
///                 StoreVerb::Swap => Err(StoreError::new(StoreErrorKind::Unavailable, "unheard")),
///                 _ => Ok(()),
///             }
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let inner = Arc::new(MemoryStore::volatile(Arc::new(VirtualClock::new())));
/// let store = WatchedStore::new(inner, Arc::new(Deaf));
/// assert!(store.load(&GrantKey::new("operator-1", "stora")).await.is_ok());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct WatchedStore {
    inner: Arc<dyn GrantStore>,
    watcher: Arc<dyn StoreWatcher>,
}

/// Stands around each operation of a [`WatchedStore`].
pub trait StoreWatcher: Debug + Send + Sync + 'static {
    /// Does something before the operation, awaits it, and does something after it.
    ///
    /// An error takes the place of the operation's answer. An operation that is not awaited is not done, so an error must
    /// come of that; if none does, the caller is told that the store did not answer.
    fn around<'a>(
        &'a self,
        verb: StoreVerb,
        operation: BoxFuture<'a, Result<(), StoreError>>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// The operations of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreVerb {
    /// [`GrantStore::load`].
    Load,
    /// [`GrantStore::swap`].
    Swap,
    /// [`GrantStore::due`].
    Due,
    /// [`GrantStore::changes`].
    Changes,
    /// [`GrantStore::put_once`].
    PutOnce,
    /// [`GrantStore::take_once`].
    TakeOnce,
}

impl WatchedStore {
    /// `inner`, watched by `watcher`. Any number may watch one store.
    pub fn new(inner: Arc<dyn GrantStore>, watcher: Arc<dyn StoreWatcher>) -> Self {
        Self { inner, watcher }
    }

    fn watched<'a, T: Send + 'a>(
        &'a self,
        verb: StoreVerb,
        operation: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            let mut answer = None;
            let operation = Box::pin(async {
                answer = Some(operation.await?);
                Ok(())
            });
            self.watcher.around(verb, operation).await?;
            answer.ok_or_else(|| {
                StoreError::new(StoreErrorKind::Unavailable, "the watcher let nothing be done")
            })
        })
    }
}

impl GrantStore for WatchedStore {
    fn load<'a>(&'a self, key: &'a GrantKey) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        self.watched(StoreVerb::Load, self.inner.load(key))
    }

    fn swap<'a>(
        &'a self,
        key: &'a GrantKey,
        expected: Option<Version>,
        row: NewRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        self.watched(StoreVerb::Swap, self.inner.swap(key, expected, row))
    }

    fn due(&self, most: usize) -> BoxFuture<'_, Result<Vec<GrantKey>, StoreError>> {
        self.watched(StoreVerb::Due, self.inner.due(most))
    }

    fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> BoxFuture<'_, Result<Vec<Change>, StoreError>> {
        self.watched(StoreVerb::Changes, self.inner.changes(after, most))
    }

    fn put_once<'a>(
        &'a self,
        id: &'a str,
        text: String,
        until: StoreTime,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.watched(StoreVerb::PutOnce, self.inner.put_once(id, text, until))
    }

    fn take_once<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.watched(StoreVerb::TakeOnce, self.inner.take_once(id))
    }

    fn durability(&self) -> Durability {
        self.inner.durability()
    }
}

#[cfg(test)]
mod tests {
    use specwright_refresh::MemoryStore;

    use super::*;
    use crate::clock::VirtualClock;

    /// What becomes of a swap.
    #[derive(Debug)]
    enum Swaps {
        Refused,
        Unheard,
        Forgotten,
    }

    impl StoreWatcher for Swaps {
        fn around<'a>(
            &'a self,
            verb: StoreVerb,
            operation: BoxFuture<'a, Result<(), StoreError>>,
        ) -> BoxFuture<'a, Result<(), StoreError>> {
            let lost = || Err(StoreError::new(StoreErrorKind::ReadOnly, "asked for"));
            Box::pin(async move {
                match self {
                    _ if verb != StoreVerb::Swap => operation.await,
                    Self::Refused => lost(),
                    Self::Unheard => {
                        operation.await?;
                        lost()
                    }
                    Self::Forgotten => Ok(()),
                }
            })
        }
    }

    /// What a swap says, and whether there is a row then.
    async fn swap(watcher: Swaps) -> (StoreErrorKind, bool) {
        let inner = Arc::new(MemoryStore::volatile(Arc::new(VirtualClock::new())));
        let store = WatchedStore::new(inner, Arc::new(watcher));
        let key = GrantKey::new("operator-1", "stora");
        let row = NewRow { text: "a row".to_owned(), due: None };
        let error = store.swap(&key, None, row).await.unwrap_err();
        (error.kind(), store.load(&key).await.unwrap().row.is_some())
    }

    #[tokio::test]
    async fn a_refused_operation_is_not_done() {
        assert_eq!(swap(Swaps::Refused).await, (StoreErrorKind::ReadOnly, false));
    }

    #[tokio::test]
    async fn an_operation_whose_answer_is_lost_is_done() {
        assert_eq!(swap(Swaps::Unheard).await, (StoreErrorKind::ReadOnly, true));
    }

    #[tokio::test]
    async fn a_watcher_that_forgets_the_operation_is_an_error() {
        assert_eq!(swap(Swaps::Forgotten).await, (StoreErrorKind::Unavailable, false));
    }
}
