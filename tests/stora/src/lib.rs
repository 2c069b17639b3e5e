//! Requests to Stora with every input that the document offers: for the tests of this package, and for those of
//! `tests/operations`, which find out when the document offers more.

#![expect(clippy::unwrap_used, reason = "what a helper misses fails the test")]

pub mod inputs;
