//! Renewals against a scripted token endpoint, on a virtual clock, with any number of processes on one store.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

mod answers;
mod attending;
mod connecting;
mod crowd;
mod cut_answers;
mod ends;
mod fleet;
mod identifying;
mod lost_answers;
mod program;
mod scopes;
mod shutdown;
mod stores;
mod unwritten_connections;
mod watching;
