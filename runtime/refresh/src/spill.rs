//! Pairs that the store did not take, on the disk of this machine.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::grant::{GrantKey, Lease, Pair};

/// Ending of the names of spill files.
const ENDING: &str = "spill";

/// Where pairs go for which the store is down: a folder on the local disk.
///
/// A pair whose server has voided the old one must not be lost because a store is down at that moment. It is appended to a
/// file of this process, sealed as it would be in the store, and is on the disk before it is used. As soon as the store
/// answers it is committed there like any late answer. A file that a process left behind is taken over by the next one
/// that looks into the folder.
///
/// One folder serves all processes of a machine that share a store. It is readable by its owner alone.
#[derive(Debug)]
pub struct SpillJournal {
    folder: PathBuf,
    own: Mutex<Own>,
}

/// The file of this process. It is locked as long as the process lives, so that nobody takes it over before.
#[derive(Debug, Default)]
struct Own {
    file: Option<(PathBuf, File)>,
    /// Of one grant there may be several: what another process left behind, and our own.
    waiting: BTreeMap<GrantKey, Vec<Spilled>>,
}

/// A pair that waits for its store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Spilled {
    pub(crate) lease: Lease,
    pub(crate) pair: Pair,
}

#[derive(Serialize, Deserialize)]
struct Line {
    tenant: String,
    grant: String,
    #[serde(flatten)]
    spilled: Spilled,
}

