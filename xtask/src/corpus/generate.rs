//! One document through the generator, in a process of its own.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use specwright_cli::exit::Exit;
use specwright_cli::project::{LOCK, load_lock};
use specwright_source::Sink;

/// What became of one document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Generated(Generated),
    NotRead,
    NotWritten,
    Panicked { message: String },
    Hung,
}

/// A client that was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Generated {
    pub(super) operations: usize,
    pub(super) types: usize,
    /// Errors that were reported, by code.
    pub(super) errors: BTreeMap<String, usize>,
}

impl Outcome {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Generated(Generated { errors, .. }) => match errors.values().sum() {
                0 => "read, generated".to_owned(),
                1 => "read, generated, 1 error".to_owned(),
                count => format!("read, generated, {count} errors"),
            },
            Self::NotRead => "not read".to_owned(),
            Self::NotWritten => "read, not generated".to_owned(),
            Self::Panicked { message } => format!("panicked: {message}"),
            Self::Hung => format!("hung: no end after {} s", TIME_LIMIT.as_secs()),
        }
    }
}

/// Writes the client of a document to a folder.
pub(super) fn generate(specwright: &Path, document: &Path, out: &Path) -> anyhow::Result<Outcome> {
    let runtime = std::env::current_dir()?;
    let mut command = Command::new(specwright);
    command.arg("generate").arg(document).arg("--out").arg(out).args(["--format", "json"]);
    command.arg("--runtime").arg(format!("path:{}", runtime.display()));
    if let Some(package) = out.file_name() {
        command.arg("--package").arg(package);
    }
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot run {}", specwright.display()))?;
    let Some((status, diagnostics, words)) = wait(&mut child, TIME_LIMIT)? else {
        return Ok(Outcome::Hung);
    };
    let mut outcome = classify(status, &diagnostics, &words)?;
    if let Outcome::Generated(generated) = &mut outcome {
        let lock = load_lock(&out.join(LOCK), &mut Sink::default()).unwrap_or_default();
        generated.operations = lock.operations.len();
        generated.types = lock.types.len();
    }
    Ok(outcome)
}

fn classify(status: ExitStatus, diagnostics: &str, words: &str) -> anyhow::Result<Outcome> {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    match code {
        Some(code) if code == Exit::Done.code() => Ok(Outcome::Generated(Generated {
            errors: errors(diagnostics),
            ..Generated::default()
        })),
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

/// The errors among diagnostics, one object a line.
fn errors(diagnostics: &str) -> BTreeMap<String, usize> {
    let mut errors = BTreeMap::new();
    for line in diagnostics.lines() {
        let diagnostic: Value = serde_json::from_str(line).unwrap_or_default();
        let text = |key: &str| diagnostic.get(key).and_then(Value::as_str).unwrap_or_default();
        if text("severity") == "error" {
            *errors.entry(text("code").to_owned()).or_default() += 1;
        }
    }
    errors
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
    fn errors_of_a_generated_client_are_counted_by_code() {
        let script = r#"echo '{"severity":"error","code":"OA0205"}'
            echo '{"severity":"warning","code":"OA0402"}'; exit 0"#;
        let errors = BTreeMap::from([("OA0205".to_owned(), 1)]);
        let expected = Outcome::Generated(Generated { errors, ..Generated::default() });
        assert_eq!(outcome(script), expected);
        assert_eq!(expected.words(), "read, generated, 1 error");
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
}
