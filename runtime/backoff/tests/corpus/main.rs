//! What real servers, vendors' documentation and the edges of each grammar say, and what is to be understood by it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

mod hints;
mod row;
mod windows;
