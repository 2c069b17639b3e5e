//! How far the versions went, kept outside of the database.
//!
//! A database that was replaced by an older copy of itself knows nothing of the versions that it gave since. If it gave
//! them again, a process that still holds one of them could replace a row which it never read. So the highest version
//! is also kept in a file beside the database, `<database>.high`, which a restored copy does not replace.
//!
//! The file is written with the write lock held and before the commit. It has two numbers: the version that was
//! committed when the transaction began, and the one that the transaction goes to. Whatever moment the process ends at,
//! no version above the second number was given, and every version up to the first one was committed. Then
//!
//! - a database whose sequence is below the first number lost commits: it was restored;
//! - new versions begin above the second number, restored or not.
//!
//! A store that is closed writes once more that its last transaction is committed. If it is killed, that one alone is in
//! doubt: a copy that lacks nothing else is taken for a transaction that was not committed. No version is given twice
//! even then.
//!
//! The file is not synchronized with the disk. It guards what running processes hold, and those end when the machine
//! does.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::file;

/// The file beside a database that says how far its versions went.
#[derive(Debug)]
pub(crate) struct HighWater {
    file: PathBuf,
}

/// What that file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// A version that was committed, and everything before it.
    pub(crate) committed: i64,
    /// No version above this one was given.
    pub(crate) begun: i64,
}

impl HighWater {
    pub(crate) fn of(database: &Path) -> Self {
        Self { file: file::beside(database, ".high") }
    }

    /// What is known. If the file is missing or damaged, nothing is, and the database alone counts.
    pub(crate) fn read(&self) -> Marks {
        fs::read_to_string(&self.file).ok().and_then(|text| parse(&text)).unwrap_or_default()
    }

    /// Keeps the marks, in one write that replaces the whole text, so that there is no moment without any.
    pub(crate) fn write(&self, marks: Marks) -> Result<(), Failure> {
        let Marks { committed, begun } = marks;
        let text = format!("{committed:020} {begun:020}\n");
        file::owned(OpenOptions::new().write(true).create(true).truncate(false))
            .open(&self.file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| Failure::io(&self.file, &error))
    }
}

fn parse(text: &str) -> Option<Marks> {
    let (committed, begun) = text.strip_suffix('\n')?.split_once(' ')?;
    let marks = Marks { committed: committed.parse().ok()?, begun: begun.parse().ok()? };
    (0 <= marks.committed && marks.committed <= marks.begun).then_some(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let high = HighWater::of(&folder.path().join("grants.db"));
        assert_eq!(high.read(), Marks::default());
        for marks in [
            Marks { committed: 9, begun: 10 },
            Marks { committed: i64::MAX, begun: i64::MAX },
            Marks { committed: 10, begun: 12 },
        ] {
            high.write(marks).unwrap();
            assert_eq!(high.read(), marks);
        }
    }

    #[test]
    fn a_damaged_file_says_nothing() {
        for text in ["", "1 2", "1\n", "2 1\n", "-1 2\n", "1 x\n", "99999999999999999999 1\n"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
