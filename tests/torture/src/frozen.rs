//! The holder of a lease that stands still in the middle of its request while another process wants the same, and goes on.
//!
//! At most servers the other one takes over when the lease has ended, and asks. Where a spent refresh token ends the whole
//! grant (M3 and R), it waits for a quarantine longer, and that is longer than the lease: whoever is frozen for twice its
//! lease finds that nobody has asked, and brings its pair. A freeze that outlasts the quarantine too is tried there as
//! well. R gives the same answer to the same key, so nothing is lost. M3 takes back the pair that waits in the socket of
//! the frozen process, and nobody can know that before it is used: the process writes it, is refused with it, asks with it
//! once more, and then the user is told. What they are told is that the grant was taken back, which is what the server did.

use std::fmt;
use std::path::PathBuf;

use matrix::model::Model;
use rustix::process::Signal;
use serde_json::Value;

use crate::command::{freeze, signal};
use crate::kills::{Outcome, judged};
use crate::order::{Task, policy};
use crate::proxy::{Proxy, Stop};
use crate::setting::{POLL, Setting, Trouble, bounded, report, wait};
use crate::table::{Line, Row};

/// A row for each rotation, and one for each where the quarantine makes another one.
pub fn rows() -> Vec<Row> {
    let twice = Model::ALL.into_iter().map(|rotation| {
        let (thaw, posts) = match rotation {
            Model::M3 | Model::R => (Thaw::AfterTwoLeases, 1),
            _ => (Thaw::WhenTakenOver, 2),
        };
        let name = format!("frozen for twice its lease, {rotation:?}");
        row(name, rotation, thaw, Thawed { posts, outcome: Outcome::Alive })
    });
    let longer = [
        (Model::M3, Thawed { posts: 3, outcome: Outcome::Revoked }),
        (Model::R, Thawed { posts: 2, outcome: Outcome::Alive }),
    ];
    let longer = longer.into_iter().map(|(rotation, expected)| {
        let name = format!("frozen until it is taken over, {rotation:?}");
        row(name, rotation, Thaw::WhenTakenOver, expected)
    });
    twice.chain(longer).collect()
}

fn row(name: String, rotation: Model, when: Thaw, expected: Thawed) -> Row {
    Row::new(name, move |worker| async move {
        let thawed = thaw(worker, rotation, when).await?;
        Ok(Line {
            expected: expected.to_string(),
            found: thawed.to_string(),
            met: thawed == expected,
        })
    })
}

/// When a freeze ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thaw {
    /// When the lease could have ended twice.
    AfterTwoLeases,
    /// Not before that, and not before another process has taken over and the server has got its request.
    WhenTakenOver,
}

/// What a freeze cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thawed {
    /// Requests with a refresh token, as the server counted them.
    pub posts: usize,
    /// What became of the grant.
    pub outcome: Outcome,
}

impl fmt::Display for Thawed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "requests for a pair: {}; {}", self.posts, self.outcome)
    }
}

/// Freezes a process while its answer is on the way, lets another one call, and thaws the first.
pub async fn thaw(worker: PathBuf, rotation: Model, when: Thaw) -> Result<Thawed, Trouble> {
    let setting = Setting::new(worker, rotation, 1).await?;
    setting.connect_expiring(0).await?;
    let proxy = Proxy::start(setting.sandbox.address()).await?;
    proxy.stop_next(Stop::InAnswer(0));
    let mut order = setting.order(Task::Call(0), None);
    order.token_url = Some(format!("http://{}/oauth2/token", proxy.address()));
    let frozen = setting.start(&order)?;
    bounded(async {
        proxy.stopped().await;
        Ok(())
    })
    .await?;
    freeze(&setting, &frozen).await?;
    proxy.release();
    let other = setting.start(&setting.order(Task::Call(0), None))?;
    wait(policy(rotation).lease * 2).await;
    if when == Thaw::WhenTakenOver {
        bounded(async {
            while asked(&setting) < 2 {
                wait(POLL).await;
            }
            Ok(())
        })
        .await?;
    }
    signal(&frozen, Signal::CONT)?;
    // What they think matters to nobody but the next one, who has to find it alive, or to be told.
    report(frozen).await?;
    report(other).await?;
    let last = setting.run(Task::Call(0)).await?;
    let outcome = judged(&setting, &last).await?;
    Ok(Thawed { posts: asked(&setting), outcome })
}

/// How many requests with a refresh token the server has got, with those that it answers by their key alone.
fn asked(setting: &Setting) -> usize {
    let ledger = setting.sandbox.ledger();
    let requests = ledger.requests_for(&ledger.token_operation);
    let grant = |body: &Value| body.get("grant_type").is_some_and(|grant| grant == "refresh_token");
    requests.into_iter().filter(|request| request.body.as_ref().is_some_and(grant)).count()
}
