//! The generated client of Understory v1 against the sandbox, over HTTP on loopback.
//!
//! What a test asserts is what the sandbox's ledger saw, wherever there is a choice: the client's word proves nothing
//! about the wire. Time is the sandbox's, which stands still until somebody waits or moves it.
//!
//! That every operation can be called, and that every answer and every example is Equal, is proved in `tests/operations`.
//! Here is what this vendor does in its own way.

#![expect(clippy::unwrap_used, reason = "what a helper misses fails the test")]

mod credentials;
mod drift;
mod errors;
mod languages;
mod pages;
mod public_surface;
mod setup;
mod subscriptions;
mod times;
mod unions;
mod webhooks;
