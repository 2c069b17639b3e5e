//! The code that `README.md` shows is code of the examples, which are compiled and run.

use std::fs;
use std::path::Path;

/// The blocks marked `rust,ignore` are those of programs that do not use this project.
#[test]
fn every_block_of_rust_in_the_readme_stands_in_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let readme = read("README.md");
    let examples = [
        "connect/src/app.rs",
        "partner/src/app.rs",
        "partner/src/import.rs",
        "partner/src/webhooks.rs",
        "quickstart/src/main.rs",
    ]
    .map(|program| read(&format!("examples/{program}")));
    let blocks = blocks(&readme);
    assert!(!blocks.is_empty());
    for block in blocks {
        let stands = examples.iter().any(|program| stands_in(program, &block));
        assert!(stands, "no example has\n{}", block.join("\n"));
    }
}

fn blocks(markdown: &str) -> Vec<Vec<&str>> {
    let pieces = markdown.split("\n```rust\n").skip(1);
    pieces.filter_map(|piece| Some(piece.split_once("\n```\n")?.0.lines().collect())).collect()
}

/// Whether a program has these lines, one after the other and all of them as far to the right.
fn stands_in(program: &str, block: &[&str]) -> bool {
    let program: Vec<_> = program.lines().collect();
    program.windows(block.len()).any(|lines| {
        let indent = lines[0].len() - lines[0].trim_start().len();
        lines
            .iter()
            .zip(block)
            .all(|(line, shown)| line.get(indent..).unwrap_or_default() == *shown)
    })
}
