//! One account: its quota, and those who wait for it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_core::clock::Clock;

use crate::home::Home;
use crate::news::News;
use crate::queue::Queue;

/// One account, as this process knows it.
pub(crate) struct Account {
    home: Home,
    queue: Mutex<Queue>,
    clock: Arc<dyn Clock>,
}

impl Account {
    pub(crate) fn new(home: Home, clock: Arc<dyn Clock>) -> Self {
        Self { home, queue: Mutex::default(), clock }
    }

    /// Takes in what became known, and lets the first one try.
    pub(crate) fn tell(&self, news: News) {
        self.home.tell(news);
        self.queue().wake();
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Whether it can be forgotten.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue().is_empty() && self.home.is_fresh()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Now, on the monotonic clock.
    pub(crate) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        // No change of the queue can break off half way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Account").field("home", &self.home).finish_non_exhaustive()
    }
}
