//! The files of a database: made for their owner alone, and refused if others can read them.

use std::ffi::OsString;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;

/// What SQLite and this crate write beside a database.
const COMPANIONS: [&str; 5] = ["-wal", "-shm", "-journal", ".high", CLEARING];

/// The ending of the file that is locked by whoever empties a database.
pub(crate) const CLEARING: &str = ".clearing";

/// Makes the file and the folder that it is in, where they are missing.
///
/// SQLite would make the file for everybody whom the umask does not keep out. The files that it makes beside the
/// database get the rights of the database.
pub(crate) fn create(path: &Path) -> Result<(), Failure> {
    /// Closing a file gives up every lock that this process has on it, those of SQLite too (POSIX, `fcntl`). So in one
    /// process nobody may open the database between the making and the closing of its file.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = path.parent() {
        for_owner_alone(&mut DirBuilder::new())
            .recursive(true)
            .create(folder)
            .map_err(|error| Failure::io(folder, &error))?;
    }
    match owned(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Failure::io(path, &error)),
    }
}

/// The file beside a database with this ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Refuses what is no file, and what others can read or write.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    let metadata = path.metadata().map_err(|error| Failure::io(path, &error))?;
    if !metadata.is_file() {
        return Err(Failure::NotAFile { path: path.to_owned() });
    }
    check_rights(path)?;
    COMPANIONS.iter().try_for_each(|ending| check_rights(&beside(path, ending)))
}

/// Which file a path leads to. A path leads to another file after somebody put one in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

#[cfg(unix)]
mod rights {
    use std::fs::{DirBuilder, Metadata, OpenOptions};
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;

    use super::Identity;
    use crate::failure::Failure;

    /// The rights of everybody but the owner.
    const OTHERS: u32 = 0o077;

    impl Identity {
        pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
            let metadata = path.metadata().map_err(|error| Failure::io(path, &error))?;
            Ok(Self { device: metadata.dev(), inode: metadata.ino() })
        }
    }

    pub(crate) fn owned(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    pub(super) fn for_owner_alone(builder: &mut DirBuilder) -> &mut DirBuilder {
        builder.mode(0o700)
    }

    pub(super) fn check_rights(path: &Path) -> Result<(), Failure> {
        match path.metadata().as_ref().map(Metadata::mode) {
            Ok(mode) if mode & OTHERS != 0 => Err(Failure::Exposed { path: path.to_owned(), mode }),
            // What is not there is made with the rights of the database.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Elsewhere rights come from the folder, and a file that is open cannot be replaced.
#[cfg(not(unix))]
mod rights {
    use std::fs::{DirBuilder, OpenOptions};
    use std::path::Path;

    use super::Identity;
    use crate::failure::Failure;

    impl Identity {
        pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
            path.metadata().map_err(|error| Failure::io(path, &error))?;
            Ok(Self {})
        }
    }

    pub(crate) fn owned(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(super) fn for_owner_alone(builder: &mut DirBuilder) -> &mut DirBuilder {
        builder
    }

    pub(super) fn check_rights(_: &Path) -> Result<(), Failure> {
        Ok(())
    }
}

pub(crate) use rights::owned;
use rights::{check_rights, for_owner_alone};
