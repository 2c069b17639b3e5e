//! The copy of the workspace in which mutants live.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::patch::Mutant;

/// A copy of the files of the repository, in a folder that is no part of it.
#[derive(Debug)]
pub(super) struct Scratch {
    root: PathBuf,
}

impl Scratch {
    /// Makes the folder a copy of these files. Files that are equal already are left alone, so that nothing is built
    /// anew because of them.
    pub(super) fn copy(files: &BTreeSet<String>, root: PathBuf) -> anyhow::Result<Self> {
        let scratch = Self { root };
        for file in files {
            // Deleted, and not committed yet.
            let Ok(bytes) = fs::read(file) else { continue };
            scratch.write(file, &bytes)?;
        }
        remove_others(&scratch.root, Path::new(""), files)?;
        Ok(scratch)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Changes the copy, runs `work`, and changes it back.
    pub(super) fn mutated<T>(
        &self,
        mutant: &Mutant,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let changed = mutant.apply(|path| self.read(path))?;
        let originals = changed
            .iter()
            .map(|(path, _)| Ok((path, self.read(path)?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        for (path, text) in &changed {
            self.write(path, text.as_bytes())?;
        }
        let outcome = work();
        for (path, text) in originals {
            self.write(path, text.as_bytes())?;
        }
        outcome
    }

    fn read(&self, path: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.root.join(path)).with_context(|| format!("cannot read {path}"))
    }

    fn write(&self, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.root.join(path);
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        let written = path.parent().map_or(Ok(()), fs::create_dir_all);
        written
            .and_then(|()| fs::write(&path, bytes))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Removes the files that are not on the list: Cargo would find targets in them that the workspace has not.
fn remove_others(root: &Path, folder: &Path, files: &BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            remove_others(root, &path, files)?;
        } else if !files.contains(&path.to_string_lossy().replace('\\', "/")) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(folder: &Path) -> Scratch {
        let scratch = Scratch { root: folder.to_owned() };
        scratch.write("a/x.rs", b"one\ntwo\n").unwrap();
        scratch
    }

    #[test]
    fn a_mutant_lives_as_long_as_its_tests_run() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = scratch(folder.path());
        let patch = "Rule: x.\nCaught by: a b\n--- a/a/x.rs\n+++ b/a/x.rs\n@@\n-two\n+2\n";
        let mutant = Mutant::parse("m", patch).unwrap();
        let seen = scratch.mutated(&mutant, || scratch.read("a/x.rs")).unwrap();
        assert_eq!(seen, "one\n2\n");
        let broken: anyhow::Result<()> =
            scratch.mutated(&mutant, || Err(anyhow::anyhow!("the tests do not run")));
        broken.unwrap_err();
        assert_eq!(scratch.read("a/x.rs").unwrap(), "one\ntwo\n");
    }

    #[test]
    fn a_file_that_is_equal_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = scratch(folder.path());
        let file = folder.path().join("a/x.rs");
        let mut rights = fs::metadata(&file).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(&file, rights).unwrap();
        let before = fs::metadata(&file).unwrap().modified().unwrap();
        scratch.write("a/x.rs", b"one\ntwo\n").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn a_file_that_the_repository_has_not_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = scratch(folder.path());
        scratch.write("a/y.rs", b"left behind").unwrap();
        remove_others(folder.path(), Path::new(""), &BTreeSet::from(["a/x.rs".to_owned()]))
            .unwrap();
        assert!(scratch.read("a/x.rs").is_ok() && scratch.read("a/y.rs").is_err());
    }
}
