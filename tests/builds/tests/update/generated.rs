//! The client of a build of the document, generated as `cargo xtask regen` does it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use specwright_cli::output::FileSet;
use specwright_cli::project::Project;

/// The folder of the documents.
pub(crate) const SPECS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/stora/2025-09");

/// The build that came first, in the folder of the documents.
pub(crate) const OLDER: &str = "builds/openapi-older.yaml";

/// The build that the client of this repository is made of.
pub(crate) const NEWER: &str = "openapi.yaml";

/// What is generated from one build.
pub(crate) struct Generated {
    /// The files of the crate.
    pub(crate) client: FileSet,
    /// The text of `api.lock`.
    pub(crate) lock: String,
}

impl Generated {
    /// Generates from a build in a repository of its own, with the decisions of an earlier one if there was any. Nothing
    /// is written but the input. A document with errors fails the test.
    #[track_caller]
    pub(crate) fn of(build: &str, lock: Option<&str>) -> Self {
        let repository = tempfile::tempdir().unwrap();
        let specs = repository.path().join("specs/stora/2025-09");
        copy(&Path::new(SPECS).join("overlays"), &specs.join("overlays"));
        fs::copy(Path::new(SPECS).join("api.yaml"), specs.join("api.yaml")).unwrap();
        fs::copy(Path::new(SPECS).join(build), specs.join("openapi.yaml")).unwrap();
        if let Some(lock) = lock {
            fs::write(specs.join("api.lock"), lock).unwrap();
        }

        let project = Project::all(repository.path()).unwrap().remove(0);
        let generated = project.generate().unwrap();
        assert!(!generated.sink.has_errors(), "{:#?}", generated.sink.diagnostics());
        let mut sets = generated.sets.unwrap();
        let mut with = |file: &str| {
            let index = sets.iter().position(|set| set.files.contains_key(file)).unwrap();
            sets.swap_remove(index)
        };
        let lock = with("api.lock").files.remove("api.lock").unwrap().text;
        Self { client: with("Cargo.toml"), lock }
    }

    /// The public surface of the crate, each item with the feature that it needs.
    pub(crate) fn surface(&self) -> BTreeMap<String, String> {
        surface::of_files(self.texts()).unwrap()
    }

    /// The public surface for those who leave the features as they are: all of it.
    pub(crate) fn surface_with_every_feature(&self) -> BTreeMap<String, String> {
        surface::of_files_with_every_feature(self.texts()).unwrap()
    }

    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.client.files.iter().map(|(path, file)| (path.as_str(), file.text.as_str()))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
