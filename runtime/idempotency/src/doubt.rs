//! An operation of which nobody knows whether it had its effect, and the ways out.

use std::error::Error as StdError;
use std::fmt;

use crate::entry::{Doubt, Earlier, Entry, GivenUp};
use crate::journal_error::JournalError;
use crate::key::IdempotencyKey;
use crate::operation_id::OperationId;
use crate::reuse::Reuse;

/// An operation that may have been executed, and whose key will not tell.
///
/// It is not sent again. [`Journal::reconcile`](crate::Journal::reconcile) looks whether its effect is there.
#[derive(Clone, Debug)]
pub struct InDoubt {
    pub(crate) operation: OperationId,
    pub(crate) reuse: Reuse,
    pub(crate) entry: Entry,
    pub(crate) doubt: Doubt,
}

impl InDoubt {
    /// Which operation it is.
    pub fn operation(&self) -> &OperationId {
        &self.operation
    }

    /// The key under which it was sent. Support of the API asks for it.
    pub fn key(&self) -> &IdempotencyKey {
        &self.entry.key
    }

    /// Why nobody knows.
    pub fn doubt(&self) -> Doubt {
        self.doubt
    }

    /// **Gives up the only thing that keeps the operation from happening twice.**
    ///
    /// For effects that can be looked for nowhere, where twice is better than not at all. Everything else is looked for
    /// first: [`Journal::reconcile`](crate::Journal::reconcile).
    ///
    /// The doubt stays: a refusal of the next request is not believed, because what it was refused for may be the effect of
    /// this one.
    pub fn allow_duplicate(self) -> Reissue {
        let given_up = GivenUp::of(&self.entry, Earlier::Unknown);
        Reissue { operation: self.operation, given_up }
    }
}

/// The right to send an operation under another key although the first one was sent.
///
/// It comes from a look that found nothing, or from [`InDoubt::allow_duplicate`], and from nowhere else. It is worth nothing
/// any more if the operation has gone on since.
#[derive(Clone, Debug)]
pub struct Reissue {
    pub(crate) operation: OperationId,
    pub(crate) given_up: GivenUp,
}

impl Reissue {
    /// Which operation it is.
    pub fn operation(&self) -> &OperationId {
        &self.operation
    }
}

/// What a look for the effect of an operation has found.
#[derive(Debug)]
pub enum Reconciled<T> {
    /// The effect. The operation has succeeded, and the journal says so.
    Found(T),
    /// Nothing: the operation may be sent once more.
    Absent(Reissue),
}

/// The journal does not know whether an operation had its effect. It is in doubt as before.
#[derive(Debug)]
pub enum ReconcileError<T, E> {
    /// The look failed.
    Look(E),
    /// The effect is there, and the journal could not write so. Whoever asks the journal again is told to look again.
    Journal {
        /// The effect.
        found: T,
        /// Why it is not written.
        error: JournalError,
    },
}

/// It does not show what was found.
impl<T, E> fmt::Display for ReconcileError<T, E> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Look(_) => "the look for the effect of the operation failed",
            Self::Journal { .. } => "the effect of the operation was found, and could not be noted",
        })
    }
}

impl<T: fmt::Debug, E: StdError + 'static> StdError for ReconcileError<T, E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(match self {
            Self::Look(error) => error,
            Self::Journal { error, .. } => error,
        })
    }
}
