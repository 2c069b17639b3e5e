//! The public surface of the generated crate, one snapshot a group: what a reviewer of an API change reads first.

use std::path::Path;

#[test]
fn the_surface_of_every_group_is_the_accepted_one() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let surface = surface::of_folder(&tests.join("../../generated/understory-v1"));
    surface::assert_accepted(&surface, &tests.join("surface"));
}
