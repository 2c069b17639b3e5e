//! How often one program asks its authorization server, over all grants.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_backoff::Backoff;
use specwright_core::clock::Clock;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::grant::{Pace, Refusal};

/// The waits after the server refused the program itself: 1 min, 2 min, 4 min … 15 min. Somebody must act.
const AFTER_REJECTION: Backoff =
    Backoff { base: Duration::from_secs(60), cap: Duration::from_secs(900) };

/// The wait while somebody tries whether the server still refuses the program. An answer seldom takes longer.
const WHILE_TRIED: Duration = Duration::from_secs(1);

/// Lets token requests through: so many at once, so many a second, and one at a time while the program is refused.
#[derive(Debug)]
pub(crate) struct ClientGate {
    parallel: Semaphore,
    spacing: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The next request goes out at this time of the monotonic clock.
    next: Duration,
    rejections: u32,
    rejection: Option<Refusal>,
    /// After a rejection, nothing goes out before this time.
    not_before: Duration,
    trial: Trial,
    /// When a request of this program succeeded last.
    accepted: Option<Duration>,
}

/// Whether a request is under way that is to show if the server still refuses the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trial {
    #[default]
    None,
    UnderWay,
}

/// The right to send one request.
#[derive(Debug)]
pub(crate) struct Pass<'g> {
    gate: &'g ClientGate,
    #[expect(dead_code, reason = "it is held for its drop")]
    permit: Option<SemaphorePermit<'g>>,
    trial: Trial,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.trial == Trial::UnderWay {
            self.gate.state().trial = Trial::None;
        }
    }
}

/// The server refuses the program, and is not asked for so long.
#[derive(Clone, Debug)]
pub(crate) struct Shut {
    pub(crate) refusal: Refusal,
    pub(crate) wait: Duration,
}

/// What a rejection is, seen over all grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The program was accepted before: somebody should hear of it.
    First,
    /// It goes on.
    Repeated,
}

impl ClientGate {
    pub(crate) fn new(pace: Pace) -> Self {
        Self {
            parallel: Semaphore::new(pace.parallel.get().into()),
            spacing: pace.spacing,
            state: Mutex::new(State::default()),
        }
    }

    /// Waits for a turn. Refuses at once if the server refuses the program, and after the wait lets one through, whose
    /// answer shows whether it still does.
    pub(crate) async fn pass(&self, clock: &dyn Clock) -> Result<Pass<'_>, Shut> {
        let now = clock.monotonic();
        self.state().open(now)?;
        // It fails only if the semaphore is closed, and nobody closes it.
        let permit = self.parallel.acquire().await.ok();
        let now = clock.monotonic();
        let wait = {
            let mut state = self.state();
            // Of those who wait behind one that was refused, none takes a turn.
            state.open(now)?;
            let turn = state.next.max(now);
            state.next = turn.saturating_add(self.spacing);
            turn.saturating_sub(now)
        };
        if !wait.is_zero() {
            clock.sleep(wait).await;
        }
        let now = clock.monotonic();
        let trial = self.state().enter(now)?;
        Ok(Pass { gate: self, permit, trial })
    }

    /// The server accepted the program.
    pub(crate) fn accepted(&self, clock: &dyn Clock) {
        let now = clock.monotonic();
        let mut state = self.state();
        state.rejections = 0;
        state.rejection = None;
        state.not_before = Duration::ZERO;
        state.accepted = Some(now);
    }

    /// The server refused the program. Requests that were under way already count as one.
    pub(crate) fn rejected(&self, refusal: Refusal, clock: &dyn Clock) -> (Shut, Rejection) {
        let now = clock.monotonic();
        let mut state = self.state();
        let left = state.not_before.saturating_sub(now);
        if !left.is_zero() {
            return (Shut { refusal, wait: left }, Rejection::Repeated);
        }
        let news = match state.rejection {
            None => Rejection::First,
            Some(_) => Rejection::Repeated,
        };
        let wait = AFTER_REJECTION.bound(state.rejections);
        state.rejections = state.rejections.saturating_add(1);
        state.rejection = Some(refusal.clone());
        state.not_before = now.saturating_add(wait);
        (Shut { refusal, wait }, news)
    }

    /// Whether the server accepted this program within the last `time`.
    pub(crate) fn accepted_within(&self, time: Duration, clock: &dyn Clock) -> bool {
        let accepted = self.state().accepted;
        accepted.is_some_and(|then| clock.monotonic().saturating_sub(then) < time)
    }

    // No code of others runs under this lock, so a panic cannot leave it half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether a request may go out now.
    fn open(&self, now: Duration) -> Result<(), Shut> {
        let Some(refusal) = &self.rejection else { return Ok(()) };
        let left = self.not_before.saturating_sub(now);
        let wait = match self.trial {
            Trial::UnderWay => left.max(WHILE_TRIED),
            Trial::None => left,
        };
        if wait.is_zero() { Ok(()) } else { Err(Shut { refusal: refusal.clone(), wait }) }
    }

    /// A request goes out now. It is the one that tries, if the server refused the program last.
    fn enter(&mut self, now: Duration) -> Result<Trial, Shut> {
        self.open(now)?;
        if self.rejection.is_none() {
            return Ok(Trial::None);
        }
        self.trial = Trial::UnderWay;
        Ok(Trial::UnderWay)
    }
}

