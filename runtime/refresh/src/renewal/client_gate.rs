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
    /// When a request of this program succeeded last.
    accepted: Option<Duration>,
}

/// The right to send one request.
#[derive(Debug)]
pub(crate) struct Pass<'g> {
    #[expect(dead_code, reason = "it is held for its drop")]
    permit: Option<SemaphorePermit<'g>>,
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

    /// Waits for a turn. Refuses at once, and after the wait again, if the server refuses the program.
    pub(crate) async fn pass(&self, clock: &dyn Clock) -> Result<Pass<'_>, Shut> {
        self.check(clock)?;
        // It fails only if the semaphore is closed, and nobody closes it.
        let permit = self.parallel.acquire().await.ok();
        let wait = {
            let now = clock.monotonic();
            let mut state = self.state();
            let turn = state.next.max(now);
            state.next = turn.saturating_add(self.spacing);
            turn.saturating_sub(now)
        };
        if !wait.is_zero() {
            clock.sleep(wait).await;
        }
        self.check(clock)?;
        Ok(Pass { permit })
    }

    fn check(&self, clock: &dyn Clock) -> Result<(), Shut> {
        let now = clock.monotonic();
        let state = self.state();
        let wait = state.not_before.saturating_sub(now);
        match &state.rejection {
            Some(refusal) if !wait.is_zero() => Err(Shut { refusal: refusal.clone(), wait }),
            Some(_) | None => Ok(()),
        }
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
