//! Processes that do the same operations, end at any await, freeze, and lose answers and rows, against a server that keeps
//! answers for 24 hours.
//!
//! A run is some hundred steps, in each of which somebody goes on, ends, or time passes. After that one process alone
//! finishes everything, and the server says what happened. Each run is a function of its seed.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_core::operation::Idempotency;
use specwright_core::random::Random as _;
use specwright_core::transport::BoxError;
use specwright_idempotency::{
    Begun, IdempotencyKey, InDoubt, Journal, JournalError, Outcome, Ready, Reconciled, Sending,
    Settled,
};
use specwright_testkit::{SeededRandom, VirtualClock};

use crate::world::{KEYED, RETENTION, Shelf, journal, operation, others, request};

/// Runs for each server.
const RUNS: u64 = 400;

const STEPS: usize = 300;

const PROCESSES: u64 = 3;

const OPERATIONS: [&str; 2] = ["a", "b"];

const HOUR: Duration = Duration::from_secs(3_600);

/// How long an attempt lasts at most.
const LASTING: Duration = Duration::from_secs(60);

/// A run is shorter than an entry is kept.
const LONGEST_RUN: Duration = Duration::from_secs(46 * 3_600);

/// What a server is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It keeps every answer with its effect.
    Keyed,
    /// So it does, but sometimes it has the effect and forgets the key. It refuses what is there already.
    KeyedForgetful,
    /// It keeps every answer, and needs time. What comes meanwhile with the same key is executed beside.
    KeyedSlow,
    /// So it does, but it refuses what comes meanwhile, and keeps nothing of that.
    KeyedRefusing,
    /// It knows no keys.
    Keyless,
}

/// What callers do in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// They look.
    Reconciling,
    /// They take the risk.
    Allowing,
}

/// Time, the rows and the server.
struct World {
    clock: VirtualClock,
    random: Arc<SeededRandom>,
    rows: Arc<Shelf>,
    manner: Manner,
    server: Mutex<Server>,
}

struct Server {
    kind: Kind,
    is_well: bool,
    /// Of each operation.
    effects: BTreeMap<&'static str, u32>,
    kept: BTreeMap<String, (Outcome, Duration)>,
    /// Requests that have not arrived.
    wire: Vec<Letter>,
    /// Requests that are being executed.
    running: Vec<Letter>,
    /// Answers that nobody has read.
    answers: BTreeMap<u64, Outcome>,
    next: u64,
    /// When each key was sent first.
    sent: BTreeMap<String, Duration>,
    /// How often a caller took the risk.
    allowed: BTreeMap<&'static str, u32>,
}

/// A request on its way.
struct Letter {
    number: u64,
    operation: &'static str,
    key: String,
    by: Duration,
}

impl World {
    fn new(kind: Kind, manner: Manner, seed: u64) -> Arc<Self> {
        let (clock, random) = (VirtualClock::new(), Arc::new(SeededRandom::new(seed)));
        let rows = Shelf::new(&clock, &random);
        rows.fails.store(20, Ordering::Relaxed);
        let server = Mutex::new(Server {
            kind,
            is_well: false,
            effects: BTreeMap::new(),
            kept: BTreeMap::new(),
            wire: Vec::new(),
            running: Vec::new(),
            answers: BTreeMap::new(),
            next: 0,
            sent: BTreeMap::new(),
            allowed: BTreeMap::new(),
        });
        Arc::new(Self { clock, random, rows, manner, server })
    }

    fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }

    fn idempotency(&self) -> Idempotency {
        match self.server().kind {
            Kind::Keyed | Kind::KeyedForgetful | Kind::KeyedSlow | Kind::KeyedRefusing => KEYED,
            Kind::Keyless => Idempotency::Unsafe,
        }
    }

    fn is_one_of(&self, number: u64) -> bool {
        self.random.up_to(number - 1) == 0
    }

    /// Lets time pass. What has to arrive and to end meanwhile does.
    fn advance(&self, time: Duration) {
        let then = self.clock.monotonic() + time;
        self.deliver(|letter| letter.by <= then);
        self.end(|letter| letter.by <= then);
        self.clock.advance(time);
    }

    fn deliver(&self, which: impl Fn(&Letter) -> bool) {
        let now = self.clock.monotonic();
        let server = &mut *self.server();
        for letter in take(&mut server.wire, which) {
            server.arrive(letter, now, &self.random);
        }
    }

    /// Brings requests that are being executed to their end.
    fn end(&self, which: impl Fn(&Letter) -> bool) {
        let now = self.clock.monotonic();
        let server = &mut *self.server();
        for letter in take(&mut server.running, which) {
            server.end(&letter, now, &self.random);
        }
    }
}

impl Server {
    fn post(
        &mut self,
        operation: &'static str,
        key: &IdempotencyKey,
        now: Duration,
        by: Duration,
    ) -> u64 {
        let first = *self.sent.entry(key.to_string()).or_insert(now);
        let age = now.saturating_sub(first);
        assert!(age <= 23 * HOUR, "a key is sent after {age:?}");
        self.next += 1;
        self.wire.push(Letter { number: self.next, operation, key: key.to_string(), by });
        self.next
    }

    fn arrive(&mut self, letter: Letter, now: Duration, random: &SeededRandom) {
        let kept = self.kept.get(&letter.key).filter(|(_, until)| now < *until);
        if let Some((answer, _)) = kept {
            let answer = *answer;
            return self.answer(&letter, Some(answer), random);
        }
        let is_running = self.running.iter().any(|other| other.key == letter.key);
        match self.kind {
            Kind::KeyedRefusing if is_running => {
                self.answer(&letter, Some(Outcome::Rejected), random);
            }
            Kind::KeyedSlow | Kind::KeyedRefusing => self.running.push(letter),
            Kind::Keyed | Kind::KeyedForgetful | Kind::Keyless => self.end(&letter, now, random),
        }
    }

    fn end(&mut self, letter: &Letter, now: Duration, random: &SeededRandom) {
        let answer = self.execute(letter, now, random);
        self.answer(letter, answer, random);
    }

    fn answer(&mut self, letter: &Letter, answer: Option<Outcome>, random: &SeededRandom) {
        let is_read = self.is_well || random.up_to(3) > 0;
        if let Some(answer) = answer.filter(|_| is_read) {
            self.answers.insert(letter.number, answer);
        }
    }

    /// Executes a request, or does not; the answer, unless it breaks off.
    fn execute(
        &mut self,
        letter: &Letter,
        now: Duration,
        random: &SeededRandom,
    ) -> Option<Outcome> {
        let effects = self.effects.entry(letter.operation).or_default();
        let failed = Outcome::Failed { status: 500 };
        let mood = if self.is_well { 9 } else { random.up_to(9) };
        let (effect, answer) = match (self.kind, mood) {
            // Lost on the way, or refused before anybody looked. Nothing is kept of it.
            (_, 0) => return None,
            (_, 1) => return Some(Outcome::NotExecuted),
            (Kind::KeyedForgetful, _) if *effects > 0 => (0, Outcome::Rejected),
            (Kind::KeyedForgetful, 2) => {
                *effects += 1;
                return None;
            }
            (_, 3) => (0, Outcome::Rejected),
            (_, 4) => (0, failed),
            (_, 5) => (1, failed),
            (_, _) => (1, Outcome::Succeeded),
        };
        *effects += effect;
        if self.kind != Kind::Keyless {
            self.kept.insert(letter.key.clone(), (answer, now + RETENTION));
        }
        Some(answer)
    }
}

fn take(letters: &mut Vec<Letter>, is_due: impl Fn(&Letter) -> bool) -> Vec<Letter> {
    let (due, later) = std::mem::take(letters).into_iter().partition(is_due);
    *letters = later;
    due
}

