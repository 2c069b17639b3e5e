//! Operations with a name that are called again when nothing of them may be sent any more.

use std::sync::Arc;
use std::time::Duration;

use specwright_testkit::sandbox::{Chaos, Fault, Options};
use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::{
    Clock as _, ErrorKind, FingerprintKey, Journal, MemoryRows, StaticToken,
};
use tokio::task::JoinSet;

use super::alone::alone;
use super::ledger::acting;
use super::shapes::{Shape, Told, Under, shapes};
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row.
pub fn rows() -> Vec<Row> {
    let count = shapes().len();
    let name = format!(
        "stored 500, another body, keys of 22 h 58 m to 24 h 01 m: {count} operations with a name"
    );
    vec![Row::new(name, |_| async move {
        let mut again = Again::default();
        for case in Case::ALL {
            again.add(alone(move || case.run(shapes())).await?);
        }
        Ok(Line {
            expected: "280 called again: 40 within 23 h, sent under their key; 240 told here, not sent; 1 effect each, 0 of a stored 500"
                .to_owned(),
            found: again.told(),
            met: again.is_met() && again.calls == 280,
        })
    })]
}

/// Why an operation that was begun is not sent again, or that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// The server failed, and keeps that for the key.
    StoredFailure,
    /// It succeeded, and under its name comes another body, or another resource.
    OtherRequest,
    /// Its answer was lost so long ago.
    Aged(Duration),
    /// Its answer was lost, and then the clock was set back, so that nobody knows how long ago.
    SetBack,
}

/// What came of the second calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Again {
    /// All of them.
    pub calls: usize,
    /// Those that sent something.
    pub sent: usize,
    /// Those that sent nothing.
    pub unsent: usize,
    /// Operations with one effect.
    pub done: usize,
    /// What must not be.
    pub wrong: Vec<String>,
}

const fn at(hours: u64, minutes: u64) -> Duration {
    Duration::from_secs((hours * 60 + minutes) * 60)
}

/// The server keeps answers for 24 h. No key is sent in the last of them, nor where its request may go on into that: for a
/// minute, and some seconds at the server.
const IN_TIME: Duration = at(22, 58);

/// Shorter than what a call waits until nothing of it can be on its way: the first call is one request.
const DEADLINE: Duration = Duration::from_secs(30);

/// Longer than that.
const PATIENCE: Duration = Duration::from_secs(120);

/// By how much a clock is set back.
const SET_BACK: Duration = at(1, 0);

impl Case {
    /// All that the row tries.
    pub const ALL: [Self; 7] = [
        Self::StoredFailure,
        Self::OtherRequest,
        Self::Aged(IN_TIME),
        Self::Aged(at(22, 59)),
        Self::Aged(at(23, 59)),
        Self::Aged(at(24, 1)),
        Self::SetBack,
    ];

    /// Begins an operation of each shape, and calls each again from another process. On a thread that has other work the
    /// clock would run ahead of it.
    pub async fn run(self, shapes: Vec<Shape>) -> Result<Again, Trouble> {
        let clock = VirtualClock::automatic();
        let options = Options::new().with_seeded_secrets(SEED).with_examples();
        let transport = SandboxTransport::start(options, clock.clone())?;
        let rows = Arc::new(MemoryRows::volatile(Arc::new(clock.clone())));
        let process = |seed, deadline| process(&clock, &transport, &rows, seed, deadline);
        let vendor = transport.service();
        let resources: Vec<_> = shapes.iter().map(|shape| shape.prepare(vendor)).collect();
        vendor.set_chaos(self.fault().map(|fault| Chaos::new(SEED, 1_000, [fault])));
        let begun = call_each(&process(1, DEADLINE)?, shapes.iter().zip(&resources)).await?;
        vendor.set_chaos(None);
        self.let_pass(&clock).await;
        let before = transport.service().ledger().requests.len();
        let second = process(2, PATIENCE)?;
        let again = if self == Self::OtherRequest {
            let others = shapes.iter().enumerate();
            let others: Vec<_> =
                others.map(|(number, this)| other(&shapes, number, this)).collect();
            let resources: Vec<_> = others.iter().map(|shape| shape.prepare(vendor)).collect();
            call_each(&second, others.into_iter().zip(&resources)).await?
        } else {
            call_each(&second, shapes.iter().zip(&resources)).await?
        };
        let ledger = transport.service().ledger();
        let (calls, sent) = (again.len(), ledger.requests.len() - before);
        let acting = acting(&ledger);
        let done = acting.values().filter(|requests| **requests == 1).count();
        let mut outcome = Again { calls, done, ..Again::default() };
        if self.sends_again() {
            outcome.sent = sent;
        } else {
            outcome.unsent = calls.saturating_sub(sent);
        }
        for ((shape, begun), again) in shapes.iter().zip(begun).zip(again) {
            if !self.expects_first(&begun) || !self.expects(&again) {
                outcome.wrong.push(format!("{self:?}, {}: {begun:?}, {again:?}", shape.name));
            }
        }
        let doubled = acting.iter().filter(|(_, requests)| **requests > 1);
        outcome.wrong.extend(doubled.map(|(key, _)| format!("{self:?}: {key} acted twice")));
        if done != if self == Self::StoredFailure { 0 } else { calls } {
            outcome.wrong.push(format!("{self:?}: {done} effects of {calls} operations"));
        }
        Ok(outcome)
    }

