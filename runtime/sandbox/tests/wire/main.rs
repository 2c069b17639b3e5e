//! The sandbox over the wire: bytes in, bytes out, and what the ledger says.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what a helper misses fails the test")]

mod actions;
mod broken_answers;
mod client;
mod codes;
mod connected;
mod contacts;
mod control;
mod cursors;
mod documents;
mod errors;
mod faults;
mod idempotency;
mod ledger;
mod limits;
mod lists;
mod media;
mod process;
mod references;
mod refusals;
mod revocation;
mod rotation;
mod start;
mod styles;
mod tokens;
mod understory;
