//! Programs that are run and may never end.

use std::io::{self, Read as _};
use std::process::{Child, ExitStatus};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Waits for a child whose stdout and stderr are pipes; `None` if it had to be killed.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> anyhow::Result<Option<Ended>> {
    let mut stdout = child.stdout.take().context("the child has no stdout")?;
    let mut stderr = child.stderr.take().context("the child has no stderr")?;
    // Each pipe has its reader: a child that fills one while nobody reads it would wait for ever.
    let words = thread::spawn(move || {
        let mut words = Vec::new();
        stderr.read_to_end(&mut words).map(|_| words)
    });
    let (ended, end) = mpsc::channel();
    let data = thread::spawn(move || {
        let mut data = Vec::new();
        let read = stdout.read_to_end(&mut data).map(|_| data);
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
    let (stdout, stderr) = (text(data)?, text(words)?);
    Ok(in_time.then_some(Ended { status, stdout, stderr }))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_child_without_an_end_is_killed() {
        // Reads an input that nobody closes.
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = wait(&mut command.spawn().unwrap(), Duration::from_millis(50)).unwrap();
        assert!(ended.is_none());
    }
}
