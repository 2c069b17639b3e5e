//! One document through the generator, in a process of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use specwright_cli::exit::Exit;
use specwright_cli::project::{LOCK, load_lock};
use specwright_source::Sink;

use crate::child::{Ended, wait};

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
    let Some(ended) = wait(&mut child, TIME_LIMIT)? else { return Ok(Outcome::Hung) };
    let mut outcome = classify(&ended)?;
    if let Outcome::Generated(generated) = &mut outcome {
        let lock = load_lock(&out.join(LOCK), &mut Sink::default()).unwrap_or_default();
        generated.operations = lock.operations.len();
        generated.types = lock.types.len();
    }
    Ok(outcome)
}

fn classify(ended: &Ended) -> anyhow::Result<Outcome> {
    let Ended { status, stdout: diagnostics, stderr: words } = ended;
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

/// Far above what the largest document known to us needs (GitHub's, a few seconds).
const TIME_LIMIT: Duration = Duration::from_secs(120);

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::process::Child;

    use super::*;

    fn shell(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn outcome(script: &str) -> Outcome {
        classify(&wait(&mut shell(script), TIME_LIMIT).unwrap().unwrap()).unwrap()
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
}
