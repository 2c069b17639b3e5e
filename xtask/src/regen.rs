//! `cargo xtask regen`: from `specs/` to `generated/`.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use specwright_cli::command;
use specwright_cli::exit::Exit;
use specwright_cli::output::disk::RealDisk;
use specwright_cli::output::{Mode, sync};
use specwright_cli::project::Project;

/// What is done about differences.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Regen {
    Write,
    Check,
}

/// Generates one project or all of them. Every project is tried; the exit code is the highest.
pub(crate) fn run(regen: Regen, name: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut worst = Exit::Done;
    for project in projects(name)? {
        let exit = one(&project, regen)?;
        if exit.code() > worst.code() {
            worst = exit;
        }
    }
    Ok(worst.into())
}

/// The projects of the repository whose root is the current folder.
pub(crate) fn projects(name: Option<&str>) -> anyhow::Result<Vec<Project>> {
    let mut projects = Project::all(Path::new("")).context("cannot list specs")?;
    let Some(name) = name else { return Ok(projects) };
    let known: Vec<String> = projects.iter().map(|project| project.name().to_owned()).collect();
    projects.retain(|project| project.name() == name);
    if projects.is_empty() {
        bail!("there is no specs/{name}/api.yaml; there is {}", known.join(", "));
    }
    Ok(projects)
}

fn one(project: &Project, regen: Regen) -> anyhow::Result<Exit> {
    let mut stderr = io::stderr();
    let name = project.name();
    let generated = project.generate().with_context(|| format!("cannot enter specs/{name}"))?;
    command::report(&generated.sources, &generated.sink)?;
    let Some(sets) = generated.sets else {
        writeln!(stderr, "error: {name}: an input cannot be read; nothing was written")?;
        return Ok(Exit::Input);
    };
    let mode = match regen {
        Regen::Write => Mode::Write,
        Regen::Check => Mode::Check,
    };
    let changes = match sync(&RealDisk, &sets, mode) {
        Ok(changes) => changes,
        Err(error) => {
            writeln!(stderr, "error: {name}: {error}")?;
            return Ok(Exit::Output);
        }
    };
    match regen {
        Regen::Check if !changes.is_empty() => {
            command::stale(&changes, &format!("cargo xtask regen {name}"))?;
            return Ok(Exit::Stale);
        }
        Regen::Check => writeln!(stderr, "{name}: fresh")?,
        Regen::Write => writeln!(stderr, "{name}: changed files: {}", changes.len())?,
    }
    // A document of ours is read without errors: its overlays mend what the vendor broke.
    Ok(if generated.sink.has_errors() { Exit::Findings } else { Exit::Done })
}
