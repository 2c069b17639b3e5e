//! A refusal of the old refresh token that comes to one process while another one writes the new pair down.
//!
//! That is how it happens: a process is frozen while its request is on the way, another one takes over and renews, and
//! then the server, which by now has rotated, gets to the first request and refuses it. Whoever takes that refusal for the
//! end of the grant sends a user to connect again although a living pair is in the store.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use matrix::model::Model;
use rustix::process::Signal;
use specwright_refresh::GrantStatus;
use specwright_testkit::SeededRandom;
use specwright_testkit::sandbox::{Fault, Target, TokenOutcome};
use stora_2025_09::runtime::Random as _;

use crate::command::{Command, Member};
use crate::order::{Task, policy};
use crate::outcomes::RECONNECT;
use crate::setting::{SHORT, Setting, Trouble, wait};
use crate::table::{Line, Row};

/// The rows of races.
pub fn rows() -> Vec<Row> {
    vec![ALL.row()]
}

/// Ten thousand of them.
const ALL: Races = Races { grants: 100, rounds: 100, life: Duration::from_secs(2), seed: 41 };

/// How far apart the answers to both and the end of the freeze are, at most. The writes of a round take about as long.
const APART: u64 = 40;

/// After its time a token has surely ended, and a lease too.
const SURELY: Duration = Duration::from_millis(50);

/// Races between two processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Races {
    /// Grants that are raced for at the same time.
    pub grants: u32,
    /// How often.
    pub rounds: u32,
    /// How long a token lives. It is not served from half of it on, and a round has to be over before.
    pub life: Duration,
    /// From what is drawn who is first, and when the freeze ends.
    pub seed: u64,
}

/// What came of races.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Refusals with `invalid_grant`, as the server counted them: one a race, and one more where the machine is so busy that
    /// the first process takes the lease back before the second one has written.
    pub refused: usize,
    /// Calls that succeeded, of both processes.
    pub succeeded: u64,
    /// Calls that failed, by their reason.
    pub failed: Vec<(String, u64)>,
    /// Grants that the store does not call connected at the end.
    pub lost: u32,
}

impl Count {
    /// Calls that were told to have the user connect again, and grants that are said to be lost.
    pub fn false_reconnects(&self) -> u64 {
        let told = self.failed.iter().filter(|(reason, _)| reason.starts_with(RECONNECT));
        told.map(|(_, times)| times).sum::<u64>() + u64::from(self.lost)
    }
}

impl Races {
    /// How many there are.
    pub fn races(self) -> u32 {
        self.grants * self.rounds
    }

    fn row(self) -> Row {
        let races = self.races();
        let name = format!("invalid_grant while another process commits, {races} races");
        Row::new(name, move |worker| async move {
            let count = self.run(worker).await?;
            let calls = u64::from(races) * 2;
            Ok(Line {
                expected: format!(
                    "at least {races} refusals, {calls} calls succeed, 0 false reconnects"
                ),
                found: format!(
                    "{}, {}, {}; failed {:?}; seed {}",
                    count.refused,
                    count.succeeded,
                    count.false_reconnects(),
                    count.failed,
                    self.seed
                ),
                met: count.refused >= races as usize
                    && count.succeeded == calls
                    && count.false_reconnects() == 0,
            })
        })
    }

    /// Lets them race. The server voids the old token at once and says so to whoever sends it; in no other model is that
    /// answer given while a grant lives.
    pub async fn run(self, worker: PathBuf) -> Result<Count, Trouble> {
        let setting = Setting::new(worker, Model::M1, self.grants).await?;
        for number in 0..self.grants {
            setting.connect_ending(number).await?;
        }
        setting.sandbox.set_token_lifetime(self.life);
        wait(SHORT).await;
        let order = setting.order(Task::Obey, None);
        let mut first = Member::start(&setting, &order)?;
        let mut second = Member::start(&setting, &order)?;
        let random = SeededRandom::new(self.seed);
        let mut count = Count::default();
        for _ in 0..self.rounds {
            if random.up_to(1) == 0 {
                std::mem::swap(&mut first, &mut second);
            }
            self.round(&setting, &mut first, &mut second, &random, &mut count).await?;
            if !count.failed.is_empty() {
                // A grant that is given up is not asked for again, and the next round would wait for its request.
                break;
            }
            wait(self.life / 2 + SURELY).await;
        }
        count.refused = refusals(&setting);
        for number in self.each() {
            let status = setting.status(number).await?;
            count.lost += u32::from(!matches!(status, GrantStatus::Connected { .. }));
        }
        Ok(count)
    }

    /// The first one asks and is frozen before the server has looked at its requests; the second one takes over, and the
    /// server rotates. Then both get their answers, at about the same time.
    async fn round(
        self,
        setting: &Setting,
        first: &mut Member,
        second: &mut Member,
        random: &SeededRandom,
        count: &mut Count,
    ) -> Result<(), Trouble> {
        let sandbox = &setting.sandbox;
        for fault in [Fault::HoldBeforeEffect, Fault::HoldAfterEffect] {
            for _ in self.each() {
                sandbox.push_fault(Target::operation("oauth2_token"), fault.clone());
            }
        }
        let calls = Command::call_each(self.each());
        first.tell(&calls).await?;
        setting.held(self.grants).await?;
        first.freeze(setting).await?;
        wait(policy(Model::M1).lease + SURELY).await;
        second.tell(&calls).await?;
        setting.held(self.grants * 2).await?;
        let apart = Duration::from_millis(random.up_to(APART));
        if random.up_to(1) == 0 {
            first.signal(Signal::CONT)?;
            wait(apart).await;
            sandbox.release();
        } else {
            sandbox.release();
            wait(apart).await;
            first.signal(Signal::CONT)?;
        }
        for member in [first, second] {
            let report = member.report().await?;
            count.succeeded += report.succeeded;
            count.failed.extend(report.failed);
        }
        Ok(())
    }

    fn each(self) -> Range<u32> {
        0..self.grants
    }
}

fn refusals(setting: &Setting) -> usize {
    let refused = TokenOutcome::Refused { error: "invalid_grant".to_owned() };
    let ledger = setting.sandbox.ledger();
    ledger.token_requests.iter().filter(|request| request.outcome == refused).count()
}
