//! The holder of a lease that stands still in the middle of its request, is taken for dead, and goes on.

use std::path::PathBuf;

use rustix::process::Signal;
use specwright_refresh::{GrantStatus, ReconnectReason};

use crate::command::signal;
use crate::kills::Outcome;
use crate::order::{Rotation, Task};
use crate::proxy::{Proxy, Stop};
use crate::setting::{Setting, Trouble, bounded, report, wait};
use crate::table::{Line, Row};

/// A row for each rotation.
pub fn rows() -> Vec<Row> {
    Rotation::ALL.into_iter().map(row).collect()
}

fn row(rotation: Rotation) -> Row {
    Row::new(format!("frozen for twice its lease, {rotation:?}"), move |worker| async move {
        let thawed = freeze(worker, rotation).await?;
        let may_be_lost = rotation == Rotation::M3;
        let kept = match thawed.outcome {
            Outcome::Alive => true,
            Outcome::LostExplicitly => may_be_lost,
            Outcome::Ended | Outcome::Wrong(_) => false,
        };
        let expected = if may_be_lost { "alive or lost explicitly" } else { "alive" };
        Ok(Line {
            expected: format!("at most 2 token requests, {expected}"),
            found: format!("{}, {}", thawed.posts, thawed.outcome),
            met: kept && thawed.posts <= 2,
        })
    })
}

/// What a freeze cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thawed {
    /// Requests with a refresh token, as the server counted them.
    pub posts: usize,
    /// What became of the grant.
    pub outcome: Outcome,
}

/// Freezes a process for twice its lease while its answer is on the way, lets another one call, and thaws the first.
pub async fn freeze(worker: PathBuf, rotation: Rotation) -> Result<Thawed, Trouble> {
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
    signal(&frozen, Signal::STOP)?;
    proxy.release();
    wait(rotation.policy().lease * 2).await;
    let other = setting.start(&setting.order(Task::Call(0), None))?;
    // The other one takes over, and asks, before the first one goes on.
    wait(rotation.policy().lease).await;
    signal(&frozen, Signal::CONT)?;
    let (first, second) = (report(frozen).await?, report(other).await?);
    // Whatever they think, the next one has to find it alive, or to be told.
    let last = setting.run(Task::Call(0)).await?;
    let outcome = if last.succeeded == 1 {
        Outcome::Alive
    } else {
        match setting.status(0).await? {
            GrantStatus::ReconnectRequired {
                reason: ReconnectReason::LostRotation | ReconnectReason::Revoked,
                ..
            } => Outcome::LostExplicitly,
            status => Outcome::Wrong(format!("{first:?}, {second:?}, {last:?}, {status:?}")),
        }
    };
    Ok(Thawed { posts: setting.refreshes(0), outcome })
}
