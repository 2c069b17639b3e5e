//! A disk that takes no more: the error names the file, and what was acknowledged is there.
//!
//! The size of a file is limited for the process, and a write beyond it fails, as on a disk that is full.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

use std::collections::BTreeMap;
use std::process::Command;

use specwright_store::Table;
use stores::Keeper;

/// So long may a file be, in blocks of 512 bytes: a few commits fit into the log.
const BLOCKS: &str = "160";

#[tokio::test]
async fn grants_that_were_acknowledged_are_there_when_the_disk_is_full() {
    tells_where_and_loses_nothing(Keeper::Grants, "kept.db").await;
}

#[tokio::test]
async fn quotas_that_were_acknowledged_are_there_when_the_disk_is_full() {
    tells_where_and_loses_nothing(Keeper::Rows(Table::Quotas), "kept.db.quotas").await;
}

#[tokio::test]
async fn operations_that_were_acknowledged_are_there_when_the_disk_is_full() {
    tells_where_and_loses_nothing(Keeper::Rows(Table::Operations), "kept.db").await;
}

#[tokio::test]
async fn deliveries_that_were_acknowledged_are_there_when_the_disk_is_full() {
    tells_where_and_loses_nothing(Keeper::Rows(Table::Deliveries), "kept.db").await;
}

async fn tells_where_and_loses_nothing(keeper: Keeper, full: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.db");
    let ended = Command::new("sh")
        // Without the trap, the signal that says so ends the process before it learns of the error.
        .args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh", BLOCKS])
        .args([env!("CARGO_BIN_EXE_committer"), keeper.name()])
        .arg(&file)
        .args(["one", "1"])
        .output()
        .unwrap();
    let error = String::from_utf8(ended.stderr).unwrap();
    let place = folder.path().join(full);
    assert!(error.contains(&format!("{}: SQLite answered", place.display())), "{error}");
    let lines = String::from_utf8(ended.stdout).unwrap();
    let acknowledged: BTreeMap<&str, u64> = lines
        .lines()
        .map(|line| {
            let (row, rest) = line.split_once(' ').unwrap();
            (row, rest.split_once(' ').unwrap().0.parse().unwrap())
        })
        .collect();
    assert!(!acknowledged.is_empty(), "{error}");
    let counters = keeper.open(&file).unwrap();
    for (row, count) in acknowledged {
        let there = counters.load(row).await.unwrap().unwrap();
        // The commit that failed may be there or not: nobody was told that it is.
        let stored: u64 = there.text.parse().unwrap();
        assert!((count..=count + 1).contains(&stored), "{stored} is there, not {count}");
    }
}
