//! The transport over real sockets, on this machine only.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

mod failures;
mod server;
mod streams;
mod tls;
mod traffic;
mod uploads;
