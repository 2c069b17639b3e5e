//! Rows that somebody moves in the database: what is sealed opens in its own place, or not at all.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;
use specwright_refresh::{GrantKey, GrantProblem, SealError};
use stora_2025_09::Client;
use stora_2025_09::runtime::ApiGrants;

use crate::office::Office;
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row of moved rows.
pub fn rows() -> Vec<Row> {
    vec![Swaps { each: 25 }.row()]
}

/// Moves of each kind, and as many grants that nobody touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swaps {
    /// How many of each kind.
    pub each: u32,
}

/// What came of the moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Grants whose rows were moved.
    pub moved: usize,
    /// Those that did not say that their tokens are damaged.
    pub wrong: Vec<String>,
    /// Requests that were sent with moved grants, for whatever.
    pub requests: usize,
    /// Grants that were not touched, and work.
    pub others: u32,
}

/// What is done in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    /// The records of two tenants change places.
    Tenants,
    /// Those of two grants of one tenant.
    Grants,
    /// The sealed pairs of two tenants, and nothing else.
    Pairs,
    /// The sealed pair of the generation before is put back.
    Older,
}

impl Move {
    const ALL: [Self; 4] = [Self::Tenants, Self::Grants, Self::Pairs, Self::Older];

    /// The grants of a move.
    fn keys(self, number: u32) -> Vec<GrantKey> {
        let tenant = |which: &str| format!("{self:?}-{number}-{which}");
        match self {
            Self::Tenants | Self::Pairs => {
                ["a", "b"].map(|which| GrantKey::new(tenant(which), "grant")).into()
            }
            Self::Grants => ["a", "b"].map(|which| GrantKey::new(tenant("x"), which)).into(),
            Self::Older => vec![GrantKey::new(tenant("x"), "grant")],
        }
    }
}

impl Swaps {
    fn row(self) -> Row {
        Row::new("rows that are moved in the database", move |_| async move {
            let Opened { moved, wrong, requests, others } = self.run().await?;
            Ok(Line {
                expected: format!(
                    "{moved} of {moved} refused to open, 0 requests, {} others work",
                    self.each
                ),
                found: format!(
                    "{} of {moved}, {requests}, {others}; wrong: {}",
                    moved - wrong.len(),
                    listed(&wrong)
                ),
                met: wrong.is_empty() && requests == 0 && others == self.each,
            })
        })
    }

    /// Connects, moves, and calls with a program that has just started.
    pub async fn run(self) -> Result<Opened, Trouble> {
        let office = Office::open().await?;
        let moves: Vec<_> =
            Move::ALL.into_iter().flat_map(|kind| (0..self.each).map(move |n| (kind, n))).collect();
        let before = office.program()?;
        let database = office.database();
        for (kind, number) in &moves {
            for key in kind.keys(*number) {
                office.connect(&before, &key).await?;
            }
        }
        for number in 0..self.each {
            office.connect(&before, &other(number)).await?;
        }
        for (kind, number) in &moves {
            apply(*kind, &kind.keys(*number), &office, &before, &database).await?;
        }
        drop(before);
        let after = office.program()?;
        let mut opened = Opened::default();
        let (calls, posts) = office.requests();
        for (kind, number) in moves {
            for key in kind.keys(number) {
                opened.moved += 1;
                let outcome = after.client(key.clone()).contacts().list().limit(1).await;
                let problem = outcome.as_ref().err().and_then(|error| GrantProblem::of(error));
                if problem != Some(&GrantProblem::Sealed(SealError::Damaged)) {
                    opened.wrong.push(format!("{key:?}: {problem:?}"));
                }
            }
        }
        let (calls_after, posts_after) = office.requests();
        opened.requests = calls_after - calls + posts_after - posts;
        for number in 0..self.each {
            after.client(other(number)).contacts().list().limit(1).await?;
            opened.others += 1;
        }
        Ok(opened)
    }
}

fn other(number: u32) -> GrantKey {
    GrantKey::new(format!("other-{number}"), "grant")
}

async fn apply(
    kind: Move,
    keys: &[GrantKey],
    office: &Office,
    program: &ApiGrants<Client>,
    database: &Path,
) -> Result<(), Trouble> {
    match (kind, keys) {
        (Move::Tenants | Move::Grants, [one, other]) => {
            let (first, second) = (record(database, one)?, record(database, other)?);
            put(database, one, &second)?;
            put(database, other, &first)
        }
        (Move::Pairs, [one, other]) => {
            let (mut first, mut second) = (record(database, one)?, record(database, other)?);
            std::mem::swap(sealed(&mut first)?, sealed(&mut second)?);
            put(database, one, &first)?;
            put(database, other, &second)
        }
        (Move::Older, [key]) => {
            let old = sealed(&mut record(database, key)?)?.clone();
            office.renew(program, key.clone()).await?;
            let mut record = record(database, key)?;
            *sealed(&mut record)? = old;
            put(database, key, &record)
        }
        (_, keys) => Err(format!("{kind:?} of {} grants", keys.len()).into()),
    }
}

fn sealed(record: &mut Value) -> Result<&mut Value, Trouble> {
    Ok(record.pointer_mut("/pair/sealed").ok_or("the record has no sealed pair")?)
}

fn record(database: &Path, key: &GrantKey) -> Result<Value, Trouble> {
    let sql = "SELECT text FROM grants WHERE tenant = ?1 AND name = ?2";
    let database = Connection::open(database)?;
    let text: String = database.query_row(sql, [key.tenant(), key.grant()], |row| row.get(0))?;
    Ok(serde_json::from_str(&text)?)
}

fn put(database: &Path, key: &GrantKey, record: &Value) -> Result<(), Trouble> {
    let sql = "UPDATE grants SET text = ?3 WHERE tenant = ?1 AND name = ?2";
    let text = serde_json::to_string(record)?;
    match Connection::open(database)?.execute(sql, [key.tenant(), key.grant(), &text])? {
        1 => Ok(()),
        rows => Err(format!("{rows} rows were written").into()),
    }
}
