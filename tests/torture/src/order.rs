//! What the judge tells a worker, and what a worker answers.

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use matrix::model::Model;
use serde::{Deserialize, Serialize};
use specwright_refresh::{Pace, RefreshPolicy};

/// Name of the variable that holds the order.
pub const ORDER: &str = "TORTURE_ORDER";

/// By how much the times of a renewal are shortened. They are part of the policy, and a row a store runs at the defaults.
pub const SCALE: u32 = 20;

/// What a worker is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where the sandbox is.
    pub server: String,
    /// The database with the grants.
    pub database: PathBuf,
    /// What seals them, as `KeyRing::parse` reads it.
    pub keys: String,
    /// Id and secret of the program.
    pub client: (String, String),
    /// Where the token endpoint is, if something stands before it.
    pub token_url: Option<String>,
    /// The server's rotation.
    pub rotation: Model,
    /// The times of a renewal.
    pub times: Times,
    /// What to do.
    pub task: Task,
    /// Where to end without a word.
    pub end: Option<End>,
    /// The folder for pairs that the store does not take, if there is one.
    pub spill: Option<PathBuf>,
    /// The file in which a worker is to note each pair that its store has acknowledged, as tenant and generation.
    pub acknowledged: Option<PathBuf>,
}

/// What a worker is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// One call with the grant of this number.
    Call(u32),
    /// End the grant of this number.
    Disconnect(u32),
    /// Look after all grants until the one of this number is ended.
    Attend(u32),
    /// What each line on its input says, a [`Command`](crate::command::Command), and a report for each.
    Obey,
}

/// The times of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Times {
    /// Those of [`policy`].
    Scaled,
    /// Those that a program has where it names none.
    Shipped,
}

/// The policy of a program that knows the server, with its times scaled down.
pub fn policy(rotation: Model) -> RefreshPolicy {
    let mut policy = rotation.policy();
    for time in [
        &mut policy.margins.hard,
        &mut policy.margins.soft_least,
        &mut policy.margins.soft_most,
        &mut policy.lease,
        &mut policy.heartbeat,
        &mut policy.longest_hold,
        &mut policy.quarantine,
        &mut policy.spare,
        &mut policy.forced_spacing,
    ] {
        *time /= SCALE;
    }
    for wait in &mut policy.prompt {
        *wait /= SCALE;
    }
    let parallel = const { NonZeroU16::MIN.saturating_add(255) };
    policy.pace = Pace { parallel, spacing: Duration::from_millis(1) };
    policy
}

/// Where a worker ends: by kill −9, from its own hand, so that the place is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// At a step of a renewal.
    Step(At),
    /// After the store has written the pair, before anybody here has heard of it.
    CommitUnheard,
}

/// The steps of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum At {
    /// F0: before the intent.
    Decided,
    /// F1: the intent is durable, nothing was sent.
    Intended,
    /// F7: the answer is there.
    Answered,
    /// F8: it was read, and is written nowhere.
    Read,
    /// Between F8 and F9: the store is about to be asked.
    Committing,
    /// F10: it is durable, and nobody knows it.
    Committed,
    /// F11: it may be used, and was not.
    Published,
    /// F12: a pair is about to be revoked.
    Revoking,
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Calls that succeeded.
    pub succeeded: u64,
    /// Calls that failed, by the problem of the grant, each with how often.
    pub failed: Vec<(String, u64)>,
}
