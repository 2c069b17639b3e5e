//! Events that are to be posted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::clock::Moment;
use crate::secret::Secret;

/// What a test may change about the sending of webhooks. What is not named is as the vendor does it.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebhookSettings {
    pub(crate) copies: usize,
    pub(crate) newest_first: bool,
    pub(crate) age: Duration,
    pub(crate) forged: bool,
    pub(crate) retries: Option<Vec<Duration>>,
    pub(crate) timeout: Option<Duration>,
}

impl WebhookSettings {
    /// Each event is posted to each endpoint once, in order, with the time and the signature of the attempt.
    pub fn new() -> Self {
        let (age, retries, timeout) = (Duration::ZERO, None, None);
        Self { copies: 1, newest_first: false, age, forged: false, retries, timeout }
    }

    /// Posts each event so often, whatever the endpoint answers.
    pub fn with_copies(self, copies: usize) -> Self {
        Self { copies, ..self }
    }

    /// Of what is due, posts what happened last first.
    pub fn with_newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    /// Signs with a time that is so long ago.
    pub fn with_age(self, age: Duration) -> Self {
        Self { age, ..self }
    }

    /// Signs with another secret than that of the endpoint.
    pub fn with_wrong_signatures(self) -> Self {
        Self { forged: true, ..self }
    }

    /// Tries again so long after each attempt that failed, and then no more.
    pub fn with_retries(self, waits: impl Into<Vec<Duration>>) -> Self {
        Self { retries: Some(waits.into()), ..self }
    }

    /// Waits so long for an answer.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self::new()
    }
}

/// What is to be posted, and with which secrets.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// By the id of the endpoint.
    pub(crate) secrets: BTreeMap<String, Secret>,
    pub(crate) settings: WebhookSettings,
    /// How many effects of the ledger were looked at.
    pub(crate) noticed: usize,
    pending: Vec<Pending>,
}

/// Something that happened.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) body: Bytes,
}

/// An event on its way to an endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) event: Arc<Event>,
    pub(crate) endpoint: String,
    /// How many attempts there were.
    pub(crate) attempts: usize,
    pub(crate) due: Moment,
}

impl Outbox {
    pub(crate) fn put(&mut self, pending: Pending) {
        self.pending.push(pending);
    }

    /// What is posted next, if that is due by now: what was due first, or what is there for the shortest time.
    pub(crate) fn take(&mut self, now: Moment) -> Option<Pending> {
        let mut due = self.pending.iter().enumerate().filter(|(_, pending)| pending.due <= now);
        let (at, _) = if self.settings.newest_first {
            due.next_back()
        } else {
            due.min_by_key(|(at, pending)| (pending.due, *at))
        }?;
        Some(self.pending.remove(at))
    }

    /// When something is due.
    pub(crate) fn next(&self) -> Option<Moment> {
        self.pending.iter().map(|pending| pending.due).min()
    }
}
