//! `cargo xtask corpus DIR`: what the generator makes of documents that it has never seen.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use specwright_cli::exit::Exit;

use crate::workspace::cargo;

/// Runs `specwright generate` on every document below a folder, each in a process of its own, and
/// prints a line for each and a total. The exit code is 1 if one panicked or hung.
pub(crate) fn run(folder: &Path) -> anyhow::Result<ExitCode> {
    let mut documents = Vec::new();
    collect(folder, &mut documents)?;
    ensure!(!documents.is_empty(), "no .json, .yaml or .yml file below {}", folder.display());
    let specwright = build()?;
    let out = Scratch::new(&specwright)?;

    let mut total = Total::default();
    for document in &documents {
        let outcome = generate(&specwright, document, &out.0.join(total.documents.to_string()))?;
        let name = document.strip_prefix(folder).unwrap_or(document).display();
        writeln!(io::stdout(), "{name}: {}", outcome.words())?;
        total.add(&outcome);
    }
    writeln!(io::stdout(), "{}", total.line())?;
    let good = total.panics == 0 && total.hangs == 0;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

/// What became of one document.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Generated { errors: usize },
    NotRead,
    NotWritten,
    Panicked { message: String },
    Hung,
}

impl Outcome {
    fn words(&self) -> String {
        match self {
            Self::Generated { errors: 0 } => "read, generated".to_owned(),
            Self::Generated { errors: 1 } => "read, generated, 1 error".to_owned(),
            Self::Generated { errors } => format!("read, generated, {errors} errors"),
            Self::NotRead => "not read".to_owned(),
            Self::NotWritten => "read, not generated".to_owned(),
            Self::Panicked { message } => format!("panicked: {message}"),
            Self::Hung => format!("hung: no end after {} s", TIME_LIMIT.as_secs()),
        }
    }
}

fn generate(specwright: &Path, document: &Path, out: &Path) -> anyhow::Result<Outcome> {
    let mut command = Command::new(specwright);
    command.arg("generate").arg(document).arg("--out").arg(out).args(["--format", "json"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot run {}", specwright.display()))?;
    let outcome = match wait(&mut child, TIME_LIMIT)? {
        None => Outcome::Hung,
        Some((status, diagnostics, words)) => classify(status, &diagnostics, &words)?,
    };
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    Ok(outcome)
}

fn classify(status: ExitStatus, diagnostics: &str, words: &str) -> anyhow::Result<Outcome> {
    let is_error = |line: &&str| line.contains("\"severity\":\"error\"");
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    match code {
        Some(code) if code == Exit::Done.code() => {
            Ok(Outcome::Generated { errors: diagnostics.lines().filter(is_error).count() })
        }
        Some(code) if code == Exit::Input.code() => Ok(Outcome::NotRead),
        Some(code) if code == Exit::Output.code() => Ok(Outcome::NotWritten),
        Some(code) if code == Exit::Usage.code() => bail!("specwright was called wrongly: {words}"),
        // 101 is a panic; a signal is an abort, for instance of a stack that ran over.
        _ => {
            let message = words.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            Ok(Outcome::Panicked { message: format!("{status}: {message}") })
        }
    }
}

/// Status, stdout and stderr of a child; `None` if it had to be killed.
fn wait(
    child: &mut Child,
    limit: Duration,
) -> anyhow::Result<Option<(ExitStatus, String, String)>> {
    let mut stdout = child.stdout.take().context("the child has no stdout")?;
    let mut stderr = child.stderr.take().context("the child has no stderr")?;
    // Each pipe has its reader: a child that fills one while nobody reads it would wait for ever.
    let words = thread::spawn(move || {
        let mut words = Vec::new();
        stderr.read_to_end(&mut words).map(|_| words)
    });
    let (ended, end) = mpsc::channel();
    let diagnostics = thread::spawn(move || {
        let mut diagnostics = Vec::new();
        let read = stdout.read_to_end(&mut diagnostics).map(|_| diagnostics);
        // Nobody listens any more if the child was killed.
        let _ = ended.send(());
        read
    });
    let in_time = end.recv_timeout(limit).is_ok();
    if !in_time {
        child.kill()?;
    }
    let status = child.wait()?;
    let text = |reader: thread::JoinHandle<io::Result<Vec<u8>>>| match reader.join() {
        Ok(bytes) => bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) => Ok(String::new()),
    };
    let (diagnostics, words) = (text(diagnostics)?, text(words)?);
    Ok(in_time.then_some((status, diagnostics, words)))
}

#[derive(Default)]
struct Total {
    documents: usize,
    panics: usize,
    hangs: usize,
}

impl Total {
    fn add(&mut self, outcome: &Outcome) {
        self.documents += 1;
        self.panics += usize::from(matches!(outcome, Outcome::Panicked { .. }));
        self.hangs += usize::from(*outcome == Outcome::Hung);
    }

    fn line(&self) -> String {
        let Self { documents, panics, hangs } = self;
        format!("corpus: {documents} documents, {panics} panics, {hangs} hangs")
    }
}

/// Far above what the largest document known to us needs (GitHub's, a few seconds).
const TIME_LIMIT: Duration = Duration::from_secs(120);

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn outcome(script: &str) -> Outcome {
        let ended = wait(&mut shell(script), TIME_LIMIT).unwrap();
        let (status, diagnostics, words) = ended.unwrap();
        classify(status, &diagnostics, &words).unwrap()
    }

    #[test]
    fn errors_of_a_generated_client_are_counted() {
        let script = r#"echo '{"severity":"error"}'; echo '{"severity":"warning"}'; exit 0"#;
        assert_eq!(outcome(script), Outcome::Generated { errors: 1 });
    }

    #[test]
    fn an_input_that_cannot_be_read_is_no_panic() {
        assert_eq!(outcome("exit 3"), Outcome::NotRead);
    }

    #[test]
    fn a_panic_and_an_abort_are_panics() {
        let panicked = outcome("echo \"thread 'main' panicked\" >&2; exit 101");
        assert!(panicked.words().ends_with("101: thread 'main' panicked"), "{panicked:?}");
        assert!(matches!(outcome("kill -ABRT $$"), Outcome::Panicked { .. }));
    }

    #[test]
    fn a_child_without_an_end_is_killed() {
        // Reads an input that nobody closes.
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = wait(&mut command.spawn().unwrap(), Duration::from_millis(50)).unwrap();
        assert!(ended.is_none());
    }

    #[test]
    fn the_closing_line_has_its_fixed_form() {
        let mut total = Total::default();
        total.add(&Outcome::Generated { errors: 3 });
        total.add(&Outcome::Hung);
        assert_eq!(total.line(), "corpus: 2 documents, 0 panics, 1 hangs");
    }
}
