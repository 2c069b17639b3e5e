//! kill −9 at each point of a renewal, and what the next process finds.

use std::fmt;
use std::path::PathBuf;

use matrix::model::Model;
use matrix::point::Point;
use specwright_refresh::{GrantStatus, ReconnectReason};
use specwright_testkit::sandbox::{Ledger, TokenEvent};

use crate::ahead;
use crate::order::{At, End, Report, Task};
use crate::proxy::{Proxy, Stop};
use crate::setting::{Setting, Trouble, bounded, killed, operator};
use crate::table::{Line, Row, listed};

/// A row for each rotation.
pub fn rows() -> Vec<Row> {
    Model::ALL.into_iter().map(row).collect()
}

fn row(rotation: Model) -> Row {
    Row::new(format!("kill -9 at F0 to F12, {rotation:?}"), move |worker| async move {
        let outcomes = kill_at(worker, rotation, &Point::ALL).await?;
        let lost: Vec<_> = outcomes
            .iter()
            .filter(|(_, outcome)| *outcome == Outcome::LostExplicitly)
            .map(|(point, _)| format!("{point:?}"))
            .collect();
        let wrong: Vec<_> = outcomes
            .iter()
            .filter(|(point, outcome)| *outcome != expected(rotation, *point))
            .map(|(point, outcome)| format!("{point:?} {outcome}"))
            .collect();
        let expected = if rotation.is_strict() {
            "lost at F5 to F8 and only there, each explicitly"
        } else {
            "0 lost"
        };
        Ok(Line {
            expected: expected.to_owned(),
            found: format!("lost: {}; wrong: {}", listed(&lost), listed(&wrong)),
            met: wrong.is_empty(),
        })
    })
}

/// How a process is ended at a point.
enum How {
    /// By itself, at that step.
    Itself(End),
    /// By the judge, when its connection has stopped there.
    Stopped(Stop),
    /// By the judge, when the server has the request and does nothing.
    Held,
}

fn how(point: Point) -> How {
    match point {
        Point::F0 => How::Itself(End::Step(At::Decided)),
        Point::F1 => How::Itself(End::Step(At::Intended)),
        Point::F2 => How::Stopped(Stop::BeforeRequest),
        Point::F3 => How::Stopped(Stop::InRequest(120)),
        Point::F4 => How::Held,
        Point::F5 => How::Stopped(Stop::InAnswer(0)),
        Point::F6 => How::Stopped(Stop::InAnswer(150)),
        Point::F7 => How::Itself(End::Step(At::Answered)),
        Point::F8 => How::Itself(End::Step(At::Read)),
        Point::F9 => How::Itself(End::CommitUnheard),
        Point::F10 => How::Itself(End::Step(At::Committed)),
        Point::F11 => How::Itself(End::Step(At::Published)),
        Point::F12 => How::Itself(End::Step(At::Revoking)),
    }
}

/// Whether the answer is out of reach at this point, if the server does not give it again.
fn is_fatal_if_strict(point: Point) -> bool {
    matches!(point, Point::F5 | Point::F6 | Point::F7 | Point::F8)
}

/// What became of the grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The next process calls with it, and the server lets it in with the newest token.
    Alive,
    /// It was ended, and no token is left at the server.
    Ended,
    /// The user has to connect again, and is told that an answer was lost.
    LostExplicitly,
    /// The user has to connect again, and is told that the server took the grant back.
    Revoked,
    /// Something that must not be.
    Wrong(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alive => to.write_str("alive"),
            Self::Ended => to.write_str("ended"),
            Self::LostExplicitly => to.write_str("lost, explicitly"),
            Self::Revoked => to.write_str("revoked"),
            Self::Wrong(what) => write!(to, "WRONG: {what}"),
        }
    }
}

/// Kills a process at each of these points, and gives what became of each grant.
pub async fn kill_at(
    worker: PathBuf,
    rotation: Model,
    points: &[Point],
) -> Result<Vec<(Point, Outcome)>, Trouble> {
    let mut outcomes = Vec::new();
    for point in points {
        // A sandbox of its own, so that what one cell leaves behind in the server is not another one's.
        let setting = Setting::new(worker.clone(), rotation, 1).await?;
        let outcome = match point {
            Point::F12 => revocation(&setting).await,
            _ => renewal(&setting, *point).await,
        };
        let outcome = outcome.map_err(|trouble| format!("{rotation:?} {point:?}: {trouble}"))?;
        outcomes.push((*point, outcome));
    }
    Ok(outcomes)
}