    /// What happens to the first calls.
    fn fault(self) -> Option<Fault> {
        match self {
            Self::StoredFailure => Some(Fault::StoredStatus(500)),
            Self::OtherRequest => None,
            Self::Aged(_) | Self::SetBack => Some(Fault::CloseAfterEffect),
        }
    }

    /// What happens between the first calls, which began when the clock did, and the second ones.
    async fn let_pass(self, clock: &VirtualClock) {
        match self {
            Self::StoredFailure | Self::OtherRequest => {}
            Self::Aged(age) => clock.sleep(age.saturating_sub(clock.elapsed())).await,
            Self::SetBack => {
                clock.sleep(at(0, 10)).await;
                clock.set_wall(clock.now() - SET_BACK);
            }
        }
    }

    fn sends_again(self) -> bool {
        self == Self::Aged(IN_TIME)
    }

    fn expects_first(self, told: &Told) -> bool {
        match self {
            Self::OtherRequest => matches!(told, Told::Success(_)),
            Self::StoredFailure | Self::Aged(_) | Self::SetBack => *told == Told::Unknown,
        }
    }

    fn expects(self, told: &Told) -> bool {
        match self {
            Self::OtherRequest => matches!(told, Told::Failure(ErrorKind::OtherRequest, _)),
            Self::Aged(age) if age == IN_TIME => matches!(told, Told::Success(_)),
            Self::StoredFailure | Self::Aged(_) | Self::SetBack => *told == Told::Unknown,
        }
    }
}

/// From what everybody draws.
const SEED: u64 = 79;

/// A process with the journal that all of them share.
fn process(
    clock: &VirtualClock,
    transport: &SandboxTransport,
    rows: &Arc<MemoryRows>,
    seed: u64,
    deadline: Duration,
) -> Result<Client, Trouble> {
    let random = Arc::new(SeededRandom::new(seed));
    let secret = FingerprintKey::new([7; 32]);
    let journal = Journal::volatile(Arc::clone(rows) as _, secret, Arc::clone(&random) as _);
    let client = Client::builder("Specwright/Torture")
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .random(random)
        .credentials(StaticToken::new(transport.service().static_token().to_owned()))
        .without_rate_limits()
        .deadline(deadline)
        .journal(journal)
        .build()?;
    Ok(client)
}

/// The next shape of the same operation, which has another body; where there is none, the same one, for another resource.
fn other<'s>(shapes: &'s [Shape], number: usize, this: &'s Shape) -> &'s Shape {
    let mut after = shapes.iter().cycle().skip(number + 1).take(shapes.len());
    after.find(|shape| shape.operation() == this.operation()).unwrap_or(this)
}

/// Carries out operation after operation, all at once: what each caller was told.
async fn call_each<'s>(
    client: &Client,
    shapes: impl Iterator<Item = (&'s Shape, &'s String)>,
) -> Result<Vec<Told>, Trouble> {
    let mut calls = JoinSet::new();
    for (number, (shape, on)) in shapes.enumerate() {
        let call = shape.call(client, on, Under::Name(format!("operation/{number}")));
        calls.spawn(async move { (number, call.await) });
    }
    let mut told = calls.join_all().await;
    told.sort_by_key(|(number, _)| *number);
    Ok(told.into_iter().map(|(_, told)| told).collect())
}

impl Again {
    /// Whether some were tried, and nothing is wrong.
    pub fn is_met(&self) -> bool {
        self.sent > 0
            && self.unsent > 0
            && self.sent + self.unsent == self.calls
            && self.wrong.is_empty()
    }

    /// Counts those of another case too.
    pub fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.sent += other.sent;
        self.unsent += other.unsent;
        self.done += other.done;
        self.wrong.extend(other.wrong);
    }

    fn told(&self) -> String {
        format!(
            "{} called again, {} sent, {} not sent, {} operations with 1 effect; wrong: {}",
            self.calls,
            self.sent,
            self.unsent,
            self.done,
            listed(&self.wrong.iter().take(5).cloned().collect::<Vec<_>>())
        )
    }
}
