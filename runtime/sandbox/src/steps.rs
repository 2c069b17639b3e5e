//! A request step by step, for whoever keeps the time: the server on its socket, or a test with a
//! clock of its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::sync::oneshot;

use crate::exchange::{Begun, Received, State, World};
use crate::fault::Fault;
use crate::held::{Held, Parked};
use crate::ledger::Verdict;
use crate::outcome::Outcome;
use crate::service::Service;

/// A request on its way. Whoever has it asks for one [`Step`] after the other.
#[must_use]
pub struct Exchange {
    world: Arc<World>,
    stage: Stage,
}

/// What comes next for a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Let this much time pass, then ask again.
    Wait(Duration),
    /// Wait for this, or give up.
    Held(Held),
    /// It has ended.
    Done(Outcome),
}

enum Stage {
    Arrived(Box<Received>),
    Read(Box<(Received, Option<Fault>)>),
    Begun(Box<(Received, Begun)>),
    Over,
}

impl Service {
    /// Takes a request. Only the path and query of its URI are looked at.
    ///
    /// The request is in the ledger, and nothing is done yet, when the first step has been asked for.
    pub fn begin(&self, request: Request<Bytes>) -> Exchange {
        let stage = Stage::Arrived(Box::new(Received::from(request)));
        Exchange { world: Arc::clone(&self.world), stage }
    }

    /// Plays a request at once: delays take no time, and whoever is held gives up.
    pub fn handle(&self, request: Request<Bytes>) -> Outcome {
        let mut exchange = self.begin(request);
        loop {
            match exchange.step() {
                Step::Wait(_) => {}
                Step::Held(_) => return Outcome::Closed,
                Step::Done(outcome) => return outcome,
            }
        }
    }

    /// Lets go whatever is held, in the order in which it came; gives how many that were.
    pub fn release(&self) -> usize {
        self.world.release()
    }

    /// How many requests are held.
    pub fn held(&self) -> usize {
        self.world.state().held.len()
    }
}

impl Exchange {
    /// A request that was read to its end, and its fault.
    pub(crate) fn of(service: &Service, received: Received, fault: Option<Fault>) -> Self {
        let stage = Stage::Read(Box::new((received, fault)));
        Self { world: Arc::clone(&service.world), stage }
    }

    /// Takes the next step. After the last one, the connection is closed.
    pub fn step(&mut self) -> Step {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Arrived(received) => self.arrived(received),
            Stage::Read(read) => {
                let (received, fault) = *read;
                self.read(received, fault)
            }
            Stage::Begun(request) => self.begun(request),
            Stage::Over => Step::Done(Outcome::Closed),
        }
    }

    fn arrived(&mut self, mut received: Box<Received>) -> Step {
        let fault = self.world.fault_of(&received);
        if fault == Some(Fault::HoldRequest) {
            received.body = None;
        }
        self.read(*received, fault)
    }

    fn read(&mut self, received: Received, fault: Option<Fault>) -> Step {
        let begun = self.world.begin(&received, fault);
        let fault = begun.fault.clone();
        let request = Box::new((received, begun));
        match fault {
            Some(Fault::Delay(delay)) => {
                self.stage = Stage::Begun(request);
                Step::Wait(delay)
            }
            Some(Fault::HoldBeforeEffect) => {
                let (reply, wait) = oneshot::channel();
                self.world.state().held.push(Parked::Request(request, reply));
                Step::Held(Held(wait))
            }
            _ => self.begun(request),
        }
    }

    fn begun(&self, request: Box<(Received, Begun)>) -> Step {
        let (received, begun) = *request;
        let outcome = self.world.finish(&received, &begun);
        if !matches!(begun.fault, Some(Fault::HoldRequest | Fault::HoldAfterEffect)) {
            return Step::Done(outcome);
        }
        let (reply, wait) = oneshot::channel();
        self.world.state().held.push(Parked::Answer(outcome, reply));
        Step::Held(Held(wait))
    }
}

impl World {
    /// Lets go whatever is held.
    pub(crate) fn release(&self) -> usize {
        let parked = std::mem::take(&mut self.state().held);
        let count = parked.len();
        for parked in parked {
            match parked {
                Parked::Request(request, reply) => {
                    let (received, begun) = *request;
                    answer(reply, self.finish(&received, &begun));
                }
                Parked::Answer(outcome, reply) => answer(reply, outcome),
            }
        }
        count
    }

    /// Takes the fault that is meant for a request, which need not have been read to its end.
    pub(crate) fn fault_of(&self, received: &Received) -> Option<Fault> {
        let now = self.clock.now();
        let operation = self.operation_of(&received.method, &received.path);
        let mut state = self.state();
        let State { faults, journal, .. } = &mut *state;
        let fault = faults.take(operation, now)?;
        journal.fault(now, fault.name(), operation);
        Some(fault)
    }

    /// Plays a request that has been begun to its end, and writes down how it ended.
    pub(crate) fn finish(&self, received: &Received, begun: &Begun) -> Outcome {
        let mut state = self.state();
        let outcome = self.outcome(&mut state, received, begun);
        self.notice(&mut state, self.clock.now());
        if let Some(claim) = begun.keyed.claim() {
            state.kept.leave(claim);
        }
        let (verdict, outcome) = match outcome {
            Some(answer) => {
                let (status, reason) = (answer.status.as_u16(), answer.reason.clone());
                (Verdict::Answered { status, reason }, Outcome::from(answer))
            }
            None => (Verdict::Closed, Outcome::Closed),
        };
        state.journal.conclude(begun.number, verdict);
        match &begun.fault {
            Some(Fault::CutAfter(length)) => outcome.cut(*length),
            _ => outcome,
        }
    }
}

/// Answers whoever waits, if somebody still does.
fn answer(reply: oneshot::Sender<Outcome>, outcome: Outcome) {
    let _ = reply.send(outcome);
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Arrived(_) => "Exchange(arrived)",
            Stage::Read(_) => "Exchange(read)",
            Stage::Begun(_) => "Exchange(begun)",
            Stage::Over => "Exchange(over)",
        })
    }
}
