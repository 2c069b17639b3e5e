//! One mutant: what it changes, and what must notice.

use std::fmt;

use anyhow::{Context as _, bail, ensure};

/// A wrong change of the workspace, with the tests that must fail because of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    /// The name of its file, without the ending.
    pub(super) name: String,
    /// The rule that it breaks, as a sentence.
    pub(super) rule: String,
    /// Every one of these must fail.
    pub(super) caught_by: Vec<Test>,
    pub(super) hang: Hang,
    changes: Vec<Change>,
}

/// What it means that a test does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hang {
    /// Nothing is shown: it may be the machine.
    SaysNothing,
    /// The rule is one without which nothing ends, and the header says so.
    IsFailure,
}

/// One test: the package, the file under `tests/` if it is not a unit test, and its name there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Test {
    pub(super) package: String,
    pub(super) target: Option<String>,
    pub(super) name: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Change {
    path: String,
    hunks: Vec<Hunk>,
}

/// Lines that stand together, before and after.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hunk {
    before: Vec<String>,
    after: Vec<String>,
}

impl Mutant {
    /// Reads a patch file: a header, then a unified diff.
    pub(super) fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        let (header, diff) = text.split_once("\n---").context("it has no diff")?;
        let diff = format!("---{diff}");
        let Header { rule, caught_by, hang } = Header::parse(header)?;
        ensure!(!rule.is_empty(), "the header has no `Rule:`");
        ensure!(!caught_by.is_empty(), "the header has no `Caught by:`");
        let changes = changes(&diff)?;
        Ok(Self { name: name.to_owned(), rule, caught_by, hang, changes })
    }

    /// The files that it changes, each with its new text. `read` gives the present text of a file.
    pub(super) fn apply(
        &self,
        mut read: impl FnMut(&str) -> anyhow::Result<String>,
    ) -> anyhow::Result<Vec<(String, String)>> {
        let mut changed = Vec::new();
        for change in &self.changes {
            let mut text = read(&change.path)?;
            for hunk in &change.hunks {
                text = hunk.apply(&text).with_context(|| format!("in {}", change.path))?;
            }
            changed.push((change.path.clone(), text));
        }
        Ok(changed)
    }
}

impl Hunk {
    /// Where a hunk belongs is decided by its lines alone, so that edits elsewhere in the file do not matter. They must
    /// stand in one place and in no other.
    fn apply(&self, text: &str) -> anyhow::Result<String> {
        let lines: Vec<&str> = text.lines().collect();
        let is_here = |window: &[&str]| window.iter().zip(&self.before).all(|(is, was)| is == was);
        let mut places =
            lines.windows(self.before.len()).enumerate().filter(|(_, window)| is_here(window));
        let first = self.before.first().map_or("", |line| line.trim());
        let Some((at, _)) = places.next() else {
            bail!("these lines are not there, from `{first}` on");
        };
        let others = places.count();
        if others > 0 {
            bail!("these lines are there {} times, from `{first}` on; show more", others + 1);
        }
        let (before, rest) = lines.split_at_checked(at).unwrap_or_default();
        let (_, after) = rest.split_at_checked(self.before.len()).unwrap_or_default();
        let middle = self.after.iter().map(String::as_str);
        let lines = before.iter().copied().chain(middle).chain(after.iter().copied());
        Ok(lines.flat_map(|line| [line, "\n"]).collect())
    }

