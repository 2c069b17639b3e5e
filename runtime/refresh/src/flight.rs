//! The asynchronous shell: one refresh under way, any number of waiters.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use specwright_backoff::hint::rate_limit_hint;
use specwright_core::clock::Clock;
use specwright_core::random::Random;
use specwright_core::security::RateReset;
use specwright_core::transport::BoxFuture;
use specwright_oauth::{ClientCredentials, IssuedToken, TokenEndpoint, TokenError};
use tokio::sync::watch;

use crate::bearer::{Bearer, Generation};
use crate::credentials::{Credentials, CredentialsError, Renewal};
use crate::lifetime::{Lifetime, Margins, Now};
use crate::slot::{Ask, Failure, Slot};

/// Asks for a token, once.
pub trait TokenSource: Debug + Send + Sync + 'static {
    /// One token request.
    fn fetch(&self) -> BoxFuture<'_, Result<IssuedToken, TokenError>>;
}

/// Runs a task to its end, whatever happens to the caller that asked for it.
///
/// An executor that drops a task unfinished, as on shutdown, only makes its waiters fail.
pub trait Spawn: Debug + Send + Sync + 'static {
    /// Starts `task` and returns at once.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

/// The client credentials grant at a token endpoint.
#[derive(Debug)]
pub struct ClientCredentialsSource {
    endpoint: TokenEndpoint,
    grant: ClientCredentials,
}

impl ClientCredentialsSource {
    /// A source that shows `grant` to `endpoint`.
    pub fn new(endpoint: TokenEndpoint, grant: ClientCredentials) -> Self {
        Self { endpoint, grant }
    }
}

impl TokenSource for ClientCredentialsSource {
    fn fetch(&self) -> BoxFuture<'_, Result<IssuedToken, TokenError>> {
        Box::pin(self.endpoint.request(&self.grant))
    }
}

/// Credentials that are refreshed from a [`TokenSource`] ahead of expiry. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Refreshing {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    source: Box<dyn TokenSource>,
    margins: Margins,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    spawn: Arc<dyn Spawn>,
    state: Mutex<State>,
}

type Outcome = Result<Arc<Bearer>, CredentialsError>;
type Waiter = watch::Receiver<Option<Outcome>>;

#[derive(Debug, Default)]
struct State {
    slot: Slot,
    /// Where the refresh under way will report.
    flight: Option<Waiter>,
    /// The last failure, told to callers who come while the gate is closed.
    last_failure: Option<CredentialsError>,
}

impl Refreshing {
    /// Credentials without a token; the first caller has one fetched.
    pub fn new(
        source: impl TokenSource,
        margins: Margins,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        spawn: Arc<dyn Spawn>,
    ) -> Self {
        let state = Mutex::new(State::default());
        let source = Box::new(source);
        Self { shared: Arc::new(Shared { source, margins, clock, random, spawn, state }) }
    }

    async fn obtain(&self) -> Outcome {
        let mut waiter = match self.decide() {
            Next::Done(outcome) => return outcome,
            Next::Wait(waiter) => waiter,
        };
        match waiter.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(CredentialsError::abandoned())),
            Err(_) => Err(CredentialsError::abandoned()),
        }
    }

    /// One decision under the lock. The task is spawned after it: an executor may run it at once, on this thread.
    fn decide(&self) -> Next {
        let mut state = self.shared.state();
        let (next, start) = match state.slot.ask(Now::read(&*self.shared.clock)) {
            Ask::Serve(bearer) => return Next::Done(Ok(bearer)),
            Ask::Closed { wait } => return Next::Done(Err(state.closed(wait))),
            Ask::Join => match &state.flight {
                Some(waiter) => return Next::Wait(waiter.clone()),
                None => return Next::Done(Err(CredentialsError::abandoned())),
            },
            Ask::ServeAndStart(bearer) => (Some(bearer), watch::channel(None)),
            Ask::Start => (None, watch::channel(None)),
        };
        let (report, waiter) = start;
        state.flight = Some(waiter.clone());
        let generation = state.slot.next_generation();
        drop(state);
        let landing = Landing { shared: Arc::clone(&self.shared), report, done: Progress::Flying };
        self.shared.spawn.spawn(Box::pin(fly(landing, generation)));
        next.map_or(Next::Wait(waiter), |bearer| Next::Done(Ok(bearer)))
    }
}

