//! What can go wrong, without a word of what is stored.

use std::error::Error as StdError;
use std::ffi::c_int;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi::{self, code_to_str};
use specwright_store::{StoreError, StoreErrorKind};

/// What went wrong. It can be copied, because one failed transaction fails everybody who shared it.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// SQLite gave this code. Its message is left out: it may quote what was written.
    Sqlite(ffi::Error),
    /// A column does not hold what this version of the store writes there.
    Value,
    /// The operating system refused.
    Io { path: PathBuf, kind: io::ErrorKind },
    /// Users other than the owner may read or write the file.
    #[cfg_attr(not(unix), expect(dead_code, reason = "files have no such rights there"))]
    Exposed { path: PathBuf, mode: u32 },
    /// The path leads to something that is no file.
    NotAFile { path: PathBuf },
    /// The tables are those of a newer version of this crate.
    Newer { found: i64, known: i64 },
    /// It is a database of something else.
    Foreign { wanted: &'static str },
    /// The file system cannot share memory between processes, so SQLite fell back to another journal.
    NoWal,
    /// The file was replaced again and again while it was opened.
    Replaced,
    /// All versions are used up.
    NoVersionLeft,
    /// The thread that would answer has ended.
    Ended,
}

impl Failure {
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        Self::Io { path: path.to_owned(), kind: error.kind() }
    }

    /// This failure of the database at a path.
    pub(crate) fn at(self, database: &Path) -> StoreError {
        StoreError::new(self.kind(), Located { database: database.to_owned(), failure: self })
    }

    pub(crate) fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Sqlite(error) => sqlite_kind(error.code),
            Self::Io { kind, .. } => io_kind(*kind),
            Self::Exposed { .. } => StoreErrorKind::Exposed,
            Self::Value | Self::Newer { .. } | Self::Foreign { .. } => StoreErrorKind::Unreadable,
            Self::NotAFile { .. } | Self::NoWal | Self::Replaced | Self::Ended => {
                StoreErrorKind::Unavailable
            }
            Self::NoVersionLeft => StoreErrorKind::ReadOnly,
        }
    }
}

fn sqlite_kind(code: ErrorCode) -> StoreErrorKind {
    match code {
        ErrorCode::DiskFull
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::AuthorizationForStatementDenied
        | ErrorCode::TooBig => StoreErrorKind::ReadOnly,
        ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::SchemaChanged
        | ErrorCode::ConstraintViolation
        | ErrorCode::TypeMismatch
        // A table or column that is not there.
        | ErrorCode::Unknown => StoreErrorKind::Unreadable,
        // Busy, locked, interrupted, out of memory, an input or output error, and codes to come.
        _ => StoreErrorKind::Unavailable,
    }
}

fn io_kind(kind: io::ErrorKind) -> StoreErrorKind {
    match kind {
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded => StoreErrorKind::ReadOnly,
        // Not there, interrupted, and kinds to come.
        _ => StoreErrorKind::Unavailable,
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(error, _) => Self::Sqlite(error),
            // What is left are values of a type or range that is not expected. Their texts may quote the value.
            _ => Self::Value,
        }
    }
}

/// The cause of a [`StoreError`]: what failed, and with which database.
#[derive(Debug)]
struct Located {
    database: PathBuf,
    failure: Failure,
}

impl fmt::Display for Located {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failure {
            // These name a path of their own, which may be that of a file beside the database.
            Failure::Io { .. } | Failure::Exposed { .. } | Failure::NotAFile { .. } => {}
            Failure::Sqlite(_)
            | Failure::Value
            | Failure::Newer { .. }
            | Failure::Foreign { .. }
            | Failure::NoWal
            | Failure::Replaced
            | Failure::NoVersionLeft
            | Failure::Ended => write!(to, "{}: ", self.database.display())?,
        }
        self.failure.fmt(to)
    }
}

impl StdError for Located {}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => {
                let code: c_int = error.extended_code;
                write!(to, "SQLite answered {code}: {}", code_to_str(code))
            }
            Self::Value => to.write_str("a column holds a value of another type"),
            Self::Io { path, kind } => write!(to, "{}: {kind}", path.display()),
            Self::Exposed { path, mode } => write!(
                to,
                "{} can be used by others (mode {:03o}); take the rights away with `chmod 600`",
                path.display(),
                mode & 0o777
            ),
            Self::NotAFile { path } => write!(to, "{} is not a file", path.display()),
            Self::Newer { found, known } => write!(
                to,
                "its tables are of version {found}, and this program knows them up to version {known}"
            ),
            Self::Foreign { wanted } => write!(to, "it is a database, but not one of {wanted}"),
            Self::NoWal => to.write_str("the file system does not support a write-ahead log"),
            Self::Replaced => to.write_str("the file was replaced while it was opened"),
            Self::NoVersionLeft => to.write_str("all versions are used up"),
            Self::Ended => to.write_str("the thread of the store has ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(code: c_int) -> StoreErrorKind {
        Failure::Sqlite(ffi::Error::new(code)).kind()
    }

    #[test]
    fn codes_of_sqlite_have_the_kind_that_says_what_to_do() {
        use StoreErrorKind::{ReadOnly, Unavailable, Unreadable};
        let table = [
            (ffi::SQLITE_BUSY, Unavailable),
            (ffi::SQLITE_BUSY_SNAPSHOT, Unavailable),
            (ffi::SQLITE_LOCKED, Unavailable),
            (ffi::SQLITE_IOERR_FSYNC, Unavailable),
            (ffi::SQLITE_NOMEM, Unavailable),
            (ffi::SQLITE_CANTOPEN, Unavailable),
            (ffi::SQLITE_FULL, ReadOnly),
            (ffi::SQLITE_READONLY, ReadOnly),
            (ffi::SQLITE_PERM, ReadOnly),
            (ffi::SQLITE_TOOBIG, ReadOnly),
            (ffi::SQLITE_CORRUPT, Unreadable),
            (ffi::SQLITE_NOTADB, Unreadable),
            (ffi::SQLITE_ERROR, Unreadable),
        ];
        for (code, kind) in table {
            assert_eq!(kind_of(code), kind, "{code}");
        }
    }

    #[test]
    fn a_message_of_sqlite_is_not_repeated() {
        let message = Some("UNIQUE constraint failed: canary".to_owned());
        let error =
            rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CONSTRAINT), message);
        let error = Failure::from(error).at(Path::new("grants.db"));
        assert!(!format!("{error:?} {error}").contains("canary"));
    }
}
