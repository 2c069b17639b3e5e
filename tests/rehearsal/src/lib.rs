//! How a change of an API document meets its reviewer, rehearsed on a small API.
//!
//! Input: `specs/parcels`, an invented API in two versions side by side, and `surface/`, the public
//! surface that was accepted of each, one snapshot a group. Output: none; the package is its tests.
//!
//! They show the whole round, with the functions that `cargo xtask regen` calls: a document changes,
//! regeneration succeeds, the snapshots of the surface fail and name exactly what changed,
//! `cargo insta review` accepts it, the snapshots pass. Eight changes that vendors make are tried.
//!
//! Nothing is written outside a temporary folder but by insta, and no generated crate is kept: the
//! surface is what a reviewer reads.

#[cfg(test)]
mod accepted;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod round;
#[cfg(test)]
mod side_by_side;
