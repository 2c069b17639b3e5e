//! When to send again and how long to wait.
//!
//! Input: what came back from an attempt, what kind of request it was, what went before, and how much time is left.
//! Output: the next [`Step`] of the call. Everything is a pure function of its arguments, so the whole behavior is
//! tested without a network and without a clock; only [`RetryBudget`] keeps a count.
//!
//! - [`classify()`] turns an answer into an [`Event`], and [`class_of`] a request into a [`Class`].
//! - [`decide`] is the retry matrix: one table, read by the request loop and by the tests.
//! - [`hint`] reads how long a server wants to hear nothing, and knows the wait that a document states.
//! - [`windows`] reads how large the server's rate windows are, and how much of them is left.
//! - [`Backoff`] draws the waits that no server asked for.
//! - [`next_step`] puts them together.
//!
//! # Invariants
//!
//! - A request that may have been executed is repeated only if it is idempotent or carries a key, and under its key not
//!   before it should be over.
//! - No wait ends after the deadline, and none is longer than its cap: beyond it the caller is told when to come back.
//! - No input panics, wraps or waits for ever.
//! - The enums are exhaustive on purpose: a new event, class or step must break every match that does not know it.
//!
//! This crate never sleeps, never sends and never reads a clock.

mod budget;
mod classify;
mod delay;
pub mod hint;
mod matrix;
mod plan;
mod when;
pub mod windows;

pub use budget::RetryBudget;
pub use classify::{Author, Earlier, Repeat, class_of, classify};
pub use delay::{Backoff, spread};
pub use hint::Hint;
pub use matrix::{Class, Decision, Event, decide};
pub use plan::{AFTERMATH, Cost, History, Policy, Step, Stop, next_step};
