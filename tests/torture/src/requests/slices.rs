//! Connections that are cut at every byte, and what came of the requests on them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Ledger, Options};
use specwright_transport_reqwest::{ReqwestProxy, ReqwestTransport};
use stora_2025_09::Client;
use stora_2025_09::runtime::{IdempotencyKey, StaticToken};
use tokio::task::JoinSet;

use super::hasty::Hasty;
use super::ledger::acting;
use super::shapes::{Shape, Told, Under, shapes};
use super::slicer::{Cut, End, Passed, Place, Slicer};
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row.
pub fn rows() -> Vec<Row> {
    let shapes = shapes();
    let name =
        format!("connection cut at every byte of request and answer, {} shapes", shapes.len());
    vec![Row::new(name, |_| async move {
        let every = Every { byte: 1, lanes: 16 };
        let mut all = Sliced::default();
        for shape in &shapes {
            all.add(every.run(shape).await?);
        }
        Ok(Line {
            expected: "at least 10000 runs, 0 doubled effects, 0 lost successes, 0 short successes"
                .to_owned(),
            found: all.told(),
            met: all.is_met() && all.runs >= 10_000 && all.shapes == 40,
        })
    })]
}

/// Which bytes are the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    /// Every one is 1, every other one 2.
    pub byte: usize,
    /// Runs at a time.
    pub lanes: usize,
}

/// What came of the runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sliced {
    /// Requests of different kind and size.
    pub shapes: usize,
    /// Calls.
    pub runs: usize,
    /// Those that were told of a success.
    pub succeeded: usize,
    /// Those that were told that nobody knows.
    pub unknown: usize,
    /// Those of them whose effect is there.
    pub unknown_and_done: usize,
    /// Runs under whose key more than one request has acted.
    pub doubled: Vec<String>,
    /// Runs whose caller was told of a failure although the effect is there, or of a success although it is not.
    pub lost: Vec<String>,
    /// Runs whose caller was told of a success in other words than the server keeps.
    pub short: Vec<String>,
    /// Runs that failed otherwise, which none of these should.
    pub failed: Vec<String>,
}

/// A call, and how it was cut.
struct Run {
    cut: Cut,
    on: String,
    key: String,
    told: Told,
}

/// Every so many runs one is cut at each attempt, so that it cannot succeed.
const HOPELESS: usize = 4;

impl Every {
    /// Cuts a shape at its bytes.
    pub async fn run(self, shape: &Shape) -> Result<Sliced, Trouble> {
        let sandbox = Arc::new(Sandbox::start_with(Options::new().with_examples()).await?);
        let whole = whole(&sandbox, shape).await?;
        let places = (0..=whole.request).map(Place::Request);
        let places = places.chain((0..whole.answer).map(Place::Answer)).step_by(self.byte);
        let cuts: Vec<Cut> = places.enumerate().map(|(number, place)| cut(number, place)).collect();
        let mut lanes = JoinSet::new();
        for lane in 0..self.lanes {
            let cuts: Vec<_> = cuts.iter().copied().skip(lane).step_by(self.lanes).collect();
            lanes.spawn(travel(Arc::clone(&sandbox), shape.clone(), lane, cuts));
        }
        let mut runs = Vec::new();
        while let Some(lane) = lanes.join_next().await {
            runs.extend(lane??);
        }
        judge(&sandbox, shape, &runs).await
    }
}

/// Each cut comes once, in one of four ways.
fn cut(number: usize, place: Place) -> Cut {
    let end = if number.is_multiple_of(2) { End::Close } else { End::Reset };
    let times = if number % HOPELESS == HOPELESS - 1 { u32::MAX } else { 1 };
    Cut { place, end, times }
}

/// How long request and answer are where nothing is cut.
async fn whole(sandbox: &Sandbox, shape: &Shape) -> Result<Passed, Trouble> {
    let lane = Lane::new(sandbox).await?;
    lane.slicer.plan(None);
    let key = uncut_key(shape);
    match lane.call(sandbox, shape, &shape.prepare(sandbox), &key).await? {
        Told::Success(_) if sandbox.ledger().effects_for_key(&key).is_empty() => {
            Err(format!("{} does nothing", shape.name).into())
        }
        Told::Success(_) => Ok(lane.slicer.passed()),
        told => Err(format!("{} does not succeed uncut: {told:?}", shape.name).into()),
    }
}

/// The key of the call that is not cut.
fn uncut_key(shape: &Shape) -> String {
    shape.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")
}

/// One way to the server, on which calls go one after the other.
struct Lane {
    slicer: Slicer,
    transport: Arc<ReqwestTransport>,
}

impl Lane {
    async fn new(sandbox: &Sandbox) -> Result<Self, Trouble> {
        let transport = ReqwestTransport::builder().proxy(ReqwestProxy::None).build()?;
        Ok(Self { slicer: Slicer::start(sandbox.address()).await?, transport: Arc::new(transport) })
    }