impl SpillJournal {
    /// A journal in this folder, which is made if it is not there. What processes that have ended left behind is taken
    /// over, so that the first wish for such a grant finds it.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        make_private(&folder)?;
        let journal = Self { folder, own: Mutex::default() };
        journal.take_over()?;
        Ok(journal)
    }

    /// Writes a pair down. When it returns, the pair is on the disk.
    pub(crate) fn append(&self, key: &GrantKey, spilled: Spilled) -> io::Result<()> {
        let line = Line {
            tenant: key.tenant().to_owned(),
            grant: key.grant().to_owned(),
            spilled: spilled.clone(),
        };
        let mut text = serde_json::to_vec(&line).map_err(io::Error::other)?;
        text.push(b'\n');
        let mut own = self.own();
        let (_, file) = match own.file.take() {
            Some(file) => own.file.insert(file),
            None => own.file.insert(self.create()?),
        };
        file.write_all(&text)?;
        file.sync_all()?;
        own.waiting.entry(key.clone()).or_default().push(spilled);
        Ok(())
    }

    /// A pair of a grant that waits in this process, the oldest first.
    pub(crate) fn waiting(&self, key: &GrantKey) -> Option<Spilled> {
        self.own().waiting.get(key)?.first().cloned()
    }

    /// The grants whose pairs wait in this process.
    pub(crate) fn grants(&self) -> Vec<GrantKey> {
        self.own().waiting.keys().cloned().collect()
    }

    /// The store has this pair now. With the last one the file goes.
    pub(crate) fn committed(&self, key: &GrantKey, spilled: &Spilled) {
        let mut own = self.own();
        if let Some(pairs) = own.waiting.get_mut(key) {
            pairs.retain(|pair| pair.pair != spilled.pair);
        }
        own.waiting.retain(|_, pairs| !pairs.is_empty());
        if own.waiting.is_empty()
            && let Some((path, file)) = own.file.take()
        {
            drop(file);
            // A file that stays is read again one day, and finds its pairs committed.
            let _ = fs::remove_file(path);
        }
    }

    /// Takes over what processes that have ended left behind. A line that ends in the middle was never acknowledged.
    pub(crate) fn take_over(&self) -> io::Result<Vec<GrantKey>> {
        let mut taken = Vec::new();
        for path in self.files()? {
            let file = OpenOptions::new().read(true).write(true).open(&path)?;
            // Its process lives.
            if file.try_lock().is_err() {
                continue;
            }
            let mut lines = 0;
            for line in BufReader::new(&file).lines() {
                lines += 1;
                let Ok(line) = serde_json::from_str::<Line>(&line?) else { continue };
                let key = GrantKey::new(line.tenant, line.grant);
                self.append(&key, line.spilled)?;
                taken.push(key);
            }
            // One that is empty may have been made a moment ago, by a process that is about to lock it.
            if lines > 0 {
                // Every line is in our own file by now.
                fs::remove_file(&path)?;
            }
        }
        Ok(taken)
    }

    /// The files of others.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let own = self.own().file.as_ref().map(|(path, _)| path.clone());
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let is_spill = path.extension().is_some_and(|ending| ending == ENDING);
            if is_spill && Some(&path) != own.as_ref() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    fn create(&self) -> io::Result<(PathBuf, File)> {
        let mut number = 0_u32;
        loop {
            let path = self.folder.join(format!("{}-{number}.{ENDING}", std::process::id()));
            match private().create_new(true).open(&path) {
                Ok(file) => {
                    file.lock()?;
                    // The name has to be on the disk as well.
                    File::open(&self.folder)?.sync_all()?;
                    return Ok((path, file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    // Whatever breaks off under this lock, the file has whole lines up to there.
    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Options for a file that its owner alone can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::sample::{Counting, at, lease, pair};

    fn key(tenant: &str) -> GrantKey {
        GrantKey::new(tenant, "grant")
    }

    fn spilled(random: &Counting) -> Spilled {
        Spilled { lease: lease(random), pair: pair(at(0), random) }
    }

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn what_was_spilled_is_taken_over_after_the_process_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let random = Counting::default();
        let one = SpillJournal::open(folder.path()).unwrap();
        let (first, second) = (spilled(&random), spilled(&random));
        one.append(&key("a"), first).unwrap();
        one.append(&key("b"), second.clone()).unwrap();
        let two = SpillJournal::open(folder.path()).unwrap();
        assert_eq!(two.take_over().unwrap(), []);
        drop(one);
        assert_eq!(two.take_over().unwrap(), [key("a"), key("b")]);
        assert_eq!(two.waiting(&key("b")).unwrap().pair, second.pair);
        assert_eq!(names(folder.path()), 1);
    }

    #[test]
    fn a_process_that_starts_takes_over_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let one = SpillJournal::open(folder.path()).unwrap();
        one.append(&key("a"), spilled(&Counting::default())).unwrap();
        drop(one);
        assert_eq!(SpillJournal::open(folder.path()).unwrap().grants(), [key("a")]);
    }

    #[test]
    fn two_pairs_of_one_grant_wait_both() {
        let folder = tempfile::tempdir().unwrap();
        let random = Counting::default();
        let journal = SpillJournal::open(folder.path()).unwrap();
        let (first, second) = (spilled(&random), spilled(&random));
        for pair in [&first, &second] {
            journal.append(&key("a"), pair.clone()).unwrap();
        }
        assert_eq!(journal.waiting(&key("a")).unwrap().pair, first.pair);
        journal.committed(&key("a"), &first);
        assert_eq!(journal.waiting(&key("a")).unwrap().pair, second.pair);
        journal.committed(&key("a"), &second);
        assert!(journal.waiting(&key("a")).is_none());
    }

    #[test]
    fn a_file_that_was_just_made_is_left_to_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("1-0.spill");
        fs::write(&made, "").unwrap();
        SpillJournal::open(folder.path()).unwrap();
        assert!(made.exists());
    }

    #[test]
    fn the_file_goes_with_the_last_pair() {
        let folder = tempfile::tempdir().unwrap();
        let random = Counting::default();
        let journal = SpillJournal::open(folder.path()).unwrap();
        let pairs = [("a", spilled(&random)), ("b", spilled(&random))];
        for (tenant, pair) in &pairs {
            journal.append(&key(tenant), pair.clone()).unwrap();
        }
        for ((tenant, pair), left) in pairs.iter().zip([1, 0]) {
            journal.committed(&key(tenant), pair);
            assert_eq!(names(folder.path()), left);
        }
    }

    #[test]
    fn a_line_that_ends_in_the_middle_costs_that_line() {
        let folder = tempfile::tempdir().unwrap();
        let random = Counting::default();
        let one = SpillJournal::open(folder.path()).unwrap();
        one.append(&key("a"), spilled(&random)).unwrap();
        one.append(&key("b"), spilled(&random)).unwrap();
        drop(one);
        let path = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() - 20]).unwrap();
        let two = SpillJournal::open(folder.path()).unwrap();
        assert_eq!(two.grants(), [key("a")]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_but_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("spill");
        let journal = SpillJournal::open(&folder).unwrap();
        journal.append(&key("a"), spilled(&Counting::default())).unwrap();
        let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        for (path, mode) in [(folder, 0o700), (file, 0o600)] {
            let found = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode);
        }
    }
}
