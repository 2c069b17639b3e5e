//! Processes that share a file and are killed at any instruction: what was acknowledged is there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what a test cannot do without stops it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use specwright_core::random::Random as _;
use specwright_store::{Table, Version};
use specwright_testkit::SeededRandom;
use stores::Keeper;

/// How often a process is killed.
const KILLS: usize = 40;

/// Rows that one process counts in at the same time, so that commits are shared.
const ROWS: usize = 4;

/// Acknowledgements until a kill, at most.
const PATIENCE: u64 = 40;

/// A process that commits. It is killed when it is dropped.
struct Committer {
    child: Child,
    /// Taken from it as they come: it would stop at the first that finds no room.
    lines: Receiver<String>,
}

/// One line of a process that commits.
struct Acknowledgement {
    row: String,
    count: u64,
    version: u64,
}

/// What was acknowledged: the last count of each row with its version, and all versions.
#[derive(Default)]
struct Acknowledged {
    counts: BTreeMap<String, (u64, Version)>,
    versions: BTreeSet<u64>,
}

impl Committer {
    fn start(keeper: Keeper, file: &Path, name: &str, rows: usize) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_committer"))
            .arg(keeper.name())
            .arg(file)
            .args([name, &rows.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || pass_on(out, &to));
        Self { child, lines }
    }

    /// The next acknowledgement, if there is one more.
    fn read(&self) -> Option<Acknowledgement> {
        let line = self.lines.recv().ok()?;
        // A line without its end was broken off by the kill, so nobody knows what it acknowledged.
        let line = line.strip_suffix('\n')?;
        let words: Vec<&str> = line.split(' ').collect();
        let [row, count, version] = words[..] else { panic!("no acknowledgement: {line:?}") };
        let (count, version) = (count.parse().unwrap(), version.parse().unwrap());
        Some(Acknowledgement { row: row.to_owned(), count, version })
    }

    /// Ends the process at whatever instruction it is. What it acknowledged and nobody has read yet.
    fn kill(mut self) -> Vec<Acknowledgement> {
        assert_eq!(self.child.try_wait().unwrap(), None, "it commits until it is killed");
        self.child.kill().unwrap();
        std::iter::from_fn(|| self.read()).collect()
    }
}

/// Passes lines on until the process has ended.
fn pass_on(mut out: BufReader<ChildStdout>, to: &Sender<String>) {
    let mut line = String::new();
    while out.read_line(&mut line).is_ok_and(|read| read > 0) && to.send(line).is_ok() {
        line = String::new();
    }
}

impl Acknowledged {
    fn note(&mut self, one: Acknowledgement) {
        let Acknowledgement { row, count, version } = one;
        assert!(self.versions.insert(version), "version {version} was given twice");
        let before = self.counts.insert(row.clone(), (count, Version::new(version)));
        let before = before.map(|(count, _)| count);
        // A process that found less than what was acknowledged counts it once more.
        assert!(before < Some(count), "{row}: {count} was acknowledged after {before:?}");
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn grants_that_were_acknowledged_survive_kills() {
    survives_kills(Keeper::Grants).await;
}

#[tokio::test]
async fn quotas_that_were_acknowledged_survive_kills() {
    survives_kills(Keeper::Rows(Table::Quotas)).await;
}

#[tokio::test]
async fn operations_that_were_acknowledged_survive_kills() {
    survives_kills(Keeper::Rows(Table::Operations)).await;
}

#[tokio::test]
async fn deliveries_that_were_acknowledged_survive_kills() {
    survives_kills(Keeper::Rows(Table::Deliveries)).await;
}

async fn survives_kills(keeper: Keeper) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.db");
    let random = SeededRandom::new(1);
    let (mut acknowledged, mut same) = (Acknowledged::default(), 0);
    let mut other = Committer::start(keeper, &file, "other", ROWS);
    for kill in 0..KILLS {
        let one = Committer::start(keeper, &file, "one", ROWS);
        for _ in 0..=random.up_to(PATIENCE) {
            acknowledged.note(one.read().expect("it commits until it is killed"));
        }
        one.kill().into_iter().for_each(|one| acknowledged.note(one));
        // The process that goes on must not notice, whatever the other one held.
        acknowledged.note(other.read().expect("it commits until it is killed"));
        if kill % 10 == 9 {
            other.kill().into_iter().for_each(|one| acknowledged.note(one));
            same += everything_is_there(keeper, &file, &acknowledged).await;
            other = Committer::start(keeper, &file, "other", ROWS);
        }
    }
    assert!(same > 0, "no row was left as it was acknowledged");
    assert_eq!(acknowledged.counts.len(), 2 * ROWS);
    assert!(acknowledged.versions.len() > 10 * KILLS, "{}", acknowledged.versions.len());
}

/// Each row has the last count that was acknowledged, or a later one: each kill may cut one acknowledgement off. How many
/// are as they were acknowledged, versions included.
async fn everything_is_there(keeper: Keeper, file: &Path, acknowledged: &Acknowledged) -> usize {
    let counters = keeper.open(file).unwrap();
    assert!(!counters.restored());
    let mut same = 0;
    for (row, (count, version)) in &acknowledged.counts {
        let there = counters.load(row).await.unwrap().unwrap();
        let stored: u64 = there.text.parse().unwrap();
        assert!(stored >= *count, "{keeper:?}, {row}: {stored} is there, {count} was acknowledged");
        if stored == *count {
            // A file that is taken for an older copy of itself has new versions. Of quotas nothing else tells.
            assert_eq!(there.version, *version, "{keeper:?}, {row}");
            same += 1;
        }
    }
    same
}

#[test]
fn no_count_of_grants_is_acknowledged_to_two_processes() {
    acknowledges_each_count_once(Keeper::Grants);
}

#[test]
fn no_count_of_quotas_is_acknowledged_to_two_processes() {
    acknowledges_each_count_once(Keeper::Rows(Table::Quotas));
}

#[test]
fn no_count_of_operations_is_acknowledged_to_two_processes() {
    acknowledges_each_count_once(Keeper::Rows(Table::Operations));
}

#[test]
fn no_count_of_deliveries_is_acknowledged_to_two_processes() {
    acknowledges_each_count_once(Keeper::Rows(Table::Deliveries));
}

fn acknowledges_each_count_once(keeper: Keeper) {
    const PROCESSES: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.db");
    // All of them count in one row.
    let processes: Vec<_> =
        (0..PROCESSES).map(|_| Committer::start(keeper, &file, "shared", 1)).collect();
    let mut all = Vec::new();
    for _ in 0..50 {
        for process in &processes {
            all.push(process.read().expect("it commits until it is killed"));
        }
    }
    for process in processes {
        all.extend(process.kill());
    }
    all.sort_by_key(|one| one.version);
    for pair in all.windows(2) {
        assert!(pair[0].count < pair[1].count, "{} was counted twice", pair[1].count);
        assert!(pair[0].version < pair[1].version, "version {} was given twice", pair[1].version);
    }
}
