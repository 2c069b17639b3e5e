//! What a caller may ask of one call beyond its inputs.

use std::fmt;
use std::time::Duration;

use specwright_core::operation::{EncodeError, RequestEncoder};
use specwright_idempotency::IdempotencyKey;
use specwright_limiter::Lane;

/// Options of one call. Generated calls hold one and pass their `with_…` methods on to it.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    pub(crate) deadline: Option<Duration>,
    pub(crate) idempotency_key: Option<IdempotencyKey>,
    pub(crate) max_bytes: Option<usize>,
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
            .field("max_bytes", &self.max_bytes)
            .field("lane", &self.lane)
            .field("headers", &names)
            .finish()
    }
}
