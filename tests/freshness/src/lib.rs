//! What is checked in is what would be generated.
//!
//! Input: every `specs/<api>/<version>` of the repository, and what stands below `generated/` and at
//! the other places that their configuration names. Output: none; the package is its tests.
//!
//! Generating happens in memory and comparing is the function that `cargo xtask regen --check` calls,
//! so the tests and the command cannot disagree. Nothing of the repository is ever written: what a
//! test changes is a copy in a temporary folder.

#[cfg(test)]
mod checked_in;
#[cfg(test)]
mod edited_by_hand;
