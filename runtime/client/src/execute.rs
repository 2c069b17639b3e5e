//! The request loop: the order of everything that happens to a call, written once.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use specwright_backoff::hint::{rate_limit_hint, retry_after};
use specwright_backoff::{
    Cost, Earlier, Event, Hint, History, Repeat, Step, Stop, class_of, classify, next_step, spread,
};
use specwright_core::clock::within;
use specwright_core::error::{ErrorKind, ErrorReport, Retry};
use specwright_core::operation::{Answer, EncodedRequest, Idempotency};
use specwright_core::transport::{Body, BoxFuture, SendErrorKind, Sent, TransportRequest};
use specwright_idempotency::{KeyHeader, choose_key};
use specwright_limiter::{Lane, Permit};
use specwright_refresh::{Bearer, Credentials, CredentialsError, GrantProblem, Renewal};

use crate::answered::Provenance;
use crate::attempt::{Attempt, Delivery, Received};
use crate::client::Inner;
use crate::failure::{Ending, no_credentials, status_report};
use crate::options::CallOptions;
use crate::rate_limits::{Quota, settle};
use crate::scope_check::ScopeCheck;
use crate::security::{Available, Choice, Requirement, choose, missing_scopes};
use crate::wait::Deadline;

/// Whoever has waited so long for a permit looks for its token again. A renewed grant serves none that ends sooner; a token
/// of the caller's own may, and then its 401 says so.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// The longest that whoever has a permit looks for a token again; then the permit is given back.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// So much of a call is left for its attempt when the wait for a permit ends, and half of what there is if that is less.
const FOR_THE_ATTEMPT: Duration = Duration::from_secs(1);

/// A call, encoded: what every attempt of it sends, and what decides about attempts.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The document's name of the operation, if it describes the request.
    pub(crate) operation: Option<&'static str>,
    pub(crate) method: Method,
    pub(crate) accept: &'static str,
    pub(crate) security: Requirement,
    pub(crate) idempotency: Idempotency,
    pub(crate) encoded: EncodedRequest,
    pub(crate) delivery: Delivery,
    pub(crate) options: CallOptions,
}

/// The answer that ends a call.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) received: Received,
    pub(crate) attempts: u32,
    pub(crate) verdict: Verdict,
}

/// What the answer means.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The call succeeded.
    Success,
    /// What was to be deleted is gone, and an earlier attempt may have done it. The answer is turned into the 204 that
    /// got lost; the report is for operations that do not know 204.
    Gone(ErrorReport),
    /// The answer is an error.
    Failure(ErrorReport),
}

/// Carries out one call.
///
/// `Err` is a call that ended without an answer. An error status is `Ok` with [`Verdict::Failure`], because only the
/// generic caller can read the error's body.
pub(crate) async fn execute(inner: &Inner, call: Prepared) -> Result<Finished, ErrorReport> {
    let operation = call.operation;
    let name = |report: ErrorReport| match operation {
        Some(id) => report.with_operation(id),
        None => report,
    };
    let finished = run(inner, call).await.map_err(name)?;
    let verdict = match finished.verdict {
        Verdict::Success => Verdict::Success,
        Verdict::Gone(report) => Verdict::Gone(name(report)),
        Verdict::Failure(report) => Verdict::Failure(name(report)),
    };
    Ok(Finished { verdict, ..finished })
}

