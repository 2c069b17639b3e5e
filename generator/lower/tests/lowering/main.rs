//! What a document means, one feature a test: the smallest document that shows it, and the API as
//! text.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod conventions;
mod damage;
mod determinism;
mod distribution;
mod expandables;
mod guesses;
mod members;
mod merge_patches;
mod objects;
mod operations;
mod recursion;
mod scalars;
mod shuffle;
mod support;
mod texts;
mod unions;
mod webhooks;
