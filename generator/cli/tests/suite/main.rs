//! The command as users run it.

mod damage;
mod exit_codes;
// Marked, because clippy allows `unwrap` in what is marked as a test only.
#[cfg(test)]
mod fixture;
mod formats;
mod freshness;
mod lock;
mod untrusted;
mod why;
