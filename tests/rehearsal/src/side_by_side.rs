//! Two versions of one API in one repository.

use std::fs;
use std::path::Path;

use crate::repository::{FIRST, ORIGIN, Repository, SECOND};

#[test]
fn adding_the_second_version_leaves_every_byte_of_the_first() {
    let repository = Repository::with(&[FIRST]);
    repository.regen();
    let before = (repository.generated(FIRST), repository.lock(FIRST));

    repository.add(SECOND);
    repository.regen();

    assert_eq!((repository.generated(FIRST), repository.lock(FIRST)), before);
}

#[test]
fn the_locks_of_both_versions_are_fresh() {
    let repository = Repository::with(&[FIRST, SECOND]);
    repository.regen();
    for version in [FIRST, SECOND] {
        let kept = Path::new(ORIGIN).join("specs").join(version).join("api.lock");
        let kept = fs::read_to_string(kept).unwrap();
        assert_eq!(repository.lock(version), kept, "specs/{version}/api.lock is stale");
    }
}
