//! Idempotency keys: one for each logical operation, the same on every attempt.
//!
//! Input: what the document says of an operation, and perhaps the caller's own key. Output: the [`KeyHeader`] that
//! every attempt of the call carries. A server that remembers keys gives the second request with a key the answer of
//! the first, so a request whose outcome is unknown may be sent again.
//!
//! # Invariants
//!
//! - A key is chosen once for a call, before its first attempt. Nothing here can be reached from inside the loop.
//! - Two calls never share a key unless the caller gives both the same one.
//! - A key is 1 to 255 visible ASCII characters, so it cannot break a header.
//! - A key is drawn, never computed from the request: two equal requests may be two deliberate orders.
//!
//! This crate never sends, never repeats and never decides whether a key may be used again: that is the retry matrix.

mod choice;
mod key;

pub use choice::{KeyChoiceError, KeyHeader, choose_key};
pub use key::{IdempotencyKey, KeyError};
