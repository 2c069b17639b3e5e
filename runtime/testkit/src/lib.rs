//! For tests of programs that use a generated client: a clock that stands still, a transport that answers from a
//! script, randomness that repeats, and a whole vendor in the test's own process.
//!
//! Input: a script and the client under test. Output: the requests that were made, and the time that passed. With
//! [`VirtualClock`] and [`ScriptedTransport`] a test of a two-hour token or a two-minute deadline takes milliseconds and
//! gives the same result each time; [`Sandbox`] is for tests that should meet a server, and [`SandboxTransport`] for those
//! that should meet one and yet be the same in each run. Whoever writes a store finds what it must do, as tests: one of
//! grants in [`grant_store`], one of events in [`dedupe_store`], one of anything else in [`rows`]. [`WatchedStore`] makes
//! one fail.
//!
//! # Invariants
//!
//! - Nothing here reads the time of the machine, opens a connection beyond loopback or draws real randomness.
//! - A request that the script has no answer for is an error that says so, never a guess.
//!
//! This crate belongs into `dev-dependencies` only: [`SeededRandom`] makes keys that anybody can guess.

mod body;
mod browser;
mod clock;
pub mod dedupe_store;
mod dropped;
pub mod grant_store;
mod random;
pub mod rows;
pub mod sandbox;
mod sandbox_transport;
mod transport;
mod watched_store;

pub use clock::VirtualClock;
pub use random::SeededRandom;
pub use sandbox::Sandbox;
pub use sandbox_transport::SandboxTransport;
pub use transport::{RecordedRequest, Script, ScriptedTransport};
pub use watched_store::{StoreVerb, StoreWatcher, WatchedStore};
