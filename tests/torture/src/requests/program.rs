//! How the judge starts a process that has its order in the environment.

use std::path::Path;
use std::process::Stdio;

use serde::Serialize;
use tokio::process::{Child, Command};

use crate::setting::Trouble;

/// Starts a process that finds its order in this variable, and tells on its output what came of it. It ends with the judge.
pub fn start(program: &Path, variable: &str, order: &impl Serialize) -> Result<Child, Trouble> {
    let child = Command::new(program)
        .env(variable, serde_json::to_string(order)?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}
