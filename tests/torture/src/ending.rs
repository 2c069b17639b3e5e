//! A process that renews, and another one that ends the grant at the same time.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use matrix::model::Model;
use specwright_refresh::{GrantStatus, Revocation};
use specwright_testkit::sandbox::{Chaos, Fault, Ledger, TokenEvent};

use crate::command::{Command, Member};
use crate::order::Task;
use crate::setting::{SHORT, Setting, Trouble, operator, wait};
use crate::table::{Line, Row};

/// A row for each rotation.
pub fn rows() -> Vec<Row> {
    Model::ALL.into_iter().map(|rotation| THOUSAND.row(rotation)).collect()
}

/// A thousand, in groups that are small enough for the moments of their ends to lie between those of their renewals.
const THOUSAND: Endings =
    Endings { grants: 1_000, at_once: 40, within: Duration::from_millis(120), seed: 43 };

/// What a refused call says whose grant was ended before.
const DISCONNECTED: &str = "Disconnected";

/// Grants that are renewed and ended at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endings {
    /// How many.
    pub grants: u32,
    /// How many at once.
    pub at_once: u32,
    /// Each is ended at a moment within this time, counted from the start of its renewal.
    pub within: Duration,
    /// From what the moments, and the delays of the server, are drawn.
    pub seed: u64,
}

/// What is left of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Tokens that live at the server.
    pub live: usize,
    /// Grants of which the store does not say that they have ended and that the server confirmed it.
    pub unfinished: Vec<GrantStatus>,
    /// Calls that failed for another reason than the end of their grant, and ends that failed.
    pub failed: Vec<(String, u64)>,
    /// Pairs that the server issued to the process that renewed.
    pub renewed: usize,
    /// Those of them whose access token was never used: the end came in between.
    pub in_vain: usize,
}

impl Endings {
    fn row(self, rotation: Model) -> Row {
        let name = format!("disconnect racing a refresh, {} runs, {rotation:?}", self.grants);
        Row::new(name, move |worker| async move {
            let left = self.run(worker, rotation).await?;
            Ok(Line {
                expected: "0 live tokens, 0 unfinished".to_owned(),
                found: format!(
                    "{}, {}; failed {:?}; {} renewed, {} of them in vain; seed {}",
                    left.live,
                    left.unfinished.len(),
                    left.failed,
                    left.renewed,
                    left.in_vain,
                    self.seed
                ),
                met: left.live == 0
                    && left.unfinished.is_empty()
                    && left.failed.is_empty()
                    && left.in_vain > 0,
            })
        })
    }

    /// Lets one process renew and another one end.
    pub async fn run(self, worker: PathBuf, rotation: Model) -> Result<Left, Trouble> {
        let setting = Setting::new(worker, rotation, self.grants).await?;
        for number in 0..self.grants {
            setting.connect_ending(number).await?;
        }
        wait(SHORT).await;
        setting.sandbox.set_chaos(Some(self.delays()));
        let order = setting.order(Task::Obey, None);
        let mut renewing = Member::start(&setting, &order)?;
        let mut ending = Member::start(&setting, &order)?;
        let mut left = Left::default();
        let mut from = 0;
        while from < self.grants {
            let grants = from..self.grants.min(from + self.at_once);
            from = grants.end;
            let seed = self.seed + u64::from(grants.start);
            renewing.tell(&Command::call_each(grants.clone())).await?;
            ending.tell(&Command::End { grants, within: self.within, seed }).await?;
            for member in [&mut renewing, &mut ending] {
                let failed = member.report().await?.failed;
                left.failed.extend(failed.into_iter().filter(|(why, _)| why != DISCONNECTED));
            }
        }
        self.look(&setting, &mut left).await?;
        Ok(left)
    }

    /// The server takes its time for some requests, so that an end can come to a renewal at each of its steps.
    fn delays(self) -> Chaos {
        Chaos::new(self.seed, 500, [10, 30, 60].map(Duration::from_millis).map(Fault::Delay))
    }

    async fn look(self, setting: &Setting, left: &mut Left) -> Result<(), Trouble> {
        let ended = GrantStatus::Disconnected { revocation: Revocation::Confirmed };
        for number in 0..self.grants {
            let status = setting.status(number).await?;
            left.unfinished.extend(Some(status).filter(|status| *status != ended));
        }
        let ledger = setting.sandbox.ledger();
        left.live = (0..self.grants).map(|each| ledger.live_tokens(&operator(each)).len()).sum();
        let used = used(&ledger);
        let refreshes = ledger
            .token_requests
            .iter()
            .filter(|post| post.grant_type == "refresh_token" && !post.issued.is_empty());
        for refresh in refreshes {
            left.renewed += 1;
            left.in_vain += usize::from(!refresh.issued.iter().any(|token| used.contains(token)));
        }
        Ok(())
    }
}

/// The access tokens with which a call was let in.
fn used(ledger: &Ledger) -> BTreeSet<usize> {
    let used = ledger.tokens.iter().filter(|entry| entry.event == TokenEvent::Used);
    used.map(|entry| entry.token).collect()
}
