//! What is kept of one operation.

use serde::{Deserialize, Serialize};
use specwright_core::random::Random;
use specwright_store::StoreTime;

use crate::fingerprint::Fingerprint;
use crate::key::IdempotencyKey;

/// Everything that is kept of one operation. Nothing of the request's body, nor of an answer's, is among it.
///
/// There is an entry from the moment before the first sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The key of all requests since `first_sent`.
    pub(crate) key: IdempotencyKey,
    /// What the request is recognized by.
    pub(crate) fingerprint: Fingerprint,
    /// When the key was sent first, at the earliest; `None` if nobody knows, because the clock was set back since.
    pub(crate) first_sent: Option<StoreTime>,
    /// When the key was sent last, at the earliest.
    pub(crate) last_sent: StoreTime,
    /// How many requests there were, under all keys.
    pub(crate) attempts: u32,
    /// What is known of them.
    #[serde(flatten)]
    pub(crate) state: State,
}

/// Where an operation was when somebody gave up its key.
///
/// The count tells as well: who looked before a request was sent has not seen what became of that one, though it went under
/// the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenUp {
    /// The key.
    pub(crate) key: IdempotencyKey,
    /// How many requests there had been.
    pub(crate) attempts: u32,
    /// What became of them: whether somebody has looked.
    pub(crate) earlier: Earlier,
}

impl GivenUp {
    /// Gives up the key of this entry.
    pub(crate) fn of(entry: &Entry, earlier: Earlier) -> Self {
        Self { key: entry.key.clone(), attempts: entry.attempts, earlier }
    }

    /// Whether the operation has not gone on since.
    pub(crate) fn is_still(&self, entry: &Entry) -> bool {
        self.key == entry.key && self.attempts == entry.attempts
    }
}

/// What is known of the requests under one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum State {
    /// None was executed, and the server has not judged the operation: it was not reached, or did not look.
    Prepared,
    /// One is being sent, or was, and may have been executed. Written before it is sent.
    UnderWay {
        /// Which one.
        attempt: AttemptId,
        /// When it is over. Until then nobody else sends.
        until: StoreTime,
        /// What became of the ones before.
        earlier: Earlier,
    },
    /// One may have been executed, and nobody waits for its answer.
    Unanswered {
        /// Until then it may still be on its way.
        until: StoreTime,
    },
    /// One was executed.
    Succeeded,
    /// The server has judged the operation and did nothing. It keeps that answer for the key.
    Rejected,
    /// One may have been executed, and the key will not tell.
    Unknown {
        /// What the server said.
        #[serde(flatten)]
        answer: Inconclusive,
        /// Until then it may still be on its way, and a look would prove nothing.
        until: StoreTime,
    },
}

impl State {
    /// Whether a request was executed, or may have been.
    pub(crate) fn may_have_effect(&self) -> bool {
        match self {
            Self::Prepared | Self::Rejected => false,
            Self::UnderWay { .. }
            | Self::Unanswered { .. }
            | Self::Succeeded
            | Self::Unknown { .. } => true,
        }
    }

    /// Whether nobody knows if a request was executed.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Prepared | Self::Rejected | Self::Succeeded => false,
            Self::UnderWay { .. } | Self::Unanswered { .. } | Self::Unknown { .. } => true,
        }
    }
}

/// What became of the requests before the last one: under its key, and under a key that was given up without a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Earlier {
    /// None of them was executed.
    WithoutEffect,
    /// One may have been.
    Unknown,
}

/// An answer that does not tell whether the operation had its effect, and would be the same for the same key. That a key is
/// too old, or that there is none, is not written: it follows from the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "doubt", rename_all = "snake_case")]
pub(crate) enum Inconclusive {
    /// As [`Doubt::Stored`].
    Stored {
        /// The status of the answer.
        status: u16,
    },
    /// As [`Doubt::RejectedLater`].
    RejectedLater,
}

/// Why nobody knows whether an operation had its effect, and sending its key again would not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// The server answered that it failed, and keeps this answer for the key if it takes one.
    Stored {
        /// The status of the answer.
        status: u16,
    },
    /// The server refused the request after an earlier one had no answer. If that one was executed, its own effect may be
    /// what the second was refused for: a name that is taken, a state that has changed.
    RejectedLater,
    /// The key was sent first so long ago that the server may have forgotten it: 23 hours where it keeps answers for 24.
    WindowExpired,
    /// The operation takes no key.
    NoKey,
}

impl From<Inconclusive> for Doubt {
    fn from(answer: Inconclusive) -> Self {
        match answer {
            Inconclusive::Stored { status } => Self::Stored { status },
            Inconclusive::RejectedLater => Self::RejectedLater,
        }
    }
}

/// Names one attempt, so that whoever wrote it down recognizes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct AttemptId(String);

impl AttemptId {
    /// A new name: the text of a random UUID.
    pub(crate) fn draw(random: &dyn Random) -> Self {
        Self(IdempotencyKey::mint(random).as_str().to_owned())
    }
}
