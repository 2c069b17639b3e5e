//! `committer FILE NAME ROWS`: counts in each of so many rows until it is killed, and prints every count that the store
//! acknowledged.
//!
//! A line is `<row> <count> <version>`. It is written after the acknowledgement and before the next count of that row.

use std::io::{self, Write as _};
use std::sync::Arc;

use specwright_core::transport::BoxError;
use specwright_refresh::{GrantKey, GrantStore, NewRow, Swap, Version};
use specwright_store_sqlite::SqliteStore;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), BoxError> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(name), Some(rows)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: committer FILE NAME ROWS".into());
    };
    let store: Arc<dyn GrantStore> = Arc::new(SqliteStore::open(file)?);
    let counting: Vec<_> = (0..rows.parse::<u32>()?)
        .map(|row| tokio::spawn(count(Arc::clone(&store), format!("{name}-{row}"))))
        .collect();
    for row in counting {
        row.await??;
    }
    Ok(())
}

/// Goes on from the count that is there, as a process does that was started again.
async fn count(store: Arc<dyn GrantStore>, row: String) -> Result<(), BoxError> {
    let key = GrantKey::new(row.as_str(), "count");
    let mut there = store.load(&key).await?.row;
    loop {
        let last = there.as_ref().map_or(Ok(0), |row| row.text.parse::<u64>())?;
        let next = NewRow { text: (last + 1).to_string(), due: None };
        match store.swap(&key, there.as_ref().map(|row| row.version), next).await? {
            Swap::Done(version) => {
                acknowledge(&row, last + 1, version)?;
                let text = (last + 1).to_string();
                there = Some(specwright_refresh::Row { version, text });
            }
            Swap::Conflict(loaded) => there = loaded.row,
        }
    }
}

/// One write, so that a kill leaves whole lines.
fn acknowledge(row: &str, count: u64, version: Version) -> io::Result<()> {
    let line = format!("{row} {count} {}\n", version.number());
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}
