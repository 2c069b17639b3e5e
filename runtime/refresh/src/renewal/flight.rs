//! One wish under way in this process, any number of callers who wait for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_core::spawn::Spawn;
use tokio::sync::watch;

use super::bring::Need;
use super::slot::{Ask, Epoch, Failure, Slot, Wish};
use super::{Committed, Renewer};
use crate::bearer::{Bearer, Generation};
use crate::credentials::Renewal;
use crate::grant::{GrantKey, Want};
use crate::lifetime::Now;
use crate::observer::Step;
use crate::problem::GrantProblem;
use crate::under_way::Begun;

/// What a process knows of one grant, and who waits for more.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    state: Mutex<State>,
}

type Outcome = Result<Arc<Bearer>, GrantProblem>;
type Waiter = watch::Receiver<Option<Arrival>>;

/// What came of a flight, for callers who wished for different things.
#[derive(Clone, Debug)]
enum Arrival {
    /// A token that may be used.
    Brought(Arc<Bearer>),
    /// Why there is no new one, and the one that may be used all the same.
    Failed { problem: GrantProblem, usable: Option<Arc<Bearer>> },
}

impl Arrival {
    fn outcome(&self, wish: Wish) -> Outcome {
        match self {
            Self::Brought(bearer) => Ok(Arc::clone(bearer)),
            Self::Failed { problem, usable } => {
                let usable = usable.as_ref().filter(|bearer| wish.is_met_by(bearer.generation()));
                usable.cloned().ok_or_else(|| problem.clone())
            }
        }
    }
}

#[derive(Debug, Default)]
struct State {
    slot: Slot,
    flight: Option<Joinable>,
    /// How the last one failed, for callers who come a moment later.
    last: Option<Failed>,
}

/// A flight that brought nothing.
#[derive(Debug)]
struct Failed {
    problem: GrantProblem,
    need: Need,
}

/// The flight under way, for whoever joins it.
#[derive(Debug)]
struct Joinable {
    waiter: Waiter,
    /// The need of whoever started it, or of a joiner who has no token.
    need: Need,
}

enum Next {
    Done(Outcome),
    Wait(Waiter),
}

impl Cell {
    /// A token that may be used now. Whoever drops this future changes nothing: the flight goes on.
    pub(crate) async fn obtain(
        self: &Arc<Self>,
        renewer: &Arc<Renewer>,
        spawn: &dyn Spawn,
        key: &GrantKey,
        wish: Wish,
    ) -> Outcome {
        match self.decide(renewer, spawn, key, wish) {
            Next::Done(outcome) => outcome,
            Next::Wait(mut waiter) => match waiter.wait_for(Option::is_some).await.as_deref() {
                Ok(Some(arrival)) => arrival.outcome(wish),
                Ok(None) | Err(_) => Err(GrantProblem::Abandoned),
            },
        }
    }

    /// The API refused the token of a generation.
    pub(crate) fn refuse(&self, generation: Generation, renewer: &Renewer) -> Renewal {
        let now = Now::read(&*renewer.clock);
        self.state().slot.refuse(generation, renewer.table.policy.forced_spacing, now)
    }

    /// A token that was committed since that of a generation, by whatever process. It only reads.
    pub(crate) async fn look(
        &self,
        renewer: &Renewer,
        key: &GrantKey,
        generation: Generation,
    ) -> Option<Arc<Bearer>> {
        let now = Now::read(&*renewer.clock);
        let epoch = {
            let slot = &mut self.state().slot;
            slot.look(now).then(|| slot.epoch())?
        };
        let Committed { bearer, lifetime } = renewer.newer(key, generation).await?;
        let mut state = self.state();
        // What was found before the grant was ended is not to be used after it.
        if state.slot.epoch() != epoch {
            return None;
        }
        // A flight that is under way brings its own.
        if state.flight.is_none() {
            state.slot.find(Arc::clone(&bearer), lifetime);
        }
        Some(bearer)
    }

    /// Whether nothing would be lost with this cell.
    pub(crate) fn is_spent(&self, now: Now) -> bool {
        let state = self.state();
        state.flight.is_none() && state.slot.is_spent(now)
    }

    /// The grant was ended, or was connected anew: what is held is not to be used any more.
    pub(crate) fn forget(&self) {
        let mut state = self.state();
        state.slot.forget();
        state.last = None;
    }

