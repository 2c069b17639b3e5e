//! `torture grants` and `torture requests`: the tables of what must not break, with real processes.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use specwright_cli::exit::Exit;

use crate::workspace::cargo;

/// A table of the judge.
#[derive(Clone, Copy)]
pub(crate) enum Table {
    Grants,
    Requests,
}

impl Table {
    /// What the judge calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Grants => "grants",
            Self::Requests => "requests",
        }
    }
}

/// Builds the judge and its workers with optimization, so that the times of a row are those of a program that runs, and
/// lets it print the rows of a table whose names hold one of these words; all of them if there is none.
pub(crate) fn run(table: Table, words: &[String]) -> anyhow::Result<ExitCode> {
    let mut build = cargo();
    build.args(["build", "--release", "--package", "torture", "--bins"]);
    if !build.status().context("cargo cannot be run")?.success() {
        bail!("the judge could not be built");
    }
    let mut judge = cargo();
    judge.args(["run", "--release", "--quiet", "--package", "torture", "--bin", "torture", "--"]);
    let status = judge.arg(table.name()).args(words).status().context("cargo cannot be run")?;
    // The codes of the judge are those of this program.
    match status.code() {
        Some(0) => Ok(Exit::Done.into()),
        Some(1) => Ok(Exit::Findings.into()),
        Some(2) => Ok(Exit::Usage.into()),
        _ => bail!("the judge did not come to its end: {status}"),
    }
}
