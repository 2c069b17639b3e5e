//! Processes that share a file and are killed at any instruction: what was acknowledged is there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use specwright_core::random::Random as _;
use specwright_refresh::{GrantKey, GrantStore as _};
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::SeededRandom;

/// How often a process is killed.
const KILLS: usize = 40;

/// Rows that one process counts in at the same time, so that commits are shared.
const ROWS: usize = 4;

/// Acknowledgements until a kill, at most.
const PATIENCE: u64 = 40;

/// A process that commits. It is killed when it is dropped.
struct Committer {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// What was acknowledged: the last count of each row, and all versions.
#[derive(Default)]
struct Acknowledged {
    counts: BTreeMap<String, u64>,
    versions: BTreeSet<u64>,
}

impl Committer {
    fn start(file: &Path, name: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_committer"))
            .arg(file)
            .args([name, &ROWS.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Reads one acknowledgement. `false` if there are no more.
    fn read(&mut self, acknowledged: &mut Acknowledged) -> bool {
        let mut line = String::new();
        // A line without its end was broken off by the kill, so nobody knows what it acknowledged.
        if self.lines.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
            return false;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let [row, count, version] = words[..] else { panic!("no acknowledgement: {line:?}") };
        let count: u64 = count.parse().unwrap();
        let before = acknowledged.counts.insert(row.to_owned(), count);
        // A process that found less than what was acknowledged counts it once more.
        assert!(before < Some(count), "{row}: {count} was acknowledged after {before:?}");
        let version = version.parse().unwrap();
        assert!(acknowledged.versions.insert(version), "version {version} was given twice");
        true
    }

    /// Ends the process at whatever instruction it is, and reads what it acknowledged until then.
    fn kill(mut self, acknowledged: &mut Acknowledged) {
        self.child.kill().unwrap();
        while self.read(acknowledged) {}
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_kills() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("grants.db");
    let random = SeededRandom::new(1);
    let mut acknowledged = Acknowledged::default();
    let mut other = Committer::start(&file, "other");
    for kill in 0..KILLS {
        let mut one = Committer::start(&file, "one");
        for _ in 0..=random.up_to(PATIENCE) {
            assert!(one.read(&mut acknowledged), "the process ended by itself");
        }
        one.kill(&mut acknowledged);
        // The process that goes on must not notice, whatever the other one held.
        assert!(other.read(&mut acknowledged), "the other process ended");
        if kill % 10 == 9 {
            other.kill(&mut acknowledged);
            everything_is_there(&file, &acknowledged).await;
            other = Committer::start(&file, "other");
        }
    }
    assert_eq!(acknowledged.counts.len(), 2 * ROWS);
    assert!(acknowledged.versions.len() > 10 * KILLS, "{}", acknowledged.versions.len());
}

/// Each row has the last count that was acknowledged, or a later one: each kill may cut one acknowledgement off.
async fn everything_is_there(file: &Path, acknowledged: &Acknowledged) {
    let store = SqliteStore::open(file).unwrap();
    assert!(!store.restored());
    for (row, count) in &acknowledged.counts {
        let there = store.load(&GrantKey::new(row.as_str(), "count")).await.unwrap().row.unwrap();
        let stored: u64 = there.text.parse().unwrap();
        assert!(stored >= *count, "{row}: {stored} is there, {count} was acknowledged");
    }
}
