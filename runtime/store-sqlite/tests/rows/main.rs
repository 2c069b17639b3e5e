//! Rows in files from the outside: what every store of rows must do, the files, what happens when one is restored, and
//! limiters and receivers of webhooks that share them.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

mod conformance;
#[cfg(unix)]
mod files;
mod limiter;
#[cfg(unix)]
mod place;
#[cfg(unix)]
mod restore;
mod webhooks;
