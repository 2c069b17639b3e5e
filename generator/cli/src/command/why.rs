//! `specwright why`.

use std::io::{self, Write as _};
use std::path::Path;

use super::understand;
use crate::exit::Exit;
use crate::render::visible;
use crate::why;

/// Prints what is known of an item, or what else was meant.
pub(super) fn run(specs: &Path, item: &str) -> io::Result<Exit> {
    let Some((specs, loader)) = understand(specs)? else {
        return Ok(Exit::Input);
    };
    match why::answer(&specs, &loader, item) {
        Ok(text) => {
            io::stdout().lock().write_all(text.as_bytes())?;
            Ok(Exit::Done)
        }
        Err(nearest) => {
            let mut stderr = io::stderr().lock();
            writeln!(stderr, "error: there is nothing called `{}`", visible(item))?;
            for name in nearest {
                writeln!(stderr, "  did you mean `{}`?", visible(&name))?;
            }
            Ok(Exit::Usage)
        }
    }
}
