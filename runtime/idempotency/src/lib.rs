//! Idempotency: one key for each logical operation, the same on every attempt, and a journal in which it survives restarts.
//!
//! Input: what the document says of an operation, and perhaps the caller's own key, or its name for the operation. Output:
//! for a call of its own the [`KeyHeader`] that every attempt carries ([`choose_key`]); for an operation with a name the
//! right to send ([`Journal`]). A server that remembers keys gives the second request with a key the answer of the first,
//! so a request whose outcome is unknown may be sent again for as long as the server remembers.
//!
//! `entry` is what is known of one operation and every change of it, as pure functions. `journal` applies them to rows.
//!
//! # Invariants
//!
//! - A key is chosen once for a call, before its first attempt. Nothing here can be reached from inside the loop.
//! - Two calls never share a key unless the caller gives both the same one, or the same name of an operation.
//! - A key is 1 to 255 visible ASCII characters, so it cannot break a header.
//! - A key is drawn, never computed from the request: two equal requests may be two deliberate orders.
//! - The key of an operation is written down before it can be sent, and is sent no longer than an hour less than the server
//!   remembers it.
//! - What may have been executed is not sent under another key, unless somebody has looked and found nothing, or says that
//!   twice is all right. Both are values ([`Reissue`]).
//! - The journal holds no body, and nothing from which one could be guessed.
//!
//! This crate never sends, and never waits.

mod choice;
mod doubt;
mod entry;
mod fingerprint;
mod journal;
mod journal_error;
mod key;
mod operation_id;
mod reuse;

pub use choice::{KeyChoiceError, KeyHeader, choose_key};
pub use doubt::{InDoubt, ReconcileError, Reconciled, Reissue};
pub use entry::{Doubt, Outcome};
pub use fingerprint::{FingerprintKey, FingerprintKeyError, RequestParts};
pub use journal::{Begun, Journal, Ready, Sending, Settled, VolatileRows};
pub use journal_error::JournalError;
pub use key::{IdempotencyKey, KeyError};
pub use operation_id::{OperationId, OperationIdError};
