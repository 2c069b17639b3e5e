//! One operation: what is kept of it, and how that may change.
//!
//! `record` is what stands in the store. `begin` and `settle` are every way to change it, as pure functions of the entry that
//! was read and of what happened: without clock, store or request. Each is applied by compare-and-swap. If the swap finds
//! another version, the function is applied to that one anew.

mod begin;
mod record;
#[cfg(test)]
mod sample;
mod settle;
mod text;

pub(crate) use begin::{Begin, Halt, Wish, begin};
pub(crate) use record::{AttemptId, Earlier, Entry, GivenUp, State};
pub(crate) use settle::{Made, found, settle};

pub use record::Doubt;
pub use settle::Outcome;