/// A process: it goes on with an operation for as long as it can do anything about it.
async fn go_on(world: Arc<World>, name: &'static str) -> Result<Goal, JournalError> {
    let journal = journal(&world.rows, &world.random);
    let idempotency = world.idempotency();
    let id = operation(name);
    let mut begun = journal.begin(&id, &request(idempotency, b"{}")).await?;
    loop {
        begun = match begun {
            Begun::Mine(ready) => match attempt(&world, &journal, ready, name).await? {
                Attempt::Made => journal.begin(&id, &request(idempotency, b"{}")).await?,
                Attempt::InDoubt(in_doubt) => Begun::InDoubt(in_doubt),
                Attempt::NotOurs => return Ok(Goal::Later),
            },
            Begun::Busy(_) => return Ok(Goal::Later),
            Begun::Succeeded(_) => return Ok(Goal::Reached),
            Begun::InDoubt(in_doubt) => {
                let right = match world.manner {
                    Manner::Allowing => {
                        *world.server().allowed.entry(name).or_default() += 1;
                        in_doubt.allow_duplicate()
                    }
                    Manner::Reconciling => {
                        match reconcile(&world, &journal, in_doubt, name).await {
                            Some(Reconciled::Absent(right)) => right,
                            Some(Reconciled::Found(())) => return Ok(Goal::Reached),
                            None => return Ok(Goal::Later),
                        }
                    }
                };
                journal.reissue(right, &request(idempotency, b"{}")).await?
            }
        };
    }
}

/// How far a process came.
enum Goal {
    Reached,
    Later,
}

/// What became of an attempt.
enum Attempt {
    Made,
    InDoubt(InDoubt),
    NotOurs,
}

async fn attempt(
    world: &World,
    journal: &Journal,
    ready: Ready,
    name: &'static str,
) -> Result<Attempt, JournalError> {
    let by = world.clock.monotonic() + LASTING;
    let sending = match journal.sent(ready, LASTING).await? {
        Begun::Mine(sending) => sending,
        Begun::InDoubt(in_doubt) => return Ok(Attempt::InDoubt(in_doubt)),
        Begun::Busy(_) | Begun::Succeeded(_) => return Ok(Attempt::NotOurs),
    };
    others().await;
    let outcome = exchange(world, &sending, name, by).await;
    Ok(match journal.settle(&sending, outcome).await? {
        Settled::InDoubt(in_doubt) => Attempt::InDoubt(in_doubt),
        _ => Attempt::Made,
    })
}

/// Sends, unless it is too late, and waits for the answer or gives it up.
async fn exchange(world: &World, sending: &Sending, name: &'static str, by: Duration) -> Outcome {
    let now = world.clock.monotonic();
    if now >= by {
        return Outcome::NotExecuted;
    }
    let number = world.server().post(name, sending.key(), now, by);
    loop {
        others().await;
        if let Some(answer) = world.server().answers.remove(&number) {
            return answer;
        }
        if world.clock.monotonic() >= by || world.is_one_of(6) {
            return Outcome::Unanswered;
        }
    }
}

/// Looks whether the effect is there.
async fn reconcile(
    world: &World,
    journal: &Journal,
    in_doubt: InDoubt,
    name: &'static str,
) -> Option<Reconciled<()>> {
    let look = || async {
        others().await;
        let is_there = world.server().effects.get(name).is_some_and(|effects| *effects > 0);
        others().await;
        Ok::<_, BoxError>(is_there.then_some(()))
    };
    journal.reconcile(in_doubt, look).await.ok()
}

type Process = Pin<Box<dyn Future<Output = Result<Goal, JournalError>>>>;

