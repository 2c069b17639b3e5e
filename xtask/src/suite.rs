//! `cargo xtask test`: every test, one closing line.

mod operations;

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Write};
use std::ops::AddAssign;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;

use crate::workspace::{Package, cargo, packages};

/// Runs the whole suite and prints `total: N passed, N failed, N skipped` as the last line.
///
/// Before it stands the closing line of the package that calls every operation, if the workspace has
/// one: a runner hides what a test that passes has to say. The exit code is 1 if a test failed or a
/// runner broke off, and with `CI=true` also if a test was skipped: skipped is not passed.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let packages = packages()?;
    let features = features(&packages);
    let operations = packages.iter().find(|package| package.folder == operations::FOLDER);
    let mut chosen = vec!["--workspace", "--features", &features];
    if let Some(package) = operations {
        chosen.extend(["--exclude", &package.name]);
    }
    let mut total = Counts::default();
    if has_nextest() {
        total += nextest(&chosen)?;
    } else {
        total += libtest(&[&chosen[..], &["--all-targets"]].concat())?;
    }
    total += libtest(&[&chosen[..], &["--doc"]].concat())?;
    let mut closing = None;
    if let Some(package) = operations {
        let (counts, line) = operations::run(package, &features)?;
        total += counts;
        closing = line;
    }

    let skips_fail = std::env::var_os("CI").is_some_and(|value| value == "true");
    if skips_fail && total.skipped > 0 {
        writeln!(io::stderr(), "error: with CI=true no test may be skipped")?;
    }
    if let Some(line) = closing {
        writeln!(io::stdout(), "{line}")?;
    }
    writeln!(io::stdout(), "{total}")?;
    let good = total.failed == 0 && !(skips_fail && total.skipped > 0);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is tested beyond the defaults: streams, wherever they are a feature. Not all features:
/// `yardsticks` needs the documents of others, which are no part of the repository.
fn features(packages: &[Package]) -> String {
    let streams = packages.iter().filter(|package| package.features.iter().any(|it| it == STREAM));
    let features: Vec<String> =
        streams.map(|package| format!("{}/{STREAM}", package.name)).collect();
    features.join(",")
}

const STREAM: &str = "stream";

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "total: {passed} passed, {failed} failed, {skipped} skipped")
    }
}

fn has_nextest() -> bool {
    let version = cargo().args(["nextest", "--version"]).stderr(Stdio::null()).output();
    version.is_ok_and(|output| output.status.success())
}

fn nextest(arguments: &[&str]) -> anyhow::Result<Counts> {
    let mut command = cargo();
    command.args(["nextest", "run", "--no-fail-fast"]).args(arguments);
    // The summary is on stderr, together with everything that nextest says itself.
    let mut child = command.stderr(Stdio::piped()).spawn().context("cannot run cargo nextest")?;
    let lines = child.stderr.take().context("nextest has no stderr")?;
    let counts = tee(lines, io::stderr(), nextest_counts)?;
    Ok(finished(counts, child.wait()?.success()))
}

fn libtest(arguments: &[&str]) -> anyhow::Result<Counts> {
    let mut command: Command = cargo();
    command.args(["test", "--no-fail-fast"]).args(arguments);
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot run cargo test")?;
    let lines = child.stdout.take().context("cargo test has no stdout")?;
    let counts = tee(lines, io::stdout(), libtest_counts)?;
    Ok(finished(counts, child.wait()?.success()))
}

/// A runner that breaks off without counting a failure, for instance because something does not
/// compile, is one failure: the closing line must not look green.
fn finished(mut counts: Counts, success: bool) -> Counts {
    if !success && counts.failed == 0 {
        counts.failed = 1;
    }
    counts
}

/// Passes lines on as they come and sums what they count.
fn tee(
    lines: impl io::Read,
    mut out: impl Write,
    mut counts: impl FnMut(&str) -> Option<Counts>,
) -> io::Result<Counts> {
    let mut total = Counts::default();
    for line in BufReader::new(lines).split(b'\n') {
        let line = line?;
        out.write_all(&line)?;
        out.write_all(b"\n")?;
        total += counts(&String::from_utf8_lossy(&line)).unwrap_or_default();
    }
    Ok(total)
}

/// `Summary [   0.5s] 9 tests run: 7 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
fn nextest_counts(line: &str) -> Option<Counts> {
    let (_, list) = line.trim_start().strip_prefix("Summary [")?.split_once(" run: ")?;
    // Parentheses hold details of what is counted already, and commas of their own.
    let list: String = list.split('(').map(|part| part.rsplit(')').next().unwrap_or("")).collect();
    let mut counts = Counts::default();
    for part in list.split(',') {
        let Some((number, word)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<usize>() else { continue };
        match word.trim() {
            "passed" => counts.passed += number,
            "skipped" => counts.skipped += number,
            // `failed`, `timed out`, `exec failed`.
            _ => counts.failed += number,
        }
    }
    Some(counts)
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s`.
fn libtest_counts(line: &str) -> Option<Counts> {
    let (_, list) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for part in list.split("; ") {
        let Some((number, word)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<usize>() else { continue };
        match word {
            "passed" => counts.passed += number,
            "failed" => counts.failed += number,
            "ignored" => counts.skipped += number,
            // `measured` are benchmarks, `filtered out` was not asked for.
            _ => {}
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: usize, failed: usize, skipped: usize) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn streams_are_tested_wherever_they_are_a_feature() {
        let package = |name: &str, feature: &str| Package {
            name: name.to_owned(),
            folder: String::new(),
            features: vec!["default".to_owned(), feature.to_owned()],
        };
        let packages = [package("a", "stream"), package("b", "yardsticks"), package("c", "stream")];
        assert_eq!(features(&packages), "a/stream,c/stream");
    }

    #[test]
    fn the_closing_line_has_its_fixed_form() {
        assert_eq!(counts(12, 0, 3).to_string(), "total: 12 passed, 0 failed, 3 skipped");
    }

    #[test]
    fn a_summary_of_nextest_is_counted() {
        let line = "     Summary [   0.031s] 9 tests run: 7 passed (1 slow), 1 failed, 1 timed out, 2 skipped";
        assert_eq!(nextest_counts(line), Some(counts(7, 2, 2)));
        let line = "     Summary [   0.031s] 1 test run: 1 passed, 0 skipped";
        assert_eq!(nextest_counts(line), Some(counts(1, 0, 0)));
        let line = "     Summary [   9.001s] 3/8 tests run: 2 passed (1 slow, 1 leaky), 1 exec failed, 0 skipped";
        assert_eq!(nextest_counts(line), Some(counts(2, 1, 0)));
        assert_eq!(nextest_counts("        PASS [   0.031s] a::b run: 3 passed"), None);
    }

    #[test]
    fn results_of_several_test_programs_are_summed() {
        let output = "running 2 tests\n\
            test result: FAILED. 4 passed; 1 failed; 2 ignored; 0 measured; 7 filtered out; finished in 0.1s\n\
            test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let mut passed_on = Vec::new();
        let total = tee(output.as_bytes(), &mut passed_on, libtest_counts).unwrap();
        assert_eq!(total, counts(9, 1, 2));
        assert_eq!(passed_on, output.as_bytes());
    }

    #[test]
    fn a_runner_that_breaks_off_is_a_failure() {
        assert_eq!(finished(counts(3, 0, 0), false), counts(3, 1, 0));
        assert_eq!(finished(counts(3, 2, 0), false), counts(3, 2, 0));
        assert_eq!(finished(counts(3, 0, 1), true), counts(3, 0, 1));
    }
}
