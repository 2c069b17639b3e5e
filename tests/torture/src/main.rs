//! Every row of a table, with real processes, and whether it is met. The first word names the table, further ones the rows
//! to run: those whose name holds one of them. Ends with 1 if a row is missed, with 2 if there is no such table or a word is
//! in no name.

use std::process::ExitCode;

use torture::setting::Trouble;
use torture::table::{self, Row};
use torture::{
    ahead, canary, client_secret, codes, crowd, defaults, deterministic, ending, frozen, kills,
    races, redirects, requests, revoked, storage, swapped,
};

#[tokio::main]
#[expect(clippy::print_stderr, reason = "whoever asked for the table is told why there is none")]
async fn main() -> ExitCode {
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        // Not the code of a row that was missed: nothing was tried.
        Err(trouble) => {
            eprintln!("error: {trouble}");
            ExitCode::from(2)
        }
    }
}

/// How many rows were missed.
async fn run() -> Result<usize, Trouble> {
    let worker = std::env::current_exe()?.with_file_name("torture-worker");
    let mut words = std::env::args().skip(1);
    let table = words.next().unwrap_or_default();
    let mut rows = match table.as_str() {
        "grants" => grants(),
        "requests" => requests::rows(),
        _ => return Err(format!("there is no table {table:?}, but `grants` and `requests`").into()),
    };
    let words: Vec<String> = words.collect();
    if let Some(word) = words.iter().find(|word| !rows.iter().any(|row| is_named(row, word))) {
        return Err(format!("no row has {word:?} in its name").into());
    }
    rows.retain(|row| words.is_empty() || words.iter().any(|word| is_named(row, word)));
    Ok(table::print(&table, rows, &worker).await)
}

fn is_named(row: &Row, word: &str) -> bool {
    row.name().contains(word)
}

/// The rows on grants, each family from the file that tries it.
fn grants() -> Vec<Row> {
    [
        crowd::rows(),
        kills::rows(),
        frozen::rows(),
        races::rows(),
        ending::rows(),
        ahead::rows(),
        storage::rows(),
        codes::rows(),
        redirects::rows(),
        canary::rows(),
        swapped::rows(),
        client_secret::rows(),
        revoked::rows(),
        defaults::rows(),
        deterministic::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
