//! The repository that this program was built from.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

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