/// What must become of a grant. Where a strict server has rotated and nobody has the answer, no client can bring it back.
pub fn expected(rotation: Model, point: Point) -> Outcome {
    let strict = rotation.is_strict();
    match point {
        Point::F12 => Outcome::Ended,
        _ if strict && is_fatal_if_strict(point) => Outcome::LostExplicitly,
        _ => Outcome::Alive,
    }
}

async fn renewal(setting: &Setting, point: Point) -> Result<Outcome, Trouble> {
    setting.connect_expiring(0).await?;
    let proxy = Proxy::start(setting.sandbox.address()).await?;
    match how(point) {
        How::Itself(end) => {
            let order = setting.order(Task::Call(0), Some(end));
            killed(setting.start(&order)?).await?;
        }
        How::Stopped(stop) => {
            proxy.stop_next(stop);
            let mut order = setting.order(Task::Call(0), None);
            order.token_url = Some(format!("http://{}/oauth2/token", proxy.address()));
            let mut child = setting.start(&order)?;
            bounded(async {
                proxy.stopped().await;
                Ok(())
            })
            .await?;
            child.kill().await?;
        }
        How::Held => held(setting).await?,
    }
    drop(proxy);
    let report = setting.run(Task::Call(0)).await?;
    judged(setting, &report).await
}

/// The server has the whole request, and does nothing until its client is gone, and nothing afterwards.
async fn held(setting: &Setting) -> Result<(), Trouble> {
    use specwright_testkit::sandbox::{Fault, Target};

    setting.sandbox.push_fault(Target::operation("oauth2_token"), Fault::HoldBeforeEffect);
    let mut child = setting.start(&setting.order(Task::Call(0), None))?;
    setting.held(1).await?;
    child.kill().await?;
    Ok(())
}

/// What became of the grant of the first operator, by the report of the last process that called with it, the server, and
/// the store.
pub(crate) async fn judged(setting: &Setting, last: &Report) -> Result<Outcome, Trouble> {
    let status = setting.status(0).await?;
    let called = last.succeeded == 1 && last.failed.is_empty();
    Ok(match status {
        GrantStatus::Connected { .. }
            if called && newest_was_used(&setting.sandbox.ledger(), &operator(0)) =>
        {
            Outcome::Alive
        }
        GrantStatus::ReconnectRequired { reason: ReconnectReason::LostRotation, .. } if !called => {
            Outcome::LostExplicitly
        }
        GrantStatus::ReconnectRequired { reason: ReconnectReason::Revoked, .. } if !called => {
            Outcome::Revoked
        }
        other => Outcome::Wrong(format!("{last:?}, and the store says {other:?}")),
    })
}

/// Whether the server has let in a token of the newest of this operator's generations.
fn newest_was_used(ledger: &Ledger, operator: &str) -> bool {
    let minted = ledger.tokens.iter().filter_map(|entry| match &entry.event {
        TokenEvent::Minted { operator: Some(owner), generation, .. } if owner == operator => {
            Some(generation)
        }
        _ => None,
    });
    minted.max().is_some_and(|newest| ahead::used(ledger).get(operator) == Some(newest))
}

async fn revocation(setting: &Setting) -> Result<Outcome, Trouble> {
    setting.connect(0).await?;
    let order = setting.order(Task::Disconnect(0), Some(End::Step(At::Revoking)));
    killed(setting.start(&order)?).await?;
    let report = setting.run(Task::Attend(0)).await?;
    let live = setting.sandbox.ledger().live_tokens(&operator(0));
    Ok(match setting.status(0).await? {
        GrantStatus::Disconnected { .. } if live.is_empty() => Outcome::Ended,
        other => Outcome::Wrong(format!("{report:?}, {other:?}, live tokens {live:?}")),
    })
}
