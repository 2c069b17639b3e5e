//! Which scopes small programs need.

mod doubts;
mod followed;
// Marked, because clippy allows `unwrap` in what is marked as a test only.
#[cfg(test)]
mod fixture;
mod left_out;
mod names;
mod text;
