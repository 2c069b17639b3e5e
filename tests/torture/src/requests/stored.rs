//! A server that has failed, and keeps that for the key.

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Options, Target};
use stora_2025_09::Client;
use stora_2025_09::runtime::{IdempotencyKey, StaticToken};

use super::shapes::{Shape, Told, Under, shapes};
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row.
pub fn rows() -> Vec<Row> {
    let shapes = shapes();
    let name = format!("stored 500, {} shapes, and the same key once more", shapes.len());
    vec![Row::new(name, |_| async move {
        let stored = store(&shapes).await?;
        Ok(Line {
            expected: "80 calls, 80 told that nobody knows, 1 send each, 0 effects".to_owned(),
            found: format!(
                "{} calls, {} told that nobody knows, {} sends, {} effects; wrong: {}",
                stored.calls,
                stored.unknown,
                stored.sends,
                stored.effects,
                listed(&stored.wrong)
            ),
            met: stored.is_met() && stored.calls == 80,
        })
    })]
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Calls, two under each key.
    pub calls: usize,
    /// Those that were told that nobody knows.
    pub unknown: usize,
    /// Requests under these keys.
    pub sends: usize,
    /// Changes under these keys.
    pub effects: usize,
    /// What else callers were told.
    pub wrong: Vec<String>,
}

impl Stored {
    /// Whether each call was one request, and nobody took its outcome for known.
    pub fn is_met(&self) -> bool {
        self.calls > 0
            && (self.unknown, self.sends, self.effects) == (self.calls, self.calls, 0)
            && self.wrong.is_empty()
    }
}

/// Fails each shape once, and calls twice under its key.
pub async fn store(shapes: &[Shape]) -> Result<Stored, Trouble> {
    let sandbox = Sandbox::start_with(Options::new().with_examples()).await?;
    let client = Client::builder("Specwright/Torture")
        .base_url(sandbox.base_url())
        .credentials(StaticToken::new(sandbox.static_token().to_owned()))
        .without_rate_limits()
        .build()?;
    let mut stored = Stored::default();
    for (number, shape) in shapes.iter().enumerate() {
        let (on, key) = (shape.prepare(&sandbox), format!("stored-{number}"));
        sandbox.push_fault(Target::Any, Fault::StoredStatus(500));
        for _ in 0..2 {
            stored.calls += 1;
            match shape.call(&client, &on, Under::Key(IdempotencyKey::new(&key)?)).await {
                Told::Unknown => stored.unknown += 1,
                told => stored.wrong.push(format!("{}: {told:?}", shape.name)),
            }
        }
        stored.effects += sandbox.ledger().effects_for_key(&key).len();
    }
    stored.sends = sandbox.ledger().requests.len();
    Ok(stored)
}