enum Next {
    Done(Outcome),
    Wait(Waiter),
}

impl Credentials for Refreshing {
    fn bearer(&self) -> BoxFuture<'_, Outcome> {
        Box::pin(self.obtain())
    }

    fn refuse(&self, generation: Generation) -> Renewal {
        let now = Now::read(&*self.shared.clock);
        self.shared.state().slot.refuse(generation, now)
    }
}

/// The refresh itself: the only code that asks the source. It owns all it needs, so it outlives every caller.
async fn fly(mut landing: Landing, generation: Generation) {
    let shared = Arc::clone(&landing.shared);
    // Read before sending: the lifetime may have begun at any time since, and too early is the safe side.
    let issued = Now::read(&*shared.clock);
    let outcome = match shared.source.fetch().await {
        Ok(token) => shared.commit(&token, issued, generation),
        Err(error) => Err(shared.fail(error)),
    };
    landing.report(outcome);
}

impl Shared {
    // No code runs user callbacks under this lock, so a panic cannot leave it half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits the token before anybody can see it: where tokens are kept durably, the write to the store belongs
    /// right here, before the slot has the new generation, so that no request ever carries a token that a crash could
    /// lose.
    fn commit(&self, token: &IssuedToken, issued: Now, generation: Generation) -> Outcome {
        let bearer = Bearer::new(&token.access_token, generation)
            .map(Arc::new)
            .map_err(|error| self.refused(CredentialsError::new(error)))?;
        let lifetime = Lifetime::new(issued, token.lifetime, &self.margins, &*self.random);
        let mut state = self.state();
        state.slot.commit(Arc::clone(&bearer), lifetime);
        state.flight = None;
        state.last_failure = None;
        Ok(bearer)
    }

    fn fail(&self, error: TokenError) -> CredentialsError {
        if !error.may_pass() {
            return self.refused(CredentialsError::token(error));
        }
        let now = Now::read(&*self.clock);
        let hint = error.headers().and_then(|headers| {
            rate_limit_hint(headers, RateReset::Undocumented, None, now.wall)
        });
        let failure = Failure::Passing { hint: hint.map(specwright_backoff::Hint::duration) };
        let mut state = self.state();
        let wait = state.slot.fail(failure, now, &*self.random);
        state.land(CredentialsError::token(error).retry_after(wait))
    }

    fn refused(&self, error: CredentialsError) -> CredentialsError {
        let mut state = self.state();
        state.slot.fail(Failure::Refused, Now::read(&*self.clock), &*self.random);
        state.land(error)
    }
}

impl State {
    fn land(&mut self, error: CredentialsError) -> CredentialsError {
        self.flight = None;
        self.last_failure = Some(error.clone());
        error
    }

    /// The error for a caller who comes while the gate is closed: the last failure with what is left of its wait.
    fn closed(&self, wait: std::time::Duration) -> CredentialsError {
        match &self.last_failure {
            Some(error) if error.wait().is_some() => error.clone().retry_after(wait),
            Some(error) => error.clone(),
            None => CredentialsError::abandoned().retry_after(wait),
        }
    }
}

/// Reports to the waiters, and if the task is dropped before it can, frees the slot for the next caller.
struct Landing {
    shared: Arc<Shared>,
    report: watch::Sender<Option<Outcome>>,
    done: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Flying,
    Landed,
}

impl Landing {
    fn report(&mut self, outcome: Outcome) {
        self.done = Progress::Landed;
        self.report.send_replace(Some(outcome));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if self.done == Progress::Flying {
            let mut state = self.shared.state();
            state.slot.abandon();
            state.flight = None;
        }
    }
}
