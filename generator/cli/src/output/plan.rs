//! What has to change, and what must not be touched.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::{Disk, Entry};
use super::{
    Change, FileSet, NewFile, OutputError, Refusal, RefusalReason, Replace, is_marked, is_plain,
    target,
};

/// The differences between the sets and the disk; all refusals at once if there is one.
pub(super) fn plan(disk: &dyn Disk, sets: &[FileSet]) -> Result<Vec<Change>, OutputError> {
    let mut found = Found { disk, changes: Vec::new(), refusals: Vec::new() };
    for set in sets {
        for (path, file) in &set.files {
            found.file(set, path, file)?;
        }
    }
    for set in sets {
        for path in &set.gone {
            found.gone(set, path)?;
        }
        if let Some(folder) = &set.sweep {
            let wanted = set.files.keys().map(|path| target(&set.root, path)).collect();
            found.orphans(&target(&set.root, folder), &wanted)?;
        }
    }
    if found.refusals.is_empty() {
        Ok(found.changes)
    } else {
        Err(OutputError::Refused(found.refusals))
    }
}

struct Found<'a> {
    disk: &'a dyn Disk,
    changes: Vec<Change>,
    refusals: Vec<Refusal>,
}

impl Found<'_> {
    fn file(&mut self, set: &FileSet, path: &str, file: &NewFile) -> Result<(), OutputError> {
        if !is_plain(path) {
            self.refuse(Path::new(path), RefusalReason::NotAPlainPath);
            return Ok(());
        }
        let target = target(&set.root, path);
        if file.replace == Replace::Marked && !is_marked(file.text.as_bytes()) {
            self.refuse(&target, RefusalReason::Unmarked);
            return Ok(());
        }
        match self.old(set, &target)? {
            Old::Refused => {}
            Old::File(old) if old == file.text.as_bytes() => {}
            Old::File(old) if file.replace == Replace::Marked && !is_marked(&old) => {
                self.refuse(&target, RefusalReason::NotGenerated);
            }
            Old::File(old) => self.change(target, Some(old), Some(file.text.clone())),
            Old::Missing => self.change(target, None, Some(file.text.clone())),
        }
        Ok(())
    }

    fn gone(&mut self, set: &FileSet, path: &str) -> Result<(), OutputError> {
        if !is_plain(path) {
            self.refuse(Path::new(path), RefusalReason::NotAPlainPath);
            return Ok(());
        }
        let target = target(&set.root, path);
        if let Old::File(old) = self.old(set, &target)? {
            self.change(target, Some(old), None);
        }
        Ok(())
    }

    /// What is at a file's place now. A file or a link on the way to it is refused: the system
    /// would follow it, or fail without saying why.
    fn old(&mut self, set: &FileSet, target: &Path) -> Result<Old, OutputError> {
        for folder in folders(&set.root, target) {
            match self.entry(folder)? {
                Entry::Folder | Entry::Missing => {}
                Entry::Link => return Ok(self.refuse(folder, RefusalReason::SymbolicLink)),
                Entry::File | Entry::Other => {
                    return Ok(self.refuse(folder, RefusalReason::InTheWay));
                }
            }
        }
        Ok(match self.entry(target)? {
            Entry::Missing => Old::Missing,
            Entry::File => Old::File(self.read(target)?),
            Entry::Link => self.refuse(target, RefusalReason::SymbolicLink),
            Entry::Folder | Entry::Other => self.refuse(target, RefusalReason::InTheWay),
        })
    }

    /// Marked files below a folder that the set does not have. Links are neither followed nor
    /// deleted: the generator makes none.
    fn orphans(&mut self, folder: &Path, wanted: &BTreeSet<PathBuf>) -> Result<(), OutputError> {
        if self.entry(folder)? != Entry::Folder {
            return Ok(());
        }
        for path in self.disk.list(folder).map_err(|source| failed("list", folder, source))? {
            match self.entry(&path)? {
                Entry::Folder => self.orphans(&path, wanted)?,
                Entry::File if !wanted.contains(&path) => {
                    let old = self.read(&path)?;
                    if is_marked(&old) {
                        self.change(path, Some(old), None);
                    }
                }
                Entry::File | Entry::Missing | Entry::Link | Entry::Other => {}
            }
        }
        Ok(())
    }

    fn entry(&self, path: &Path) -> Result<Entry, OutputError> {
        self.disk.entry(path).map_err(|source| failed("look at", path, source))
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, OutputError> {
        self.disk.read(path).map_err(|source| failed("read", path, source))
    }

    fn change(&mut self, path: PathBuf, old: Option<Vec<u8>>, new: Option<String>) {
        self.changes.push(Change { path, old, new });
    }

    fn refuse(&mut self, path: &Path, reason: RefusalReason) -> Old {
        let refusal = Refusal { path: path.to_owned(), reason };
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
        Old::Refused
    }
}

/// What is at the place of a file.
enum Old {
    Missing,
    File(Vec<u8>),
    Refused,
}

/// The folders from the root down to a file below it, both ends included.
pub(super) fn folders<'p>(root: &'p Path, file: &'p Path) -> Vec<&'p Path> {
    let mut folders: Vec<&Path> =
        file.ancestors().skip(1).take_while(|folder| folder.starts_with(root)).collect();
    folders.reverse();
    folders
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> OutputError {
    OutputError::Failed { action, path: path.to_owned(), source, left: Vec::new() }
}
