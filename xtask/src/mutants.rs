//! `cargo xtask torture mutants`: for each rule that nothing may break, a change that breaks it, and the tests that notice.
//!
//! A mutant is a patch file. It is applied to a copy of the workspace, never to the workspace itself, so no switch for a
//! bug is in the source.

mod patch;
mod scratch;
mod trial;

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use specwright_cli::exit::Exit;

use crate::workspace::{files, packages};
use patch::{Hang, Mutant, Test};
use scratch::Scratch;
use trial::{Bench, Outcome, Trial};

/// Where the patch files are.
const FOLDER: &str = "tests/mutants";

/// Where the copy is kept and built. It stays, so that the next run builds little.
const COPY: &str = "target/mutants/workspace";
const TARGET: &str = "target/mutants/target";

/// Tries the mutants of these names, or all of them, and says for each which tests caught it.
///
/// The exit code is 1 if a mutant survived or does not compile, and 3 if one does not apply: then none is tried.
pub(crate) fn run(names: &[String]) -> anyhow::Result<ExitCode> {
    let (mutants, refused) = read(Path::new("."), names)?;
    for error in &refused {
        writeln!(io::stderr(), "error: {error}")?;
    }
    if !refused.is_empty() {
        return Ok(Exit::Input.into());
    }

    let scratch = Scratch::copy(&files()?, std::path::absolute(COPY)?)?;
    let (packages, target) = (packages()?, std::path::absolute(TARGET)?);
    let bench = Bench { root: scratch.root(), target: &target, packages: &packages };
    let sound = check_unmutated(&bench, &mutants)?;
    writeln!(io::stdout(), "unmutated: {sound} tests pass")?;
    let mut tally = Tally::default();
    for mutant in &mutants {
        let trial = scratch.mutated(mutant, || bench.run(&mutant.caught_by))?;
        let fate = Fate::of(trial, mutant.hang);
        writeln!(io::stdout(), "{}: {fate}", mutant.name)?;
        if !matches!(fate, Fate::Caught(_)) {
            writeln!(io::stdout(), "    the rule: {}", mutant.rule)?;
        }
        tally.count(&fate);
    }
    writeln!(io::stdout(), "{tally}")?;
    Ok(if tally.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The mutants of these names, or all of them, sorted by name; and why others do not apply to the workspace.
fn read(root: &Path, names: &[String]) -> anyhow::Result<(Vec<Mutant>, Vec<String>)> {
    let (mut mutants, mut refused) = (Vec::new(), Vec::new());
    for (name, text) in chosen(root, names)? {
        let source = |path: &str| {
            fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))
        };
        let mutant = Mutant::parse(&name, &text);
        match mutant.and_then(|mutant| mutant.apply(source).map(|_| mutant)) {
            Ok(mutant) => mutants.push(mutant),
            Err(error) => refused.push(format!("{name} does not apply: {error:#}")),
        }
    }
    Ok((mutants, refused))
}

/// The names and texts of the patch files, sorted.
fn chosen(root: &Path, names: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let folder = root.join(FOLDER);
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {FOLDER}"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "patch") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if names.is_empty() || names.contains(&name) {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            found.push((name, text));
        }
    }
    if let Some(missing) = names.iter().find(|name| !found.iter().any(|(known, _)| known == *name))
    {
        bail!("there is no {FOLDER}/{missing}.patch");
    }
    found.sort();
    Ok(found)
}

/// Without a mutant every test passes. How many there are; otherwise their failing would say nothing.
fn check_unmutated(bench: &Bench<'_>, mutants: &[Mutant]) -> anyhow::Result<usize> {
    let mut tests: Vec<Test> =
        mutants.iter().flat_map(|mutant| mutant.caught_by.iter().cloned()).collect();
    tests.sort();
    tests.dedup();
    match bench.run(&tests)? {
        Trial::NotBuilt(error) => bail!("the tests do not build without a mutant: {error}"),
        Trial::Ran(outcomes) => {
            let broken = outcomes.iter().find(|(_, outcome)| *outcome != Outcome::Passed);
            if let Some((test, outcome)) = broken {
                bail!("without a mutant `{test}` {}", outcome.words());
            }
            Ok(outcomes.len())
        }
    }
}

/// What became of a mutant.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// Every test that was named failed.
    Caught(Vec<Test>),
    /// These did not.
    Survived(Vec<(Test, Outcome)>),
    /// It does not compile, so it shows nothing.
    NotTried(String),
}

