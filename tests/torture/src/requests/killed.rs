//! Processes that are killed between journal, request, answer and commit, and the next one, which goes on.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Ledger, Options};
use tempfile::TempDir;
use tokio::process::Child;
use tokio::task::JoinSet;

use super::clerk::{Carried, Order, PROGRAM, Point};
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row.
pub fn rows() -> Vec<Row> {
    let kills = Kills { runs: 1_000, at_once: 2 };
    let name = format!("kill -9 at {} points of an operation, {} runs", POINTS, kills.runs);
    vec![Row::new(name, move |worker: PathBuf| async move {
        let resumed = kills.run(&worker.with_file_name(PROGRAM)).await?;
        Ok(Line {
            expected: "each ended by the kill, 1 effect each, under 1 key each".to_owned(),
            found: format!(
                "{} killed, {} effects under {} keys of {} requests; then {} succeeded, {} had before; wrong: {}",
                resumed.killed,
                resumed.effects,
                resumed.keys,
                resumed.requests,
                resumed.carried.succeeded,
                resumed.carried.before,
                listed(&resumed.wrong),
            ),
            met: kills.is_met(&resumed),
        })
    })]
}

/// Points at which a process is killed, each in its turn.
const POINTS: usize = 6;

/// How long a killed process has given its call. The next one waits until nothing of it can be on its way.
const DEADLINE: Duration = Duration::from_secs(2);

/// For how long the next process may try.
const PATIENCE: Duration = Duration::from_secs(120);

/// So many processes, each of which is killed in an operation of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kills {
    /// Processes.
    pub runs: u32,
    /// Processes at a time.
    pub at_once: usize,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Processes that ended by the kill.
    pub killed: u32,
    /// Requests that the server saw.
    pub requests: usize,
    /// Changes that it made.
    pub effects: usize,
    /// Keys that it saw.
    pub keys: usize,
    /// What the last process was told.
    pub carried: Carried,
    /// Keys with more than one effect, and what the last process failed at.
    pub wrong: Vec<String>,
}

impl Kills {
    /// Kills, and lets one more process bring everything to its end.
    pub async fn run(&self, program: &Path) -> Result<Resumed, Trouble> {
        let sandbox = Sandbox::start_with(Options::new()).await?;
        let folder = TempDir::new()?;
        let journal = folder.path().join("journal");
        let order = |operations, at_once, deadline, end| Order {
            server: sandbox.base_url().clone(),
            token: sandbox.static_token().to_owned(),
            journal: journal.clone(),
            operations,
            at_once,
            deadline,
            end,
        };
        let (mut resumed, mut running) = (Resumed::default(), JoinSet::new());
        for number in 0..self.runs {
            while running.len() >= self.at_once {
                resumed.note(running.join_next().await)?;
            }
            let one = number..number.saturating_add(1);
            running.spawn(ended(order(one, 1, DEADLINE, Some(point(number))).start(program)?));
        }
        while let Some(ended) = running.join_next().await {
            resumed.note(Some(ended))?;
        }
        let last = order(0..self.runs, 16, PATIENCE, None).start(program)?;
        resumed.carried = serde_json::from_slice(&last.wait_with_output().await?.stdout)?;
        resumed.wrong.extend(resumed.carried.failed.clone());
        resumed.judge(&sandbox.ledger());
        Ok(resumed)
    }

    /// Whether each operation had its effect once, under one key.
    pub fn is_met(&self, resumed: &Resumed) -> bool {
        let Resumed { killed, effects, keys, carried, wrong, .. } = resumed;
        let all = self.runs as usize;
        self.runs > 0
            && *killed == self.runs
            && (*effects, *keys) == (all, all)
            && carried.succeeded.saturating_add(carried.before) == self.runs
            // Who is killed after its success was written down leaves nothing to do, and everybody else something.
            && carried.before > 0
            && carried.succeeded > 0
            && wrong.is_empty()
    }
}

impl Resumed {
    fn note(
        &mut self,
        ended: Option<Result<Result<bool, Trouble>, tokio::task::JoinError>>,
    ) -> Result<(), Trouble> {
        if let Some(ended) = ended
            && ended??
        {
            self.killed += 1;
        }
        Ok(())
    }

    fn judge(&mut self, ledger: &Ledger) {
        let requests = ledger.requests_for("create_contact");
        let keys: BTreeSet<&str> =
            requests.iter().filter_map(|request| request.header("idempotency-key")).collect();
        (self.requests, self.keys) = (requests.len(), keys.len());
        self.effects = ledger.effects().len();
        for key in keys {
            let effects = ledger.effects_for_key(key).len();
            if effects != 1 {
                self.wrong.push(format!("{effects} effects under {key}"));
            }
        }
    }
}

/// Whether the process ended by the kill.
async fn ended(mut child: Child) -> Result<bool, Trouble> {
    Ok(child.wait().await?.signal() == Some(9))
}

/// Where the process of this number is killed. On its way a request is at moments of the first two milliseconds, one after
/// the other.
fn point(number: u32) -> Point {
    match number % 6 {
        0 => Point::Unwritten,
        1 => Point::Written,
        2 => Point::OnItsWay(u64::from(number / 6).wrapping_mul(97) % 2_000),
        3 => Point::Answered,
        4 => Point::Unsettled,
        _ => Point::Settled,
    }
}
