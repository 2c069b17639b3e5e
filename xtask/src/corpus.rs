//! `cargo xtask corpus DIR`: what the generator makes of documents that it has never seen.

mod baseline;
mod compile;
mod generate;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::workspace::cargo;
use baseline::Date;
use compile::Compiled;
use generate::{Generated, Outcome};

/// Which clients are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Compile {
    /// Those of a fixed list of small documents.
    Subset,
    /// All of them. Takes about as long as all tests together.
    All,
}

/// What is done beyond generating.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) compile: Option<Compile>,
    /// Write `docs/corpus.md` with this date.
    pub(crate) baseline: Option<String>,
}

/// Runs `specwright generate` on every document below a folder, each in a process of its own, and
/// prints a line for each and a total; then compiles the clients that are asked for.
///
/// The exit code is 1 if the generator panicked or hung, or if a client of the fixed list does not
/// compile.
pub(crate) fn run(folder: &Path, options: &Options) -> anyhow::Result<ExitCode> {
    let date = options.baseline.as_deref().map(str::parse::<Date>).transpose()?;
    let documents = documents(folder)?;
    let chosen = match options.compile {
        None => Vec::new(),
        Some(Compile::All) => documents.clone(),
        Some(Compile::Subset) => compile::subset(&documents)?,
    };
    let specwright = build()?;
    let scratch = Scratch::new(&specwright)?;

    let mut rows: Vec<Row> = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let out = scratch.0.join(compile::package(index));
        let outcome = generate::generate(&specwright, &folder.join(document), &out)?;
        let kept = chosen.contains(document) && matches!(outcome, Outcome::Generated(_));
        if out.exists() && !kept {
            fs::remove_dir_all(&out)?;
        }
        writeln!(io::stdout(), "{document}: {}", outcome.words())?;
        rows.push(Row { document: document.clone(), outcome, kept, compiled: None });
    }
    let mut results = compile::compile(&scratch.0, rows.iter().map(|row| row.kept))?;
    for (index, row) in rows.iter_mut().enumerate() {
        row.compiled = results.remove(&index);
        if let Some(compiled) = &row.compiled {
            writeln!(io::stdout(), "{}: {}", row.document, compiled.words())?;
        }
    }
    let total = Total::of(&rows);
    if let Some(date) = date {
        fs::write("docs/corpus.md", baseline::page(&date, &rows, &total))?;
    }
    writeln!(io::stdout(), "{}\n{}", total.counts(), total.line())?;
    let strict = options.compile == Some(Compile::Subset) && total.compiled < total.tried;
    let good = total.panics == 0 && total.hangs == 0 && !strict;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One document and what became of it.
#[derive(Debug)]
struct Row {
    /// Its path below the folder, with `/` between the parts.
    document: String,
    outcome: Outcome,
    /// True if its client waits to be compiled.
    kept: bool,
    compiled: Option<Compiled>,
}

/// The documents below a folder, sorted, by their paths there.
fn documents(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    ensure!(!paths.is_empty(), "no .json, .yaml or .yml file below {}", folder.display());
    let name = |path: &PathBuf| {
        let name = path.strip_prefix(folder).unwrap_or(path);
        name.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
    };
    Ok(paths.iter().map(name).collect())
}

/// Documents below a folder, sorted. Links are not followed: one could lead in a circle.
fn collect(folder: &Path, documents: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()));
    let mut entries = entries?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type()?;
        let extension = path.extension().and_then(|extension| extension.to_str());
        if kind.is_dir() {
            collect(&path, documents)?;
        } else if kind.is_file() && matches!(extension, Some("json" | "yaml" | "yml")) {
            documents.push(path);
        }
    }
    Ok(())
}

/// Builds the command with optimisation and returns its path: the documents are large.
fn build() -> anyhow::Result<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--release", "--package", "specwright-cli", "--bin", "specwright"]);
    command.arg("--message-format=json-render-diagnostics");
    let output = command.stderr(Stdio::inherit()).output().context("cannot run cargo build")?;
    ensure!(output.status.success(), "specwright cannot be built");
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    });
    executable.context("cargo did not say where specwright is")
}

/// A folder for what is generated; deleted in the end.
struct Scratch(PathBuf);

impl Scratch {
    /// Beside the program, which is inside the target folder.
    fn new(specwright: &Path) -> anyhow::Result<Self> {
        let folder = specwright.with_file_name(format!("corpus-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The rows, counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Total {
    documents: usize,
    read: usize,
    generated: usize,
    tried: usize,
    compiled: usize,
    panics: usize,
    hangs: usize,
    operations: usize,
    types: usize,
    /// Errors that the generator reported, by code.
    errors: BTreeMap<String, usize>,
}

impl Total {
    fn of(rows: &[Row]) -> Self {
        let mut total = Self { documents: rows.len(), ..Self::default() };
        for row in rows {
            match &row.outcome {
                Outcome::Generated(Generated { operations, types, errors }) => {
                    total.read += 1;
                    total.generated += 1;
                    total.operations += operations;
                    total.types += types;
                    for (code, count) in errors {
                        *total.errors.entry(code.clone()).or_default() += count;
                    }
                }
                Outcome::NotWritten => total.read += 1,
                Outcome::NotRead => {}
                Outcome::Panicked { .. } => total.panics += 1,
                Outcome::Hung => total.hangs += 1,
            }
            total.tried += usize::from(row.compiled.is_some());
            total.compiled += usize::from(row.compiled == Some(Compiled::Yes));
        }
        total
    }

    fn counts(&self) -> String {
        let Self { read, generated, tried, compiled, .. } = self;
        format!("corpus: {read} read, {generated} generated, {compiled} of {tried} compiled")
    }

    fn line(&self) -> String {
        let Self { documents, panics, hangs, .. } = self;
        format!("corpus: {documents} documents, {panics} panics, {hangs} hangs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(outcome: Outcome, compiled: Option<Compiled>) -> Row {
        Row { document: "a.yaml".to_owned(), outcome, kept: compiled.is_some(), compiled }
    }

    #[test]
    fn the_closing_lines_have_their_fixed_form() {
        let generated = || Outcome::Generated(Generated::default());
        let refused = Compiled::No { errors: BTreeMap::new(), first: String::new() };
        let total = Total::of(&[
            row(generated(), Some(Compiled::Yes)),
            row(generated(), Some(refused)),
            row(Outcome::NotRead, None),
            row(Outcome::Hung, None),
        ]);
        assert_eq!(total.counts(), "corpus: 2 read, 2 generated, 1 of 2 compiled");
        assert_eq!(total.line(), "corpus: 4 documents, 0 panics, 1 hangs");
    }
}
