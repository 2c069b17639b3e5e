//! What an attempt goes out with, all of which is good now: a token, a slot and a permit, and for an operation with a name
//! the word of the journal.

use std::sync::Arc;
use std::time::Duration;

use specwright_backoff::spread;
use specwright_core::clock::within;
use specwright_core::error::{ErrorKind, ErrorReport};
use specwright_core::timeline::Happened;
use specwright_core::transport::BoxFuture;
use specwright_limiter::Permit;
use specwright_refresh::{Bearer, Credentials, CredentialsError, GrantProblem, Renewal};

use crate::failure::no_credentials;
use crate::inner::Inner;
use crate::once::{Once, Written};
use crate::prepared::Prepared;
use crate::progress::Progress;
use crate::scope_check::ScopeCheck;
use crate::security::{Requirement, missing_scopes};
use crate::turn::{Turn, turn};
use crate::wait::Deadline;

/// Whoever has waited so long for its turn looks for its token again. A renewed grant serves none that ends sooner; a token
/// of the caller's own may, and then its 401 says so.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// The longest that whoever has its turn looks for a token again; then the turn is given back.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// So much of a call is left for its attempt when the wait for a turn ends, and half of what there is if that is less.
const FOR_THE_ATTEMPT: Duration = Duration::from_secs(1);

/// What an attempt goes out with.
pub(crate) struct Ready {
    pub(crate) bearer: Option<Arc<Bearer>>,
    pub(crate) turn: Turn,
    pub(crate) written: Option<Written>,
}

/// Waits for everything that an attempt needs.
pub(crate) async fn ready(
    inner: &Inner,
    call: &Prepared,
    once: &mut Option<Once<'_>>,
    credentials: Option<&dyn Credentials>,
    deadline: Deadline,
    progress: &mut Progress<'_>,
) -> Result<Ready, ErrorReport> {
    let Some(once) = once else {
        let (bearer, turn) = admitted(inner, call, credentials, deadline, progress).await?;
        return Ok(Ready { bearer, turn, written: None });
    };
    loop {
        // First, because an operation that is not to be sent needs neither token nor turn.
        once.begin(deadline, progress).await?;
        let (bearer, turn) = admitted(inner, call, credentials, deadline, progress).await?;
        // Last, because from now on nobody else can send it.
        let Some(written) = once.write(deadline).await? else { continue };
        let is_good = turn.permit.as_ref().is_none_or(Permit::is_good);
        if is_good && !written.left(progress.now()).is_zero() {
            return Ok(Ready { bearer, turn, written: Some(written) });
        }
        once.give_back(written, deadline).await;
    }
}

/// A token and a turn, both of which are good now.
async fn admitted(
    inner: &Inner,
    call: &Prepared,
    credentials: Option<&dyn Credentials>,
    deadline: Deadline,
    progress: &mut Progress<'_>,
) -> Result<(Option<Arc<Bearer>>, Turn), ErrorReport> {
    let clock = &*inner.clock;
    let look = async || match credentials {
        Some(source) => permitted(inner, source, call.security, deadline).await.map(Some),
        None => Ok(None),
    };
    loop {
        let since = progress.now();
        let looked = look().await;
        progress.waited(since, Happened::AwaitedToken);
        let mut bearer = looked?;
        // Last, because a permit fills the windows from now on.
        let since = progress.now();
        let left = deadline.left(clock);
        let patience = left.saturating_sub(FOR_THE_ATTEMPT.min(left / 2));
        let asked = turn(inner, call.options.lane(), patience).await;
        progress.waited(since, Happened::Queued);
        let mut turn = asked?;
        let now = progress.now();
        if now.saturating_sub(since) >= LONG_WAIT {
            // The token may have ended meanwhile. Whoever has to wait for the next one gives its turn back.
            let looked = turn.during(inner, LONGEST_LOOK, look()).await;
            progress.waited(now, Happened::AwaitedToken);
            match looked {
                Some((kept, again)) => (turn, bearer) = (kept, again?),
                None => continue,
            }
        }
        if deadline.left(clock).is_zero() {
            return Err(ErrorReport::new(ErrorKind::Deadline));
        }
        if turn.permit.as_ref().is_none_or(Permit::is_good) {
            return Ok((bearer, turn));
        }
    }
}

/// A valid token with the scopes that the call needs, as far as that is known. Asking the API instead would cost a
/// request, and bring a refusal that says less.
async fn permitted(
    inner: &Inner,
    source: &dyn Credentials,
    requirement: Requirement,
    deadline: Deadline,
) -> Result<Arc<Bearer>, ErrorReport> {
    let lacks = |bearer: &Bearer| match (inner.scope_check, bearer.scopes()) {
        (ScopeCheck::BeforeCalls, Some(held)) => {
            missing_scopes(requirement, inner.profile.schemes, held)
        }
        (ScopeCheck::BeforeCalls, None) | (ScopeCheck::ByServer, _) => Vec::new(),
    };
    let held = bearer(inner, deadline, || source.bearer()).await?;
    let missing = lacks(&held);
    if missing.is_empty() {
        return Ok(held);
    }
    // The user may have agreed to more meanwhile, and another process has received it.
    let clock = &*inner.clock;
    let looked = within(clock, deadline.left(clock), source.newer(held.generation())).await;
    let missing = match looked.flatten() {
        None => missing,
        Some(newer) => match lacks(&newer) {
            missing if missing.is_empty() => return Ok(newer),
            missing => missing,
        },
    };
    Err(no_credentials(GrantProblem::MissingScopes { missing }.into()))
}

/// A valid token. A failure that may pass is waited out here: no API request was made, so it costs no attempt.
async fn bearer<'s>(
    inner: &Inner,
    deadline: Deadline,
    ask: impl Fn() -> BoxFuture<'s, Result<Arc<Bearer>, CredentialsError>>,
) -> Result<Arc<Bearer>, ErrorReport> {
    let clock = &*inner.clock;
    let mut asked = 0;
    loop {
        asked += 1;
        // The deadline bounds the wait of this caller, not the refresh, which goes on for the next one.
        let Some(outcome) = within(clock, deadline.left(clock), ask()).await else {
            return Err(ErrorReport::new(ErrorKind::Deadline));
        };
        let error = match outcome {
            Ok(bearer) => return Ok(bearer),
            Err(error) => error,
        };
        match error.wait() {
            Some(wait) if asked < inner.policy.attempts => {
                let wait = wait.saturating_add(spread(&*inner.random));
                if wait >= deadline.left(clock) {
                    return Err(no_credentials(error));
                }
                clock.sleep(wait).await;
            }
            _ => return Err(no_credentials(error)),
        }
    }
}

/// Whether there is another token in the place of one that the API refused. The refusal names the token that was sent, so
/// it cannot discard a newer one.
pub(crate) async fn renewal(
    inner: &Inner,
    credentials: Option<&dyn Credentials>,
    refused: Option<Arc<Bearer>>,
    deadline: Deadline,
    progress: &mut Progress<'_>,
) -> Result<Renewal, ErrorReport> {
    let Some((source, refused)) = credentials.zip(refused) else { return Ok(Renewal::Impossible) };
    if source.refuse(refused.generation()) == Renewal::Impossible {
        return Ok(Renewal::Impossible);
    }
    let refused = refused.generation();
    let since = progress.now();
    let next = bearer(inner, deadline, || source.replacement(refused)).await;
    progress.waited(since, Happened::AwaitedToken);
    let next = next?;
    // A token that was renewed a moment ago comes again, and the API would refuse it again.
    Ok(if next.generation() == refused { Renewal::Impossible } else { Renewal::Possible })
}