#[cfg(test)]
mod tests {
    use specwright_testkit::VirtualClock;

    use super::*;

    const A_MINUTE: Duration = Duration::from_secs(60);

    /// A gate whose server has refused the program, a minute later.
    async fn refused() -> (ClientGate, VirtualClock) {
        let (gate, clock) = (ClientGate::new(Pace::default()), VirtualClock::automatic());
        drop(gate.pass(&clock).await.unwrap());
        gate.rejected(refusal(), &clock);
        clock.advance(A_MINUTE);
        (gate, clock)
    }

    fn refusal() -> Refusal {
        Refusal { code: Some("invalid_client".to_owned()), status: 401, request_id: None }
    }

    #[tokio::test]
    async fn after_the_wait_one_tries_whether_the_program_is_still_refused_and_nobody_else() {
        let (gate, clock) = refused().await;
        let trial = gate.pass(&clock).await.unwrap();
        for _ in 0..20 {
            assert_eq!(gate.pass(&clock).await.unwrap_err().wait, WHILE_TRIED);
        }
        gate.rejected(refusal(), &clock);
        drop(trial);
        assert_eq!(gate.pass(&clock).await.unwrap_err().wait, 2 * A_MINUTE);
    }

    #[tokio::test]
    async fn a_trial_that_is_accepted_opens_the_gate_for_all() {
        let (gate, clock) = refused().await;
        let trial = gate.pass(&clock).await.unwrap();
        gate.accepted(&clock);
        assert!(gate.pass(&clock).await.is_ok());
        drop(trial);
    }

    #[tokio::test]
    async fn a_trial_without_an_answer_leaves_the_next_one_to_try() {
        let (gate, clock) = refused().await;
        drop(gate.pass(&clock).await.unwrap());
        let _trial = gate.pass(&clock).await.unwrap();
        assert!(gate.pass(&clock).await.is_err());
    }

    #[tokio::test]
    async fn who_waits_for_a_turn_when_the_program_is_refused_is_told_at_once() {
        let (gate, clock) = refused().await;
        gate.accepted(&clock);
        let mut held = Vec::new();
        for _ in 0..8 {
            held.push(gate.pass(&clock).await.unwrap());
        }
        let mut waiting = std::pin::pin!(gate.pass(&clock));
        assert!(polled(waiting.as_mut()).await.is_none());
        gate.rejected(refusal(), &clock);
        let before = clock.elapsed();
        held.clear();
        assert_eq!(waiting.await.unwrap_err().wait, A_MINUTE);
        assert_eq!(clock.elapsed(), before);
    }

    /// What a future has by now.
    async fn polled<F: Future>(future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = std::future::ready(()) => None,
        }
    }
}
