//! The package that calls every operation of every generated client.
//!
//! Its tests end with a line that says how many operations were called and how many calls the
//! sandbox refused. The line is a promise to the reader of `cargo xtask test`, so its absence is a
//! failure.

use std::io::{self, Write as _};
use std::process::Stdio;

use anyhow::Context as _;

use super::{Counts, finished, libtest_counts, tee};
use crate::workspace::{Package, cargo};

/// Where the package is.
pub(super) const FOLDER: &str = "tests/operations";

/// Its only test target, whose name no other package has.
const TARGET: &str = "operations";

/// Runs the package with what its tests print, and returns its closing line.
///
/// It is chosen out of the workspace by its target: chosen alone it would have other features of its
/// dependencies, and all of them would be built once more.
pub(super) fn run(package: &Package, features: &str) -> anyhow::Result<(Counts, Option<String>)> {
    let mut command = cargo();
    command.args(["test", "--no-fail-fast", "--workspace", "--features", features]);
    command.args(["--test", TARGET, "--", "--nocapture"]);
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot run cargo test")?;
    let lines = child.stdout.take().context("cargo test has no stdout")?;
    let mut closing = Closing::default();
    let counts = tee(lines, io::stdout(), |line| {
        closing.look_at(line);
        libtest_counts(line)
    })?;
    let mut counts = finished(counts, child.wait()?.success());
    if let Some(problem) = closing.problem() {
        writeln!(io::stderr(), "error: {}: {problem}", package.name)?;
        counts.failed = counts.failed.max(1);
    }
    Ok((counts, closing.line))
}

/// The line `operations: N called (…), N refused`.
#[derive(Debug, Default)]
struct Closing {
    line: Option<String>,
    refused: usize,
    repeated: bool,
}

impl Closing {
    fn look_at(&mut self, line: &str) {
        // The runner may have begun the line with the name of the test.
        let Some(start) = line.find("operations: ") else { return };
        let Some(line) = line.get(start..).map(str::trim_end) else { return };
        let Some(refused) = refused(line) else { return };
        self.repeated = self.line.is_some();
        self.refused += refused;
        self.line = Some(line.to_owned());
    }

    fn problem(&self) -> Option<&'static str> {
        match &self.line {
            None => Some("no line `operations: N called (…), N refused` was printed"),
            Some(_) if self.repeated => Some("the closing line was printed more than once"),
            Some(_) if self.refused > 0 => Some("the sandbox refused a call"),
            Some(_) => None,
        }
    }
}

/// How many calls were refused, if the line is one that says so.
fn refused(line: &str) -> Option<usize> {
    let (called, rest) = line.strip_prefix("operations: ")?.split_once(" called (")?;
    called.parse::<usize>().ok()?;
    let (_, refused) = rest.split_once("), ")?;
    refused.strip_suffix(" refused")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closing(lines: &[&str]) -> Closing {
        let mut closing = Closing::default();
        for line in lines {
            closing.look_at(line);
        }
        closing
    }

    #[test]
    fn the_closing_line_is_found_behind_the_name_of_its_test() {
        let closing = closing(&[
            "running 1 test",
            "test every_operation ... operations: 88 called (stora 63, understory 25), 0 refused",
            "ok",
        ]);
        let expected = "operations: 88 called (stora 63, understory 25), 0 refused";
        assert_eq!(closing.line.as_deref(), Some(expected));
        assert_eq!(closing.problem(), None);
    }

    #[test]
    fn a_line_that_is_missing_or_of_another_form_is_a_failure() {
        assert!(closing(&["operations: all called, none refused"]).problem().is_some());
        assert!(closing(&[]).problem().is_some());
    }

    #[test]
    fn a_refused_call_is_a_failure() {
        let closing = closing(&["operations: 88 called (stora 63, understory 25), 2 refused"]);
        assert_eq!(closing.problem(), Some("the sandbox refused a call"));
    }

    #[test]
    fn a_line_that_comes_twice_is_a_failure() {
        let line = "operations: 88 called (stora 63, understory 25), 0 refused";
        assert!(closing(&[line, line]).problem().is_some());
    }
}
