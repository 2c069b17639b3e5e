//! Stores that are away, disks that are full, and processes that are killed while they write.

use std::path::PathBuf;
use std::time::Duration;

use matrix::model::Model;
use specwright_testkit::sandbox::{Fault, Target};

use crate::ahead::{Rotations, generation};
use crate::command::{Command, Member};
use crate::health::Condition;
use crate::order::{Report, Task};
use crate::setting::{Setting, Trouble, wait};
use crate::table::{Line, Row};

/// The rows of stores that fail.
pub fn rows() -> Vec<Row> {
    let away = Outage { condition: Condition::Away, grants: 4, pairs: 10 };
    let full = Outage { condition: Condition::Full, grants: 4, pairs: 10 };
    vec![away.row("the store is away"), full.row("the disk is full"), killed()]
}

/// The row of processes that are killed while they write.
fn killed() -> Row {
    let rotations = Rotations {
        workers: 2,
        grants: 40,
        rotations: 2_000,
        kills: 1_000,
        life: Duration::from_millis(600),
        within: Duration::from_millis(100),
        seed: 53,
    };
    Row::new(
        format!("killed while the store writes, {} kills", rotations.kills),
        move |worker| async move {
            let found = rotations.run(worker).await?;
            Ok(Line {
                expected: "0 acknowledged and not there, no damage, 0 lost".to_owned(),
                found: format!("{found}; seed {}", rotations.seed),
                met: found.is_clean(),
            })
        },
    )
}

/// The life of the tokens of an outage. From [`AHEAD`] on they are renewed while they are served, from [`ENDED`] on they
/// are not served.
const LIFE: Duration = Duration::from_secs(8);

/// Counted from its issue, a token is served and renewed ahead now, and still is after [`AGAIN`].
const AHEAD: Duration = Duration::from_millis(5_100);
const AGAIN: Duration = Duration::from_millis(600);

/// When a token of this life is not served any more: the scaled margin before its end, and a bit.
const ENDED: Duration = Duration::from_millis(6_900);

/// For how long a process that got no token does not look for one again.
const LOOK_AGAIN: Duration = Duration::from_millis(1_100);

/// The life of the tokens that are spilled, and when such a token is not served any more: from half of it on.
const SPILLED: Duration = Duration::from_secs(3);
const SPILLED_ENDED: Duration = Duration::from_millis(1_600);

/// A store that fails for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// How it fails.
    pub condition: Condition,
    /// Grants that one process calls with.
    pub grants: u32,
    /// How often, besides, it fails when pairs have just been issued.
    pub pairs: u32,
}

/// How callers and grants went through it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endured {
    /// Calls that failed although a token was valid, or the store worked again.
    pub failed: Vec<(String, u64)>,
    /// What was said when no token was valid any more.
    pub said: Vec<(String, u64)>,
    /// Requests with a refresh token, as the server counted them.
    pub posts: usize,
    /// Pairs that were used while the store had an older one, and that the next process found and wrote into it.
    pub came_back: u32,
}

impl Outage {
    /// One request for each renewal that was possible: without a durable intent there is none, and a pair that was spilled
    /// is not asked for again.
    pub fn expected_posts(self) -> usize {
        (self.grants * (1 + self.pairs)) as usize
    }

    /// Whether callers were served from what was valid, were told what is the matter when nothing was, and nothing was
    /// lost.
    pub fn is_endured(self, endured: &Endured) -> bool {
        let named = |(why, _): &(String, u64)| why.starts_with("Store(");
        endured.failed.is_empty()
            && endured.said.iter().map(|(_, times)| times).sum::<u64>() == u64::from(self.grants)
            && endured.said.iter().all(named)
            && endured.posts == self.expected_posts()
            && endured.came_back == self.grants * self.pairs
    }

    fn row(self, what: &str) -> Row {
        let pairs = self.grants * self.pairs;
        Row::new(format!("{what}, and {pairs} pairs come meanwhile"), move |worker| async move {
            let endured = self.run(worker).await?;
            Ok(Line {
                expected: format!(
                    "no failure while a token is valid, {} token requests, {pairs} pairs come back",
                    self.expected_posts()
                ),
                found: format!(
                    "failed {:?}, {}, {}; without a valid token {:?}",
                    endured.failed, endured.posts, endured.came_back, endured.said
                ),
                met: self.is_endured(&endured),
            })
        })
    }