async fn run(inner: &Inner, call: Prepared) -> Result<Finished, ErrorReport> {
    let clock = &*inner.clock;
    // The deadline starts first: whatever follows is part of the time that the caller gave.
    let deadline = Deadline::after(clock, call.options.deadline.unwrap_or(inner.deadline));
    // The request was encoded before, once: every attempt must send the same bytes, or a key would name two requests.
    let uri = inner.base.join(&call.encoded.path_and_query).map_err(configuration)?;
    // Before any waiting: a client without the right credentials should fail at once, and without a request.
    let credentials = credentials(inner, call.security)?;
    // The key is minted outside of the loop, so no attempt can have another one.
    let key = choose_key(call.idempotency, call.options.idempotency_key.clone(), &*inner.random)
        .map_err(|error| ErrorReport::new(ErrorKind::Encode).with_source(error))?;
    let class = class_of(&call.method, repeat(call.idempotency));
    let mut history = History::default();
    let mut attempts = 0;
    loop {
        // Inside of the loop, because waiting for a retry may take longer than the token lives.
        let Ready { bearer, permit } = match ready(inner, &call, credentials, deadline).await {
            Ok(ready) => ready,
            Err(error) => {
                let key = key.as_ref();
                return Err(Ending { class, history: &history, attempts, key }.unsent(error));
            }
        };
        let request = build(inner, &call, &uri, key.as_ref(), bearer.as_deref())?;
        // Retries are a share of the calls that were sent, not of those that ended in the queue.
        if attempts == 0 {
            inner.note_call();
        }
        // Counted before sending: an attempt that never returns was made all the same.
        attempts += 1;
        let left = deadline.left(clock);
        let sending = permit.map(Permit::send);
        let attempt = Attempt::make(inner, &call, request, class, left).await;
        let (event, hint) = understand(inner, &attempt, &history);
        if let Some(sending) = sending {
            settle(sending, &attempt, event, hint);
        }
        // Read after the attempt: it took its share of the deadline.
        let left = deadline.left(clock);
        let step = next_step(&inner.policy, &mut history, event, class, hint, left, &*inner.random);
        let stop = match step {
            Step::Accept => match attempt {
                Attempt::Answered(received, provenance) => {
                    return Ok(accepted(received, provenance, attempts));
                }
                Attempt::Unanswered(_) => Stop::Final,
            },
            // Before any resend: no attempt can end otherwise.
            _ if attempt.is_hopeless() => Stop::Final,
            // Without a token, or without another one in its place, the 401 stands.
            Step::Renew => match credentials.zip(bearer) {
                Some((source, refused)) => match renewal(inner, source, &refused, deadline).await {
                    Ok(Renewal::Possible) => continue,
                    Ok(Renewal::Impossible) => Stop::Final,
                    Err(error) => {
                        let key = key.as_ref();
                        return Err(
                            Ending { class, history: &history, attempts, key }.unsent(error)
                        );
                    }
                },
                None => Stop::Final,
            },
            // The budget is asked last: a retry that another reason forbids must not be paid for.
            Step::Resend { after, cost } => {
                if cost == Cost::Free || inner.may_retry() {
                    clock.sleep(after).await;
                    continue;
                }
                Stop::Exhausted
            }
            Step::Stop(stop) => stop,
        };
        let ending = Ending { class, history: &history, attempts, key: key.as_ref() };
        return ending.stopped(stop, event, hint, left, attempt);
    }
}

/// What the document says of repeating, in the words of the matrix. A keyed operation always has its key by now.
fn repeat(idempotency: Idempotency) -> Repeat {
    match idempotency {
        Idempotency::Safe => Repeat::Safe,
        Idempotency::Idempotent => Repeat::Idempotent,
        Idempotency::Key { .. } => Repeat::Keyed,
        Idempotency::Unsafe => Repeat::Unsafe,
    }
}

/// The credentials of the call, or none if it goes without.
fn credentials(
    inner: &Inner,
    requirement: Requirement,
) -> Result<Option<&dyn Credentials>, ErrorReport> {
    let own = inner.credentials.as_deref();
    let available = if own.is_some() { Available::Bearer } else { Available::Nothing };
    match choose(requirement, inner.profile.schemes, available).map_err(configuration)? {
        Choice::Bearer => Ok(own),
        Choice::Anonymous => Ok(None),
    }
}

/// What an attempt goes out with.
struct Ready {
    bearer: Option<Arc<Bearer>>,
    permit: Option<Permit>,
}

/// A token and a permit, both of which are good now.
async fn ready(
    inner: &Inner,
    call: &Prepared,
    credentials: Option<&dyn Credentials>,
    deadline: Deadline,
) -> Result<Ready, ErrorReport> {
    let clock = &*inner.clock;
    let look = async || match credentials {
        Some(source) => permitted(inner, source, call.security, deadline).await.map(Some),
        None => Ok(None),
    };
    loop {
        let mut bearer = look().await?;
        // Last, because a permit fills the windows from now on.
        let asked = clock.monotonic();
        let left = deadline.left(clock);
        let patience = left.saturating_sub(FOR_THE_ATTEMPT.min(left / 2));
        let permit = match &inner.quota {
            Some(quota) => Some(permit(quota, call.options.lane(), patience).await?),
            None => None,
        };
        if clock.monotonic().saturating_sub(asked) >= LONG_WAIT {
            // The token may have ended meanwhile. Whoever has to wait for the next one gives the permit back.
            match within(clock, LONGEST_LOOK, look()).await {
                Some(again) => bearer = again?,
                None => continue,
            }
        }
        if deadline.left(clock).is_zero() {
            return Err(ErrorReport::new(ErrorKind::Deadline));
        }
        if permit.as_ref().is_none_or(Permit::is_good) {
            return Ok(Ready { bearer, permit });
        }
    }
}

