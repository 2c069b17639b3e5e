//! Writing and checking sets of generated files.
//!
//! One plan serves both modes: [`sync`] finds out what has to change, then [`Mode::Write`] does it
//! and [`Mode::Check`] only tells it. What is written obeys these rules:
//!
//! - All or nothing: new text is staged beside its target and renamed at the end; a failure on the
//!   way puts everything back.
//! - Only what the generator wrote is overwritten or deleted, never a file of the user's.
//! - Nothing outside a set's folder is touched; symbolic links are refused.
//! - A file whose bytes are right already is not touched, so builds stay warm.

pub mod disk;

mod apply;
mod difference;
mod plan;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use disk::Disk;

/// What [`sync`] does about differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Make the disk equal to the sets.
    Write,
    /// Touch nothing.
    Check,
}

/// Files that belong below one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSet {
    /// The folder; made if it is missing.
    pub root: PathBuf,
    /// Files by their path below the root, with forward slashes.
    pub files: BTreeMap<String, NewFile>,
    /// Files below the root that go, whatever they hold: the caller has read them.
    pub gone: Vec<String>,
    /// A folder below the root in which marked files that are not in `files` are deleted: the
    /// generator wrote them once and does not any more.
    pub sweep: Option<String>,
}

/// A file as it shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The whole text.
    pub text: String,
    /// When a file that is in the way may be replaced.
    pub replace: Replace,
}

/// When an existing file may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// If it has the mark of generated files (see [`is_marked`]).
    Marked,
    /// Whatever it holds: the caller has read it as the kind of file it will write.
    Known,
}

/// One difference between a set and the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, its set's root included.
    pub path: PathBuf,
    /// Bytes on the disk; `None` if there is no file.
    pub old: Option<Vec<u8>>,
    /// Text of the set; `None` if the file goes.
    pub new: Option<String>,
}

/// Makes the disk equal to the sets, or tells what that would change.
///
/// The changes are in the order of the sets and of the paths, deletions last. After an error the
/// disk is as it was before, but for the files that [`OutputError::Failed`] names.
pub fn sync(disk: &dyn Disk, sets: &[FileSet], mode: Mode) -> Result<Vec<Change>, OutputError> {
    let changes = plan::plan(disk, sets)?;
    match mode {
        Mode::Check => {}
        Mode::Write => apply::apply(disk, sets, &changes)?,
    }
    Ok(changes)
}

/// True if a text starts with the mark that every generated file carries.
pub fn is_marked(text: &[u8]) -> bool {
    MARKS.iter().any(|mark| text.starts_with(mark.as_bytes()))
}

/// Why nothing was written.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutputError {
    /// Files that must not be written; nothing was tried.
    Refused(Vec<Refusal>),
    /// The disk failed. Everything was put back except `left`.
    Failed {
        /// What was being done, for instance `write`.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
        /// Files that could not be put back either; empty as a rule.
        left: Vec<PathBuf>,
    },
}

/// One file that must not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub reason: RefusalReason,
}

/// Why a file must not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The file exists and has no mark: it is not ours.
    NotGenerated,
    /// The file, or a folder on the way to it, is a symbolic link.
    SymbolicLink,
    /// A folder is where the file belongs, or a file where a folder belongs.
    InTheWay,
    /// The path is not a plain path below the root.
    NotAPlainPath,
    /// The generator made a file without a mark. A bug of ours.
    Unmarked,
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusals) => {
                f.write_str("nothing was written")?;
                for Refusal { path, reason } in refusals {
                    write!(f, "\n  {}: {reason}", path.display())?;
                }
                Ok(())
            }
            Self::Failed { action, path, source, left } => {
                write!(f, "cannot {action} {}: {source}", path.display())?;
                if left.is_empty() {
                    return f.write_str("\n  every file is as it was before");
                }
                f.write_str("\n  these files could not be put back:")?;
                left.iter().try_for_each(|path| write!(f, "\n  {}", path.display()))
            }
        }
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::Failed { source, .. } => Some(source),
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotGenerated => {
                "has no `@generated` line, so it is not ours to replace; move it away first"
            }
            Self::SymbolicLink => "is a symbolic link; name the folder it leads to",
            Self::InTheWay => "is a folder where a file belongs, or the other way round",
            Self::NotAPlainPath => "is not a plain path below the output folder",
            Self::Unmarked => "would be written without an `@generated` line (a bug of specwright)",
        })
    }
}

impl Change {
    /// A few lines that show the difference.
    pub fn difference(&self) -> String {
        difference::difference(self)
    }
}

/// True for the names a generated file may have: so that no text of a document can lead elsewhere.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| {
        !matches!(part, "" | "." | "..")
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    })
}

fn target(root: &Path, path: &str) -> PathBuf {
    path.split('/').fold(root.to_owned(), |target, part| target.join(part))
}

const MARKS: [&str; 3] = ["// @generated", "# @generated", "<!-- @generated"];

#[cfg(test)]
mod tests;
