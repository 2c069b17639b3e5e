//! What the judge tells a process that only calls, and how such a process is started and heard.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use specwright_store_sqlite::SqliteRows;
use stora_2025_09::Client;
use stora_2025_09::runtime::profile::RateWindow;
use stora_2025_09::runtime::{RateLimits, StaticToken};
use tokio::process::Child;
use tokio::task::JoinSet;

use super::ledger::Window;
use super::program::start;
use crate::outcomes::Outcomes;
use crate::setting::{Trouble, wait};

/// Name of the variable that holds the order.
pub const ORDER: &str = "TORTURE_CALLER";

/// The program, which stands beside that of the workers.
pub const PROGRAM: &str = "torture-caller";

/// What a process is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where the sandbox is.
    pub server: String,
    /// The token of the calls.
    pub token: String,
    /// The windows to keep to.
    pub windows: Vec<Window>,
    /// With whom they are shared; `None` if this process is alone.
    pub shared: Option<Shared>,
    /// Tasks that call, each again as soon as its call has ended.
    pub at_once: u32,
    /// For how long.
    pub lasts: Duration,
}

/// With whom windows are shared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shared {
    /// The file of the rows.
    pub rows: PathBuf,
    /// How many processes there are.
    pub processes: u32,
}

impl Order {
    /// Starts a process that carries it out. It ends with the judge.
    pub fn start(&self, program: &Path) -> Result<Child, Trouble> {
        start(program, ORDER, self)
    }

    /// Carries it out. What is under way at the end is given up.
    pub async fn carry_out(&self) -> Result<Outcomes, Trouble> {
        let client = Client::builder("Specwright/Torture")
            .base_url(&self.server)
            .credentials(StaticToken::new(self.token.clone()))
            .rate_limits(self.limits()?)
            .build()?;
        let outcomes = Outcomes::default();
        let mut calls = JoinSet::new();
        for _ in 0..self.at_once {
            calls.spawn(keep_calling(client.clone(), outcomes.clone()));
        }
        wait(self.lasts).await;
        calls.shutdown().await;
        Ok(outcomes)
    }

    fn limits(&self) -> Result<RateLimits, Trouble> {
        let window = |&(requests, seconds): &Window| RateWindow {
            requests,
            period: Duration::from_secs(seconds),
        };
        let limits =
            RateLimits::documented().windows(self.windows.iter().map(window).collect::<Vec<_>>());
        Ok(match &self.shared {
            None => limits,
            Some(Shared { rows, processes }) => {
                limits.among(*processes, Arc::new(SqliteRows::open(rows)?))
            }
        })
    }
}

async fn keep_calling(client: Client, outcomes: Outcomes) {
    loop {
        outcomes.call(&client).await;
    }
}
