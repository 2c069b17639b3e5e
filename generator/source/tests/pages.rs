//! The overlays that the diagnostics pages recommend are overlays.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use specwright_source::{Budget, Overlay, Sink, SourceMap, read};

#[test]
fn every_recommended_overlay_is_well_formed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        // The section of the example shows what is wrong.
        let sections = page.split("\n## ").filter(|section| !section.starts_with("Example"));
        let blocks = sections.flat_map(|section| section.split("```yaml\n").skip(1));
        for block in blocks.filter(|block| block.starts_with("overlay:")) {
            let text = block.split("```").next().unwrap_or_default();
            let mut sink = Sink::default();
            let bytes = text.as_bytes();
            let name = path.to_string_lossy();
            let tree = read(&mut SourceMap::default(), &name, bytes, &Budget::DEFAULT, &mut sink);
            Overlay::read(tree.unwrap().1.root(), &mut sink).unwrap();
            assert_eq!(sink.diagnostics(), [], "{}", path.display());
            checked += 1;
        }
    }
    assert!(checked >= 10, "{checked} overlays");
}
