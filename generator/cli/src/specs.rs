//! A folder of specs, read and understood.

use std::io;
use std::path::{Path, PathBuf};

use specwright_ir::Api;
use specwright_ir::lock::Lock;
use specwright_source::{Budget, DiskFiles, Loader, Sink};

use crate::config::Config;
use crate::pipeline::{self, Input, Reading};
use crate::project::{LOCK, load_lock};

/// What the folder of one version of an API says, before anything is written from it.
#[derive(Debug)]
pub struct Specs {
    /// `api.yaml`.
    pub config: Config,
    /// The document after its overlays.
    pub reading: Reading,
    /// The decisions of earlier runs.
    pub lock: Lock,
    /// What the document means.
    pub api: Api,
}

impl Specs {
    /// A loader that does not leave the folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be entered.
    pub fn loader(folder: &Path) -> io::Result<Loader<DiskFiles>> {
        Loader::new(DiskFiles, folder, Budget::DEFAULT)
    }

    /// Reads a folder that has an `api.yaml`. `None` if an input cannot be read, which has been
    /// reported.
    pub fn read(loader: &mut Loader<DiskFiles>, folder: &Path, sink: &mut Sink) -> Option<Self> {
        let config = Config::load(loader, &folder.join("api.yaml"), sink)?;
        let lock = load_lock(&folder.join(LOCK), sink)?;
        let document = folder.join(&config.document);
        let overlays: Vec<PathBuf> = config.overlays.iter().map(|path| folder.join(path)).collect();
        let input = Input { document: &document, overlays: &overlays };
        let reading = pipeline::read(loader, input, sink)?;
        let api = pipeline::understand(&reading.document, &lock, sink);
        Some(Self { config, reading, lock, api })
    }
}
