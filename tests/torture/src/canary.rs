//! Secrets are looked for in all that a process shows, logs and keeps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::search::Search;
use crate::setting::{Trouble, bounded};
use crate::table::{Line, Row, listed};
use crate::tap::Secret;

/// The row of canaries.
pub fn rows() -> Vec<Row> {
    let row = Row::new("canaries in logs, errors, Debug, panics and files", |worker| async move {
        let seen = look(worker.with_file_name(PROGRAM)).await?;
        let Seen { secrets, lines, logged, bytes, spilled, planted, found } = &seen;
        Ok(Line {
            expected: "0 secrets seen, and the planted one".to_owned(),
            found: format!(
                "{} of {secrets} secrets in {lines} lines ({logged} of logs) and {bytes} bytes of files \
                 ({spilled} spilled): {}; planted: {planted}",
                found.len(),
                listed(found)
            ),
            met: seen.is_met(),
        })
    });
    vec![row]
}

/// The program that is looked at.
pub const PROGRAM: &str = "torture-canary";

/// The file in which it tells its secrets.
pub const SECRETS: &str = "secrets";

/// What it logs so that it is found.
pub const PLANTED: &str = "planted-for-the-search";

/// The key that seals.
pub const KEY: &[u8; 32] = b"canary-key-canary-key-canary-key";
/// The session of the browser.
pub const SESSION: &str = "fake-session-of-a-browser";

/// What was seen of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Secrets that were looked for.
    pub secrets: usize,
    /// Lines of what it printed.
    pub lines: usize,
    /// Those of them that crates of the network logged.
    pub logged: usize,
    /// Bytes of the files that it keeps.
    pub bytes: usize,
    /// Those of them that are spilled pairs.
    pub spilled: usize,
    /// Whether the planted secret was found.
    pub planted: bool,
    /// Secrets that were found, and where.
    pub found: Vec<String>,
}

impl Seen {
    /// Whether nothing was found but what was planted, and there was something to look at.
    pub fn is_met(&self) -> bool {
        let is_there = self.secrets > 0 && self.logged > 0 && self.bytes > 0 && self.spilled > 0;
        is_there && self.planted && self.found.is_empty()
    }
}

/// Runs the program, and looks at all that it leaves behind.
pub async fn look(program: PathBuf) -> Result<Seen, Trouble> {
    let (stored, told) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let child = Command::new(program)
        .args([stored.path(), told.path()])
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = bounded(async { Ok(child.wait_with_output().await?) }).await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("?").into());
    }
    let secrets = secrets(&told.path().join(SECRETS))?;
    let mut search = Search::new(&secrets);
    search.add("sealing key", KEY);
    let mut planted = Search::default();
    planted.add("planted", PLANTED.as_bytes());
    let mut seen = Seen {
        secrets: secrets.len() + 1,
        lines: 0,
        logged: 0,
        bytes: 0,
        spilled: 0,
        planted: !planted.found_in(&output.stderr).is_empty(),
        found: Vec::new(),
    };
    for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let text = String::from_utf8_lossy(text);
        seen.lines += text.lines().count();
        seen.logged += text.lines().filter(|line| is_of_the_network(line)).count();
        seen.add(name, &search, text.as_bytes());
    }
    for path in files(stored.path())? {
        let bytes = fs::read(&path)?;
        seen.bytes += bytes.len();
        if path.extension().is_some_and(|ending| ending == "spill") {
            seen.spilled += bytes.len();
        }
        seen.add(&path.file_name().unwrap_or_default().to_string_lossy(), &search, &bytes);
    }
    Ok(seen)
}

impl Seen {
    fn add(&mut self, place: &str, search: &Search, bytes: &[u8]) {
        let found = search.found_in(bytes);
        self.found.extend(found.into_iter().map(|name| format!("{name} in {place}")));
    }
}

fn is_of_the_network(line: &str) -> bool {
    ["hyper", "reqwest", "rustls"].iter().any(|name| line.contains(&format!(" {name}")))
}

fn secrets(path: &Path) -> Result<Vec<Secret>, Trouble> {
    let text = fs::read_to_string(path)?;
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(pairs.map(|(name, value)| Secret::new(name, value)).collect())
}

/// All files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}
