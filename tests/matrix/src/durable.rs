//! Which access tokens have been in the store.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future as _;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use specwright_core::transport::BoxFuture;
use specwright_refresh::{
    Bearer, Credentials as _, Generation, GrantKey, Grants, Spawn, StoreError, StoreErrorKind,
};
use specwright_testkit::{StoreVerb, StoreWatcher};

/// Looks into the store after each write, as a process would that has just started, and remembers the token that it finds.
pub(crate) struct Durable {
    /// Makes the grants of a process that only reads.
    reader: Box<dyn Fn() -> Grants + Send + Sync>,
    key: GrantKey,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    headers: BTreeSet<Vec<u8>>,
    newest: Generation,
}

impl Durable {
    /// Nothing was seen yet. The grants of the reader stand on [`ReadOnly`] and [`AtOnce`].
    pub(crate) fn new(key: GrantKey, reader: Box<dyn Fn() -> Grants + Send + Sync>) -> Self {
        Self { reader, key, seen: Mutex::default() }
    }

    /// Looks into the store.
    pub(crate) fn note(&self) {
        let credentials = (self.reader)().credentials(self.key.clone());
        let mut context = Context::from_waker(Waker::noop());
        // A token that has ended is not given out, and was seen before it did.
        let Poll::Ready(Ok(bearer)) = pin!(credentials.bearer()).poll(&mut context) else { return };
        let mut seen = self.seen();
        seen.headers.insert(bearer.header().as_bytes().to_vec());
        seen.newest = seen.newest.max(bearer.generation());
    }

    /// Whether this token has been in the store.
    pub(crate) fn has_seen(&self, bearer: &Bearer) -> bool {
        self.seen().headers.contains(bearer.header().as_bytes())
    }

    /// The newest generation that has been in the store.
    pub(crate) fn newest(&self) -> Generation {
        self.seen().newest
    }

    // Nothing under this lock can panic halfway.
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Durable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Durable").finish_non_exhaustive()
    }
}

/// A store of which is only read.
#[derive(Debug)]
pub(crate) struct ReadOnly;

impl StoreWatcher for ReadOnly {
    fn around<'a>(
        &'a self,
        verb: StoreVerb,
        operation: BoxFuture<'a, Result<(), StoreError>>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        match verb {
            StoreVerb::Load => operation,
            _ => Box::pin(async {
                Err(StoreError::new(StoreErrorKind::ReadOnly, "this process only reads"))
            }),
        }
    }
}

/// Runs a task as far as it comes without waiting, and no further.
#[derive(Debug)]
pub(crate) struct AtOnce;

impl Spawn for AtOnce {
    fn spawn(&self, mut task: BoxFuture<'static, ()>) {
        let _ = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}
