//! Many tasks in many processes, at the end of every token: one request each.

use std::path::PathBuf;
use std::time::Duration;

use matrix::model::Model;

use crate::command::{Command, Member};
use crate::order::Task;
use crate::setting::{SHORT, Setting, Trouble, wait};
use crate::table::{Line, Row};

/// The rows of crowds.
pub fn rows() -> Vec<Row> {
    [ONE_PROCESS, FOUR_PROCESSES].into_iter().map(Crowd::row).collect()
}

/// Everybody at once, at the end of one token.
const ONE_PROCESS: Crowd =
    Crowd { processes: 1, calls: 10_000, grants: 1, rounds: 1, life: Duration::from_secs(120) };

/// Four processes on one file, at the end of every token, again and again.
const FOUR_PROCESSES: Crowd =
    Crowd { processes: 4, calls: 250, grants: 100, rounds: 20, life: Duration::from_secs(30) };

/// A crowd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Processes on one store.
    pub processes: u32,
    /// Calls of each process in each round, all at once.
    pub calls: u32,
    /// Grants that they share.
    pub grants: u32,
    /// How often every token ends.
    pub rounds: u32,
    /// How long a token lives. A round has to be over before its tokens end.
    pub life: Duration,
}

/// What a crowd did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests for tokens with a refresh token, as the server counted them.
    pub posts: usize,
    /// Calls that succeeded.
    pub succeeded: u64,
    /// Calls that failed, by their reason.
    pub failed: Vec<(String, u64)>,
}

impl Crowd {
    /// How many requests there must be: one for each end of each token.
    pub fn expected_posts(self) -> usize {
        (self.grants * self.rounds) as usize
    }

    /// How many calls there are.
    pub fn expected_calls(self) -> u64 {
        u64::from(self.processes) * u64::from(self.calls) * u64::from(self.rounds)
    }

    fn row(self) -> Row {
        let Self { processes, calls, grants, rounds, .. } = self;
        let name =
            format!("{processes} processes × {calls} calls × {grants} grants × {rounds} expiries");
        Row::new(name, move |worker| async move {
            let count = self.run(worker, Model::M1).await?;
            let (posts, calls) = (self.expected_posts(), self.expected_calls());
            Ok(Line {
                expected: format!("{posts} token requests, {calls} calls succeed"),
                found: format!("{}, {}, failed {:?}", count.posts, count.succeeded, count.failed),
                met: count.posts == posts && count.succeeded == calls && count.failed.is_empty(),
            })
        })
    }

    /// Lets it run.
    pub async fn run(self, worker: PathBuf, rotation: Model) -> Result<Count, Trouble> {
        let setting = Setting::new(worker, rotation, self.grants).await?;
        for number in 0..self.grants {
            setting.connect_ending(number).await?;
        }
        setting.sandbox.set_token_lifetime(self.life);
        let order = setting.order(Task::Obey, None);
        let mut members = Vec::new();
        for _ in 0..self.processes {
            members.push(Member::start(&setting, &order)?);
        }
        let calls = Command::Call { grants: 0..self.grants, calls: self.calls };
        let mut count = Count::default();
        for round in 0..self.rounds {
            wait(if round == 0 { SHORT } else { self.life }).await;
            for member in &mut members {
                member.tell(&calls).await?;
            }
            for member in &mut members {
                let report = member.report().await?;
                count.succeeded += report.succeeded;
                count.failed.extend(report.failed);
            }
        }
        count.posts = (0..self.grants).map(|number| setting.refreshes(number)).sum();
        Ok(count)
    }
}
