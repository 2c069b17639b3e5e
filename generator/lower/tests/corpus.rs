//! Real documents: whatever they hold, lowering ends with an API that keeps its invariants.
//!
//! `SPECWRIGHT_CORPUS` names a folder with documents and a `MANIFEST.tsv` that lists them. Run with
//! `SPECWRIGHT_CORPUS=DIR cargo test -p specwright-lower --features yardsticks --test corpus`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at the first surprise")]

#[path = "lowering/shuffle.rs"]
mod shuffle;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use specwright_ir::Api;
use specwright_ir::lock::Lock;
use specwright_lower::lower;
use specwright_openapi::read_document;
use specwright_source::{Budget, DiskFiles, Loader, Sink};

#[test]
fn every_document_is_lowered_and_keeps_the_invariants() {
    let documents = documents();
    let mut reported: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut broken = Vec::new();
    for path in &documents {
        let (api, sink) = read_and_lower(path, Order::Written);
        let violations = specwright_ir::verify(&api);
        broken.extend(violations.iter().take(3).map(|one| format!("{}: {one}", path.display())));
        let mut here: BTreeMap<String, usize> = BTreeMap::new();
        for diagnostic in sink.diagnostics() {
            *here
                .entry(format!("{} {}", diagnostic.code.id, diagnostic.code.title))
                .or_default() += 1;
        }
        for (code, count) in here {
            let total = reported.entry(code).or_default();
            total.0 += count;
            total.1 += 1;
        }
    }
    for (code, (places, documents)) in &reported {
        println!("{places:6} places in {documents:2} documents: {code}");
    }
    println!("{} documents", documents.len());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_document_in_another_order_is_the_same_api() {
    let differ: Vec<String> = documents()
        .iter()
        .filter(|path| {
            let written = specwright_ir::dump(&read_and_lower(path, Order::Written).0);
            written != specwright_ir::dump(&read_and_lower(path, Order::Shuffled).0)
        })
        .map(|path| path.display().to_string())
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Written,
    Shuffled,
}

/// The API of a file, with what lowering alone reported.
fn read_and_lower(path: &Path, order: Order) -> (Api, Sink) {
    let mut sink = Sink::default();
    let mut loader = Loader::beside(DiskFiles, path, Budget::DEFAULT).unwrap();
    let main = loader.open(path, &mut sink).unwrap();
    if order == Order::Shuffled {
        shuffle::shuffle(loader.tree_mut(main).unwrap(), 1);
    }
    let document = read_document(&mut loader, main, &mut sink).unwrap();
    let mut sink = Sink::default();
    let api = lower(&document, &Lock::default(), &mut sink);
    (api, sink)
}

/// The files of the first column of `MANIFEST.tsv`, behind its heading.
fn documents() -> Vec<PathBuf> {
    let folder = std::env::var_os("SPECWRIGHT_CORPUS").expect("SPECWRIGHT_CORPUS names a folder");
    let folder = PathBuf::from(folder);
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let names = manifest.lines().skip(1).filter_map(|line| line.split('\t').next());
    let documents: Vec<PathBuf> = names.map(|name| folder.join(name)).collect();
    assert!(!documents.is_empty(), "the manifest lists nothing");
    documents
}
