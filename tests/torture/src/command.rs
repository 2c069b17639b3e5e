//! Workers that go on: a command a line, and a report a line.

use std::fs;
use std::ops::Range;
use std::time::Duration;

use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::health::Condition;
use crate::order::{Order, Report};
use crate::setting::{Setting, Trouble, bounded, wait};

/// What a worker is to do, beside what it is doing already. It reports when it is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Command {
    /// So many calls at once, in turn with each of these grants.
    Call {
        /// The grants, by their numbers.
        grants: Range<u32>,
        /// How many calls.
        calls: u32,
    },
    /// From now on calls with each of these grants, until the process ends. The report says that it has begun.
    KeepCalling {
        /// The grants, by their numbers.
        grants: Range<u32>,
        /// The time between two calls with one grant.
        every: Duration,
    },
    /// End each of these grants at a moment of its own, and look after them for a while, until no token is left.
    End {
        /// The grants, by their numbers.
        grants: Range<u32>,
        /// The latest of the moments, which are drawn.
        within: Duration,
        /// From what they are drawn.
        seed: u64,
    },
    /// From now on the store is like this.
    Store(Condition),
}

impl Command {
    /// One call with each of these grants, all at once.
    pub fn call_each(grants: Range<u32>) -> Self {
        let calls = grants.end.saturating_sub(grants.start);
        Self::Call { grants, calls }
    }
}

/// A worker that goes on. It ends with the judge, or when it is dropped.
pub struct Member {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    child: Child,
}

impl Member {
    /// Starts one. The task of the order has to be [`Task::Obey`](crate::order::Task::Obey).
    pub fn start(setting: &Setting, order: &Order) -> Result<Self, Trouble> {
        let mut child = setting.start(order)?;
        let input = child.stdin.take().ok_or("the worker has no input")?;
        let output = child.stdout.take().ok_or("the worker has no output")?;
        Ok(Self { input, output: BufReader::new(output), child })
    }

    /// Tells it what to do, and does not wait.
    pub async fn tell(&mut self, command: &Command) -> Result<(), Trouble> {
        let mut line = serde_json::to_string(command)?;
        line.push('\n');
        self.input.write_all(line.as_bytes()).await?;
        Ok(())
    }

    /// Waits for the next report. The first one is about the command that was done first.
    pub async fn report(&mut self) -> Result<Report, Trouble> {
        let mut text = String::new();
        bounded(async { Ok(self.output.read_line(&mut text).await?) }).await?;
        Ok(serde_json::from_str(text.trim())?)
    }

    /// Tells it what to do, and waits until it is done.
    pub async fn ask(&mut self, command: &Command) -> Result<Report, Trouble> {
        self.tell(command).await?;
        self.report().await
    }

    /// Sends it a signal.
    pub fn signal(&self, with: Signal) -> Result<(), Trouble> {
        signal(&self.child, with)
    }

    /// Freezes it, as [`freeze`] does.
    pub async fn freeze(&self, setting: &Setting) -> Result<(), Trouble> {
        freeze(setting, &self.child).await
    }

    /// Ends it by kill −9, wherever it is.
    pub async fn kill(mut self) -> Result<(), Trouble> {
        Ok(self.child.kill().await?)
    }
}

/// Sends a signal to a worker.
pub fn signal(child: &Child, signal: Signal) -> Result<(), Trouble> {
    let id = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    kill_process(id.ok_or("the worker has ended")?, signal)?;
    Ok(())
}

/// The longest time for which others write without a break.
const LOCKED: Duration = Duration::from_secs(30);

/// How often it is looked whether a worker stands still.
const SOON: Duration = Duration::from_millis(1);

/// Freezes a worker, and not while it writes: nobody can write then for as long as it is frozen, so nobody could take over.
///
/// A signal is delivered to each thread in its own time, so the lock is kept until all of them stand still.
pub async fn freeze(setting: &Setting, child: &Child) -> Result<(), Trouble> {
    let file = Connection::open(setting.database())?;
    file.busy_timeout(LOCKED)?;
    file.execute_batch("BEGIN IMMEDIATE")?;
    signal(child, Signal::STOP)?;
    bounded(async {
        while !stands_still(child)? {
            wait(SOON).await;
        }
        Ok(())
    })
    .await?;
    Ok(file.execute_batch("ROLLBACK")?)
}

/// Whether each of its threads was stopped by a signal, as Linux tells it (`proc_pid_stat(5)`).
fn stands_still(child: &Child) -> Result<bool, Trouble> {
    let id = child.id().ok_or("the worker has ended")?;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        let stat = fs::read_to_string(thread?.path().join("stat"))?;
        // The state follows the name of the program, which stands in parentheses and may have some itself.
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        if state != Some('T') {
            return Ok(false);
        }
    }
    Ok(true)
}
