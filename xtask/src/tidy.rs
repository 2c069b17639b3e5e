//! `cargo xtask tidy`: rules of the repository that no other tool knows.

mod links;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;
use specwright_cli::output::is_marked;
use specwright_source::codes;

use crate::workspace::{files, metadata};

/// Prints every broken rule; the exit code is 1 if there is one.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut broken = edges(&metadata()?);
    broken.extend(unsorted_codes());
    let (files, mut pages) = (files()?, BTreeMap::new());
    for path in &files {
        // Deleted, and not committed yet.
        let Ok(bytes) = fs::read(path) else { continue };
        broken.extend(file(path, &bytes));
        if has_extension(path, "md") {
            pages.insert(path.clone(), String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    broken.extend(links::broken(&files, &pages));
    for rule in &broken {
        writeln!(io::stderr(), "error: {rule}")?;
    }
    writeln!(io::stderr(), "tidy: {} broken rules", broken.len())?;
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Who may import whom, with the reason. Development dependencies are free; programs under `tests/`,
/// `examples/` and `benches/` may use anything.
const EDGES: &[(&str, &[&str], &str)] = &[
    ("source", &[], "text and places, nothing else"),
    ("ir", &["source"], "an origin is a place in a source file"),
    ("openapi", &["source"], "a document is read from a tree"),
    ("lower", &["source", "openapi", "ir"], "the only stage that sees both sides"),
    ("rust", &["source", "ir"], "a back end never sees a document"),
    ("cli", &["source", "openapi", "ir", "lower", "rust"], "the line of all stages"),
    ("xtask", &["source", "cli"], "links the generator and never the runtime"),
    ("core", &[], "the vocabulary"),
    ("backoff", &["core"], "one behaviour"),
    ("idempotency", &["core", "store"], "one behavior, whose record may be shared"),
    ("oauth", &["core"], "one behaviour"),
    ("store", &["core"], "the words that all stores share"),
    ("limiter", &["core", "store"], "one behavior, whose record may be shared"),
    (
        "refresh",
        &["core", "backoff", "oauth", "store"],
        "refreshing is a grant of OAuth that is retried, and kept",
    ),
    (
        "client",
        &[
            "core",
            "backoff",
            "idempotency",
            "limiter",
            "oauth",
            "refresh",
            "store",
            "transport-reqwest",
            "webhooks",
        ],
        "the request loop joins all behaviours; the facade brings a transport",
    ),
    ("transport-reqwest", &["core"], "an adapter of the transport trait"),
    (
        "metrics-opentelemetry",
        &["core", "refresh", "webhooks"],
        "an adapter of the traits of those who watch",
    ),
    ("store-sqlite", &["core", "refresh", "store"], "an adapter of the traits of stores"),
    (
        "webhooks",
        &["core", "store"],
        "one behaviour, from the vendor to us; a store of events fails as others do",
    ),
    ("sandbox", &[], "it must be able to disagree with us, so it shares nothing with us"),
    (
        "testkit",
        &[
            "core",
            "backoff",
            "idempotency",
            "oauth",
            "refresh",
            "client",
            "sandbox",
            "store",
            "webhooks",
        ],
        "what tests of users need",
    ),
];

/// What a generated crate may import.
const GENERATED_EDGES: &[&str] = &["client"];

/// The edges between packages of the workspace that the table does not allow.
fn edges(metadata: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    let packages = array(metadata, "packages");
    for package in packages {
        let name = short(text(package, "name"));
        let manifest = text(package, "manifest_path").replace('\\', "/");
        let allowed = if manifest.contains("/generated/") {
            Some(GENERATED_EDGES)
        } else {
            EDGES.iter().find(|(crate_name, ..)| *crate_name == name).map(|(_, edges, _)| *edges)
        };
        let free = ["/tests/", "/examples/", "/benches/"];
        let Some(allowed) = allowed else {
            if !free.iter().any(|folder| manifest.contains(folder)) {
                broken
                    .push(format!("crate `{name}` has no line in the table of xtask/src/tidy.rs"));
            }
            continue;
        };
        for dependency in array(package, "dependencies") {
            let inside = dependency.get("path").is_some_and(Value::is_string);
            let development = dependency.get("kind").and_then(Value::as_str) == Some("dev");
            let other = short(text(dependency, "name"));
            if inside && !development && !allowed.contains(&other) {
                broken.push(format!("crate `{name}` must not import `{other}`"));
            }
        }
    }
    broken
}

fn short(name: &str) -> &str {
    name.strip_prefix("specwright-").unwrap_or(name)
}

fn unsorted_codes() -> Option<String> {
    let sorted =
        codes::ALL.iter().zip(codes::ALL.iter().skip(1)).all(|(left, right)| left.id < right.id);
    (!sorted).then(|| "codes in generator/source/src/codes.rs are not sorted".to_owned())
}

/// The rules that one file breaks.
fn file(path: &str, bytes: &[u8]) -> Vec<String> {
    let mut broken = Vec::new();
    let name = path.rsplit('/').next().unwrap_or(path);
    if path.starts_with("generated/") {
        let hand_written = path.contains("/src/ext/");
        if !hand_written && !is_marked(bytes) {
            broken.push(format!("{path}: generated files start with an `@generated` line"));
        }
        // What the generator writes has rules of its own, and quotes a vendor's words.
        return broken;
    }
    // Documents are the vendor's; this file holds the words that it looks for.
    if path.starts_with("specs/") || path == "xtask/src/tidy.rs" {
        return broken;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return broken };
    if has_extension(path, "rs") {
        let lines = text.lines().count();
        // A generated file is as long as its document is large.
        if lines > MAX_LINES && !text.starts_with("// @generated") {
            broken.push(format!(
                "{path}: {lines} lines, and {MAX_LINES} are too many for one concept"
            ));
        }
        if NAMES.contains(&name) {
            broken.push(format!("{path}: name it by the concept that it holds"));
        }
    }
    for (number, line) in (1..).zip(text.lines()) {
        for (word, reason) in WORDS {
            if line.contains(word) {
                broken.push(format!("{path}:{number}: `{word}`: {reason}"));
            }
        }
    }
    broken
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|it| it == extension)
}

fn array<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Lines of a hand-written file.
const MAX_LINES: usize = 800;

/// File names that say nothing about what is inside.
const NAMES: [&str; 3] = ["utils.rs", "helpers.rs", "common.rs"];

/// Words that must not be in a file, with the reason.
const WORDS: &[(&str, &str)] = &[
    ("TODO", "finish it, or file an issue"),
    ("#[ignore", "skipped is not passed"),
    ("#[should_panic", "assert on the value that is returned"),
    ("/home/", "a path of one machine"),
    ("/root/", "a path of one machine"),
    ("/Users/", "a path of one machine"),
    ("/work/", "a path of one machine"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn edges_of(name: &str, folder: &str, dependency: &str, kind: Option<&str>) -> Vec<String> {
        edges(&json!({ "packages": [{
            "name": name,
            "manifest_path": format!("/x/{folder}/Cargo.toml"),
            "dependencies": [{ "name": dependency, "path": "/x/y", "kind": kind }],
        }] }))
    }

    #[test]
    fn a_back_end_must_not_see_a_document() {
        let broken = edges_of("specwright-rust", "generator/rust", "specwright-openapi", None);
        assert_eq!(broken, ["crate `rust` must not import `openapi`"]);
    }

    #[test]
    fn tests_of_a_crate_may_import_anything() {
        let name = "specwright-rust";
        assert!(edges_of(name, "generator/rust", "specwright-openapi", Some("dev")).is_empty());
    }

    #[test]
    fn a_build_script_may_not_import_more_than_its_crate() {
        let broken =
            edges_of("specwright-core", "runtime/core", "specwright-source", Some("build"));
        assert_eq!(broken.len(), 1);
    }

    #[test]
    fn a_generated_crate_imports_the_facade_alone() {
        let name = "specwright-shop-v1";
        assert!(edges_of(name, "generated/shop-v1", "specwright-client", None).is_empty());
        assert_eq!(edges_of(name, "generated/shop-v1", "specwright-core", None).len(), 1);
    }

    #[test]
    fn a_crate_without_a_line_in_the_table_is_found() {
        assert_eq!(edges_of("specwright-new", "runtime/new", "serde", None).len(), 1);
        assert!(edges_of("wire", "tests/wire", "specwright-core", None).is_empty());
    }

    #[test]
    fn a_generated_file_without_its_mark_is_found() {
        assert_eq!(file("generated/a/src/lib.rs", b"pub mod a;\n").len(), 1);
        assert!(file("generated/a/src/lib.rs", b"// @generated\npub mod a;\n").is_empty());
        assert!(file("generated/a/src/ext/mine.rs", b"pub mod a;\n").is_empty());
    }

    #[test]
    fn a_file_that_is_too_long_is_found() {
        assert_eq!(file("a.rs", "\n".repeat(801).as_bytes()).len(), 1);
        assert!(file("a.rs", "\n".repeat(800).as_bytes()).is_empty());
        let generated = format!("// @generated\n{}", "\n".repeat(801));
        assert!(file("a.rs", generated.as_bytes()).is_empty());
    }

    #[test]
    fn a_forbidden_word_is_located() {
        let broken = file("a.rs", b"fn a() {}\n// TODO later\n");
        assert_eq!(broken, ["a.rs:2: `TODO`: finish it, or file an issue"]);
        assert_eq!(file("src/utils.rs", b"").len(), 1);
    }
}
