//! Work on the repository: `cargo xtask VERB`.
//!
//! This program links the generator and nothing of the runtime, so that `regen` starts quickly;
//! the other verbs run other programs. Exit codes are those of `specwright` (see
//! [`specwright_cli::exit`]): 0 done, 1 findings or failed tests, 2 the command line is wrong or a
//! tool is missing, 3 an input cannot be read, 4 an output was refused, 5 not fresh.

mod child;
mod corpus;
mod features;
mod fuzz;
mod judge;
mod mutants;
mod regen;
mod spec;
mod suite;
mod tidy;
mod workspace;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use specwright_cli::exit::Exit;

use corpus::Compile;
use judge::Table;
use regen::Regen;

/// Work on the repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Write the generated crates, locks and effective documents
    #[command(after_help = "\
Examples:
  cargo xtask regen
  cargo xtask regen --check stora/2025-09

Ends with 1 if a document has errors (the output is written all the same), with 5 if `--check` finds
files that are not fresh.")]
    Regen {
        /// Write nothing; say what is not fresh
        #[arg(long)]
        check: bool,
        /// One folder of specs, as API/VERSION; all of them if it is left out
        project: Option<String>,
    },
    /// Run all tests; ends with `total: N passed, N failed, N skipped`
    #[command(after_help = "\
Example:
  CI=true cargo xtask test

With CI=true a skipped test is a failure. Uses cargo-nextest if it is installed.")]
    Test,
    /// Work on a document of specs
    #[command(subcommand)]
    Spec(Spec),
    /// Generate from every document below a folder; ends with `corpus: N documents, …`
    #[command(after_help = "\
Examples:
  cargo xtask corpus ../corpus --compile subset
  cargo xtask corpus ../corpus --compile all --baseline 2026-01-31

Ends with 1 if the generator panicked or hung, or if a client of the subset does not compile.")]
    Corpus {
        /// Folder with .json, .yaml and .yml documents
        folder: PathBuf,
        /// Compile clients too: a fixed list of small ones, or all, which takes long
        #[arg(long, value_enum)]
        compile: Option<Compile>,
        /// Write docs/corpus.md, with this day in it
        #[arg(long, value_name = "YYYY-MM-DD")]
        baseline: Option<String>,
    },
    /// Compile each generated crate without features and with each one alone
    #[command(after_help = "Example:\n  cargo xtask features")]
    Features,
    /// Search for inputs that a parser of the runtime does not bear
    #[command(after_help = "\
Examples:
  cargo xtask fuzz --list
  cargo xtask fuzz token_answer --seconds 600

Needs a C++ compiler, for libFuzzer. Ends with 1 if an input was found, and names the file that holds it.")]
    Fuzz {
        /// The target
        #[arg(required_unless_present = "list", conflicts_with = "list")]
        target: Option<String>,
        /// How long to search
        #[arg(long, value_name = "N", default_value_t = 60)]
        seconds: u32,
        /// Name the targets and do nothing
        #[arg(long)]
        list: bool,
    },
    /// Try to break what must not break
    #[command(subcommand)]
    Torture(Torture),
    /// Check the rules of the repository that no other tool knows
    #[command(after_help = "Example:\n  cargo xtask tidy")]
    Tidy,
}

#[derive(Subcommand)]
enum Spec {
    /// Replace a document by a newer one
    #[command(after_help = "\
Example:
  cargo xtask spec pull stora/2025-09 openapi.json --prune

Lists the overlay actions that match nothing in the new document. Changes nothing if the file cannot
be read (exit code 3).")]
    Pull {
        /// Folder of specs, as API/VERSION
        project: String,
        /// The new document
        file: PathBuf,
        /// Remove the overlay actions that match nothing
        #[arg(long)]
        prune: bool,
    },
}

#[derive(Subcommand)]
enum Torture {
    /// Kill, freeze and crowd processes that share grants; ends with `torture grants: N rows, N missed`
    #[command(after_help = "\
Examples:
  cargo xtask torture grants
  cargo xtask torture grants 'kill -9' frozen

Prints a table: what each row must give, what it gave, and how long it took. A sandbox that plays the
vendor judges, not the processes themselves. Ends with 1 if a row is missed, with 2 if a word is in no
name.")]
    Grants {
        /// Words of the names of rows; all rows if it is left out
        #[arg(value_name = "WORD")]
        words: Vec<String>,
    },
    /// Cut, crowd and starve the requests of real processes; ends with `torture requests: N rows, N missed`
    #[command(after_help = "\
Examples:
  cargo xtask torture requests
  cargo xtask torture requests windows webhooks

Prints a table as `torture grants` does, and ends with the same codes.")]
    Requests {
        /// Words of the names of rows; all rows if it is left out
        #[arg(value_name = "WORD")]
        words: Vec<String>,
    },
    /// Break one rule after the other in a copy of the workspace; ends with `mutants: N caught, N survived`
    #[command(after_help = "\
Examples:
  cargo xtask torture mutants
  cargo xtask torture mutants publish-before-commit

A mutant is a patch file of tests/mutants that names the tests which must fail. Ends with 1 if one of
them passes, with 3 if a patch does not apply.")]
    Mutants {
        /// Names of patch files, without their ending; all of them if it is left out
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(exit) => exit,
        Err(error) => {
            // Nothing is left to tell if stderr is closed.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            Exit::Usage.into()
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // Paths of the command line are those of the caller's folder.
    let here = |path: PathBuf| std::path::absolute(&path).context("no current folder");
    let root = workspace::root()?;
    match arguments.verb {
        Verb::Regen { check, project } => {
            enter(&root)?;
            regen::run(if check { Regen::Check } else { Regen::Write }, project.as_deref())
        }
        Verb::Test => {
            enter(&root)?;
            suite::run()
        }
        Verb::Spec(Spec::Pull { project, file, prune }) => {
            let file = here(file)?;
            enter(&root)?;
            let stale = if prune { spec::Stale::Prune } else { spec::Stale::List };
            spec::pull(&project, &file, stale)
        }
        Verb::Corpus { folder, compile, baseline } => {
            let folder = here(folder)?;
            enter(&root)?;
            corpus::run(&folder, &corpus::Options { compile, baseline })
        }
        Verb::Features => {
            enter(&root)?;
            features::run()
        }
        Verb::Fuzz { target, seconds, list: _ } => {
            enter(&root)?;
            target.map_or_else(fuzz::list, |target| fuzz::run(&target, seconds))
        }
        Verb::Torture(Torture::Grants { words }) => {
            enter(&root)?;
            judge::run(Table::Grants, &words)
        }
        Verb::Torture(Torture::Requests { words }) => {
            enter(&root)?;
            judge::run(Table::Requests, &words)
        }
        Verb::Torture(Torture::Mutants { names }) => {
            enter(&root)?;
            mutants::run(&names)
        }
        Verb::Tidy => {
            enter(&root)?;
            tidy::run()
        }
    }
}

fn enter(root: &std::path::Path) -> anyhow::Result<()> {
    std::env::set_current_dir(root).with_context(|| format!("cannot enter {}", root.display()))
}
