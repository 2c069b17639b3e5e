//! Others' test data, which is not part of the repository.
//!
//! Built only with the feature `yardsticks`, so that it never counts as passed without having run:
//! `SPECWRIGHT_YARDSTICKS=DIR SPECWRIGHT_CORPUS=DIR cargo test -p specwright-source
//! --features yardsticks --test yardsticks`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use specwright_source::emit::to_value;
use specwright_source::{Budget, Diagnostic, Overlay, Sink, SourceMap, Tree, read};

#[test]
fn overlay_compliant_sets_give_their_output() {
    let mut done = 0;
    for folder in entries(&folder("SPECWRIGHT_YARDSTICKS").join("overlay/compliant-sets")) {
        if !folder.is_dir() {
            continue;
        }
        let mut sink = Sink::default();
        let overlay = load(&folder.join("overlay.yaml"), &mut sink);
        let mut document = load(&folder.join("openapi.yaml"), &mut sink);
        let expected = load(&folder.join("output.yaml"), &mut sink);
        Overlay::read(overlay.root(), &mut sink).unwrap().apply(&mut document, &mut sink);
        assert_eq!(sink.diagnostics(), [], "{}", folder.display());
        assert_eq!(to_value(document.root()), to_value(expected.root()), "{}", folder.display());
        done += 1;
    }
    assert!(done >= 8, "{done} sets");
}

#[test]
fn overlays_that_conform_are_read_and_others_are_reported() {
    for version in ["v1.0", "v1.1"] {
        for (verdict, conforms) in [("pass", true), ("fail", false)] {
            let folder =
                folder("SPECWRIGHT_YARDSTICKS").join("overlay").join(version).join(verdict);
            for path in entries(&folder) {
                let mut sink = Sink::default();
                let overlay = load(&path, &mut sink);
                Overlay::read(overlay.root(), &mut sink);
                let problems: Vec<&Diagnostic> = sink.diagnostics().iter().collect();
                // This file of the yardstick holds a query that RFC 9535 does not allow (a name
                // with `-` after a dot); the set judges by a schema, which does not look into it.
                let conforms = conforms && !path.ends_with("actions-traits-example.yaml");
                assert_eq!(problems.is_empty(), conforms, "{}: {problems:?}", path.display());
            }
        }
    }
}

#[test]
fn the_corpus_is_read_as_serde_json_and_serde_yaml_read_it() {
    let corpus = folder("SPECWRIGHT_CORPUS");
    let (mut done, mut leading_zeros, mut refused) = (0, 0, Vec::new());
    for path in documents(&corpus) {
        let mut sink = Sink::default();
        let tree = load(&path, &mut sink);
        assert_eq!(sink.diagnostics(), [], "{}", path.display());
        let found = to_value(tree.root());
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = if path.extension().is_some_and(|extension| extension == "json") {
            serde_json::from_str(&text).unwrap()
        } else {
            match with_serde_yaml(&text) {
                Ok(value) => value,
                Err(_) => {
                    refused.push(path.strip_prefix(&corpus).unwrap().to_path_buf());
                    continue;
                }
            }
        };
        let mut differences = Vec::new();
        differ("", &found, &expected, &mut differences);
        // `007` is a number in YAML 1.2 (core schema) and a string for `serde_yaml`.
        let all = differences.len();
        differences.retain(|(_, found, expected)| {
            let digits = expected.as_str().filter(|text| text.starts_with('0'));
            digits.and_then(|text| text.parse().ok()) != found.as_u64()
        });
        leading_zeros += all - differences.len();
        assert_eq!(differences, [], "{}", path.display());
        done += 1;
    }
    // `serde_yaml` has no room for their `maximum: 18446744073709552000`.
    let known = ["cohere/openapi.yaml", "digitalocean/digitalocean-bundled.yaml"];
    assert_eq!(refused, known.map(PathBuf::from));
    assert!(done + refused.len() >= 87, "{done} documents");
    assert!(leading_zeros > 0, "the exception for leading zeros is no longer needed");
}

fn with_serde_yaml(text: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
    value.apply_merge()?;
    Ok(serde_json::to_value(value)?)
}

/// Collects the places at which two values differ.
fn differ<'v>(
    place: &str,
    left: &'v Value,
    right: &'v Value,
    found: &mut Vec<(String, &'v Value, &'v Value)>,
) {
    match (left, right) {
        (Value::Object(members), Value::Object(others)) if members.len() == others.len() => {
            for (key, value) in members {
                let other = others.get(key).unwrap_or(&Value::Null);
                differ(&format!("{place}/{key}"), value, other, found);
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (index, (value, other)) in items.iter().zip(others).enumerate() {
                differ(&format!("{place}/{index}"), value, other, found);
            }
        }
        _ if left == right => {}
        _ => found.push((place.to_owned(), left, right)),
    }
}

/// The folder that an environment variable names; its absence is a failure, not a skip.
fn folder(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable);
    PathBuf::from(value.unwrap_or_else(|| panic!("set {variable} to the folder of the test data")))
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let is_document = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("json" | "yaml" | "yml"))
    };
    let folders = entries(folder).into_iter().filter(|path| path.is_dir());
    folders.flat_map(|folder| entries(&folder)).filter(is_document).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn load(path: &Path, sink: &mut Sink) -> Tree {
    let bytes = std::fs::read(path).unwrap();
    let name = path.to_string_lossy();
    let read = read(&mut SourceMap::default(), &name, &bytes, &Budget::DEFAULT, sink);
    read.unwrap_or_else(|| panic!("{name} gives no tree")).1
}
