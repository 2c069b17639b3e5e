//! The request loop from the outside: a client, a script, a clock that stands still.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

mod authority;
mod budgets;
mod credentials;
mod deadlines;
mod downloads;
mod errors;
mod grants;
mod hints;
mod in_flight;
mod interceptors;
mod keys;
mod matrix;
mod operations;
mod pages;
mod raw_request;
mod redaction;
mod redirects;
mod scopes;
mod shelf;
mod timeline;
mod trace;
mod uploads;
mod windows;
