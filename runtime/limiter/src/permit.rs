//! A permit in somebody's hand.

use std::sync::Arc;
use std::time::Duration;

use crate::account::Account;
use crate::news::News;
use crate::parts::GOOD_FOR;
use crate::quota::{Evidence, PermitId};

/// The right to send one request, now. It is given back when it is dropped.
#[derive(Debug)]
#[must_use = "a permit that is dropped is given back"]
pub struct Permit {
    held: Held,
    /// When it was asked for, on the monotonic clock.
    asked: Duration,
}

/// A request that was sent, or that may have been. When this is dropped without another word, the request was given up: it
/// may still arrive.
#[derive(Debug)]
#[must_use = "dropping this says that the request was given up"]
pub struct Sending {
    held: Held,
    /// When, on the monotonic clock.
    sent: Duration,
}

/// What becomes of a permit when its holder says nothing more.
#[derive(Debug)]
struct Held {
    account: Arc<Account>,
    id: PermitId,
    end: Option<News>,
}

impl Permit {
    /// Nothing has been asked yet.
    pub(crate) fn new(account: Arc<Account>, id: PermitId) -> Self {
        Self { held: Held { account, id, end: None }, asked: Duration::ZERO }
    }

    /// From now on the permit may be in the record, and is given back when this is dropped.
    pub(crate) fn ask(&mut self) -> PermitId {
        self.asked = self.held.account.now();
        self.held.end = Some(News::Refunded(self.held.id));
        self.held.id
    }

    /// The record does not hold it.
    pub(crate) fn was_not_given(&mut self) {
        self.held.end = None;
    }

    /// Whether it may still be used: for 10 s after it was asked for.
    pub fn is_good(&self) -> bool {
        self.held.account.now().saturating_sub(self.asked) <= GOOD_FOR
    }

    /// The first byte is about to leave.
    pub fn send(mut self) -> Sending {
        self.held.end = Some(News::GivenUp(self.held.id));
        let sent = self.held.account.now();
        Sending { held: self.held, sent }
    }
}

impl Sending {
    /// Surely no byte has left, so the permit is given back.
    pub fn was_not_sent(mut self) {
        self.held.end = Some(News::Refunded(self.held.id));
    }

    /// There is an answer, so the server counts the request no later than now.
    pub fn was_answered(mut self) {
        self.held.end = Some(News::Settled(self.held.id));
    }

    /// The server answered that it was one too many (429). Nobody sends for `wait`, or for an hour if that is longer.
    ///
    /// `limit` is that of the window that was full, if the server has named it (`RateLimit-Limit`).
    pub fn was_refused(self, wait: Duration, limit: Option<u32>) {
        self.learn(Evidence::Refused { wait, limit });
        self.was_answered();
    }

    /// The server told the limit of a window and how much of it is left (`RateLimit-Limit`, `RateLimit-Remaining`).
    pub fn was_told(&self, limit: u32, remaining: u32) {
        self.learn(Evidence::Left { limit, remaining });
    }

    fn learn(&self, evidence: Evidence) {
        let took = self.held.account.now().saturating_sub(self.sent);
        self.held.account.tell(News::Learned { evidence, took });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(news) = self.end.take() {
            self.account.tell(news);
        }
    }
}
