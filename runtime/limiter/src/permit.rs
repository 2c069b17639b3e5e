//! A permit in somebody's hand.

use std::sync::Arc;
use std::time::Duration;

use crate::account::Account;
use crate::home::News;
use crate::quota::{Evidence, PermitId};

/// The right to send one request, now. It is given back when it is dropped.
#[derive(Debug)]
#[must_use = "a permit that is dropped is given back"]
pub struct Permit {
    held: Held,
}

/// A request that was sent, or that may have been. When this is dropped, it counts as answered or given up at that moment.
#[derive(Debug)]
#[must_use = "dropping this says that the request has ended"]
pub struct Sending {
    held: Held,
}

/// What becomes of a permit when its holder says nothing more.
#[derive(Debug)]
struct Held {
    account: Arc<Account>,
    id: PermitId,
    end: Option<News>,
}

impl Permit {
    pub(crate) fn new(account: Arc<Account>, id: PermitId) -> Self {
        Self { held: Held { account, id, end: None } }
    }

    /// From now on the permit may be in the record, and is given back when this is dropped.
    pub(crate) fn ask(&mut self) -> PermitId {
        self.held.end = Some(News::Refunded(self.held.id));
        self.held.id
    }

    /// The record does not hold it.
    pub(crate) fn was_not_given(&mut self) {
        self.held.end = None;
    }

    /// The first byte is about to leave.
    pub fn send(mut self) -> Sending {
        self.held.end = Some(News::Settled(self.held.id));
        Sending { held: self.held }
    }
}

impl Sending {
    /// Surely no byte has left, so the permit is given back.
    pub fn was_not_sent(mut self) {
        self.held.end = Some(News::Refunded(self.held.id));
    }

    /// The server answered that it was one too many (429). Nobody sends for `wait`.
    ///
    /// `limit` is that of the window that was full, if the server has named it (`RateLimit-Limit`).
    pub fn was_refused(self, wait: Duration, limit: Option<u32>) {
        self.held.account.tell(News::Learned(Evidence::Refused { wait, limit }));
    }

    /// The server told the limit of a window and how much of it is left (`RateLimit-Limit`, `RateLimit-Remaining`).
    pub fn was_told(&self, limit: u32, remaining: u32) {
        self.held.account.tell(News::Learned(Evidence::Left { limit, remaining }));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(news) = self.end.take() {
            self.account.tell(news);
        }
    }
}
