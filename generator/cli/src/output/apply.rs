//! Doing what the plan says, or nothing.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::{Disk, Entry};
use super::{Change, FileSet, OutputError};

/// Stages all new text, then renames, then deletes. After an error everything is undone.
pub(super) fn apply(
    disk: &dyn Disk,
    sets: &[FileSet],
    changes: &[Change],
) -> Result<(), OutputError> {
    let mut journal = Journal { disk, undo: Vec::new() };
    match journal.run(changes) {
        Ok(()) => {
            remove_empty_folders(disk, sets, changes);
            Ok(())
        }
        Err((action, path, source)) => {
            Err(OutputError::Failed { action, path, source, left: journal.undo_all() })
        }
    }
}

type Failure = (&'static str, PathBuf, io::Error);

/// Every step so far with the step that takes it back.
struct Journal<'a> {
    disk: &'a dyn Disk,
    undo: Vec<Undo>,
}

enum Undo {
    RemoveFolder(PathBuf),
    RemoveFile(PathBuf),
    Restore(PathBuf, Vec<u8>),
}

impl Journal<'_> {
    fn run(&mut self, changes: &[Change]) -> Result<(), Failure> {
        for change in changes {
            if let Some(text) = &change.new {
                self.make_folders(&change.path)?;
                self.stage(&change.path, text)?;
            }
        }
        for change in changes {
            match (&change.new, &change.old) {
                (Some(_), old) => self.commit(&change.path, old.as_deref())?,
                (None, Some(old)) => self.delete(&change.path, old)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn make_folders(&mut self, file: &Path) -> Result<(), Failure> {
        let mut missing = Vec::new();
        for folder in file.ancestors().skip(1) {
            // The parent of a relative path's first part is the empty path: the current folder.
            if folder.as_os_str().is_empty() {
                break;
            }
            match self.disk.entry(folder) {
                Ok(Entry::Missing) => missing.push(folder),
                Ok(_) => break,
                Err(error) => return Err(("look at", folder.to_owned(), error)),
            }
        }
        for folder in missing.into_iter().rev() {
            let made = self.disk.make_folder(folder);
            made.map_err(|error| ("make the folder", folder.to_owned(), error))?;
            self.undo.push(Undo::RemoveFolder(folder.to_owned()));
        }
        Ok(())
    }

    fn stage(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        let staged = staged(path);
        // Left by a run that was killed.
        if !matches!(self.disk.entry(&staged), Ok(Entry::Missing)) {
            let removed = self.disk.remove_file(&staged);
            removed.map_err(|error| ("replace", staged.clone(), error))?;
        }
        // Noted first: a write that fails half-way leaves a part of the file.
        self.undo.push(Undo::RemoveFile(staged.clone()));
        let made = self.disk.make_file(&staged, text.as_bytes());
        made.map_err(|error| ("write", path.to_owned(), error))
    }

    fn commit(&mut self, path: &Path, old: Option<&[u8]>) -> Result<(), Failure> {
        let renamed = self.disk.rename(&staged(path), path);
        renamed.map_err(|error| ("replace", path.to_owned(), error))?;
        self.undo.push(match old {
            None => Undo::RemoveFile(path.to_owned()),
            Some(old) => Undo::Restore(path.to_owned(), old.to_owned()),
        });
        Ok(())
    }

    fn delete(&mut self, path: &Path, old: &[u8]) -> Result<(), Failure> {
        let removed = self.disk.remove_file(path);
        removed.map_err(|error| ("delete", path.to_owned(), error))?;
        self.undo.push(Undo::Restore(path.to_owned(), old.to_owned()));
        Ok(())
    }

    /// Takes every step back, the last one first. Returns what could not be put back.
    fn undo_all(&mut self) -> Vec<PathBuf> {
        let mut left = Vec::new();
        while let Some(step) = self.undo.pop() {
            let (path, undone) = match step {
                Undo::RemoveFolder(path) => {
                    let undone = self.disk.remove_folder(&path);
                    (path, undone)
                }
                Undo::RemoveFile(path) => {
                    let undone = self.disk.remove_file(&path);
                    (path, undone)
                }
                Undo::Restore(path, old) => {
                    let undone = self.restore(&path, &old);
                    (path, undone)
                }
            };
            // A staged file is gone if it was renamed, or if it was never made.
            if undone.is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
                left.push(path);
            }
        }
        left
    }

    fn restore(&self, path: &Path, old: &[u8]) -> io::Result<()> {
        let staged = staged(path);
        self.disk.make_file(&staged, old)?;
        self.disk.rename(&staged, path)
    }
}

/// Folders that hold nothing after the deletions. What cannot be removed stays: it is not empty,
/// or it does no harm.
fn remove_empty_folders(disk: &dyn Disk, sets: &[FileSet], changes: &[Change]) {
    for change in changes.iter().filter(|change| change.new.is_none()) {
        let below_a_root = |folder: &&Path| {
            sets.iter().any(|set| folder.starts_with(&set.root) && **folder != set.root)
        };
        for folder in change.path.ancestors().skip(1).take_while(below_a_root) {
            if disk.remove_folder(folder).is_err() {
                break;
            }
        }
    }
}

/// Beside the target, so that the rename stays on one file system.
fn staged(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    path.with_file_name(format!(".{}.specwright-new", name.unwrap_or_default()))
}