async fn permit(quota: &Quota, lane: Lane, patience: Duration) -> Result<Permit, ErrorReport> {
    quota.permit(lane, patience).await.map_err(|exhausted| {
        ErrorReport::new(ErrorKind::RateLimited)
            .with_retry(Retry::Worthwhile)
            .with_retry_after(exhausted.retry_in())
            .with_source(exhausted)
    })
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
async fn renewal(
    inner: &Inner,
    source: &dyn Credentials,
    refused: &Bearer,
    deadline: Deadline,
) -> Result<Renewal, ErrorReport> {
    if source.refuse(refused.generation()) == Renewal::Impossible {
        return Ok(Renewal::Impossible);
    }
    let refused = refused.generation();
    let next = bearer(inner, deadline, || source.replacement(refused)).await?;
    // A token that was renewed a moment ago comes again, and the API would refuse it again.
    Ok(if next.generation() == refused { Renewal::Impossible } else { Renewal::Possible })
}

/// One request. Only credentials can differ between attempts.
fn build(
    inner: &Inner,
    call: &Prepared,
    uri: &Uri,
    key: Option<&KeyHeader>,
    bearer: Option<&Bearer>,
) -> Result<TransportRequest, ErrorReport> {
    let mut request = Request::builder()
        .method(call.method.clone())
        .uri(uri.clone())
        .body(call.encoded.body.clone())
        .map_err(configuration)?;
    let headers = request.headers_mut();
    *headers = call.encoded.headers.clone();
    let accept = HeaderValue::from_str(call.accept).map_err(configuration)?;
    headers.entry(ACCEPT).or_insert(accept);
    if let Some(content_type) = &call.encoded.content_type {
        headers.insert(CONTENT_TYPE, content_type.clone());
    }
    // From here on what the client knows replaces what a caller wrote.
    headers.insert(USER_AGENT, inner.user_agent.clone());
    if let Some(key) = key {
        headers.insert(key.name.clone(), key.key.header_value().clone());
    }
    if let Some(bearer) = bearer {
        // The URI was made from the configured base, which is confidential by its type; no other host can be meant.
        headers.insert(AUTHORIZATION, bearer.header().clone());
    }
    Ok(request)
}

/// The row of the matrix for an attempt, and what the server said about waiting.
fn understand(inner: &Inner, attempt: &Attempt, history: &History) -> (Event, Option<Hint>) {
    let (answer, provenance) = match attempt {
        Attempt::Answered(received, provenance) => (&received.answer, provenance),
        Attempt::Unanswered(error) => {
            let event = match (error.sent, error.kind) {
                (Sent::No, _) => Event::NotSent,
                (Sent::Maybe, SendErrorKind::Timeout) => Event::TimedOut,
                (Sent::Maybe, _) => Event::Lost,
            };
            return (event, None);
        }
    };
    let now = inner.clock.now();
    let headers = answer.headers();
    let earlier =
        if history.leaves_outcome_unknown() { Earlier::Unknown } else { Earlier::WithoutEffect };
    let event = match StatusCode::from_u16(answer.status()) {
        Ok(status) => classify(status, headers, provenance.author, earlier, now),
        Err(_) => Event::EdgeFault,
    };
    let hint = match event {
        Event::Throttled => {
            let profile = inner.profile;
            rate_limit_hint(headers, profile.rate_reset, profile.rate_limit_wait, now)
        }
        _ => retry_after(headers, now),
    };
    (event, hint)
}

fn accepted(received: Received, provenance: Provenance, attempts: u32) -> Finished {
    let answer = &received.answer;
    if answer.status() < 400 {
        return Finished { received, attempts, verdict: Verdict::Success };
    }
    let report = status_report(ErrorKind::Status, attempts, answer, provenance);
    let answer = Answer::new(204, answer.headers().clone(), Body::empty());
    let received = Received { answer, body: None };
    Finished { received, attempts, verdict: Verdict::Gone(report) }
}

fn configuration(error: impl std::error::Error + Send + Sync + 'static) -> ErrorReport {
    ErrorReport::new(ErrorKind::Configuration).with_source(error)
}
