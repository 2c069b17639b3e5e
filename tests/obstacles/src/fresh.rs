//! The crate that is checked in is the one that would be generated.

use std::env;
use std::path::Path;

use specwright_cli::output::disk::RealDisk;
use specwright_cli::output::{Change, FileSet, Mode, sync};
use specwright_cli::project::crate_set;
use specwright_ir::lock::Lock;

use crate::course::{COMMAND, FOLDER, generate};

#[test]
fn the_client_is_what_the_document_says() {
    let mut set = crate_set(Path::new(FOLDER).join("client"), generate(Lock::default()).0);
    // Its manifest is written by hand: a generated one stands two folders below the workspace.
    set.files.retain(|path, _| path.starts_with("src/"));
    if env::var_os("SPECWRIGHT_BLESS").is_some() {
        sync(&RealDisk, std::slice::from_ref(&set), Mode::Write).unwrap();
    }
    assert_eq!(stale(&[set]), "");
}

fn stale(sets: &[FileSet]) -> String {
    let changes = sync(&RealDisk, sets, Mode::Check).unwrap();
    let differences: String = changes.iter().map(Change::difference).collect();
    if changes.is_empty() {
        String::new()
    } else {
        format!("{differences}these files are not fresh; run\n  {COMMAND}")
    }
}
