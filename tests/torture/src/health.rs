//! A store that can be made to fail while its process runs.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};
use specwright_refresh::{StoreError, StoreErrorKind};
use specwright_testkit::{StoreVerb, StoreWatcher};
use stora_2025_09::runtime::transport::BoxFuture;
use tokio::signal::unix::{SignalKind, signal};

/// How a store is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// It works.
    Well,
    /// It answers that it is not there, whatever it is asked.
    Away,
    /// No file of this process can grow beyond 4 KiB, as on a disk that is full: SQLite can read, and cannot commit.
    Full,
}

/// So long may a file be while the disk is full: shorter than a write-ahead log with its first page, and long enough for
/// the spilled pairs of a few grants.
const ROOM: u64 = 4_096;

/// The condition of a store. Clones are the same.
#[derive(Clone, Debug)]
pub struct Health(Arc<Mutex<Condition>>);

impl Health {
    /// A store that works.
    pub fn good() -> Self {
        Self(Arc::new(Mutex::new(Condition::Well)))
    }

    /// From now on the store is like this. To be called on a runtime of tokio.
    pub fn set(&self, condition: Condition) -> io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = condition;
        let Rlimit { maximum, .. } = getrlimit(Resource::Fsize);
        let current = match condition {
            Condition::Well | Condition::Away => maximum,
            Condition::Full => {
                // Who writes beyond the limit is sent a signal that ends the process, unless somebody listened to it
                // before.
                drop(signal(SignalKind::from_raw(Signal::XFSZ.as_raw()))?);
                Some(ROOM)
            }
        };
        Ok(setrlimit(Resource::Fsize, Rlimit { current, maximum })?)
    }
}

impl StoreWatcher for Health {
    fn around<'a>(
        &'a self,
        _: StoreVerb,
        operation: BoxFuture<'a, Result<(), StoreError>>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let condition = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match condition {
                Condition::Away => Err(StoreError::new(StoreErrorKind::Unavailable, "asked for")),
                Condition::Well | Condition::Full => operation.await,
            }
        })
    }
}
