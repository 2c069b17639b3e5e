//! The rows of the table, and how they are run and printed.

use std::path::{Path, PathBuf};
use std::time::Instant;

use stora_2025_09::runtime::transport::BoxFuture;

use crate::setting::Trouble;

/// One row: a claim, and how it is tried.
pub struct Row {
    name: String,
    run: Box<dyn FnOnce(PathBuf) -> BoxFuture<'static, Result<Line, Trouble>> + Send>,
}

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What must be.
    pub expected: String,
    /// What was.
    pub found: String,
    /// Whether that is what must be.
    pub met: bool,
}

impl Row {
    /// A row of this name. `run` is given the program of the workers.
    pub fn new<F, W>(name: impl Into<String>, run: F) -> Self
    where
        F: FnOnce(PathBuf) -> W + Send + 'static,
        W: Future<Output = Result<Line, Trouble>> + Send + 'static,
    {
        Self { name: name.into(), run: Box::new(move |worker| Box::pin(run(worker))) }
    }

    /// What the row is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tries it.
    pub async fn run(self, worker: PathBuf) -> Result<Line, Trouble> {
        (self.run)(worker).await
    }
}

/// Runs the rows of a table one after the other, prints each with its time, and gives how many were missed. A row whose trial
/// itself breaks down is missed, and says how; the others still run.
#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
#[expect(
    clippy::disallowed_methods,
    reason = "the time of each row is told to whoever waits for it"
)]
pub async fn print(name: &str, rows: Vec<Row>, worker: &Path) -> usize {
    println!("| row | must be | was | met | time |");
    println!("|---|---|---|---|---|");
    let (count, mut missed) = (rows.len(), 0);
    for row in rows {
        let (start, claim) = (Instant::now(), row.name().to_owned());
        let line = row.run(worker.to_owned()).await.unwrap_or_else(|trouble| Line {
            expected: "a trial to its end".to_owned(),
            found: trouble.to_string().replace('\n', " "),
            met: false,
        });
        missed += usize::from(!line.met);
        let met = if line.met { "yes" } else { "NO" };
        let seconds = start.elapsed().as_secs();
        println!("| {claim} | {} | {} | {met} | {seconds} s |", line.expected, line.found);
    }
    println!("\ntorture {name}: {count} rows, {missed} missed");
    missed
}

/// Words as one.
pub fn listed(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}
