//! Webhooks: verified before they are read, claimed once, handed off at least once.
//!
//! **Input**: the headers and the raw body of a request, and the secrets of an endpoint. **Output**: an event that the
//! vendor has sent and nobody has handled, or a reason why there is none.
//!
//! # With axum
//!
//! The feature `axum` makes [`Claimed`] an extractor. The handler puts the event where it will not be lost, such as a table
//! or a queue, and only then has the one success that it can answer with.
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # mod example {
//! # use std::sync::Arc;
//! # use specwright_core::{clock::Clock, types::UnknownJson as Event};
//! # struct Failure;
//! # impl<E: std::error::Error> From<E> for Failure { fn from(_: E) -> Self { Self } }
//! # impl axum::response::IntoResponse for Failure {
//! #     fn into_response(self) -> axum::response::Response { axum::http::StatusCode::BAD_GATEWAY.into_response() }
//! # }
//! # async fn queue(_: Event) -> std::io::Result<()> { Ok(()) }
//! use axum::{Router, routing::post};
//! use specwright_webhooks::{
//!     Claimed, DedupeStore, HandedOff, Receiver, Scheme, SecretsError, Verifier,
//! };
//!
//! /// How the vendor signs. A generated crate has it as `webhooks::SCHEME`.
//! const SCHEME: Scheme = Scheme::timestamped("X-Example-Signature", "/event/id");
//!
//! async fn on_event(claimed: Claimed) -> Result<HandedOff, Failure> {
//!     let event: Event = claimed.event()?;
//!     queue(event).await?;
//!     Ok(claimed.done().await?)
//! }
//!
//! fn router(
//!     secret: &str,
//!     store: Arc<dyn DedupeStore>,
//!     clock: Arc<dyn Clock>,
//! ) -> Result<Router, SecretsError> {
//!     let verifier = Verifier::new(SCHEME, [secret])?;
//!     let receiver = Receiver::new("example", verifier, store, clock);
//!     Ok(Router::new().route("/webhooks", post(on_event)).with_state(receiver))
//! }
//! # }
//! ```
//!
//! # With anything else
//!
//! ```
//! # use std::{error::Error, sync::Arc, time::Duration};
//! # use http::{HeaderMap, StatusCode};
//! # use specwright_core::{clock::Clock, types::UnknownJson as Event};
//! # use specwright_testkit::VirtualClock;
//! use specwright_webhooks::{EventId, MemoryDedupe, Received, Receiver, Scheme, Signer, Verifier};
//!
//! # fn queue(_: Event) {}
//! /// The status to answer with.
//! async fn on_request(
//!     receiver: &Receiver,
//!     headers: &HeaderMap,
//!     body: Vec<u8>,
//! ) -> Result<StatusCode, Box<dyn Error>> {
//!     let claimed = match receiver.receive(headers, body).await {
//!         Ok(Received::New(claimed)) => claimed,
//!         Ok(Received::Done) => return Ok(StatusCode::NO_CONTENT),
//!         Ok(_) => return Ok(StatusCode::SERVICE_UNAVAILABLE),
//!         Err(error) => return Ok(error.status()),
//!     };
//!     let event: Event = claimed.event()?;
//!     queue(event);
//!     Ok(claimed.done().await?.status())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn Error>> {
//! # let clock: Arc<dyn Clock> = Arc::new(VirtualClock::new());
//! // In a test, a signer stands for the vendor.
//! let secret = "whsec_aW52ZW50ZWQgZm9yIHRoaXMgZXhhbXBsZQ==";
//! let verifier = Verifier::new(Scheme::STANDARD, [secret])?;
//! let store = Arc::new(MemoryDedupe::volatile(clock.clone()));
//! let receiver = Receiver::new("example", verifier, store, clock.clone());
//!
//! let body = br#"{"type": "v1.booking.created"}"#;
//! let id = EventId::new("msg_fake")?;
//! let headers = Signer::new(Scheme::STANDARD, secret)?.sign(&id, clock.now(), body)?;
//! for delivery in 0..2 {
//!     let status = on_request(&receiver, &headers, body.to_vec()).await?;
//!     assert_eq!(status, StatusCode::NO_CONTENT, "delivery {delivery}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Where events are remembered
//!
//! | store | an event is claimed once among | and remembered |
//! |---|---|---|
//! | [`RowsDedupe`] on `SqliteRows` of `specwright-store-sqlite` | all processes of a host | after they and the machine have ended |
//! | [`MemoryDedupe`] | the tasks of a process | until it ends |
//!
//! Whoever has a way of their own to tell duplicates needs the [`Verifier`] alone: it is a function of headers, body and
//! time.
//!
//! # Invariants
//!
//! - A [`Delivery`] exists only if its signature was verified, and nothing of a body is read as JSON before.
//! - Every secret is tried with every signature, in constant time.
//! - What is verified is what came: the time is signed as the text that was received.
//! - No input makes it panic, and none costs more than four passes over 1 MiB.
//! - An event is done when somebody says so, and at no other time.
//! - No secret, signature or body is in any `Debug`, `Display` or error.
//!
//! It opens no socket, reads no clock but the one it is given, and never answers a vendor by itself.

#[cfg(feature = "axum")]
mod axum;
mod dedupe;
mod delivery;
mod entry;
mod event_id;
mod mac;
mod memory;
mod receiver;
mod rows;
mod scheme;
mod secrets;
mod signed;
mod signer;
mod standard;
mod timestamped;
mod verify;

#[cfg(feature = "axum")]
pub use axum::NotClaimed;
pub use dedupe::{Claim, DedupeStore, Ticket};
pub use delivery::Delivery;
pub use event_id::{EventId, EventIdError, EventKey};
pub use memory::MemoryDedupe;
pub use receiver::{Claimed, HandedOff, ReceiveError, Received, Receiver, ReceiverObserver};
pub use rows::RowsDedupe;
pub use scheme::{Scheme, SecretForm};
pub use secrets::SecretsError;
pub use signer::{SignError, Signer};
pub use specwright_store::{StoreError, StoreErrorKind};
pub use verify::{Verifier, VerifyError, VerifyErrorKind};
