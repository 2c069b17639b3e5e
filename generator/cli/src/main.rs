//! The `specwright` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    specwright_cli::command::run().into()
}
