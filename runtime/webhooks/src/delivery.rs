//! What was verified.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use specwright_core::json::{self, Decode, DecodeError};

use crate::event_id::{EventId, EventIdError};

/// A request of which it is known that the vendor has made it.
///
/// Only this crate makes one, and only after it has verified the signature. Its `Debug` shows nothing of the body.
#[derive(Clone)]
pub struct Delivery {
    id: IdPlace,
    signed_at: SystemTime,
    body: Bytes,
}

/// Where the id of an event is.
#[derive(Clone, Debug)]
pub(crate) enum IdPlace {
    /// In a header, which was read.
    Header(EventId),
    /// In the body, at a JSON Pointer.
    Body(&'static str),
}

impl Delivery {
    /// Whoever calls this has verified the signature of `body`.
    pub(crate) fn new(id: IdPlace, signed_at: SystemTime, body: Bytes) -> Self {
        Self { id, signed_at, body }
    }

    /// The id of the event: the same in each delivery of it, so it tells whether it was there before.
    ///
    /// Where the scheme has no header for it, it is read from the body.
    pub fn id(&self) -> Result<EventId, EventIdError> {
        match &self.id {
            IdPlace::Header(id) => Ok(id.clone()),
            IdPlace::Body(pointer) => EventId::new(json::text_at(&self.body, pointer)?),
        }
    }

    /// The event, as the type of a generated crate: `webhooks::Event`. Kinds of events that the type does not know are
    /// kept by it.
    pub fn event<E: Decode>(&self) -> Result<E, DecodeError> {
        json::from_slice(&self.body)
    }

    /// When it was signed, by the clock of the vendor.
    pub fn signed_at(&self) -> SystemTime {
        self.signed_at
    }

    /// The body as it came.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Delivery")
            .field("id", &self.id)
            .field("signed_at", &self.signed_at)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish()
    }
}
