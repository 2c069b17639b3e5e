//! The journal on a virtual clock: its verbs one by one, and processes that end anywhere.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test cannot do without stops it"
)]

mod simulation;
mod verbs;
mod world;
