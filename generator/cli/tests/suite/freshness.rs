//! Equal input gives equal bytes, and what is checked in is what would be generated.

use std::path::Path;

use specwright_cli::output::disk::RealDisk;
use specwright_cli::output::{Change, Mode, sync};
use specwright_cli::project::Project;

use crate::fixture::{Fixture, GOOD};

#[test]
fn generating_twice_gives_the_same_bytes_and_changes_nothing() {
    let fixture = Fixture::new(GOOD);
    fixture.generate();
    let first = fixture.generated();
    let again = fixture.generate();
    assert_eq!(fixture.generated(), first);
    assert!(again.stderr.contains(", 0 changed"), "{}", again.stderr);
    let elsewhere = Fixture::new(GOOD);
    elsewhere.generate();
    assert_eq!(elsewhere.generated(), first);
}

#[test]
fn what_is_checked_in_is_what_would_be_generated() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let projects = Project::all(&root).unwrap();
    assert!(!projects.is_empty());
    for project in projects {
        let generated = project.generate().unwrap();
        let changes = sync(&RealDisk, &generated.sets.unwrap(), Mode::Check).unwrap();
        let shown: String = changes.iter().map(Change::difference).collect();
        assert!(changes.is_empty(), "run `cargo xtask regen {}`\n{shown}", project.name());
    }
}
