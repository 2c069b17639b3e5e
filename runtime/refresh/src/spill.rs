//! Pairs that the store did not take, on the disk of this machine.

mod run;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use specwright_store::Form;

use self::run::{Ended, LOCK, Run};
use crate::bearer::Generation;
use crate::grant::{Connection, GrantKey, Lease, Pair};

/// The form of the lines that this version writes.
const FORM: Form = Form::new("spilled pair", 1);

/// Ending of the names of spilled pairs.
const ENDING: &str = "spill";

/// Where pairs go for which the store is down: a folder on the local disk.
///
/// A pair whose server has voided the old one, or the code that it was issued for, must not be lost because a store is
/// down at that moment. It is written to a
/// file of its own, sealed as it would be in the store, and is on the disk before it is used. As soon as the store
/// answers it is committed there like any late answer. What a process left behind is taken over by the next one that
/// looks into the folder.
///
/// One folder serves all processes of a machine that share a store. It is readable by its owner alone. A file that cannot
/// be read, such as one of a newer version of this library, is left as it is, and whoever attends
/// [says so](crate::Observer::hindered).
#[derive(Debug)]
pub struct SpillJournal {
    folder: PathBuf,
    own: Mutex<Own>,
}

/// What this process has spilled, and taken over from others.
#[derive(Debug, Default)]
struct Own {
    /// The name under which it does. There is none while nothing waits.
    run: Option<Run>,
    /// Of one grant there may be several: what another process left behind, and our own. The oldest is the first.
    waiting: BTreeMap<GrantKey, Vec<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    spilled: Spilled,
    path: PathBuf,
}

/// A pair that waits for its store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Spilled {
    #[serde(flatten)]
    pub(crate) origin: Origin,
    pub(crate) pair: Pair,
}

/// What brought a pair, and so how it gets into the record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// A renewal.
    Lease(Lease),
    /// The exchange of a code.
    Connection(Connection),
}

impl Origin {
    /// The generation of the grant before.
    fn generation(&self) -> Generation {
        match self {
            Self::Lease(lease) => lease.generation,
            Self::Connection(connection) => connection.generation,
        }
    }
}