    fn take(&mut self, line: &str) -> anyhow::Result<()> {
        // An editor may have cut the blank of a context line that has nothing else.
        let (mark, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
        match mark {
            " " => {
                self.before.push(rest.to_owned());
                self.after.push(rest.to_owned());
            }
            "-" => self.before.push(rest.to_owned()),
            "+" => self.after.push(rest.to_owned()),
            _ => bail!("`{line}` is no line of a diff"),
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Header {
    rule: String,
    caught_by: Vec<Test>,
    hang: Hang,
}

impl Header {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut header =
            Self { rule: String::new(), caught_by: Vec::new(), hang: Hang::SaysNothing };
        // What `git diff` writes above the names of the files says nothing more.
        let is_ours = |line: &&str| !line.starts_with("diff ") && !line.starts_with("index ");
        for line in text.lines().filter(is_ours).filter(|line| !line.is_empty()) {
            if let Some(more) = line.strip_prefix("  ") {
                ensure!(!header.rule.is_empty(), "`{line}` continues nothing");
                header.rule = format!("{} {}", header.rule, more.trim());
            } else if let Some(rule) = line.strip_prefix("Rule: ") {
                ensure!(header.rule.is_empty(), "there is one `Rule:`");
                rule.clone_into(&mut header.rule);
            } else if let Some(test) = line.strip_prefix("Caught by: ") {
                header.caught_by.push(Test::parse(test)?);
            } else if line == "A hang: is a failure" {
                header.hang = Hang::IsFailure;
            } else {
                bail!("`{line}` is no line of a header");
            }
        }
        Ok(header)
    }
}

impl Test {
    /// Reads `package name` or `package::target name`.
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (program, name) = text
            .split_once(' ')
            .with_context(|| format!("`{text}` is not a package and the name of a test"))?;
        let (package, target) = match program.split_once("::") {
            Some((package, target)) => (package, Some(target.to_owned())),
            None => (program, None),
        };
        Ok(Self { package: package.to_owned(), target, name: name.to_owned() })
    }
}

impl fmt::Display for Test {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { package, target, name } = self;
        match target {
            Some(target) => write!(to, "{package}::{target} {name}"),
            None => write!(to, "{package} {name}"),
        }
    }
}

/// Reads a unified diff of files that are there. The numbers of its lines are passed over: they are wrong after the
/// next change of the file.
fn changes(diff: &str) -> anyhow::Result<Vec<Change>> {
    let mut changes: Vec<Change> = Vec::new();
    let mut lines = diff.lines();
    while let Some(line) = lines.next() {
        if let Some(path) = line.strip_prefix("--- a/") {
            let same = lines.next().and_then(|line| line.strip_prefix("+++ b/")) == Some(path);
            ensure!(same, "it changes {path} into something else than {path}");
            changes.push(Change { path: path.to_owned(), hunks: Vec::new() });
            continue;
        }
        if line.starts_with("diff ") || line.starts_with("index ") {
            continue;
        }
        let change = changes.last_mut().with_context(|| format!("`{line}` is in no file"))?;
        if line.starts_with("@@") {
            change.hunks.push(Hunk::default());
        } else {
            let hunk = change.hunks.last_mut();
            hunk.with_context(|| format!("`{line}` is in no hunk"))?.take(line)?;
        }
    }
    for Change { path, hunks } in &changes {
        let idle = hunks.iter().any(|hunk| hunk.before == hunk.after || hunk.before.is_empty());
        ensure!(
            !hunks.is_empty() && !idle,
            "a hunk of {path} shows no line that was there, or changes none"
        );
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Rule: What is taken is given back\n  (RFC 0).\n\
        Caught by: a tests::one\nCaught by: b::wire two::three\n";

    fn patch(diff: &str) -> Mutant {
        Mutant::parse("m", &format!("{HEADER}\n{diff}")).unwrap()
    }

    fn reason(text: &str) -> String {
        Mutant::parse("m", text).unwrap_err().to_string()
    }

    fn applied(diff: &str, text: &str) -> anyhow::Result<Vec<(String, String)>> {
        patch(diff).apply(|_| Ok(text.to_owned()))
    }

    const DIFF: &str = "diff --git a/x.rs b/x.rs\nindex 1..2 100644\n--- a/x.rs\n+++ b/x.rs\n\
        @@ -70,3 +70,3 @@ fn far_away() {\n one\n-two\n+2\n three\n";

    #[test]
    fn a_header_names_the_rule_and_the_tests() {
        let mutant = patch(DIFF);
        assert_eq!(mutant.rule, "What is taken is given back (RFC 0).");
        let tests: Vec<_> = mutant.caught_by.iter().map(Test::to_string).collect();
        assert_eq!(tests, ["a tests::one", "b::wire two::three"]);
        assert_eq!(mutant.hang, Hang::SaysNothing);
    }

    #[test]
    fn a_hang_is_a_failure_only_where_the_header_says_so() {
        let text = format!("{HEADER}A hang: is a failure\n\n{DIFF}");
        assert_eq!(Mutant::parse("m", &text).unwrap().hang, Hang::IsFailure);
    }

    #[test]
    fn a_header_that_is_not_whole_is_refused() {
        for (text, expected) in [
            ("Rule: x.\n".to_owned(), "it has no diff"),
            (format!("Caught by: a b\n{DIFF}"), "the header has no `Rule:`"),
            (format!("Rule: x.\n{DIFF}"), "the header has no `Caught by:`"),
            (format!("Rule: x.\nWhy: y\n{DIFF}"), "`Why: y` is no line of a header"),
            (
                format!("Rule: x.\nCaught by: a\n{DIFF}"),
                "`a` is not a package and the name of a test",
            ),
        ] {
            assert_eq!(reason(&text), expected);
        }
    }

    #[test]
    fn a_hunk_is_placed_by_its_lines_and_not_by_their_numbers() {
        let changed = applied(DIFF, "zero\none\ntwo\nthree\nfour\n").unwrap();
        assert_eq!(changed, [("x.rs".to_owned(), "zero\none\n2\nthree\nfour\n".to_owned())]);
    }

    #[test]
    fn hunks_of_one_file_are_applied_one_after_the_other() {
        let diff = format!("{DIFF}@@ -1 +1,2 @@\n 2\n+and\n");
        let changed = applied(&diff, "one\ntwo\nthree\n").unwrap();
        assert_eq!(changed[0].1, "one\n2\nand\nthree\n");
    }

    #[test]
    fn lines_that_are_not_there_or_there_twice_are_refused() {
        let missing = applied(DIFF, "one\ntwo\n").unwrap_err();
        assert_eq!(format!("{missing:#}"), "in x.rs: these lines are not there, from `one` on");
        let twice = applied(DIFF, "one\ntwo\nthree\none\ntwo\nthree\n").unwrap_err();
        assert!(format!("{twice:#}").contains("there 2 times"), "{twice:#}");
    }

    #[test]
    fn a_diff_that_makes_or_changes_nothing_is_refused() {
        for diff in [
            "--- /dev/null\n+++ b/x.rs\n@@\n+one\n",
            "--- a/x.rs\n+++ b/y.rs\n@@\n-one\n",
            "--- a/x.rs\n+++ b/x.rs\n@@\n one\n",
            "--- a/x.rs\n+++ b/x.rs\n@@\n+one\n",
            "--- a/x.rs\n+++ b/x.rs\n",
            "--- a/x.rs\n+++ b/x.rs\n@@\n-one\n\\ No newline at end of file\n",
        ] {
            assert!(Mutant::parse("m", &format!("{HEADER}\n{diff}")).is_err(), "{diff}");
        }
    }
}
