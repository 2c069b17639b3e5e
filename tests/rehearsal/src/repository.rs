//! A repository with the documents of the rehearsal, in a temporary folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use specwright_cli::output::disk::RealDisk;
use specwright_cli::output::{Mode, sync};
use specwright_cli::project::Project;
use tempfile::TempDir;

/// The folder of this package: the repository that the temporary ones are copied from.
pub(crate) const ORIGIN: &str = env!("CARGO_MANIFEST_DIR");

/// The API version that the edits change.
pub(crate) const FIRST: &str = "parcels/2025-09";

/// The version that came later.
pub(crate) const SECOND: &str = "parcels/2026-03";

/// A copy that a test may change. The folder goes with the value.
pub(crate) struct Repository {
    folder: TempDir,
}

impl Repository {
    /// A repository that holds some versions of the API.
    pub(crate) fn with(versions: &[&str]) -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        for version in versions {
            repository.add(version);
        }
        repository
    }

    /// Adds the documents of a version.
    pub(crate) fn add(&self, version: &str) {
        self.copy(&format!("specs/{version}"));
    }

    /// Adds a folder of this package with the files in it.
    pub(crate) fn copy(&self, folder: &str) {
        let target = self.root().join(folder);
        fs::create_dir_all(&target).unwrap();
        for entry in fs::read_dir(Path::new(ORIGIN).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, target.join(path.file_name().unwrap())).unwrap();
        }
    }

    /// Changes the document of [`FIRST`].
    pub(crate) fn edit(&self, edit: impl FnOnce(&str) -> String) {
        let document = self.root().join("specs").join(FIRST).join("openapi.yaml");
        let text = edit(&fs::read_to_string(&document).unwrap());
        fs::write(document, text).unwrap();
    }

    /// What `cargo xtask regen` does. A document with errors fails the test.
    pub(crate) fn regen(&self) {
        for project in Project::all(self.root()).unwrap() {
            let generated = project.generate().unwrap();
            assert!(!generated.sink.has_errors(), "{:#?}", generated.sink.diagnostics());
            sync(&RealDisk, &generated.sets.unwrap(), Mode::Write).unwrap();
        }
    }

    /// The text of each generated file of a version, by its path in the crate.
    pub(crate) fn generated(&self, version: &str) -> BTreeMap<String, String> {
        let root = self.root().join("generated").join(version.replace('/', "-"));
        let mut files = BTreeMap::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
        files
    }

    /// The surface of a version as it was generated last.
    pub(crate) fn surface(&self, version: &str) -> BTreeMap<String, String> {
        surface_of(&self.generated(version))
    }

    /// The text of the lock of a version.
    pub(crate) fn lock(&self, version: &str) -> String {
        fs::read_to_string(self.root().join("specs").join(version).join("api.lock")).unwrap()
    }

    /// The folder that holds `specs/`.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }
}

/// The surface of a version below `root`, generated in memory.
pub(crate) fn surface_in_memory(root: &Path, version: &str) -> BTreeMap<String, String> {
    let mut projects = Project::all(root).unwrap().into_iter();
    let project = projects.find(|project| project.name() == version).unwrap();
    let sets = project.generate().unwrap().sets.unwrap();
    let files = sets.into_iter().flat_map(|set| set.files);
    surface_of(&files.map(|(path, file)| (path, file.text)).collect())
}

fn surface_of(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    surface::of_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str()))).unwrap()
}
