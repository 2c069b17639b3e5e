//! The key that seals tokens in the store.
//!
//! Here it lies in a file, so that the example needs nothing else. It should not lie beside the tokens: whoever has both
//! has the tokens. Get it from where your other secrets come from.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stora_2025_09::runtime::{OsRandom, Random as _};

/// Reads the key from a file, which is made, for its owner alone, if it is not there.
pub(crate) fn read_or_make(path: &Path) -> io::Result<String> {
    match for_owner_alone().create_new(true).open(path) {
        Ok(mut file) => {
            let mut key = [0; 32];
            OsRandom.fill(&mut key);
            file.write_all(format!("k1:{}", STANDARD.encode(key)).as_bytes())?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    fs::read_to_string(path)
}

fn for_owner_alone() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
