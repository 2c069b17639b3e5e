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
        // A file or a link on the way makes the target unreachable without saying why.
        for folder in folders(&set.root, &target) {
            match self.entry(folder)? {
                Entry::Folder | Entry::Missing => {}
                Entry::Link => {
                    self.refuse(folder, RefusalReason::SymbolicLink);
                    return Ok(());
                }
                Entry::File | Entry::Other => {
                    self.refuse(folder, RefusalReason::InTheWay);
                    return Ok(());
                }
            }
        }
        let old = match self.entry(&target)? {
            Entry::Missing => None,
            Entry::File => Some(self.read(&target)?),
            Entry::Link => {
                self.refuse(&target, RefusalReason::SymbolicLink);
                return Ok(());
            }
            Entry::Folder | Entry::Other => {
                self.refuse(&target, RefusalReason::InTheWay);
                return Ok(());
            }
        };
        match old {
            Some(old) if old == file.text.as_bytes() => {}
            Some(old) if file.replace == Replace::Marked && !is_marked(&old) => {
                self.refuse(&target, RefusalReason::NotGenerated);
            }
            old => self.changes.push(Change { path: target, old, new: Some(file.text.clone()) }),
        }
        Ok(())
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
                        self.changes.push(Change { path, old: Some(old), new: None });
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

    fn refuse(&mut self, path: &Path, reason: RefusalReason) {
        let refusal = Refusal { path: path.to_owned(), reason };
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }
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
