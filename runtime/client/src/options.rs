//! What a caller may ask of one call beyond its inputs.

use std::fmt;
use std::time::Duration;

use specwright_core::operation::{EncodeError, RequestEncoder};
use specwright_idempotency::{IdempotencyKey, Reissue};
use specwright_limiter::Lane;

/// Which operation of the journal a call carries out.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// The one with this name.
    Operation(String),
    /// One that was in doubt, under another key.
    Reissue(Reissue),
}

/// Options of one call. Generated calls hold one and pass their `with_…` methods on to it.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    pub(crate) deadline: Option<Duration>,
    pub(crate) idempotency_key: Option<IdempotencyKey>,
    pub(crate) max_bytes: Option<usize>,
    pub(crate) named: Option<Named>,
    lane: Option<Lane>,
    headers: Vec<(String, String)>,
}

impl CallOptions {
    /// Time for the whole call, waits and retries included. Default: the client's, 120 s.
    #[must_use]
    pub fn with_deadline(mut self, time: Duration) -> Self {
        self.deadline = Some(time);
        self
    }

    /// Sends this key instead of a new one. For operations that must stay one across restarts of the program; an
    /// operation that takes no key fails.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    /// Makes the call an operation that happens once, however often it is called under this name, by any process that shares
    /// the journal: [`Builder::journal`](crate::Builder::journal) says where it is.
    ///
    /// `name` comes from what the operation is about, as in `order-991/create`, and belongs to the account of the client. It
    /// stands in the store, in logs and in errors in clear. Whoever calls again, after a crash or an error, makes the same
    /// request anew; another request under the same name is an error.
    #[must_use]
    pub fn with_operation(mut self, name: impl Into<String>) -> Self {
        self.named = Some(Named::Operation(name.into()));
        self
    }

    /// Carries out an operation with a name under another key, after a look has found no effect of the first one:
    /// [`OperationInDoubt::reconcile`](crate::OperationInDoubt::reconcile). It replaces [`Self::with_operation`].
    #[must_use]
    pub fn with_reissue(mut self, right: Reissue) -> Self {
        self.named = Some(Named::Reissue(right));
        self
    }

    /// The most bytes of the body of a success. Default: 16 MiB, as it is held in memory; none for a
    /// [`Download`](crate::Download) that is read chunk by chunk. The body of an error has a limit of its own,
    /// [`AttemptLimits::DEFAULT_MAX_ERROR_BYTES`](crate::transport::AttemptLimits::DEFAULT_MAX_ERROR_BYTES).
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Waits in this lane where the API's windows are full, or too many requests are in flight. Default: [`Lane::Interactive`], which goes before
    /// [`Lane::Bulk`], and for the pages of a list [`Lane::Bulk`]. Within a lane all calls of an account are served in
    /// their order.
    #[must_use]
    pub fn with_lane(mut self, lane: Lane) -> Self {
        self.lane = Some(lane);
        self
    }

    /// Waits in this lane unless the caller has named one.
    pub(crate) fn in_lane(self, lane: Lane) -> Self {
        Self { lane: self.lane.or(Some(lane)), ..self }
    }

    pub(crate) fn lane(&self) -> Lane {
        self.lane.unwrap_or_default()
    }

    /// Adds a header that the document does not describe. What the client sets itself wins: credentials, idempotency
    /// key, `User-Agent`.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn write(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
        self.headers.iter().try_for_each(|(name, value)| to.header(name, value))
    }
}

/// Shows the names of headers only: a value may be a key.
impl fmt::Debug for CallOptions {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        to.debug_struct("CallOptions")
            .field("deadline", &self.deadline)
            .field("idempotency_key", &self.idempotency_key)
            .field("named", &self.named)
            .field("max_bytes", &self.max_bytes)
            .field("lane", &self.lane)
            .field("headers", &names)
            .finish()
    }
}
