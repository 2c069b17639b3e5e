//! `specwright scopes`.

use std::io::{self, Write as _};
use std::path::Path;

use specwright_source::Sink;

use super::understand;
use crate::exit::Exit;
use crate::scopes;

/// Prints the scopes that a program needs, and on stderr what could not be told.
pub(super) fn run(specs: &Path, program: &Path) -> io::Result<Exit> {
    let Some((specs, _)) = understand(specs)? else {
        return Ok(Exit::Input);
    };
    let mut lock = specs.lock;
    specwright_rust::decide_names(&specs.api, &mut lock, &mut Sink::default());
    let answer = match scopes::find(&specs.api, &lock, &specs.config, program) {
        Ok(answer) => answer,
        Err(error) => {
            writeln!(io::stderr(), "error: {}: {error}", program.display())?;
            return Ok(Exit::Input);
        }
    };
    for doubt in &answer.doubts {
        writeln!(io::stderr(), "warning: {doubt}")?;
    }
    io::stdout().lock().write_all(answer.text.as_bytes())?;
    Ok(if answer.doubts.is_empty() { Exit::Done } else { Exit::Findings })
}