    /// A call by a client of its own, whose retries no other call has used up.
    async fn call(
        &self,
        sandbox: &Sandbox,
        shape: &Shape,
        on: &str,
        key: &str,
    ) -> Result<Told, Trouble> {
        let client = Client::builder("Specwright/Torture")
            .base_url(self.slicer.base_url())
            .transport(Arc::clone(&self.transport) as _)
            .clock(Arc::new(Hasty::new()))
            .credentials(StaticToken::new(sandbox.static_token().to_owned()))
            .without_rate_limits()
            .build()?;
        Ok(shape.call(&client, on, Under::Key(IdempotencyKey::new(key)?)).await)
    }
}

async fn travel(
    sandbox: Arc<Sandbox>,
    shape: Shape,
    number: usize,
    cuts: Vec<Cut>,
) -> Result<Vec<Run>, Trouble> {
    let lane = Lane::new(&sandbox).await?;
    let mut runs = Vec::new();
    for cut in cuts {
        let on = shape.prepare(&sandbox);
        // As long as those that the client draws.
        let key = format!("00000000-0000-4000-8{number:03}-{:012}", runs.len());
        lane.slicer.plan(Some(cut));
        let told = lane.call(&sandbox, &shape, &on, &key).await?;
        runs.push(Run { cut, on, key, told });
    }
    Ok(runs)
}

/// Compares what callers were told with what the server has done, and then with what it keeps.
async fn judge(sandbox: &Sandbox, shape: &Shape, runs: &[Run]) -> Result<Sliced, Trouble> {
    let mut sliced = Sliced { shapes: 1, runs: runs.len(), ..Sliced::default() };
    let ledger = sandbox.ledger();
    let acting = acting(&ledger);
    sliced.doubled.extend(strangers(&ledger, shape, runs));
    let lane = Lane::new(sandbox).await?;
    lane.slicer.plan(None);
    for run in runs {
        let name = || format!("{} {:?} {}", shape.name, run.cut, run.key);
        let requests = acting.get(&run.key).copied().unwrap_or_default();
        if requests > 1 {
            sliced.doubled.push(name());
        }
        match &run.told {
            Told::Success(_) if requests == 0 => sliced.lost.push(name()),
            Told::Success(body) => {
                sliced.succeeded += 1;
                let kept = lane.call(sandbox, shape, &run.on, &run.key).await?;
                if kept != Told::Success(body.clone()) {
                    sliced.short.push(name());
                }
            }
            Told::Unknown if run.cut.times == 1 => {
                sliced.failed.push(format!("{}: cut once, and nobody knows", name()));
            }
            Told::Unknown => {
                sliced.unknown += 1;
                sliced.unknown_and_done += usize::from(requests > 0);
            }
            Told::Failure(..) if requests > 0 => sliced.lost.push(name()),
            Told::Failure(kind, reason) => {
                sliced.failed.push(format!("{}: {kind:?}, {reason}", name()));
            }
        }
    }
    Ok(sliced)
}

/// Effects under keys that nobody has given, or under none: whoever sends again under another key does it twice.
fn strangers(ledger: &Ledger, shape: &Shape, runs: &[Run]) -> Vec<String> {
    let mut keys: BTreeSet<&str> = runs.iter().map(|run| run.key.as_str()).collect();
    let uncut = uncut_key(shape);
    keys.insert(&uncut);
    let is_known = |key: &str| keys.contains(key);
    let strange = ledger
        .effects
        .iter()
        .filter(|effect| !effect.idempotency_key.as_deref().is_some_and(is_known));
    strange.map(|effect| format!("{}, under {:?}", shape.name, effect.idempotency_key)).collect()
}

impl Sliced {
    /// Whether nothing is wrong, and what must have been tried was.
    pub fn is_met(&self) -> bool {
        let wrong = [&self.doubled, &self.lost, &self.short, &self.failed];
        wrong.into_iter().all(Vec::is_empty)
            && self.succeeded + self.unknown == self.runs
            && self.succeeded > 0
            && self.unknown_and_done > 0
    }

    fn add(&mut self, other: Self) {
        self.shapes += other.shapes;
        self.runs += other.runs;
        self.succeeded += other.succeeded;
        self.unknown += other.unknown;
        self.unknown_and_done += other.unknown_and_done;
        self.doubled.extend(other.doubled);
        self.lost.extend(other.lost);
        self.short.extend(other.short);
        self.failed.extend(other.failed);
    }

    fn told(&self) -> String {
        let mut told = format!(
            "{} runs, {} doubled, {} lost, {} short; {} told of a success, {} that nobody knows ({} of these are done)",
            self.runs,
            self.doubled.len(),
            self.lost.len(),
            self.short.len(),
            self.succeeded,
            self.unknown,
            self.unknown_and_done
        );
        let wrong = [&self.doubled, &self.lost, &self.short, &self.failed].into_iter().flatten();
        let wrong: Vec<_> = wrong.take(5).cloned().collect();
        if !wrong.is_empty() {
            // A text takes whatever is written to it.
            let _ = write!(told, "; wrong: {}", listed(&wrong));
        }
        told
    }
}