    /// One decision under the lock. The task is spawned after it: an executor may run it at once, on this thread.
    fn decide(
        self: &Arc<Self>,
        renewer: &Arc<Renewer>,
        spawn: &dyn Spawn,
        key: &GrantKey,
        wish: Wish,
    ) -> Next {
        let now = Now::read(&*renewer.clock);
        let mut state = self.state();
        let (served, want) = match (state.slot.ask(wish, now), &mut state.flight) {
            (Ask::Serve(bearer), _) | (Ask::ServeAndStart(bearer, _), Some(_)) => {
                return Next::Done(Ok(bearer));
            }
            (Ask::Start(_) | Ask::Closed(_), Some(flight)) => return Next::Wait(flight.join()),
            (Ask::Closed(want), None) => match &state.last {
                Some(failed) if failed.was_hasty() => (None, want),
                Some(failed) => return Next::Done(Err(failed.problem.clone())),
                None => {
                    return Next::Done(Err(GrantProblem::Unrenewed { wait: Duration::ZERO }));
                }
            },
            (Ask::ServeAndStart(bearer, want), None) => (Some(bearer), want),
            (Ask::Start(want), None) => (None, want),
        };
        let begun = match renewer.under_way.begin(Some(key)) {
            Ok(begun) => begun,
            Err(problem) => return Next::Done(served.ok_or(problem)),
        };
        let need = if served.is_some() { Need::Ahead } else { Need::Urgent };
        let (report, waiter) = watch::channel(None);
        state.flight = Some(Joinable { waiter: waiter.clone(), need });
        let flight = Flight {
            cell: Arc::clone(self),
            renewer: Arc::clone(renewer),
            key: key.clone(),
            epoch: state.slot.epoch(),
            seen: state.slot.seen(),
            want,
            need,
            report,
            progress: Progress::Flying,
            begun,
        };
        drop(state);
        spawn.spawn(Box::pin(flight.fly()));
        served.map_or(Next::Wait(waiter), |bearer| Next::Done(Ok(bearer)))
    }

    // No code of others runs under this lock, so a panic cannot leave it half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failed {
    /// Whether it might have brought something if it had waited for others, as who has no token does.
    fn was_hasty(&self) -> bool {
        self.need == Need::Ahead && matches!(self.problem, GrantProblem::Unrenewed { .. })
    }
}

impl Joinable {
    /// Somebody waits for it who has no token to go on with.
    fn join(&mut self) -> Waiter {
        self.need = Need::Urgent;
        self.waiter.clone()
    }
}

/// A wish that outlives whoever had it. If its task is dropped before it is done, the next caller starts another one.
struct Flight {
    cell: Arc<Cell>,
    renewer: Arc<Renewer>,
    key: GrantKey,
    epoch: Epoch,
    seen: Generation,
    want: Want,
    need: Need,
    report: watch::Sender<Option<Arrival>>,
    progress: Progress,
    #[expect(dead_code, reason = "it is held for its drop")]
    begun: Begun,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Flying,
    Landed,
}

impl Flight {
    async fn fly(mut self) {
        let arrival = loop {
            let brought = self.renewer.bring(&self.key, self.seen, self.want, self.need).await;
            if let Some(arrival) = self.land(brought) {
                break arrival;
            }
        };
        self.report.send_replace(Some(arrival));
    }

    /// Ends the flight, with two exceptions. If the grant was ended or connected anew since it set out, it looks again:
    /// what it brings is of before. And if it did not wait for others, and was joined by somebody who has to, it goes on
    /// and waits. In both cases what it is after is what is wanted by now: the token may have been refused on the way.
    fn land(&mut self, brought: Result<Committed, GrantProblem>) -> Option<Arrival> {
        let now = Now::read(&*self.renewer.clock);
        let mut state = self.cell.state();
        if state.slot.epoch() != self.epoch {
            (self.epoch, self.seen) = (state.slot.epoch(), state.slot.seen());
            self.want = state.slot.want();
            return None;
        }
        let brought = brought.map_err(|problem| Failed { problem, need: self.need });
        let urgent = state.flight.as_ref().is_some_and(|flight| flight.need == Need::Urgent);
        if urgent && brought.as_ref().is_err_and(Failed::was_hasty) {
            (self.need, self.want) = (Need::Urgent, state.slot.want());
            return None;
        }
        self.progress = Progress::Landed;
        state.flight = None;
        let (arrival, published) = match brought {
            Ok(token) => {
                let bearer = state.land(token, now);
                let generation = bearer.generation();
                (Arrival::Brought(bearer), Some(generation))
            }
            Err(failed) => (state.fail(self.want, failed, now), None),
        };
        drop(state);
        if let Some(generation) = published {
            self.renewer.observer.step(&self.key, generation, Step::Published);
        }
        Some(arrival)
    }
}

impl State {
    fn land(&mut self, token: Committed, now: Now) -> Arc<Bearer> {
        let Committed { bearer, lifetime } = token;
        self.slot.land(Arc::clone(&bearer), lifetime, now);
        self.last = None;
        bearer
    }

    fn fail(&mut self, want: Want, failed: Failed, now: Now) -> Arrival {
        let problem = failed.problem.clone();
        if problem == GrantProblem::Disconnected {
            self.slot.forget();
        }
        let usable = self.slot.fail(want, Failure::of(&problem), now);
        self.last = Some(failed);
        Arrival::Failed { problem, usable }
    }
}

impl Failure {
    fn of(problem: &GrantProblem) -> Self {
        match problem {
            GrantProblem::NotConnected
            | GrantProblem::ReconnectRequired { .. }
            | GrantProblem::Disconnected => Self::Final,
            GrantProblem::MissingScopes { .. }
            | GrantProblem::ClientRejected { .. }
            | GrantProblem::Unrenewed { .. }
            | GrantProblem::Store(_)
            | GrantProblem::Record
            | GrantProblem::Spill
            | GrantProblem::Sealed(_)
            | GrantProblem::ShutDown
            | GrantProblem::Abandoned => Self::Passing,
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if self.progress == Progress::Flying {
            self.cell.state().flight = None;
        }
    }
}
