//! From a request to an event that is handed off.

use std::error::Error as StdError;
use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use specwright_core::clock::Clock;
use specwright_core::json::{Decode, DecodeError};
use specwright_store::{StoreError, StoreErrorKind};

use crate::dedupe::{Claim, DedupeStore, Ticket};
use crate::delivery::Delivery;
use crate::event_id::{EventIdError, EventKey};
use crate::verify::{Verifier, VerifyError};

/// After so long it is said once more that an event was handed off, because the store was out of reach. All of them are
/// about three seconds: the vendor waits for its answer.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1_600),
];

/// Receives the webhooks of one source: verifies each delivery, and hands each event off once, or again if that failed.
///
/// Clones share everything.
#[derive(Clone, Debug)]
pub struct Receiver {
    source: Arc<str>,
    verifier: Verifier,
    store: Arc<dyn DedupeStore>,
    clock: Arc<dyn Clock>,
    lease: Duration,
    stale: Duration,
    observer: Option<Arc<dyn ReceiverObserver>>,
}

/// Is told what came of each delivery, for logs and metrics. It must be quick and must not block.
pub trait ReceiverObserver: Debug + Send + Sync + 'static {
    /// A receiver of this source has received a delivery, or refused it.
    fn received(&self, source: &str, outcome: &Result<Received, ReceiveError>);
}

impl Receiver {
    /// How long an event is remembered that was handed off: seven days, beyond the last retry of any vendor known.
    ///
    /// No older delivery is taken, whatever the verifier is told: its event could have been handed off and forgotten.
    pub const KEEP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// How long a handler has before another delivery may claim its event, unless [`with_lease`](Self::with_lease) says
    /// otherwise: 60 seconds, the time after which vendors try again first.
    pub const DEFAULT_LEASE: Duration = Duration::from_secs(60);

    /// A receiver of what `verifier` takes. `source` tells its events from those of other receivers in the same store.
    ///
    /// All processes that receive for one endpoint need a store in common, or each of them hands the event off that it is
    /// sent: see [`RowsDedupe`](crate::RowsDedupe).
    pub fn new(
        source: impl Into<Arc<str>>,
        verifier: Verifier,
        store: Arc<dyn DedupeStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (lease, stale) = (Self::DEFAULT_LEASE, Duration::ZERO);
        Self { source: source.into(), verifier, store, clock, lease, stale, observer: None }
    }

    /// Gives handlers so much time. What takes longer may be handled twice at once.
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Tells somebody what comes of each delivery.
    pub fn observed_by(self, observer: impl ReceiverObserver) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Takes deliveries with a signature of up to this age, if their event was not handed off before.
    ///
    /// For vendors that keep the first signature of an event when they send it again: Without this, an event whose
    /// endpoint was away for longer than the verifier's tolerance would be missed. A store that is volatile forgets
    /// everything at a restart, and then whoever has recorded a delivery can have it handed off again; a
    /// [`RowsDedupe`](crate::RowsDedupe) on rows that last does not.
    pub fn accept_stale_if_unseen(self, max_age: Duration) -> Self {
        Self { stale: max_age, ..self }
    }

    /// Verifies a delivery and claims its event.
    ///
    /// `headers` and `body` are those of the request as it came.
    pub async fn receive(
        &self,
        headers: &HeaderMap,
        body: impl Into<Bytes>,
    ) -> Result<Received, ReceiveError> {
        let outcome = self.claimed(headers, body.into()).await;
        if let Some(observer) = &self.observer {
            observer.received(&self.source, &outcome);
        }
        outcome
    }

    async fn claimed(&self, headers: &HeaderMap, body: Bytes) -> Result<Received, ReceiveError> {
        let delivery = self.verified(headers, body)?;
        let event = EventKey::new(&*self.source, delivery.id()?);
        Ok(match self.store.claim(&event, self.lease).await? {
            Claim::New(ticket) => {
                let store = Arc::clone(&self.store);
                let clock = Arc::clone(&self.clock);
                Received::New(Claimed { delivery, event, ticket, store, clock })
            }
            Claim::InProgress(left) => Received::InProgress(left),
            Claim::Done => Received::Done,
        })
    }

    fn verified(&self, headers: &HeaderMap, body: Bytes) -> Result<Delivery, VerifyError> {
        let delivery = self.verifier.authenticate(headers, body)?;
        self.verifier.in_time(delivery, self.clock.now(), self.oldest())
    }

