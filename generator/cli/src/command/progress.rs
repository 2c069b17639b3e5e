//! A line on the terminal while the work takes longer than people like to wait in silence.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Shows the file and the seconds from the first second on; the line is gone when this is dropped.
/// Does nothing if stderr is no terminal.
pub(super) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    pub(super) fn start(file: &Path) -> Self {
        if !io::stderr().is_terminal() {
            return Self { running: None };
        }
        let name = file.display().to_string();
        let (end, ended) = mpsc::channel();
        let line = thread::spawn(move || {
            let mut seconds = 0;
            while ended.recv_timeout(SECOND) == Err(RecvTimeoutError::Timeout) {
                seconds += 1;
                let _ = write!(io::stderr(), "\rworking on {name} … {seconds} s");
            }
            if seconds > 0 {
                let _ = write!(io::stderr(), "\r\u{1b}[K");
            }
        });
        Self { running: Some((end, line)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, line)) = self.running.take() {
            drop(end);
            // The line is cleared before anything else is written.
            let _ = line.join();
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);
