//! Every row of the table, with real processes, and whether it is met. Words name the rows to run: those whose name holds
//! one of them.

use std::process::ExitCode;

use torture::setting::Trouble;
use torture::table::{self, Row};
use torture::{
    ahead, canary, client_secret, codes, crowd, defaults, deterministic, ending, frozen, kills,
    races, redirects, revoked, storage, swapped,
};

#[tokio::main]
async fn main() -> Result<ExitCode, Trouble> {
    let worker = std::env::current_exe()?.with_file_name("torture-worker");
    let words: Vec<String> = std::env::args().skip(1).collect();
    let asked = |row: &Row| words.is_empty() || words.iter().any(|word| row.name().contains(word));
    let rows: Vec<Row> = all().into_iter().filter(asked).collect();
    if rows.is_empty() {
        return Err("no row has such a name".into());
    }
    let missed = table::print(rows, &worker).await;
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// All rows, each family from the file that tries it.
fn all() -> Vec<Row> {
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