    /// Lets a process go through it. The server voids the old pair at once, so a pair that is forgotten is a grant that is
    /// lost.
    pub async fn run(self, worker: PathBuf) -> Result<Endured, Trouble> {
        let setting = Setting::new(worker, Model::M1, self.grants).await?;
        let mut endured = Endured::default();
        let mut member = start(&setting)?;
        self.while_nothing_is_asked(&setting, &mut member, &mut endured).await?;
        for _ in 0..self.pairs {
            if !endured.failed.is_empty() {
                // A grant that is lost is not asked for again, and the next one would wait for its request.
                break;
            }
            member = self.while_pairs_come(&setting, member, &mut endured).await?;
        }
        endured.posts = (0..self.grants).map(|number| setting.refreshes(number)).sum();
        Ok(endured)
    }

    /// The store fails before anybody asks for a pair, and works again after the tokens have ended.
    async fn while_nothing_is_asked(
        self,
        setting: &Setting,
        member: &mut Member,
        endured: &mut Endured,
    ) -> Result<(), Trouble> {
        let calls = Command::call_each(0..self.grants);
        setting.sandbox.set_token_lifetime(LIFE);
        for number in 0..self.grants {
            setting.connect(number).await?;
        }
        endured.serve(member.ask(&calls).await?);
        member.ask(&Command::Store(self.condition)).await?;
        endured.serve(member.ask(&calls).await?);
        wait(AHEAD).await;
        endured.serve(member.ask(&calls).await?);
        // The renewals that those calls began have failed by now.
        wait(AGAIN).await;
        endured.serve(member.ask(&calls).await?);
        wait(ENDED.saturating_sub(AHEAD + AGAIN)).await;
        endured.said.extend(member.ask(&calls).await?.failed);
        setting.sandbox.set_token_lifetime(SPILLED);
        member.ask(&Command::Store(Condition::Well)).await?;
        wait(LOOK_AGAIN).await;
        endured.serve(member.ask(&calls).await?);
        Ok(())
    }

    /// The store fails when the server has issued a pair of each grant. The process goes on with them until it is killed;
    /// gives the next one, which finds them.
    async fn while_pairs_come(
        self,
        setting: &Setting,
        mut member: Member,
        endured: &mut Endured,
    ) -> Result<Member, Trouble> {
        let calls = Command::call_each(0..self.grants);
        wait(SPILLED_ENDED).await;
        for _ in 0..self.grants {
            setting.sandbox.push_fault(Target::operation("oauth2_token"), Fault::HoldAfterEffect);
        }
        let before = self.generations(setting).await?;
        member.tell(&calls).await?;
        setting.held(self.grants).await?;
        member.ask(&Command::Store(self.condition)).await?;
        setting.sandbox.release();
        endured.serve(member.report().await?);
        let meanwhile = self.generations(setting).await?;
        member.kill().await?;
        let mut next = start(setting)?;
        endured.serve(next.ask(&calls).await?);
        let after = self.generations(setting).await?;
        for ((before, meanwhile), after) in before.iter().zip(&meanwhile).zip(&after) {
            endured.came_back += u32::from(before == meanwhile && before + 1 == *after);
        }
        Ok(next)
    }

    async fn generations(self, setting: &Setting) -> Result<Vec<u64>, Trouble> {
        let mut generations = Vec::new();
        for number in 0..self.grants {
            generations.push(generation(&setting.row(number).await?.text)?);
        }
        Ok(generations)
    }
}

fn start(setting: &Setting) -> Result<Member, Trouble> {
    let mut order = setting.order(Task::Obey, None);
    order.spill = Some(setting.path("spill"));
    Member::start(setting, &order)
}

impl Endured {
    /// Calls that had to succeed.
    fn serve(&mut self, report: Report) {
        self.failed.extend(report.failed);
    }
}
