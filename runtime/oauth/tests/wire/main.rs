//! What goes to an authorization server, and what is made of its answers.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

mod loopback;
mod redaction;
mod revocation;
mod tokens;
