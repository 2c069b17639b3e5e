//! One run of a process in a folder of spilled pairs, and whether it has ended.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use specwright_core::random::OsRandom;

use super::private;
use crate::grant::HolderId;

/// Ending of the name of the file that a run has locked as long as it lives.
pub(super) const LOCK: &str = "lock";

/// The name under which a process spills, which no other run has: in containers process ids are often alike.
#[derive(Debug)]
pub(super) struct Run {
    name: String,
    files: u64,
    lock: PathBuf,
    #[expect(dead_code, reason = "it is locked until it is closed")]
    locked: File,
}

impl Run {
    /// Begins a run, and says by a lock that it lives.
    pub(super) fn begin(folder: &Path) -> io::Result<Self> {
        loop {
            let name = HolderId::draw(&OsRandom).into_text();
            let lock = folder.join(format!("{name}.{LOCK}"));
            let locked = private().create_new(true).open(&lock)?;
            locked.lock()?;
            // Who looked at it before it was locked took it for one that a process left behind, and has removed it.
            if lock.try_exists()? {
                return Ok(Self { name, files: 0, lock, locked });
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A name for one more file of this run.
    pub(super) fn next_name(&mut self, ending: &str) -> String {
        self.files += 1;
        format!("{}.{}.{ending}", self.name, self.files)
    }

    /// There is nothing of this run in the folder any more.
    pub(super) fn end(self) {
        // A lock that stays is removed by whoever finds that nobody holds it.
        let _ = fs::remove_file(&self.lock);
    }
}

/// A run whose process has ended. Its files are for whoever is the first to rename them.
#[derive(Debug)]
pub(super) struct Ended {
    lock: PathBuf,
    /// `None` if there is no lock: it is made before the first file of a run, and removed after the last one.
    #[expect(dead_code, reason = "it is locked until it is closed")]
    locked: Option<File>,
}

impl Ended {
    /// The run of this name, if it has ended.
    pub(super) fn of(folder: &Path, name: &str) -> io::Result<Option<Self>> {
        let lock = folder.join(format!("{name}.{LOCK}"));
        let locked = match private().open(&lock) {
            Ok(file) => match file.try_lock() {
                Ok(()) => Some(file),
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Some(Self { lock, locked }))
    }

    /// Nothing of it is left.
    pub(super) fn forget(self) {
        let _ = fs::remove_file(&self.lock);
    }
}
