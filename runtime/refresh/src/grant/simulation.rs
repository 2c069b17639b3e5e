//! The transitions against a server that rotates, with processes that end, freeze and lose answers, at random.
//!
//! A run is some sixty steps, after which one process alone goes on. It must find the grant alive, or be told that the
//! user is needed. Each run is a function of its seed.

use std::collections::BTreeMap;
use std::time::Duration;

use specwright_core::random::Random as _;
use specwright_testkit::SeededRandom;

use super::commit::{Commit, commit, promote};
use super::lease::{Begin, Lease, begin, renew};
use super::policy::{RefreshPolicy, RotationModel};
use super::record::{
    AttemptId, HolderId, Pair, Phase, Prior, ReconnectReason, Record, Refusal, Want,
};
use super::sample::{Counting, attempt, connected, holder, pair};
use super::seal::Sealed;
use super::settle::{Settle, settle};
use super::time::StoreTime;

/// Runs for each rotation model.
const RUNS: u64 = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Model {
    Immediate,
    OnFirstUse,
    ReuseRevokes,
    Grace,
    LostAnswer,
    None,
    Replayed,
}

impl Model {
    fn policy(self) -> RefreshPolicy {
        RefreshPolicy::new(match self {
            Self::Immediate => RotationModel::Immediate,
            Self::OnFirstUse => RotationModel::OnFirstUse,
            Self::ReuseRevokes | Self::Replayed => RotationModel::ReuseRevokes,
            Self::Grace => RotationModel::Grace,
            Self::LostAnswer => RotationModel::LostAnswer,
            Self::None => RotationModel::None,
        })
    }

    /// For how long a spent token gives another pair.
    fn window(self) -> Option<Duration> {
        match self {
            Self::Grace => Some(Duration::from_secs(30)),
            Self::LostAnswer => Some(Duration::from_secs(1_800)),
            _ => None,
        }
    }

    /// Whether no grant may be lost, whatever happens between server and store.
    fn loses_nothing(self) -> bool {
        matches!(self, Self::OnFirstUse | Self::LostAnswer | Self::None | Self::Replayed)
    }
}

/// A refresh token at the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Alive,
    Spent(StoreTime),
    Revoked,
}

/// The server. Tokens are numbers.
struct Server {
    model: Model,
    tokens: Vec<Fate>,
    /// Which token ends when the pair of another one is used.
    replaces: BTreeMap<usize, usize>,
    kept: BTreeMap<String, usize>,
}

impl Server {
    fn issue(&mut self) -> usize {
        self.tokens.push(Fate::Alive);
        self.tokens.len() - 1
    }

    fn post(&mut self, token: usize, key: &AttemptId, now: StoreTime) -> Option<usize> {
        let keeps = self.model == Model::Replayed;
        if let Some(kept) = self.kept.get(key.as_str()).filter(|_| keeps) {
            return Some(*kept);
        }
        let issued = self.trade(token, now)?;
        self.kept.insert(key.as_str().to_owned(), issued);
        Some(issued)
    }

    fn trade(&mut self, token: usize, now: StoreTime) -> Option<usize> {
        match (self.tokens[token], self.model) {
            (Fate::Alive, Model::None) => Some(token),
            (Fate::Alive, Model::OnFirstUse) => {
                let issued = self.issue();
                self.replaces.insert(issued, token);
                Some(issued)
            }
            (Fate::Alive, _) => {
                self.tokens[token] = Fate::Spent(now);
                Some(self.issue())
            }
            (Fate::Spent(then), model) => match model.window() {
                Some(window) if now < then.after(window) => Some(self.issue()),
                _ => {
                    if matches!(model, Model::ReuseRevokes | Model::Grace | Model::Replayed) {
                        self.tokens.fill(Fate::Revoked);
                    }
                    None
                }
            },
            (Fate::Revoked, _) => None,
        }
    }

