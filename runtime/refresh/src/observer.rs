//! What a program may watch of its grants.

use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use crate::bearer::Generation;
use crate::grant::{GrantKey, Refusal};
use crate::problem::GrantProblem;

/// Is told what happens to grants, as it happens: for logs and metrics.
///
/// It is called in the middle of a renewal and must be quick. It gets no token. What it misses because a program ends is
/// in the store all the same: [`Grants::changes`](crate::Grants::changes).
pub trait Observer: Debug + Send + Sync + 'static {
    /// A renewal has come to this step.
    fn step(&self, key: &GrantKey, generation: Generation, step: Step) {
        let _ = (key, generation, step);
    }

    /// A wish for a newer token has ended, after all its waits. Callers that wish at once are one wish.
    fn wished(&self, key: &GrantKey, end: &WishEnd<'_>) {
        let _ = (key, end);
    }

    /// The lease of somebody has ended who did not live to say what became of its request, and was taken over.
    fn taken_over(&self, key: &GrantKey) {
        let _ = key;
    }

    /// A token that nothing refreshes ends in this time, and somebody has to make another one. It is told once for each of
    /// [`StaticToken::WARNINGS`](specwright_oauth::StaticToken::WARNINGS), when the token is used.
    fn expiring_soon(&self, left: Duration) {
        let _ = left;
    }

    /// The authorization server refuses the program itself, for the first time since it last accepted it.
    fn client_rejected(&self, refusal: &Refusal) {
        let _ = refusal;
    }

    /// Something stands in the way of who [attends](crate::Grants::attend). The rest is attended all the same, and each
    /// round tries again and says it again. That the program is ending is nothing to be told of.
    ///
    /// Or a new pair cannot be written, and no wait alone mends that, as with a full disk. It is tried again all the same,
    /// every few seconds, and said anew when it is something else. Until then the pair is in memory alone, unless it is
    /// spilled: a process that ends before takes it along.
    fn hindered(&self, hindrance: Hindrance<'_>) {
        let _ = hindrance;
    }
}

/// How a wish for a newer token ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WishEnd<'w> {
    /// How long it took, from the first look at the record on.
    pub took: Duration,
    /// What came of it.
    pub outcome: WishOutcome<'w>,
}

impl<'w> WishEnd<'w> {
    /// The end of a wish.
    pub fn new(took: Duration, outcome: WishOutcome<'w>) -> Self {
        Self { took, outcome }
    }
}

/// What came of a wish for a newer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WishOutcome<'w> {
    /// The server was asked, and has issued it.
    Renewed,
    /// It was there already: somebody else had renewed it.
    Found,
    /// There is none, for this reason.
    Failed(&'w GrantProblem),
}

/// What stands in the way of attending, or of writing a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hindrance<'h> {
    /// What was due for this grant could not be done, or a new pair of it could not be written.
    Grant(&'h GrantKey, &'h GrantProblem),
    /// It could not be found out what is due, or what was spilled.
    Round(&'h GrantProblem),
    /// A spilled pair cannot be read: this process has no right to, or a newer version of this library wrote it. The file
    /// is left as it is.
    Spilled(&'h Path),
}

/// The steps of one renewal, in their order. A process may end between any two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// It is decided that this process asks; nothing is written.
    Decided,
    /// The intent is durable; nothing is sent.
    Intended,
    /// The answer is there; nothing of it was read.
    Answered,
    /// The pair was read; it is written nowhere.
    Read,
    /// The store was asked to write the pair, and has not answered.
    Committing,
    /// The pair is durable; nobody here knows it.
    Committed,
    /// The pair may be used.
    Published,
    /// A pair that was given up is about to be revoked.
    Revoking,
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}
