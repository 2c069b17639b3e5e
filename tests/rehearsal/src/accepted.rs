//! The snapshots of the surface: what a reviewer sees of a change.

use std::path::PathBuf;

use crate::repository::{FIRST, ORIGIN, SECOND, surface_in_memory};

/// Set by [`crate::round`], which runs these tests on a copy of this package.
pub(crate) const ROOT: &str = "REHEARSAL_ROOT";

#[test]
fn the_surface_of_the_first_version_is_the_accepted_one() {
    assert_accepted(FIRST);
}

#[test]
fn the_surface_of_the_second_version_is_the_accepted_one() {
    assert_accepted(SECOND);
}

#[track_caller]
fn assert_accepted(version: &str) {
    let root = PathBuf::from(std::env::var_os(ROOT).unwrap_or_else(|| ORIGIN.into()));
    let snapshots = root.join("surface").join(version.replace('/', "-"));
    surface::assert_accepted(&surface_in_memory(&root, version), &snapshots);
}