    /// The oldest signature that is taken: none whose event can have been handed off and forgotten since. A signature may
    /// be ahead when it is handed off, and is remembered from then on.
    fn oldest(&self) -> Duration {
        let remembered = Self::KEEP.saturating_sub(self.verifier.future());
        self.verifier.past().max(self.stale).min(remembered)
    }
}

/// What came of a delivery of the vendor's.
#[derive(Debug)]
#[non_exhaustive]
pub enum Received {
    /// Nobody else has the event: hand it off, and say [`done`](Claimed::done).
    New(Claimed),
    /// Another delivery of the event is being handled. Answer 503 (RFC 9110, 15.6.4): it may fail, and so long does it last
    /// at most.
    InProgress(Duration),
    /// The event was handed off before. Answer 2XX, or the vendor sends it again.
    Done,
}

/// An event that is this program's to handle.
///
/// It ends with [`done`](Self::done) or [`release`](Self::release). If it is dropped, or its process ends, the next delivery
/// after the lease can claim the event: it is handed off at least once.
#[must_use = "an event that nobody calls done is delivered again"]
pub struct Claimed {
    delivery: Delivery,
    event: EventKey,
    ticket: Ticket,
    store: Arc<dyn DedupeStore>,
    clock: Arc<dyn Clock>,
}

impl Claimed {
    /// Which event it is.
    pub fn key(&self) -> &EventKey {
        &self.event
    }

    /// The request that brought it.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// The event, as the type of a generated crate: `webhooks::Event`.
    pub fn event<E: Decode>(&self) -> Result<E, DecodeError> {
        self.delivery.event()
    }

    /// Remembers that the event was handed off: whatever becomes of this program now, the event is in a place from which it
    /// will be handled.
    ///
    /// A store that is out of reach is asked again for three seconds. If it fails even so, the event may be delivered and
    /// claimed again, unless this is called once more: it does no harm however often, and however late.
    pub async fn done(&self) -> Result<HandedOff, StoreError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let error = match self.store.done(&self.event, Receiver::KEEP).await {
                Ok(()) => return Ok(HandedOff(())),
                Err(error) => error,
            };
            match pauses.next() {
                Some(pause) if error.kind() == StoreErrorKind::Unavailable => {
                    self.clock.sleep(pause).await;
                }
                _ => return Err(error),
            }
        }
    }

    /// Gives the event up, so that the next delivery need not wait for the end of the lease. Answer with an error, so that
    /// there is one.
    pub async fn release(self) -> Result<(), StoreError> {
        self.store.release(&self.event, self.ticket).await
    }
}

impl Debug for Claimed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Claimed").field("event", &self.event).finish_non_exhaustive()
    }
}

/// The proof that an event was handed off, and so the only success to answer with: 204.
#[derive(Debug)]
#[must_use = "the vendor sends the event again until it is answered"]
pub struct HandedOff(());

impl HandedOff {
    /// The status to answer with.
    pub fn status(&self) -> StatusCode {
        StatusCode::NO_CONTENT
    }
}

/// A delivery that was not received.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReceiveError {
    /// It does not come from the vendor, or not now.
    Unverified(VerifyError),
    /// It comes from the vendor, and its event has no id.
    Unidentified(EventIdError),
    /// It comes from the vendor, and whether its event is new cannot be told now.
    Store(StoreError),
}

impl ReceiveError {
    /// The status to answer with: that of [`VerifyError::status`], 400 if there is no id, and 503 if the store failed, so
    /// that the vendor sends the event again.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unverified(error) => error.status(),
            Self::Unidentified(_) => StatusCode::BAD_REQUEST,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<VerifyError> for ReceiveError {
    fn from(error: VerifyError) -> Self {
        Self::Unverified(error)
    }
}

impl From<EventIdError> for ReceiveError {
    fn from(error: EventIdError) -> Self {
        Self::Unidentified(error)
    }
}

impl From<StoreError> for ReceiveError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Unverified(_) => "the webhook was not verified",
            Self::Unidentified(_) => "the webhook names no event",
            Self::Store(_) => "whether the webhook is new cannot be told",
        })
    }
}

impl StdError for ReceiveError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Unverified(error) => Some(error),
            Self::Unidentified(error) => Some(error),
            Self::Store(error) => Some(error),
        }
    }
}
