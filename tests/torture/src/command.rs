//! Workers that go on: a command a line, and a report a line.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use rusqlite::Connection;
use rustix::io::Errno;
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
    let id = child.id().ok_or("the worker has ended")?;
    let threads = PathBuf::from(format!("/proc/{id}/task"));
    bounded(async {
        while !stands_still(&threads)? {
            wait(SOON).await;
        }
        Ok(())
    })
    .await?;
    Ok(file.execute_batch("ROLLBACK")?)
}

/// Whether each thread of a process was stopped by a signal, as Linux tells it in this folder (`proc_pid_stat(5)`). One that
/// ended while it was looked at has moved a moment ago, so it is not the last look.
fn stands_still(threads: &Path) -> io::Result<bool> {
    match all_stopped(threads) {
        Err(error) if is_of_the_ended(&error) => Ok(false),
        looked => looked,
    }
}

/// Whether Linux says that a thread or process is gone: there is no such file (`ENOENT`), or none any more to read (`ESRCH`).
fn is_of_the_ended(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::NOENT | Errno::SRCH))
}

fn all_stopped(threads: &Path) -> io::Result<bool> {
    for thread in fs::read_dir(threads)? {
        let stat = fs::read_to_string(thread?.path().join("stat"))?;
        // The state follows the name of the program, which stands in parentheses and may have some itself.
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        if state != Some('T') {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threads as Linux shows them: `None` has ended since the folder was read.
    fn threads(stats: &[Option<&str>]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (number, stat) in stats.iter().enumerate() {
            let thread = folder.path().join(number.to_string());
            fs::create_dir(&thread).unwrap();
            if let Some(stat) = stat {
                fs::write(thread.join("stat"), stat).unwrap();
            }
        }
        folder
    }

    #[test]
    fn a_process_stands_still_when_each_of_its_threads_does_whatever_their_names() {
        for (second, expected) in [("2 (a) R) T 1", true), ("2 (a) T) S 1", false)] {
            let folder = threads(&[Some("1 (main) T 1"), Some(second)]);
            assert_eq!(stands_still(folder.path()).unwrap(), expected, "{second}");
        }
    }

    #[test]
    fn a_thread_that_ends_while_it_is_looked_at_means_not_yet() {
        let folder = threads(&[Some("1 (main) T 1"), None]);
        assert!(!stands_still(folder.path()).unwrap());
    }

    #[test]
    fn a_process_that_ends_while_it_is_looked_at_means_not_yet() {
        let folder = threads(&[]);
        assert!(!stands_still(&folder.path().join("task")).unwrap());
    }

    #[test]
    fn a_stat_whose_thread_ends_before_it_is_read_means_not_yet() {
        // As it comes from `read(2)`; a file that does it cannot be made at will.
        assert!(is_of_the_ended(&Errno::SRCH.into()));
    }

    #[test]
    fn what_cannot_be_read_for_another_reason_is_an_error() {
        let folder = threads(&[None]);
        fs::create_dir(folder.path().join("0/stat")).unwrap();
        assert!(stands_still(folder.path()).is_err());
    }
}