impl Fate {
    fn of(trial: Trial, hang: Hang) -> Self {
        match trial {
            Trial::NotBuilt(error) => Self::NotTried(error),
            Trial::Ran(outcomes) => {
                let (caught, missed): (Vec<_>, Vec<_>) =
                    outcomes.into_iter().partition(|(_, outcome)| outcome.is_catch(hang));
                if missed.is_empty() {
                    Self::Caught(caught.into_iter().map(|(test, _)| test).collect())
                } else {
                    Self::Survived(missed)
                }
            }
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caught(tests) => {
                let tests: Vec<_> = tests.iter().map(Test::to_string).collect();
                write!(to, "caught by {}", tests.join(", "))
            }
            Self::Survived(missed) => {
                let missed: Vec<_> = missed
                    .iter()
                    .map(|(test, outcome)| format!("`{test}` {}", outcome.words()))
                    .collect();
                write!(to, "SURVIVED: {}", missed.join(", "))
            }
            Self::NotTried(error) => write!(to, "NOT TRIED: it does not compile: {error}"),
        }
    }
}

/// How many mutants ended how.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    caught: usize,
    survived: usize,
    not_tried: usize,
}

impl Tally {
    fn count(&mut self, fate: &Fate) {
        *match fate {
            Fate::Caught(_) => &mut self.caught,
            Fate::Survived(_) => &mut self.survived,
            Fate::NotTried(_) => &mut self.not_tried,
        } += 1;
    }

    /// A run without a mutant shows nothing either.
    fn is_good(&self) -> bool {
        self.caught > 0 && self.survived == 0 && self.not_tried == 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caught, survived, not_tried } = self;
        write!(to, "mutants: {caught} caught, {survived} survived")?;
        if *not_tried > 0 {
            write!(to, ", {not_tried} not tried")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(name: &str) -> Test {
        Test { package: "a".to_owned(), target: None, name: name.to_owned() }
    }

    #[test]
    fn every_patch_of_the_repository_applies() {
        let (mutants, refused) = read(&crate::workspace::root().unwrap(), &[]).unwrap();
        assert!(refused.is_empty(), "{refused:#?}");
        assert!(!mutants.is_empty());
    }

    #[test]
    fn a_patch_that_does_not_apply_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(FOLDER)).unwrap();
        fs::write(root.path().join("x.rs"), "one\n").unwrap();
        let patch = "Rule: x.\nCaught by: a b\n--- a/x.rs\n+++ b/x.rs\n@@\n-two\n+2\n";
        fs::write(root.path().join(FOLDER).join("stale.patch"), patch).unwrap();
        let (mutants, refused) = read(root.path(), &[]).unwrap();
        let expected = "stale does not apply: in x.rs: these lines are not there, from `two` on";
        assert_eq!((mutants, refused), (vec![], vec![expected.to_owned()]));
        let unknown = read(root.path(), &["other".to_owned()]).unwrap_err();
        assert_eq!(unknown.to_string(), "there is no tests/mutants/other.patch");
    }

    fn fate(outcomes: &[(&str, Outcome)], hang: Hang) -> Fate {
        let outcomes = outcomes.iter().map(|(name, outcome)| (test(name), *outcome));
        Fate::of(Trial::Ran(outcomes.collect()), hang)
    }

    #[test]
    fn a_mutant_is_caught_if_every_named_test_fails() {
        let both = [("one", Outcome::Failed), ("two", Outcome::Failed)];
        assert_eq!(fate(&both, Hang::SaysNothing).to_string(), "caught by a one, a two");
        let one = [("one", Outcome::Failed), ("two", Outcome::Passed)];
        assert_eq!(fate(&one, Hang::SaysNothing).to_string(), "SURVIVED: `a two` passes");
    }

    #[test]
    fn a_test_that_does_not_end_catches_only_where_that_is_said() {
        let hung = [("one", Outcome::Hung)];
        assert_eq!(fate(&hung, Hang::IsFailure), Fate::Caught(vec![test("one")]));
        assert_eq!(fate(&hung, Hang::SaysNothing).to_string(), "SURVIVED: `a one` does not end");
    }

    #[test]
    fn a_mutant_that_does_not_compile_is_not_caught() {
        let fate = Fate::of(Trial::NotBuilt("mismatched types".to_owned()), Hang::IsFailure);
        assert_eq!(fate.to_string(), "NOT TRIED: it does not compile: mismatched types");
    }

    #[test]
    fn the_closing_line_has_its_fixed_form_and_only_catches_are_good() {
        let tally = |caught, survived, not_tried| Tally { caught, survived, not_tried };
        assert_eq!(tally(15, 0, 0).to_string(), "mutants: 15 caught, 0 survived");
        assert_eq!(tally(1, 2, 3).to_string(), "mutants: 1 caught, 2 survived, 3 not tried");
        assert!(tally(15, 0, 0).is_good());
        assert!(!tally(0, 0, 0).is_good() && !tally(1, 1, 0).is_good());
        assert!(!tally(1, 0, 1).is_good());
    }
}
