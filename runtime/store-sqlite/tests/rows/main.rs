//! Rows in files from the outside: what every store of rows must do, the files, and what happens when one is restored.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

mod conformance;
#[cfg(unix)]
mod files;
#[cfg(unix)]
mod restore;