/// One step of a process; what it ends with.
fn poll(process: &mut Process) -> Poll<Result<Goal, JournalError>> {
    process.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn start(world: &Arc<World>) -> Process {
    let name = OPERATIONS[usize::try_from(world.random.up_to(1)).unwrap()];
    Box::pin(go_on(Arc::clone(world), name))
}

/// Time that passes in one step: mostly too little for anything to end.
fn pause(world: &World) -> Duration {
    let pause = match world.random.up_to(19) {
        0 => world.random.up_to(23) * 3_600_000 + world.random.up_to(3_600_000),
        1..=4 => world.random.up_to(120_000),
        _ => world.random.up_to(5_000),
    };
    Duration::from_millis(pause)
}

/// Processes that come and go.
fn disorder(world: &Arc<World>) {
    let mut processes: Vec<Process> = (0..PROCESSES).map(|_| start(world)).collect();
    for _ in 0..STEPS {
        let one = usize::try_from(world.random.up_to(PROCESSES - 1)).unwrap();
        match world.random.up_to(19) {
            0 => processes[one] = start(world),
            1..=3 => {
                let pause = pause(world);
                if world.clock.elapsed() + pause < LONGEST_RUN {
                    world.advance(pause);
                }
            }
            4..=5 => {
                let number = world.random.up_to(3);
                world.deliver(|letter| letter.number % 4 == number);
                if world.is_one_of(8) {
                    world.end(|letter| letter.number % 4 == number);
                }
            }
            _ => {
                if poll(&mut processes[one]).is_ready() {
                    processes[one] = start(world);
                }
            }
        }
    }
}

/// One process, with rows and a server that are well, brings an operation to its end.
fn finish(world: &Arc<World>, name: &'static str, seed: u64) {
    world.rows.fails.store(0, Ordering::Relaxed);
    world.server().is_well = true;
    for _ in 0..20 {
        world.advance(LASTING);
        let mut process: Process = Box::pin(go_on(Arc::clone(world), name));
        for _ in 0..1_000 {
            match poll(&mut process) {
                Poll::Ready(goal) => match goal.unwrap() {
                    Goal::Reached => return,
                    Goal::Later => break,
                },
                Poll::Pending => {
                    world.end(|_| true);
                    world.deliver(|_| true);
                }
            }
        }
    }
    panic!("seed {seed}: operation {name} never ends");
}

/// Runs everything, and gives for each operation how often it took effect, and how often a caller took the risk.
fn run(kind: Kind, manner: Manner, seed: u64) -> Vec<(u32, u32)> {
    let world = World::new(kind, manner, seed);
    disorder(&world);
    for name in OPERATIONS {
        finish(&world, name, seed);
    }
    let server = world.server();
    let count = |of: &BTreeMap<&str, u32>, name| of.get(name).copied().unwrap_or_default();
    OPERATIONS
        .iter()
        .map(|name| (count(&server.effects, name), count(&server.allowed, name)))
        .collect()
}

#[track_caller]
fn everything_happens_once(kind: Kind) {
    for seed in 0..RUNS {
        for (effects, _) in run(kind, Manner::Reconciling, seed) {
            assert_eq!(effects, 1, "seed {seed}");
        }
    }
}

#[test]
fn on_a_server_with_keys_everything_happens_once() {
    everything_happens_once(Kind::Keyed);
}

#[test]
fn on_a_server_that_forgets_keys_and_refuses_what_is_there_everything_happens_once() {
    everything_happens_once(Kind::KeyedForgetful);
}

#[test]
fn on_a_server_that_executes_a_key_twice_at_once_everything_happens_once() {
    everything_happens_once(Kind::KeyedSlow);
}

#[test]
fn on_a_server_that_refuses_a_key_while_it_executes_it_everything_happens_once() {
    everything_happens_once(Kind::KeyedRefusing);
}

#[test]
fn on_a_server_without_keys_everything_happens_once() {
    everything_happens_once(Kind::Keyless);
}

#[test]
fn where_callers_take_the_risk_nothing_happens_more_often_than_they_took_it() {
    let mut doubled = 0;
    for kind in [Kind::Keyed, Kind::Keyless] {
        for seed in 0..RUNS {
            for (effects, allowed) in run(kind, Manner::Allowing, seed) {
                assert!((1..=1 + allowed).contains(&effects), "seed {seed}: {effects} {allowed}");
                doubled += u32::from(effects > 1);
            }
        }
    }
    // Or the risk would be none, and the other tests would show nothing.
    assert!(doubled > 100, "{doubled} doubled");
}
