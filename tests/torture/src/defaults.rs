//! The times that a program has where it names none: no part of a renewal is shortened here.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use matrix::model::Model;
use specwright_refresh::{MemoryStore, Unobserved};
use specwright_testkit::sandbox::{Fault, Target};
use stora_2025_09::Client;
use stora_2025_09::runtime::SystemClock;
use tokio::task::JoinSet;

use crate::command::{Command, Member};
use crate::office::Office;
use crate::order::{Report, Task, Times};
use crate::setting::{SHORT, Setting, Trouble, key, wait};
use crate::table::{Line, Row};

/// A row a store, and one on the time that a takeover takes.
pub fn rows() -> Vec<Row> {
    vec![
        Row::new("shipped defaults, SQLite, 4 processes × 250 calls", |worker| async move {
            let crowd = Crowd { processes: 4, calls: 250 };
            Ok(crowd.line(&crowd.on_sqlite(worker).await?))
        }),
        Row::new("shipped defaults, memory, 1 process × 1000 calls", |_| async move {
            let crowd = Crowd { processes: 1, calls: 1_000 };
            Ok(crowd.line(&crowd.in_memory().await?))
        }),
        Row::new("shipped defaults, SQLite, kill -9 at F4", takeover),
    ]
}

/// Everybody at once, at the end of one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Processes on one store.
    pub processes: u32,
    /// Calls of each.
    pub calls: u32,
}

/// What a crowd did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests for tokens with a refresh token, as the server counted them.
    pub posts: usize,
    /// Calls that succeeded.
    pub succeeded: u64,
}

impl Crowd {
    /// What has to come of it.
    pub fn expected(self) -> Count {
        Count { posts: 1, succeeded: u64::from(self.processes) * u64::from(self.calls) }
    }

    fn line(self, count: &Count) -> Line {
        let expected = self.expected();
        Line {
            expected: format!("1 token request, {} calls succeed", expected.succeeded),
            found: format!("{}, {}", count.posts, count.succeeded),
            met: *count == expected,
        }
    }

    /// Processes that share a file.
    pub async fn on_sqlite(self, worker: PathBuf) -> Result<Count, Trouble> {
        let setting = Setting::new(worker, Model::M2, 1).await?;
        setting.connect_expiring(0).await?;
        let mut order = setting.order(Task::Obey, None);
        order.times = Times::Shipped;
        let mut members = Vec::new();
        for _ in 0..self.processes {
            let mut member = Member::start(&setting, &order)?;
            member.tell(&Command::Call { grants: 0..1, calls: self.calls }).await?;
            members.push(member);
        }
        let mut succeeded = 0;
        for member in &mut members {
            succeeded += member.report().await?.succeeded;
        }
        Ok(Count { posts: setting.refreshes(0), succeeded })
    }

    /// Tasks of this process.
    pub async fn in_memory(self) -> Result<Count, Trouble> {
        let office = Office::open().await?;
        let store = MemoryStore::volatile(Arc::new(SystemClock::new()));
        let program = office.program_on(store, Unobserved)?;
        office.sandbox.set_token_lifetime(SHORT);
        office.connect(&program, &key(0)).await?;
        office.sandbox.set_token_lifetime(Duration::from_secs(7_200));
        wait(SHORT).await;
        let (_, posts) = office.requests();
        let client = Arc::new(program.client(key(0)));
        let mut calls = JoinSet::new();
        for _ in 0..self.calls {
            calls.spawn(call(Arc::clone(&client)));
        }
        let succeeded = calls.join_all().await.into_iter().map(u64::from).sum();
        Ok(Count { posts: office.requests().1 - posts, succeeded })
    }
}

async fn call(client: Arc<Client>) -> bool {
    client.contacts().list().limit(1).await.is_ok()
}

/// A process is killed while the server has its request, and the next one waits for the end of the lease.
#[expect(clippy::disallowed_methods, reason = "how long a user waits is what the row tells")]
async fn takeover(worker: PathBuf) -> Result<Line, Trouble> {
    let setting = Setting::new(worker, Model::M2, 1).await?;
    setting.connect_expiring(0).await?;
    let mut order = setting.order(Task::Call(0), None);
    order.times = Times::Shipped;
    setting.sandbox.push_fault(Target::operation("oauth2_token"), Fault::HoldBeforeEffect);
    let mut first = setting.start(&order)?;
    setting.held(1).await?;
    first.kill().await?;
    let killed = Instant::now();
    let report: Report = crate::setting::report(setting.start(&order)?).await?;
    let waited = killed.elapsed();
    Ok(Line {
        expected: "the next call succeeds, within 15 s".to_owned(),
        found: format!("{} succeeded after {:.1} s", report.succeeded, waited.as_secs_f64()),
        met: report.succeeded == 1 && waited < Duration::from_secs(15),
    })
}
