//! Real documents: whatever they hold, lowering ends with an API that keeps its invariants.
//!
//! `SPECWRIGHT_CORPUS` names a folder with a folder for each document. Run with
//! `SPECWRIGHT_CORPUS=DIR cargo test -p specwright-lower --features yardsticks --test corpus`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use specwright_ir::lock::Lock;
use specwright_lower::lower;
use specwright_openapi::read_document;
use specwright_source::{Budget, DiskFiles, Loader, Sink};

#[test]
fn every_document_is_lowered_and_keeps_the_invariants() {
    let Some(folder) = std::env::var_os("SPECWRIGHT_CORPUS") else {
        panic!("set SPECWRIGHT_CORPUS to the folder of the documents");
    };
    let documents = documents(Path::new(&folder));
    assert!(!documents.is_empty(), "no document in {}", Path::new(&folder).display());
    let mut features: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut broken = Vec::new();
    for path in &documents {
        let mut sink = Sink::default();
        let mut loader = Loader::beside(DiskFiles, path, Budget::DEFAULT).unwrap();
        let Some(document) = loader
            .open(path, &mut sink)
            .and_then(|main| read_document(&mut loader, main, &mut sink))
        else {
            broken.push(format!("{}: not read", path.display()));
            continue;
        };
        let mut sink = Sink::default();
        let api = lower(&document, &Lock::default(), &mut sink);
        let violations = specwright_ir::verify(&api);
        broken.extend(violations.iter().take(3).map(|one| format!("{}: {one}", path.display())));
        let mut here: BTreeMap<String, usize> = BTreeMap::new();
        for diagnostic in sink.diagnostics() {
            *here
                .entry(format!("{} {}", diagnostic.code.id, diagnostic.code.title))
                .or_default() += 1;
        }
        for (code, count) in here {
            let total = features.entry(code).or_default();
            total.0 += count;
            total.1 += 1;
        }
    }
    for (code, (places, documents)) in &features {
        println!("{places:6} places in {documents:2} documents: {code}");
    }
    println!("{} documents", documents.len());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Every file called `openapi` below the folder, sorted.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_stem().is_some_and(|stem| stem == "openapi") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
