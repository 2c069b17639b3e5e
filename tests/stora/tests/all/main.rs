//! The generated client of Stora 2025-09 against the sandbox, over HTTP on loopback.
//!
//! What a test asserts is what the sandbox's ledger saw, wherever there is a choice: the client's word proves nothing
//! about the wire. Time is the sandbox's, which stands still until somebody waits or moves it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what a helper misses fails the test")]

mod credentials;
mod drift;
mod errors;
mod expand;
mod grants;
mod lists;
mod media;
mod metadata;
mod misencodings;
mod once;
mod operations;
mod operators;
mod pages;
mod public_surface;
mod retries;
mod secrets;
mod setup;
mod spellings;
mod starts_at;
mod statuses;
mod still_running;
mod styles;
mod webhooks;
mod wire_text;
