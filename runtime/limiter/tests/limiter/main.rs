//! Permits on a virtual clock: callers, processes and a server that counts.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test cannot do without stops it"
)]

mod alone;
mod fleet;
mod shared;
