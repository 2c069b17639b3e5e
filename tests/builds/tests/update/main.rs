//! A real update: two builds of Stora 2025-09, as a user of the client meets them one after the other.
//!
//! Input: `specs/stora/2025-09` with its older build, and `src/report.rs`, a program that was written for that one. The
//! tests show that the documents differ in four members of answers, that the client differs in the same four and
//! `api.lock` in what it says of them, and that the program compiles for both builds and reads what the newer one sends.
//!
//! Below the target folder, the older client and the program's other half are written and compiled, offline and with the
//! versions of this repository. Nothing else is written outside a temporary folder.

#![expect(clippy::unwrap_used, reason = "what a helper misses fails the test")]

mod client;
mod documents;
mod generated;
mod program;
