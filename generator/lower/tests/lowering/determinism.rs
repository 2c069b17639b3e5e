//! The same document in another order is the same API.

use std::path::Path;

use specwright_ir::lock::Lock;
use specwright_openapi::read_document;
use specwright_source::{Budget, DiskFiles, FileId, Loader, Overlay, Sink};

use crate::shuffle::shuffle;

#[test]
fn the_order_of_maps_without_a_meaning_changes_nothing() {
    let plain = stora(0);
    assert!(plain.lines().count() > 300, "the document was not read");
    for seed in 1..=8 {
        assert!(stora(seed) == plain, "seed {seed} gave another API");
    }
}

/// The dump of Stora's effective document and what was guessed about it, its maps shuffled if the seed is not zero.
fn stora(seed: u64) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/stora/2025-09");
    let mut sink = Sink::default();
    let main = folder.join("openapi.yaml");
    let mut loader = Loader::beside(DiskFiles, &main, Budget::DEFAULT).unwrap();
    let main = loader.open(&main, &mut sink).unwrap();
    let mut overlays: Vec<_> = std::fs::read_dir(folder.join("overlays"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    overlays.sort();
    for path in overlays {
        apply(&mut loader, main, &path, &mut sink);
    }
    if seed > 0 {
        shuffle(loader.tree_mut(main).unwrap(), seed);
    }
    let document = read_document(&mut loader, main, &mut sink).unwrap();
    let api = specwright_lower::lower(&document, &Lock::default(), &mut sink);
    assert_eq!(specwright_ir::verify(&api), []);
    let guesses = api.guesses.iter().map(|guess| (&guess.key, guess.kind, &guess.value));
    format!("{}{:?}", specwright_ir::dump(&api), guesses.collect::<Vec<_>>())
}

fn apply(loader: &mut Loader<DiskFiles>, main: FileId, path: &Path, sink: &mut Sink) {
    let file = loader.open(path, sink).unwrap();
    let overlay = Overlay::read(loader.tree(file).unwrap().root(), sink).unwrap();
    overlay.apply(loader.tree_mut(main).unwrap(), sink);
}
