//! Every fault at every point of a renewal, at every kind of server.
//!
//! One to three processes share a store and a vendor, all of them in one thread and in virtual time. Which task goes on,
//! when callers come and how many there are follows from a seed. A [`cell::Cell`] says what goes wrong, where; a
//! [`trial`] plays it, and afterwards compares the sandbox's ledger with what the store has held.
//!
//! Invariants:
//! - A cell and a seed give the same trial again.
//! - Nothing here reads the time of the machine, opens a connection, or waits.
//! - What a process does after it has ended has no effect: whatever it touches is behind its port, which is cut off.

mod call;
pub mod cell;
mod durable;
mod executor;
pub mod model;
mod plot;
pub mod point;
mod port;
mod site;
pub mod steps;
pub mod tally;
pub mod trial;
mod world;

/// What must not be, in words.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
