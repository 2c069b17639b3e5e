//! All stages in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use specwright_cli::pipeline::{self, Input};
use specwright_ir::lock::Lock;
use specwright_rust::{File, Runtime, Settings};
use specwright_source::{Budget, Loader, MemoryFiles, Sink};

/// What one run writes.
pub(crate) struct Output {
    /// The files of the crate.
    pub(crate) files: Vec<File>,
    /// The text of the lock.
    pub(crate) lock: String,
}

impl Output {
    /// The first line that another run wrote otherwise; `None` if the two are equal.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<String> {
        let files = |output: &Self| -> BTreeMap<String, String> {
            let crate_files =
                output.files.iter().map(|file| (file.path.clone(), file.text.clone()));
            crate_files.chain([("api.lock".to_owned(), output.lock.clone())]).collect()
        };
        let (ours, theirs) = (files(self), files(other));
        let paths: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        let path = paths.into_iter().find(|path| ours.get(*path) != theirs.get(*path))?;
        let lines = |files: &BTreeMap<String, String>| -> Vec<String> {
            files.get(path).into_iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
        };
        let (ours, theirs) = (lines(&ours), lines(&theirs));
        let same = ours.iter().zip(&theirs).take_while(|(left, right)| left == right).count();
        Some(format!("{path}:{}: {:?} or {:?}", same + 1, ours.get(same), theirs.get(same)))
    }
}

/// Generates from a document, with the lock of an earlier run or an empty text.
pub(crate) fn generate(document: &str, lock: &str) -> Output {
    let files = MemoryFiles::default().with(DOCUMENT, document);
    let path = Path::new(DOCUMENT);
    let mut loader = Loader::beside(files, path, Budget::DEFAULT).unwrap();
    let mut sink = Sink::default();
    let input = Input { document: path, overlays: &[] };
    let lock = Lock::parse(lock).unwrap();
    let reading = pipeline::read(&mut loader, input, &mut sink).expect("it is OpenAPI");
    let api = pipeline::understand(&reading.document, &lock, &mut sink);
    let settings = Settings {
        package: "example-v1".to_owned(),
        library: "example_v1".to_owned(),
        title: "Example".to_owned(),
        runtime: Runtime::Workspace,
        command: "cargo xtask regen".to_owned(),
        repository: None,
        feature_threshold: Settings::FEATURE_THRESHOLD,
    };
    let client = pipeline::write(&api, &settings, lock, &mut sink);
    Output { files: client.files, lock: client.lock.to_text() }
}

const DOCUMENT: &str = "/openapi.yaml";
