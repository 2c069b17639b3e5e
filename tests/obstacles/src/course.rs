//! Generating the client of the course in memory.

use std::path::Path;

use specwright_cli::pipeline::{self, Client, Input};
use specwright_ir::lock::Lock;
use specwright_rust::{Runtime, Settings};
use specwright_source::{Budget, Diagnostic, DiskFiles, Loader, Sink};

/// The folder of this package.
pub(crate) const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// What writes the crate anew.
pub(crate) const COMMAND: &str = "SPECWRIGHT_BLESS=1 cargo test -p obstacles";

/// The client and what was reported on the way, under the decisions of a lock.
pub(crate) fn generate(lock: Lock) -> (Client, Vec<Diagnostic>) {
    let folder = Path::new(FOLDER);
    let mut loader = Loader::new(DiskFiles, folder, Budget::DEFAULT).unwrap();
    let mut sink = Sink::default();
    let input = Input { document: &folder.join("openapi.yaml"), overlays: &[] };
    let reading = pipeline::read(&mut loader, input, &mut sink).expect("the document can be read");
    let api = pipeline::understand(&reading.document, &lock, &mut sink);
    let client = pipeline::write(&api, &settings(), lock, &mut sink);
    (client, sink.diagnostics().to_vec())
}

fn settings() -> Settings {
    Settings {
        package: "obstacles-client".to_owned(),
        library: "obstacles_client".to_owned(),
        title: "Obstacles \"#] */ {{ [`Vec`] <b>".to_owned(),
        runtime: Runtime::Workspace,
        command: COMMAND.to_owned(),
        repository: None,
        // Names without end are one thing, features another.
        feature_threshold: usize::MAX,
    }
}
