//! The sandbox over the wire: bytes in, bytes out, and what the ledger says.

mod client;
mod contacts;