    /// An API call with the access token of a pair.
    fn used(&mut self, token: usize) {
        if let Some(old) = self.replaces.remove(&token) {
            self.tokens[old] = Fate::Revoked;
        }
    }
}

/// A process in the middle of something.
enum Process {
    Idle,
    /// It has the lease and will send this token.
    Leased(Lease, usize),
    /// It has sent, and this is the answer that it has or will never have.
    Asked(Lease, usize, Answer),
}

#[derive(Clone, Copy)]
enum Answer {
    Issued(usize),
    Denied,
    Lost,
    NotSent,
}

struct World {
    server: Server,
    record: Record,
    policy: RefreshPolicy,
    now: StoreTime,
    processes: Vec<(HolderId, Process)>,
    /// The refresh token in each sealed pair.
    inside: Vec<(Sealed, usize)>,
    random: SeededRandom,
    names: Counting,
}

impl World {
    fn new(model: Model, seed: u64) -> Self {
        let names = Counting::default();
        let record = connected(&names);
        let mut server =
            Server { model, tokens: Vec::new(), replaces: BTreeMap::new(), kept: BTreeMap::new() };
        let first = server.issue();
        let inside = vec![(record.pair.as_ref().unwrap().sealed.clone(), first)];
        Self {
            server,
            policy: model.policy(),
            now: super::sample::at(100),
            processes: (0..3).map(|_| (holder(&names), Process::Idle)).collect(),
            inside,
            random: SeededRandom::new(seed),
            record,
            names,
        }
    }

    fn token_in(&self, pair: &Pair) -> usize {
        self.inside.iter().find(|(sealed, _)| *sealed == pair.sealed).unwrap().1
    }

    fn sealed(&mut self, token: usize) -> Pair {
        let pair = pair(self.now, &self.names);
        self.inside.push((pair.sealed.clone(), token));
        pair
    }

    /// One process does what comes next for it. `luck` is how likely, in percent, an answer arrives.
    fn step(&mut self, process: usize, luck: u64) {
        let (holder, state) = &mut self.processes[process];
        let holder = holder.clone();
        let state = std::mem::replace(state, Process::Idle);
        self.processes[process].1 = match state {
            Process::Idle => self.wish(&holder),
            Process::Leased(lease, token) => self.send(lease, token, luck),
            Process::Asked(lease, token, answer) => self.land(lease, token, answer),
        };
    }

    fn wish(&mut self, holder: &HolderId) -> Process {
        let fresh = attempt(&self.names);
        let seen = self.record.generation;
        match begin(&self.record, seen, Want::Ahead, holder, &fresh, self.now, &self.policy) {
            Begin::Mine(record, intent) => {
                let token = self.token_in(record.pair.as_ref().unwrap());
                self.record = *record;
                Process::Leased(intent.written(), token)
            }
            Begin::Conclude(record) => {
                self.record = *record;
                Process::Idle
            }
            _ => Process::Idle,
        }
    }

    fn send(&mut self, lease: Lease, token: usize, luck: u64) -> Process {
        let drawn = self.random.up_to(99);
        let answer = if drawn < luck {
            let issued = self.server.post(token, &lease.attempt, self.now);
            issued.map_or(Answer::Denied, Answer::Issued)
        } else if drawn.is_multiple_of(3) {
            Answer::NotSent
        } else if drawn % 3 == 1 {
            // Executed, and the answer is lost.
            let _ = self.server.post(token, &lease.attempt, self.now);
            Answer::Lost
        } else {
            Answer::Lost
        };
        Process::Asked(lease, token, answer)
    }

