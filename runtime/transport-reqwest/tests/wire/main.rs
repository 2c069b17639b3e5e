//! The transport over real sockets, on this machine only.

mod failures;
mod server;
mod tls;
mod traffic;
