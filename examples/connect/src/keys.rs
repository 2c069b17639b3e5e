//! The key that seals tokens in the store.
//!
//! Here it lies in a file, so that the example needs nothing else. It should not lie beside the tokens: whoever has both
//! has the tokens. Get it from where your other secrets come from.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stora_2025_09::runtime::{OsRandom, Random as _};
use tempfile::NamedTempFile;

/// Reads the key from a file in the folder. If there is none, it is made, for its owner alone.
///
/// All processes that open the folder have the same key, and a process that is killed leaves no half of one.
pub(crate) fn read_or_make(folder: &Path) -> io::Result<String> {
    let path = folder.join("sealing.key");
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder, &path)?;
            fs::read_to_string(&path)
        }
        read => read,
    }
}

/// Writes a new key. It has its name only when it is whole, and takes it from no other: what another process has made
/// in the meantime stays.
fn make(folder: &Path, path: &Path) -> io::Result<()> {
    let mut key = [0; 32];
    OsRandom.fill(&mut key);
    // On Unix its mode is 0600 from the beginning.
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(format!("k1:{}", STANDARD.encode(key)).as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.error),
    }
    // The name too is on the disk before anything is sealed. Only Unix opens a folder like a file.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Barrier;
    use std::thread;

    use stora_2025_09::runtime::KeyRing;

    use super::*;

    #[test]
    fn all_who_start_at_once_have_the_same_whole_key() {
        const STARTING: usize = 16;
        // Who is first is another one in each round.
        for _ in 0..50 {
            let folder = tempfile::tempdir().unwrap();
            let start = Barrier::new(STARTING);
            let open = || {
                start.wait();
                read_or_make(folder.path()).unwrap()
            };
            let keys: Vec<String> = thread::scope(|scope| {
                let starting: Vec<_> = (0..STARTING).map(|_| scope.spawn(open)).collect();
                starting.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            KeyRing::parse(&keys[0]).unwrap();
            assert!(keys.iter().all(|key| *key == keys[0]));
            assert_eq!(
                fs::read_dir(folder.path()).unwrap().count(),
                1,
                "one key, and nothing else"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        read_or_make(folder.path()).unwrap();
        let file = fs::metadata(folder.path().join("sealing.key")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let key = read_or_make(folder.path()).unwrap();
        make(folder.path(), &folder.path().join("sealing.key")).unwrap();
        assert!(read_or_make(folder.path()).unwrap() == key);
    }
}