    fn land(&mut self, mut lease: Lease, token: usize, answer: Answer) -> Process {
        let wait = Duration::from_secs(2);
        let how = match answer {
            Answer::Issued(issued) => {
                self.keep(&lease, issued);
                return Process::Idle;
            }
            Answer::Denied => {
                if self.is_advanced(&lease) {
                    return Process::Idle;
                }
                let refusal = Refusal { code: None, status: 400, request_id: None };
                Settle::Denied(refusal, ReconnectReason::Revoked)
            }
            Answer::Lost if self.random.up_to(1) == 0 => {
                lease.prior = Prior::Unknown;
                // The same once more, if the lease is still ours.
                return match renew(&self.record, &lease, self.now, &self.policy) {
                    Some(record) => {
                        self.record = record;
                        Process::Leased(lease, token)
                    }
                    None => Process::Idle,
                };
            }
            Answer::Lost => Settle::Unknown(wait),
            Answer::NotSent => Settle::NotExecuted(wait),
        };
        if let Some(record) = settle(&self.record, &lease, how, self.now, &self.policy) {
            self.record = record;
        }
        Process::Idle
    }

    fn keep(&mut self, lease: &Lease, issued: usize) {
        let pair = self.sealed(issued);
        let before = self.record.generation;
        match commit(&self.record, lease, pair, self.now, &self.policy) {
            Commit::Done(record) => {
                assert!(record.generation > before);
                self.record = record;
                // Committed, so it may be used.
                self.server.used(issued);
            }
            Commit::Overtaken(record) => self.record = record,
            Commit::Retired(_) | Commit::Standing(_) => panic!("nobody disconnects or repeats"),
        }
    }

    fn is_advanced(&mut self, lease: &Lease) -> bool {
        if self.record.generation != lease.generation {
            return true;
        }
        let Some(spare) = self.record.spare.clone().filter(|spare| self.now < spare.until) else {
            return false;
        };
        let token = self.token_in(&spare.pair);
        let resealed = self.sealed(token);
        if let Some(record) = promote(&self.record, lease.generation, resealed) {
            self.record = record;
        }
        true
    }

    fn random_step(&mut self) {
        let process = usize::try_from(self.random.up_to(2)).unwrap();
        match self.random.up_to(9) {
            // The process ends, and another one starts in its place.
            0 => self.processes[process] = (holder(&self.names), Process::Idle),
            1 | 2 => self.now = self.now.after(Duration::from_secs(self.random.up_to(10))),
            _ => self.step(process, 60),
        }
    }

    /// All processes but the first finish what they have in hand; then the first goes on alone, and nothing is lost any
    /// more. Gives whether the grant lives.
    fn aftermath(&mut self) -> bool {
        for process in 0..self.processes.len() {
            if matches!(self.processes[process].1, Process::Asked(..)) {
                self.step(process, 100);
            }
            self.processes[process].1 = Process::Idle;
        }
        let mut renewed = 0;
        for _ in 0..60 {
            let before = self.record.generation;
            self.step(0, 100);
            renewed += u32::from(self.record.generation > before);
            if renewed == 3 {
                return true;
            }
            if matches!(self.record.phase, Phase::ReconnectRequired { .. }) {
                return false;
            }
            if matches!(self.processes[0].1, Process::Idle) {
                self.now = self.now.after(Duration::from_secs(3));
            }
        }
        panic!("neither alive nor ended: {:?}", self.record.phase);
    }
}

fn lost(model: Model) -> u64 {
    let mut lost = 0;
    for seed in 0..RUNS {
        let mut world = World::new(model, seed);
        for _ in 0..60 {
            world.random_step();
        }
        let lives = world.aftermath();
        assert!(lives || !model.loses_nothing(), "{model:?}, seed {seed}");
        lost += u64::from(!lives);
    }
    lost
}

#[test]
fn servers_that_give_a_lost_answer_again_lose_no_grant() {
    for model in [Model::OnFirstUse, Model::LostAnswer, Model::None, Model::Replayed] {
        assert_eq!(lost(model), 0, "{model:?}");
    }
}

#[test]
fn servers_that_do_not_lose_some_and_every_loss_ends_with_the_user_being_asked() {
    // If nothing were lost here, the simulation would not simulate.
    for model in [Model::Immediate, Model::ReuseRevokes, Model::Grace] {
        assert!(lost(model) > 0, "{model:?}");
    }
}
