//! What was posted to endpoints of webhooks.

use serde::Serialize;

use super::{Journal, Ledger};
use crate::clock::Moment;

/// An attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AttemptEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// RFC 3339, by the sandbox clock.
    pub at: String,
    /// The id by which duplicates are told.
    pub event: String,
    /// Such as `contact.created`.
    pub event_type: String,
    /// The id of the endpoint.
    pub endpoint: String,
    /// Which attempt of this delivery it is, counted from 1.
    pub attempt: usize,
    /// The time that was signed, in seconds since 1970.
    pub signed_at: u64,
    /// How it ended.
    pub verdict: AttemptVerdict,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptVerdict {
    /// It has not ended yet.
    Open,
    /// The endpoint answered.
    Answered {
        /// The status.
        status: u16,
    },
    /// There was no connection, or it was closed without an answer.
    Failed,
    /// There was no answer in time.
    Late,
    /// The endpoint is not on this machine, so nothing was sent.
    Elsewhere,
}

/// An attempt that begins.
pub(crate) struct Attempted<'a> {
    pub(crate) event: &'a str,
    pub(crate) event_type: &'a str,
    pub(crate) endpoint: &'a str,
    pub(crate) attempt: usize,
    pub(crate) signed_at: u64,
}

/// Names the entry of an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttemptNumber(usize);

impl Ledger {
    /// The attempts to deliver events of this type, in the order in which they were made.
    pub fn attempts_of(&self, event_type: &str) -> Vec<&AttemptEntry> {
        self.attempts.iter().filter(|entry| entry.event_type == event_type).collect()
    }
}

impl Journal {
    pub(crate) fn attempt(&mut self, at: Moment, attempted: &Attempted<'_>) -> AttemptNumber {
        let (seq, at) = self.next(at);
        self.ledger.attempts.push(AttemptEntry {
            seq,
            at,
            event: attempted.event.to_owned(),
            event_type: attempted.event_type.to_owned(),
            endpoint: attempted.endpoint.to_owned(),
            attempt: attempted.attempt,
            signed_at: attempted.signed_at,
            verdict: AttemptVerdict::Open,
        });
        AttemptNumber(self.ledger.attempts.len() - 1)
    }

    pub(crate) fn attempted(&mut self, number: AttemptNumber, verdict: AttemptVerdict) {
        if let Some(entry) = self.ledger.attempts.get_mut(number.0) {
            entry.verdict = verdict;
        }
    }
}
