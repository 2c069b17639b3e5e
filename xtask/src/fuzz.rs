//! `cargo xtask fuzz TARGET`: libFuzzer on one target of `fuzz/`, with the compiler that is installed.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, ensure};
use specwright_cli::exit::Exit;

use crate::workspace::cargo;

const FOLDER: &str = "fuzz";

/// What libFuzzer needs from the compiler: counters for every edge, and the values that are compared. They are options
/// of a stable compiler. A sanitizer of addresses is not, and would find little where `unsafe` is forbidden.
const FLAGS: &[&str] = &[
    "--cfg",
    "fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// An input that takes longer than so many seconds, or more than so many megabytes, is a finding. One run takes
/// microseconds.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=1024"];

/// Prints the names of the targets, one a line.
pub(crate) fn list() -> anyhow::Result<ExitCode> {
    for target in targets()? {
        writeln!(io::stdout(), "{target}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a target for so many seconds and prints what came of it in one line. The exit code is 1 if an input was found that
/// the target refuses.
///
/// It starts from the seeds of the target and from what earlier runs have collected beside them.
pub(crate) fn run(target: &str, seconds: u32) -> anyhow::Result<ExitCode> {
    let targets = targets()?;
    if !targets.iter().any(|known| known == target) {
        writeln!(io::stderr(), "error: no target `{target}`; there are {}", targets.join(", "))?;
        return Ok(Exit::Usage.into());
    }
    let program = build(target)?;
    let [corpus, artifacts] = ["corpus", "artifacts"].map(|it| format!("{FOLDER}/{it}/{target}/"));
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
    }
    let mut fuzzer = Command::new(&program);
    // The first folder is where inputs go that reach something new.
    fuzzer.args([&corpus, &format!("{FOLDER}/seeds/{target}")]).args(LIMITS);
    fuzzer.args([format!("-max_total_time={seconds}"), format!("-artifact_prefix={artifacts}")]);
    fuzzer.args(["-print_final_stats=1"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = fuzzer.spawn().with_context(|| format!("cannot run {program}"))?;
    let lines = child.stderr.take().context("the fuzzer has no stderr")?;
    let report = Report::read(lines)?;
    let good = child.wait()?.success();
    if !good {
        writeln!(io::stderr(), "{}", report.reason)?;
    }
    writeln!(io::stdout(), "fuzz {target}: {}", report.line(good))?;
    if let Some(input) = &report.finding {
        writeln!(io::stdout(), "again: {program} {input}")?;
    }
    Ok(if good { Exit::Done } else { Exit::Findings }.into())
}

/// The targets by their names, sorted.
fn targets() -> anyhow::Result<Vec<String>> {
    let folder = Path::new(FOLDER).join("fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Builds a target and says where its program is. The flags are those of this one build: it has a folder of its own, and
/// names the host as its target, so that build scripts and macros are spared.
fn build(target: &str) -> anyhow::Result<String> {
    let host = host()?;
    let mut command = cargo();
    command.args(["build", "--quiet", "--release", "--target", &host, "--bin", target]);
    command.args(["--manifest-path", "fuzz/Cargo.toml", "--target-dir", "fuzz/target"]);
    command.env("RUSTFLAGS", FLAGS.join(" ")).env_remove("CARGO_ENCODED_RUSTFLAGS");
    let built = command.status().context("cannot run cargo build")?.success();
    ensure!(built, "{target} cannot be built");
    Ok(format!("{FOLDER}/target/{host}/release/{target}"))
}

fn host() -> anyhow::Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().context("cannot run rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say for what it compiles")
}

/// What the fuzzer has said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Report {
    runs: u64,
    runs_a_second: u64,
    /// Inputs that reach something that no other one reaches.
    corpus: u64,
    /// The file with the input that was refused.
    finding: Option<String>,
    /// What it said besides: why an input was refused.
    reason: String,
}

impl Report {
    fn read(lines: impl io::Read) -> io::Result<Self> {
        let mut report = Self::default();
        for line in BufReader::new(lines).split(b'\n') {
            report.note(&String::from_utf8_lossy(&line?));
        }
        Ok(report)
    }

    fn note(&mut self, line: &str) {
        if let Some((name, value)) = line.strip_prefix("stat::").and_then(|it| it.split_once(':')) {
            let value = value.trim().parse().unwrap_or_default();
            match name {
                "number_of_executed_units" => self.runs = value,
                "average_exec_per_sec" => self.runs_a_second = value,
                _ => {}
            }
        } else if line.starts_with('#') {
            // `#905	DONE   cov: 9 ft: 12 corp: 37/1Kb lim: 4 exec/s: 45 rss: 30Mb`
            let size = line.split_once(" corp: ").and_then(|(_, after)| after.split_once('/'));
            self.corpus = size.and_then(|(size, _)| size.parse().ok()).unwrap_or(self.corpus);
        } else if !["INFO:", "WARNING:", "\tNEW_FUNC"].iter().any(|it| line.starts_with(it)) {
            if let Some((_, input)) = line.split_once("Test unit written to ") {
                self.finding = Some(input.trim().to_owned());
            }
            self.reason.push_str(line);
            self.reason.push('\n');
        }
    }

    fn line(&self, good: bool) -> String {
        let Self { runs, runs_a_second, corpus, finding, reason: _ } = self;
        let result = match finding {
            _ if good => "nothing found".to_owned(),
            Some(input) => format!("FOUND {input}"),
            None => "broke off without an input".to_owned(),
        };
        format!("{runs} runs, {runs_a_second} a second, corpus {corpus}, {result}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Report {
        Report::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_run_without_a_finding_is_one_line() {
        let report = read(
            "INFO: Seed: 1\n#2\tINITED cov: 9 ft: 9 corp: 1/1b exec/s: 0 rss: 30Mb\n\
             #905\tDONE   cov: 9 ft: 12 corp: 37/1Kb lim: 4 exec/s: 45 rss: 30Mb\n\
             Done 905 runs in 20 second(s)\n\
             stat::number_of_executed_units: 905\nstat::average_exec_per_sec:     45\n",
        );
        assert_eq!(report.line(true), "905 runs, 45 a second, corpus 37, nothing found");
    }

    #[test]
    fn a_finding_is_named_with_its_reason() {
        let report = read(
            "INFO: Seed: 1\n#7\tNEW    cov: 9 ft: 9 corp: 2/9b\n\tNEW_FUNC[1/2]: 0x1\n\
             thread panicked at a.rs:1:\n\
             artifact_prefix='x/'; Test unit written to fuzz/artifacts/a/crash-1\n",
        );
        let line = report.line(false);
        assert!(line.ends_with("corpus 2, FOUND fuzz/artifacts/a/crash-1"), "{line}");
        assert!(report.reason.starts_with("thread panicked at a.rs:1:\n"), "{}", report.reason);
    }

    #[test]
    fn a_fuzzer_that_breaks_off_is_no_run_without_a_finding() {
        assert!(Report::default().line(false).ends_with("broke off without an input"));
    }
}
