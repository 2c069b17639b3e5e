//! Intermediate representation to a Rust client crate: names, tokens, formatted files.
