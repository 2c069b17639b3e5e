//! The clients of documents that nobody here wrote, through the compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::workspace::{STRICT_TARGET, cargo};

/// What the compiler said of one client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Compiled {
    Yes,
    No {
        /// Errors by code, warnings among them; those without a code are under the empty one.
        errors: BTreeMap<String, usize>,
        /// The first message.
        first: String,
    },
}

impl Compiled {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Yes => "compiled".to_owned(),
            Self::No { first, .. } => format!("not compiled: {first}"),
        }
    }
}

/// The name of the package of a document, by its place in the list.
pub(super) fn package(index: usize) -> String {
    format!("corpus-{index:03}")
}

/// The documents of the fixed list. One that is not there is an error: the list would test nothing.
pub(super) fn subset(documents: &[String]) -> anyhow::Result<Vec<String>> {
    if let Some(missing) = SUBSET.iter().find(|path| !documents.iter().any(|it| it == *path)) {
        bail!("{missing} is not among the documents; `--compile subset` needs it");
    }
    Ok(SUBSET.iter().map(|path| (*path).to_owned()).collect())
}

/// Checks the clients in a folder that are kept, all features, warnings denied, in one workspace: what
/// they share is compiled once, and two are compiled at a time. Results by their place in the list.
pub(super) fn compile(
    folder: &Path,
    kept: impl Iterator<Item = bool>,
) -> anyhow::Result<BTreeMap<usize, Compiled>> {
    let kept: Vec<usize> =
        kept.enumerate().filter(|(_, kept)| *kept).map(|(index, _)| index).collect();
    if kept.is_empty() {
        return Ok(BTreeMap::new());
    }
    let members: Vec<String> = kept.iter().map(|index| format!("{:?}", package(*index))).collect();
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", "));
    fs::write(folder.join("Cargo.toml"), manifest)?;
    // The versions of the repository, so that nothing is asked of the registry.
    fs::copy("Cargo.lock", folder.join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    for index in &kept {
        join_workspace(&folder.join(package(*index)).join("Cargo.toml"))?;
    }
    let mut command = cargo();
    command.args(["check", "--workspace", "--all-features", "--keep-going", "--quiet"]);
    command.args(["--message-format", "json", "--target-dir"]);
    command.arg(std::path::absolute(STRICT_TARGET)?);
    command.arg("--manifest-path").arg(folder.join("Cargo.toml"));
    command.env("RUSTFLAGS", "-D warnings").stderr(Stdio::inherit());
    let output = command.output().context("cannot run cargo check")?;
    Ok(results(folder, &kept, &String::from_utf8_lossy(&output.stdout)))
}

/// A client that is written to some folder is a workspace of its own.
fn join_workspace(manifest: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    fs::write(manifest, text.replace("\n[workspace]\n", ""))?;
    Ok(())
}

/// Reads what Cargo says of each package, one object a line.
fn results(folder: &Path, kept: &[usize], messages: &str) -> BTreeMap<usize, Compiled> {
    let mut done: BTreeSet<PathBuf> = BTreeSet::new();
    let mut errors: BTreeMap<PathBuf, Vec<(String, String)>> = BTreeMap::new();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_default();
        let text =
            |pointer: &str| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let manifest = PathBuf::from(text("/manifest_path"));
        match text("/reason") {
            "compiler-artifact" => {
                done.insert(manifest);
            }
            "compiler-message" if text("/message/level") == "error" => {
                let error =
                    (text("/message/code/code").to_owned(), text("/message/message").to_owned());
                errors.entry(manifest).or_default().push(error);
            }
            _ => {}
        }
    }
    let result = |index: &usize| {
        let manifest = folder.join(package(*index)).join("Cargo.toml");
        if done.contains(&manifest) {
            return (*index, Compiled::Yes);
        }
        let errors = errors.remove(&manifest).unwrap_or_default();
        let first = errors.first().map_or("the compiler did not come so far", |(_, text)| text);
        let first = first.to_owned();
        let mut counts = BTreeMap::new();
        // `aborting due to 3 previous errors` has no code and is no error of its own.
        for (code, _) in errors.iter().filter(|(_, text)| !text.starts_with("aborting due to")) {
            *counts.entry(code.clone()).or_default() += 1;
        }
        (*index, Compiled::No { errors: counts, first })
    };
    kept.iter().map(result).collect()
}

/// Small documents, chosen for what is in them: unions of every kind, `allOf`, every style of
/// parameter, webhooks, forms, damage, 3.0, 3.1 and 3.2. At most 20, so that they take minutes.
const SUBSET: &[&str] = &[
    "hey-api/3.1.x-case.yaml",
    "hey-api/3.1.x-discriminator-all-of.yaml",
    "hey-api/3.1.x-discriminator-one-of.yaml",
    "hey-api/3.1.x-transformers.json",
    "museum/openapi.yaml",
    "oai/v3.0-petstore-expanded.json",
    "oai/v3.0-uspto.json",
    "oai/v3.1-tictactoe.json",
    "oai/v3.1-webhook-example.json",
    "oas3-gen/union_serde.json",
    "ogen/manga.json",
    "ogen/positive-allOf.yml",
    "ogen/positive-value_based_discrimination.json",
    "openapi-generator/oas31-encode-decode.yaml",
    "progenitor/buildomat.json",
    "progenitor/param-collision.json",
    "readmeio/3.1-parameters-style.json",
    "redocly/cafe-3.2.yaml",
    "stora/openapi.yaml",
    "train-travel/openapi.yaml",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_says_is_told_apart_by_package() {
        let messages = r#"
{"reason":"compiler-message","manifest_path":"/w/corpus-001/Cargo.toml","message":{"level":"warning","code":{"code":"a"},"message":"w"}}
{"reason":"compiler-artifact","manifest_path":"/w/corpus-001/Cargo.toml"}
{"reason":"compiler-message","manifest_path":"/w/corpus-002/Cargo.toml","message":{"level":"error","code":{"code":"E0072"},"message":"recursive type"}}
{"reason":"compiler-message","manifest_path":"/w/corpus-002/Cargo.toml","message":{"level":"error","code":null,"message":"aborting due to 1 previous error"}}
{"reason":"build-finished","success":false}
"#;
        let results = results(Path::new("/w"), &[1, 2, 3], messages);
        assert_eq!(results[&1], Compiled::Yes);
        let errors = BTreeMap::from([("E0072".to_owned(), 1)]);
        assert_eq!(results[&2], Compiled::No { errors, first: "recursive type".to_owned() });
        assert!(results[&3].words().contains("did not come so far"));
    }

    #[test]
    fn a_listed_document_that_is_not_there_is_an_error() {
        let mut documents: Vec<String> = SUBSET.iter().map(|path| (*path).to_owned()).collect();
        assert!(subset(&documents).is_ok());
        documents.pop();
        assert!(subset(&documents).is_err());
    }

    #[test]
    fn the_list_is_short_and_sorted() {
        assert!(SUBSET.len() <= 20);
        assert!(SUBSET.is_sorted());
    }
}
