//! The repository that this program was built from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// The root folder. Commands run with it as the current folder, so that paths in messages are
/// those that a reader of the repository knows.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.parent().context("the folder of xtask has no parent")?;
    ensure!(root.join("Cargo.toml").is_file(), "{} has been moved; build again", root.display());
    Ok(root.to_owned())
}

/// The Cargo that runs this program, or the one on the path.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// What Cargo knows of the workspace, dependencies by others left out.
pub(crate) fn metadata() -> anyhow::Result<Value> {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let output = command.output().context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")
}

/// Files that are in version control or about to be.
pub(crate) fn files() -> anyhow::Result<BTreeSet<String>> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = command.output().context("cannot run git")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    Ok(files.split_terminator('\0').map(str::to_owned).collect())
}

/// A package of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its folder below the root, with `/` between the parts.
    pub(crate) folder: String,
    /// Its features, sorted.
    pub(crate) features: Vec<String>,
}

/// The packages of the workspace, in the order of Cargo.
pub(crate) fn packages() -> anyhow::Result<Vec<Package>> {
    packages_of(&metadata()?).context("cargo metadata has another form")
}

fn packages_of(metadata: &Value) -> Option<Vec<Package>> {
    let root = Path::new(metadata.get("workspace_root")?.as_str()?);
    let packages = metadata.get("packages")?.as_array()?.iter();
    packages
        .map(|package| {
            let manifest = Path::new(package.get("manifest_path")?.as_str()?);
            let folder = manifest.parent()?.strip_prefix(root).ok()?;
            let mut features: Vec<String> =
                package.get("features")?.as_object()?.keys().cloned().collect();
            features.sort();
            Some(Package {
                name: package.get("name")?.as_str()?.to_owned(),
                folder: folder.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"),
                features,
            })
        })
        .collect()
}

/// Where crates are checked with warnings as errors. Other flags make another build of every
/// dependency, so all such checks share one folder of their own.
pub(crate) const STRICT_TARGET: &str = "target/strict";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_its_folder_below_the_root_and_its_features_sorted() {
        let metadata = serde_json::json!({
            "workspace_root": "/w",
            "packages": [{
                "name": "a",
                "manifest_path": "/w/tests/a/Cargo.toml",
                "features": { "stream": [], "default": ["stream"] },
            }],
        });
        let package = Package {
            name: "a".to_owned(),
            folder: "tests/a".to_owned(),
            features: vec!["default".to_owned(), "stream".to_owned()],
        };
        assert_eq!(packages_of(&metadata), Some(vec![package]));
    }
}
