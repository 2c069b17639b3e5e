//! The files of this repository.

use std::path::Path;

use specwright_cli::output::disk::RealDisk;
use specwright_cli::output::{Change, Mode, sync};
use specwright_cli::project::Project;

#[test]
fn every_generated_file_is_what_its_document_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let projects = Project::all(root).unwrap();
    assert!(!projects.is_empty());
    for project in projects {
        let sets = project.generate().unwrap().sets.expect("the inputs can be read");
        let changes = sync(&RealDisk, &sets, Mode::Check).unwrap();
        let differences: String = changes.iter().map(Change::difference).collect();
        let command = format!("cargo xtask regen {}", project.name());
        assert!(changes.is_empty(), "{differences}these files are not fresh; run\n  {command}");
    }
}
