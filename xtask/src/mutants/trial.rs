//! The tests of one mutant: built, and run one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use super::patch::{Hang, Test};
use crate::child::{Ended, wait};
use crate::workspace::{Package, cargo};

/// How one test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// It had to be ended.
    Hung,
    /// There is no test of this name.
    Missing,
}

impl Outcome {
    /// Whether the test noticed that something is wrong.
    pub(super) fn is_catch(self, hang: Hang) -> bool {
        match self {
            Self::Failed => true,
            Self::Hung => hang == Hang::IsFailure,
            Self::Passed | Self::Missing => false,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Passed => "passes",
            Self::Failed => "fails",
            Self::Hung => "does not end",
            Self::Missing => "is not there",
        }
    }
}

/// What became of the tests of one mutant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// They ran.
    Ran(Vec<(Test, Outcome)>),
    /// They could not be built; the first error.
    NotBuilt(String),
}

/// Where tests are built and run.
#[derive(Debug)]
pub(super) struct Bench<'w> {
    /// The root of the copy.
    pub(super) root: &'w Path,
    /// One folder for all mutants, so that what they do not touch is built once.
    pub(super) target: &'w Path,
    pub(super) packages: &'w [Package],
}

impl Bench<'_> {
    /// Builds the programs of these tests and runs each test alone: one that breaks its process off, or does not end,
    /// says nothing about another one.
    pub(super) fn run(&self, tests: &[Test]) -> anyhow::Result<Trial> {
        let mut by_package: BTreeMap<&str, Vec<&Test>> = BTreeMap::new();
        for test in tests {
            by_package.entry(&test.package).or_default().push(test);
        }
        let mut outcomes = Vec::new();
        for (name, tests) in by_package {
            let package = self.packages.iter().find(|package| package.name == name);
            let package = package.with_context(|| format!("there is no package {name}"))?;
            let programs = match self.build(package, &tests)? {
                Ok(programs) => programs,
                Err(error) => return Ok(Trial::NotBuilt(error)),
            };
            for test in tests {
                let program = programs.get(&test.target);
                let program = program.with_context(|| format!("no program for `{test}`"))?;
                outcomes.push((test.clone(), self.run_one(program, package, test)?));
            }
        }
        Ok(Trial::Ran(outcomes))
    }

    fn build(
        &self,
        package: &Package,
        tests: &[&Test],
    ) -> anyhow::Result<Result<Programs, String>> {
        let mut command = cargo();
        command.args(["test", "--no-run", "--quiet", "--locked", "--message-format", "json"]);
        command.args(["--package", &package.name]).arg("--target-dir").arg(self.target);
        for target in tests.iter().map(|test| &test.target).collect::<BTreeSet<_>>() {
            match target {
                Some(target) => command.args(["--test", target]),
                None => command.arg("--lib"),
            };
        }
        // Nobody looks at a mutant with a debugger, and most of the time goes into linking.
        command.env("CARGO_PROFILE_DEV_DEBUG", "0").current_dir(self.root);
        let output = command.output().context("cannot run cargo test")?;
        let messages = String::from_utf8_lossy(&output.stdout);
        Ok(if output.status.success() {
            Ok(programs(&messages))
        } else {
            let words = String::from_utf8_lossy(&output.stderr);
            Err(first_error(&messages).unwrap_or_else(|| words.trim().to_owned()))
        })
    }

    fn run_one(&self, program: &Path, package: &Package, test: &Test) -> anyhow::Result<Outcome> {
        let mut command = Command::new(program);
        command.args(["--exact", &test.name]).current_dir(self.root.join(&package.folder));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().with_context(|| format!("cannot run {}", program.display()))?;
        Ok(wait(&mut child, TIME_LIMIT)?.map_or(Outcome::Hung, |ended| classify(&ended)))
    }
}

/// Programs of tests, by the file under `tests/`; `None` has the unit tests.
type Programs = BTreeMap<Option<String>, PathBuf>;

fn messages(output: &str) -> impl Iterator<Item = Value> {
    output.lines().filter_map(|line| serde_json::from_str(line).ok())
}

fn programs(output: &str) -> Programs {
    messages(output)
        .filter_map(|message| {
            let program = message.get("executable")?.as_str()?;
            let target = message.get("target")?;
            let kind = target.get("kind")?.get(0)?.as_str()?;
            let name = target.get("name")?.as_str()?.to_owned();
            match kind {
                "test" => Some((Some(name), program.into())),
                "lib" => Some((None, program.into())),
                // A program that an integration test runs.
                _ => None,
            }
        })
        .collect()
}

fn first_error(output: &str) -> Option<String> {
    messages(output).find_map(|message| {
        let message = message.get("message")?;
        let is_error = message.get("level")?.as_str()? == "error";
        is_error.then(|| message.get("message")?.as_str().map(str::to_owned)).flatten()
    })
}

fn classify(ended: &Ended) -> Outcome {
    let ran = ended.stdout.lines().any(|line| line == "running 1 test");
    match (ran, ended.status.success()) {
        (false, _) => Outcome::Missing,
        (true, true) => Outcome::Passed,
        (true, false) => Outcome::Failed,
    }
}

/// Far above what any test needs that waits for no clock.
const TIME_LIMIT: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_their_target() {
        let output = r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"a"},"executable":"/t/a-1"}
            {"reason":"compiler-artifact","target":{"kind":["test"],"name":"wire"},"executable":"/t/wire-1"}
            {"reason":"compiler-artifact","target":{"kind":["bin"],"name":"wire"},"executable":"/t/wire"}
            {"reason":"compiler-artifact","target":{"kind":["lib"],"name":"b"},"executable":null}
            {"reason":"build-finished","success":true}"#;
        let expected = [(None, "/t/a-1".into()), (Some("wire".to_owned()), "/t/wire-1".into())];
        assert_eq!(programs(output), BTreeMap::from(expected));
    }

    #[test]
    fn the_first_error_is_said_and_no_warning() {
        let output = r#"{"reason":"compiler-message","message":{"level":"warning","message":"unused"}}
            {"reason":"compiler-message","message":{"level":"error","message":"mismatched types"}}"#;
        assert_eq!(first_error(output).as_deref(), Some("mismatched types"));
    }

    #[cfg(unix)]
    #[test]
    fn a_test_that_is_not_there_is_told_from_one_that_passes() {
        for (script, expected) in [
            ("echo 'running 1 test'", Outcome::Passed),
            ("echo 'running 1 test'; exit 101", Outcome::Failed),
            ("echo 'running 1 test'; kill -ABRT $$", Outcome::Failed),
            ("echo 'running 0 tests'", Outcome::Missing),
        ] {
            let mut command = Command::new("sh");
            command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
            let ended = wait(&mut command.spawn().unwrap(), TIME_LIMIT).unwrap().unwrap();
            assert_eq!(classify(&ended), expected, "{script}");
        }
    }
}