/// What stands in a file: one line, so that one that was cut off shows.
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

    /// Writes a pair down, once. When it returns, the pair is on the disk.
    pub(crate) fn append(&self, key: &GrantKey, spilled: Spilled) -> io::Result<()> {
        let (tenant, grant) = (key.tenant().to_owned(), key.grant().to_owned());
        let line = Line { tenant, grant, spilled: spilled.clone() };
        let mut text = FORM.write(&line).map_err(io::Error::other)?;
        text.push('\n');
        let mut own = self.own();
        if own.waits(key, &spilled) {
            return Ok(());
        }
        let path = own.next_path(&self.folder)?;
        let written = write(&path, text.as_bytes()).and_then(|()| sync_names(&self.folder));
        if let Err(error) = written {
            // Nobody was told that it is there. If it stays, it is cut off, or its pair is found committed.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        own.wait(key.clone(), Waiting { spilled, path });
        Ok(())
    }

    /// A pair of a grant that waits in this process, the oldest first.
    pub(crate) fn waiting(&self, key: &GrantKey) -> Option<Spilled> {
        Some(self.own().waiting.get(key)?.first()?.spilled.clone())
    }

    /// The grants whose pairs wait in this process.
    pub(crate) fn grants(&self) -> Vec<GrantKey> {
        self.own().waiting.keys().cloned().collect()
    }

    /// The store has this pair now.
    pub(crate) fn committed(&self, key: &GrantKey, spilled: &Spilled) {
        let mut own = self.own();
        if let Some(waiting) = own.waiting.get_mut(key) {
            for done in waiting.extract_if(.., |waiting| waiting.spilled.pair == spilled.pair) {
                // A file that stays is read again one day, and finds its pair committed.
                let _ = fs::remove_file(done.path);
            }
        }
        own.waiting.retain(|_, waiting| !waiting.is_empty());
        if own.waiting.is_empty()
            && let Some(run) = own.run.take()
        {
            run.end();
        }
    }

    /// Takes over what processes that have ended left behind. Gives the files that cannot be read.
    pub(crate) fn take_over(&self) -> io::Result<Vec<PathBuf>> {
        let mut own = self.own();
        let mut unread = Vec::new();
        for (name, files) in self.runs(own.run.as_ref())? {
            match Ended::of(&self.folder, &name) {
                Ok(None) => {}
                Ok(Some(ended)) => {
                    let left = own.take_all(&self.folder, files);
                    if left.is_empty() {
                        ended.forget();
                    }
                    unread.extend(left);
                }
                Err(_) => unread.extend(files),
            }
        }
        Ok(unread)
    }

    /// The files in the folder, by the runs whose they are, without our own.
    fn runs(&self, own: Option<&Run>) -> io::Result<BTreeMap<String, Vec<PathBuf>>> {
        let mut runs = BTreeMap::<String, Vec<PathBuf>>::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(OsStr::to_str);
            let Some((name, _)) = name.and_then(|name| name.split_once('.')) else { continue };
            if own.is_some_and(|own| own.name() == name) {
                continue;
            }
            match path.extension().and_then(OsStr::to_str) {
                Some(ENDING) => runs.entry(name.to_owned()).or_default().push(path),
                Some(LOCK) => _ = runs.entry(name.to_owned()).or_default(),
                Some(_) | None => {}
            }
        }
        Ok(runs)
    }

    // Whatever breaks off under this lock, each file in the map is whole.
    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Own {
    /// The path of the next file.
    fn next_path(&mut self, folder: &Path) -> io::Result<PathBuf> {
        let run = match self.run.take() {
            Some(run) => self.run.insert(run),
            None => self.run.insert(Run::begin(folder)?),
        };
        Ok(folder.join(run.next_name(ENDING)))
    }

    /// Makes files of a process that has ended ours. Gives those that stay with it, because they cannot be read.
    fn take_all(&mut self, folder: &Path, mut files: Vec<PathBuf>) -> Vec<PathBuf> {
        files.retain(|path| match self.take(folder, path) {
            Ok(()) => false,
            // Somebody else was faster.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        });
        files
    }

    /// Of any number who try to take one file, one does.
    fn take(&mut self, folder: &Path, path: &Path) -> io::Result<()> {
        let text = fs::read(path)?;
        let Some(text) = text.strip_suffix(b"\n") else {
            // It ends in the middle, so nobody was told that it is there.
            return fs::remove_file(path);
        };
        let text = str::from_utf8(text).map_err(io::Error::other)?;
        let line: Line = FORM.read(text).map_err(io::Error::other)?;
        let ours = self.next_path(folder)?;
        fs::rename(path, &ours)?;
        let key = GrantKey::new(line.tenant, line.grant);
        self.wait(key, Waiting { spilled: line.spilled, path: ours });
        Ok(())
    }

    fn waits(&self, key: &GrantKey, spilled: &Spilled) -> bool {
        let mut waiting = self.waiting.get(key).into_iter().flatten();
        waiting.any(|waiting| waiting.spilled.pair == spilled.pair)
    }

    fn wait(&mut self, key: GrantKey, waiting: Waiting) {
        let pairs = self.waiting.entry(key).or_default();
        pairs.push(waiting);
        pairs.sort_by_key(|waiting| waiting.spilled.origin.generation());
    }
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = private().create_new(true).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// The name of a file is on the disk when its folder is (POSIX, `fsync`).
#[cfg(unix)]
fn sync_names(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file is. The file systems of Windows write names down in a log of their own.
#[cfg(not(unix))]
fn sync_names(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Options for a file that its owner alone can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
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
        Spilled { origin: Origin::Lease(lease(random)), pair: pair(at(0), random) }
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    fn pairs(folder: &Path) -> Vec<PathBuf> {
        let mut files = files(folder);
        files.retain(|path| path.extension().unwrap() == ENDING);
        files.sort();
        files
    }

    /// A folder in which a process that has ended left pairs of these tenants.
    fn left_behind(tenants: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (journal, random) = (SpillJournal::open(folder.path()).unwrap(), Counting::default());
        for tenant in tenants {
            journal.append(&key(tenant), spilled(&random)).unwrap();
        }
        folder
    }

    fn cut(path: &Path, to: usize) {
        let text = fs::read(path).unwrap();
        fs::write(path, &text[..to.min(text.len())]).unwrap();
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
        two.take_over().unwrap();
        assert_eq!(two.grants(), []);
        drop(one);
        two.take_over().unwrap();
        assert_eq!(two.grants(), [key("a"), key("b")]);
        assert_eq!(two.waiting(&key("b")).unwrap().pair, second.pair);
    }

    #[test]
    fn a_process_that_starts_takes_over_at_once() {
        let folder = left_behind(&["a"]);
        assert_eq!(SpillJournal::open(folder.path()).unwrap().grants(), [key("a")]);
    }

    #[test]
    fn what_was_taken_over_is_there_for_the_next_one() {
        let folder = left_behind(&["a"]);
        drop(SpillJournal::open(folder.path()).unwrap());
        assert_eq!(SpillJournal::open(folder.path()).unwrap().grants(), [key("a")]);
        assert_eq!(pairs(folder.path()).len(), 1);
    }

    #[test]
    fn of_processes_that_start_at_once_each_pair_is_with_one() {
        let folder = left_behind(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        let open = || SpillJournal::open(folder.path()).unwrap();
        let journals: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        let taken: usize = journals.iter().map(|journal| journal.grants().len()).sum();
        assert_eq!(taken, 8);
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
    fn the_pair_of_the_older_generation_is_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let random = Counting::default();
        let journal = SpillJournal::open(folder.path()).unwrap();
        let older = spilled(&random);
        let mut lease = lease(&random);
        lease.generation = lease.generation.next();
        let newer = Spilled { origin: Origin::Lease(lease), pair: pair(at(0), &random) };
        for pair in [&newer, &older] {
            journal.append(&key("a"), pair.clone()).unwrap();
        }
        assert_eq!(journal.waiting(&key("a")).unwrap().pair, older.pair);
    }

    #[test]
    fn a_committed_pair_is_not_in_the_folder_and_nothing_is_after_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let random = Counting::default();
        let journal = SpillJournal::open(folder.path()).unwrap();
        let spilled = [("a", spilled(&random)), ("b", spilled(&random))];
        for (tenant, pair) in &spilled {
            journal.append(&key(tenant), pair.clone()).unwrap();
        }
        journal.committed(&key("a"), &spilled[0].1);
        assert_eq!(pairs(folder.path()).len(), 1);
        journal.committed(&key("b"), &spilled[1].1);
        assert_eq!(files(folder.path()), [] as [PathBuf; 0]);
    }

    #[test]
    fn a_write_that_breaks_off_costs_no_pair_but_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let random = Counting::default();
        let journal = SpillJournal::open(folder.path()).unwrap();
        journal.append(&key("a"), spilled(&random)).unwrap();
        cut(&pairs(folder.path())[0], 100);
        journal.append(&key("b"), spilled(&random)).unwrap();
        drop(journal);
        assert_eq!(SpillJournal::open(folder.path()).unwrap().grants(), [key("b")]);
        assert_eq!(pairs(folder.path()).len(), 1);
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_no_error() {
        let whole = fs::read(&pairs(left_behind(&["\u{e9}"]).path())[0]).unwrap();
        for length in 0..whole.len() {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("x.1.spill"), &whole[..length]).unwrap();
            let journal = SpillJournal::open(folder.path()).unwrap();
            assert_eq!((journal.grants(), files(folder.path()).len()), (vec![], 0), "{length}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_stays_and_is_named_and_the_others_are_taken() {
        let folder = left_behind(&["a"]);
        let newer = folder.path().join("x.1.spill");
        let line = fs::read_to_string(&pairs(folder.path())[0]).unwrap();
        let line = line.replace(r#""form":1"#, r#""form":2"#);
        fs::write(&newer, &line).unwrap();
        // A folder of that name cannot be read either, whoever tries.
        let foreign = folder.path().join("y.1.spill");
        fs::create_dir(&foreign).unwrap();
        let journal = SpillJournal::open(folder.path()).unwrap();
        assert_eq!(journal.grants(), [key("a")]);
        assert_eq!(journal.take_over().unwrap(), [newer.clone(), foreign]);
        assert_eq!(fs::read_to_string(&newer).unwrap(), line);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_but_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("spill");
        let journal = SpillJournal::open(&folder).unwrap();
        journal.append(&key("a"), spilled(&Counting::default())).unwrap();
        let file = pairs(&folder).remove(0);
        for (path, mode) in [(folder, 0o700), (file, 0o600)] {
            let found = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode);
        }
    }
}
