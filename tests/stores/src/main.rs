//! `committer KEEPER FILE NAME ROWS`: counts in each of so many rows until it is killed or the store fails, and prints every
//! count that the store acknowledged, and the causes of the error.
//!
//! A line is `<row> <count> <version>`. It is written after the acknowledgement and before the next count of that row.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use specwright_core::transport::BoxError;
use specwright_store::{Row, Swap, Version};
use stores::{Counters, Keeper};

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    let mut cause: Option<&dyn Error> = Some(&*error);
    while let Some(error) = cause {
        // Whoever would read it may be gone.
        let _ = writeln!(io::stderr(), "{error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

async fn run() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [keeper, file, name, rows] = arguments.as_slice() else {
        return Err("usage: committer KEEPER FILE NAME ROWS".into());
    };
    let keeper = Keeper::called(keeper).ok_or("nothing of this name keeps rows")?;
    let counters = Arc::new(keeper.open(Path::new(file))?);
    let counting: Vec<_> = (0..rows.parse::<u32>()?)
        .map(|row| tokio::spawn(count(Arc::clone(&counters), format!("{name}-{row}"))))
        .collect();
    for row in counting {
        row.await??;
    }
    Ok(())
}

/// Goes on from the count that is there, as a process does that was started again.
async fn count(counters: Arc<Counters>, row: String) -> Result<(), BoxError> {
    let mut there = counters.load(&row).await?;
    loop {
        let count = there.as_ref().map_or(Ok(0), |row| row.text.parse::<u64>())? + 1;
        match counters.swap(&row, there.as_ref().map(|row| row.version), count).await? {
            Swap::Done(version) => {
                acknowledge(&row, count, version)?;
                there = Some(Row { version, text: count.to_string() });
            }
            Swap::Conflict(loaded) => {
                if has_moved(there.as_ref(), loaded.row.as_ref()) {
                    return Err(format!("{row} has another version, and nobody counted").into());
                }
                there = loaded.row;
            }
        }
    }
}

/// Whether a row has another version for no reason, as all have in a file that is taken for an older copy of itself.
fn has_moved(before: Option<&Row>, after: Option<&Row>) -> bool {
    before.map(|row| &row.text) == after.map(|row| &row.text)
}

/// One write, so that a kill leaves whole lines.
fn acknowledge(row: &str, count: u64, version: Version) -> io::Result<()> {
    let line = format!("{row} {count} {}\n", version.number());
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}
