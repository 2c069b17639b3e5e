//! Requests of which nobody knows whether they were executed, and what can be done about it.

use std::error::Error as StdError;
use std::fmt;

use specwright_core::transport::BoxError;
use specwright_idempotency::{
    Doubt, IdempotencyKey, InDoubt, Journal, OperationId, ReconcileError, Reconciled, Reissue,
};

/// The source of an error whose kind is [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown): it names the key, if
/// the request carried one, so that the caller can go on with it or ask the vendor about it.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnknownOutcome {
    key: Option<String>,
    in_doubt: Option<OperationInDoubt>,
    cause: Option<BoxError>,
}

impl UnknownOutcome {
    pub(crate) fn new(key: Option<String>, cause: Option<BoxError>) -> Self {
        Self { key, in_doubt: None, cause }
    }

    /// An operation with a name, whose key will not tell.
    pub(crate) fn of_operation(in_doubt: OperationInDoubt, cause: Option<BoxError>) -> Self {
        Self { key: Some(in_doubt.key().to_string()), in_doubt: Some(in_doubt), cause }
    }

    /// What this error has for a source of this type, however deep.
    pub fn of<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e Self> {
        std::iter::successors(Some(error), |&error| error.source())
            .find_map(|error| error.downcast_ref::<Self>())
    }

    /// The idempotency key that every attempt carried.
    ///
    /// Sending the same request under it again cannot double its effect while the server remembers the key. Where the
    /// server keeps failures too, a kept failure is all that it can bring.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The operation, if it has a name and no key will tell how it ended. Without that, an operation with a name can be called
    /// again: the same key will tell.
    pub fn operation(&self) -> Option<&OperationInDoubt> {
        self.in_doubt.as_ref()
    }
}

impl fmt::Display for UnknownOutcome {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(to, "the request carried the idempotency key {key}"),
            None => to.write_str("the request carried no idempotency key"),
        }
    }
}

impl StdError for UnknownOutcome {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// An operation with a name that may have been executed, and whose key will not tell. It is not sent again until somebody has
/// looked whether its effect is there.
#[derive(Clone, Debug)]
pub struct OperationInDoubt {
    journal: Journal,
    in_doubt: InDoubt,
}

impl OperationInDoubt {
    pub(crate) fn new(journal: Journal, in_doubt: InDoubt) -> Self {
        Self { journal, in_doubt }
    }

    /// Which operation it is.
    pub fn operation(&self) -> &OperationId {
        self.in_doubt.operation()
    }

    /// The key under which it was sent. Support of the API asks for it.
    pub fn key(&self) -> &IdempotencyKey {
        self.in_doubt.key()
    }

    /// Why nobody knows.
    pub fn doubt(&self) -> Doubt {
        self.in_doubt.doubt()
    }

    /// Looks whether the effect is there: by the caller's own reference, which stands in what was created.
    ///
    /// `look` gives what it found, or `None` if it is sure that nothing is there. A list that lags behind, or that a filter
    /// hides something of, is no proof. What it finds is written down as the success of the operation. Where it finds nothing,
    /// the [`Reissue`] goes into [`CallOptions::with_reissue`](crate::CallOptions::with_reissue).
    pub async fn reconcile<T, E, F>(
        self,
        look: impl FnOnce() -> F,
    ) -> Result<Reconciled<T>, ReconcileError<T, E>>
    where
        F: Future<Output = Result<Option<T>, E>>,
    {
        self.journal.reconcile(self.in_doubt, look).await
    }

    /// **Gives up the only thing that keeps the operation from happening twice.** For effects that can be looked for nowhere,
    /// where twice is better than not at all.
    pub fn allow_duplicate(self) -> Reissue {
        self.in_doubt.allow_duplicate()
    }
}
