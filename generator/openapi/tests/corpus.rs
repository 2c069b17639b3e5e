//! Reads every document under the folder that `SPECWRIGHT_CORPUS` names.
//!
//! The figures are printed for people: `cargo test -p specwright-openapi --features yardsticks
//! --test corpus -- --nocapture`. `SPECWRIGHT_CORPUS_SHOW` prints each diagnostic of the documents
//! whose path contains it.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use specwright_openapi::read_document;
use specwright_source::{Budget, Diagnostic, DiskFiles, Loader, Severity, Sink, SourceMap};

#[test]
fn every_document_of_the_corpus_is_read() {
    let root = PathBuf::from(env::var_os("SPECWRIGHT_CORPUS").expect("SPECWRIGHT_CORPUS is set"));
    let shown = env::var("SPECWRIGHT_CORPUS_SHOW").ok();
    let files = documents(&root).unwrap();
    assert!(!files.is_empty(), "no document under {}", root.display());
    let mut unread = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let mut loader = Loader::beside(DiskFiles, file, Budget::DEFAULT).unwrap();
        let mut sink = Sink::default();
        let main = loader.open(file, &mut sink);
        let document = main.and_then(|main| read_document(&mut loader, main, &mut sink));
        match &document {
            Some(document) => println!(
                "{name}: {} paths, {} schemas, {}",
                document.paths.len(),
                document.schemas.len(),
                counts(sink.diagnostics())
            ),
            None => unread.push(name.clone()),
        }
        if shown.as_ref().is_some_and(|shown| name.contains(shown.as_str())) {
            sink.diagnostics().iter().for_each(|found| show(found, loader.sources()));
        }
    }
    println!("{} documents, {} without a reading", files.len(), unread.len());
    assert_eq!(unread, [""; 0]);
}

fn documents(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut entries = entries.collect::<io::Result<Vec<PathBuf>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files.extend(documents(&path)?);
        } else if path.extension().is_some_and(|it| it == "json" || it == "yaml" || it == "yml") {
            files.push(path);
        }
    }
    Ok(files)
}

fn counts(diagnostics: &[Diagnostic]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.code.id).or_default() += 1;
    }
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    format!("{errors} errors {counts:?}")
}

#[expect(clippy::print_stdout, reason = "the figures of this test are for people")]
fn show(diagnostic: &Diagnostic, sources: &SourceMap) {
    let place = diagnostic.labels.first().map_or("-".to_owned(), |label| {
        let position = sources.position(label.span);
        format!("{}:{}", position.line, position.column)
    });
    let pointer = diagnostic.pointer.as_ref().map(ToString::to_string).unwrap_or_default();
    println!(
        "    {} {place} {} | {pointer} | {:?}",
        diagnostic.code.id, diagnostic.message, diagnostic.help
    );
}
