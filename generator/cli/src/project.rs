//! A folder `specs/<api>/<version>` and everything that is generated from it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use specwright_ir::lock::Lock;
use specwright_rust::{Runtime, Settings};
use specwright_source::{Diagnostic, DiskFiles, Loader, Sink, SourceMap, codes};

use crate::config::Config;
use crate::output::{FileSet, NewFile, Replace};
use crate::pipeline::{self, Client};
use crate::specs::Specs;

/// One version of one API in a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Project {
    /// `<api>/<version>`.
    name: String,
    /// The root of the repository.
    root: PathBuf,
}

/// What a project generates.
#[derive(Debug)]
pub struct Generated {
    /// The files that were read, for the places of the diagnostics.
    pub sources: SourceMap,
    /// What was found on the way.
    pub sink: Sink,
    /// The crate, the lock and the effective document; `None` if an input cannot be read.
    pub sets: Option<Vec<FileSet>>,
}

impl Project {
    /// The projects of a repository: every `specs/<api>/<version>/api.yaml`, sorted by name.
    pub fn all(root: &Path) -> io::Result<Vec<Self>> {
        let mut projects = Vec::new();
        for api in folders(&root.join("specs"))? {
            for version in folders(&api)? {
                if version.join("api.yaml").is_file()
                    && let Ok(name) = version.strip_prefix(root.join("specs"))
                {
                    let name = name.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
                    projects.push(Self { name, root: root.to_owned() });
                }
            }
        }
        projects.sort();
        Ok(projects)
    }

    /// `<api>/<version>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of the project.
    pub fn folder(&self) -> PathBuf {
        self.root.join("specs").join(&self.name)
    }

    /// Generates everything in memory. The error is that of a folder that cannot be entered.
    pub fn generate(&self) -> io::Result<Generated> {
        let mut loader = Specs::loader(&self.folder())?;
        let mut sink = Sink::default();
        let sets = self.sets(&mut loader, &mut sink);
        Ok(Generated { sources: loader.into_sources(), sink, sets })
    }

    fn sets(&self, loader: &mut Loader<DiskFiles>, sink: &mut Sink) -> Option<Vec<FileSet>> {
        let folder = self.folder();
        let Specs { config, reading, lock, api } = Specs::read(loader, &folder, sink)?;
        let client = pipeline::write(&api, &settings(&config), lock, sink);

        let lock = client.lock.to_text();
        let mut sets =
            vec![crate_set(self.root.join(&config.output), client), single(folder, LOCK, lock)];
        if let Some(path) = &config.effective {
            sets.push(single(self.root.clone(), path, reading.effective));
        }
        Some(sets)
    }
}

/// The decisions of earlier runs; none if there is no file. `None` if there is one that cannot be
/// read: to go on without it would rename things.
pub fn load_lock(path: &Path, sink: &mut Sink) -> Option<Lock> {
    let name = path.to_string_lossy();
    match fs::read_to_string(path) {
        Ok(text) => pipeline::read_lock(&name, &text, sink),
        // A file in the place of the folder is the output's to refuse.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Some(Lock::default())
        }
        Err(error) => {
            let message = format!("file `{name}` cannot be read: {error}");
            sink.report(Diagnostic::new(&codes::FILE_UNREADABLE, message));
            None
        }
    }
}

/// The files of a crate, with everything below `src` that is ours.
pub fn crate_set(root: PathBuf, client: Client) -> FileSet {
    let files = client.files.into_iter();
    let files =
        files.map(|file| (file.path, NewFile { text: file.text, replace: Replace::Marked }));
    FileSet { root, files: files.collect(), gone: Vec::new(), sweep: Some("src".to_owned()) }
}

/// One file that was read as what it is before it is written again.
pub fn single(root: PathBuf, path: &str, text: String) -> FileSet {
    let files = BTreeMap::from([(path.to_owned(), NewFile { text, replace: Replace::Known })]);
    FileSet { root, files, gone: Vec::new(), sweep: None }
}

/// Name of the file with the decisions.
pub const LOCK: &str = "api.lock";

fn settings(config: &Config) -> Settings {
    Settings {
        package: config.package.clone(),
        library: config.library.clone(),
        title: config.title.clone(),
        runtime: Runtime::Workspace,
        command: "cargo xtask regen".to_owned(),
        repository: Some(env!("CARGO_PKG_REPOSITORY").to_owned()),
        feature_threshold: config.features.threshold,
    }
}

fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}
