//! The request loop: the order of everything that happens to a call, written once.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use specwright_backoff::hint::{rate_limit_hint, retry_after};
use specwright_backoff::{
    Class, Cost, Earlier, Event, Hint, History, Repeat, Step, Stop, class_of, classify, next_step,
};
use specwright_core::error::{ErrorKind, ErrorReport};
use specwright_core::interceptor::CallOutcome;
use specwright_core::operation::{Answer, Idempotency};
use specwright_core::timeline::{GaveUp, Happened};
use specwright_core::transport::{Body, SendErrorKind, Sent, TransportRequest, UploadError};
use specwright_idempotency::{KeyHeader, choose_key};
use specwright_limiter::{Permit, Sending};
use specwright_refresh::{Bearer, Credentials, Renewal};
use tracing::Instrument as _;

use crate::answered::{Provenance, is_of_another};
use crate::attempt::{Attempt, Received};
use crate::failure::{Ending, status_report};
use crate::finished::{Finished, Verdict};
use crate::inner::Inner;
use crate::once::{Once, Standing, Written, already_succeeded};
use crate::prepared::Prepared;
use crate::progress::Progress;
use crate::ready::{Ready, ready, renewal};
use crate::replays::{Made, Replays};
use crate::security::{Available, Choice, Requirement, choose};
use crate::turn::{Turn, refusing_window, settle};
use crate::wait::Deadline;

/// Carries out one call.
///
/// `Err` is a call that ended without an answer. An error status is `Ok` with [`Verdict::Failure`], because only the
/// generic caller can read the error's body.
pub(crate) async fn execute(inner: &Inner, call: Prepared) -> Result<Finished, ErrorReport> {
    let name = |report: ErrorReport| match call.operation {
        Some(operation) => report.with_operation(operation.id),
        None => report,
    };
    let mut progress = Progress::begin(inner, &call);
    let span = progress.span();
    let finished = match run(inner, &call, &mut progress).instrument(span).await {
        Ok(finished) => finished,
        Err(report) => {
            let report = name(report);
            let timeline = progress.end(CallOutcome::Failed(&report));
            return Err(report.with_timeline(timeline));
        }
    };
    let answered = CallOutcome::Answered(finished.received.answer.status());
    let (timeline, verdict) = match finished.verdict {
        Verdict::Success => (progress.end(answered), Verdict::Success),
        Verdict::Gone(report) => (progress.end(answered), Verdict::Gone(name(report))),
        Verdict::Failure(report) => {
            let report = name(report);
            // An operation may consist of a redirect.
            let is_redirect = report.kind() == ErrorKind::Redirect;
            let outcome = if is_redirect { answered } else { CallOutcome::Failed(&report) };
            let timeline = progress.end(outcome);
            (timeline.clone(), Verdict::Failure(report.with_timeline(timeline)))
        }
    };
    Ok(Finished { timeline, verdict, ..finished })
}

async fn run(
    inner: &Inner,
    call: &Prepared,
    progress: &mut Progress<'_>,
) -> Result<Finished, ErrorReport> {
    let clock = &*inner.clock;
    // The deadline starts first: whatever follows is part of the time that the caller gave.
    let mut deadline = Deadline::after(clock, call.options.deadline.unwrap_or(inner.deadline));
    // The request was encoded before, once: every attempt must send the same bytes, or a key would name two requests.
    let uri = target(inner, call)?;
    // Before any waiting: a client without the right credentials should fail at once, and without a request.
    let credentials = credentials(inner, call.security)?;
    let named = call.options.named.as_ref();
    let mut once = named.map(|named| Once::of(inner, call, named)).transpose()?;
    // The key is minted outside of the loop: no attempt has another one, but after a refusal that is kept for it. That of an
    // operation with a name is in the journal, which gives it for each attempt.
    let mut key = if once.is_some() { None } else { own_key(inner, call)? };
    let class = class_of(&call.method, repeat(call.idempotency));
    let mut history = History::default();
    let mut standing = Standing::AsAnswered;
    let mut replays = Replays::default();
    loop {
        // Inside of the loop, because waiting for a retry may take longer than the token lives.
        let ready = ready(inner, call, &mut once, credentials, deadline, progress).await;
        let Ready { bearer, turn: Turn { slot, permit }, written } = match ready {
            Ok(ready) => ready,
            Err(error) => {
                return Err(unsent(error, class, &history, progress, key.as_ref(), &standing));
            }
        };
        if let Some(written) = &written {
            key.clone_from(&written.key);
        }
        let added = progress.headers();
        let request = build(inner, call, &uri, key.as_ref(), bearer.as_deref(), added)?;
        // Retries are a share of the calls that were sent, not of those that ended in the queue.
        if progress.requests() == 0 {
            inner.note_call();
        }
        let began = progress.now();
        // Counted before sending: an attempt that never returns was made all the same.
        let span = progress.requesting();
        let left = deadline.left(clock);
        let left = written.as_ref().map_or(left, |written| left.min(written.left(began)));
        let sending = permit.map(Permit::send);
        let (attempt, uploading) =
            Attempt::make(inner, call, request, class, left).instrument(span).await;
        deadline = deadline.later(uploading);
        // Others may send while this call waits for a retry or for another token.
        drop(slot);
        progress.requested(&attempt);
        let earlier = earlier(&history, written.as_ref());
        let (event, hint) = understand(inner, call, class, &attempt, earlier);
        let made = replays.note(key.as_ref(), &attempt);
        // What was kept says how full the windows were once, and a key in use nothing of them.
        let is_beside = made == Made::Before || history.is_key_in_use(event, class, hint);
        match sending {
            sending if !is_beside => tell_windows(inner, progress, sending, &attempt, event, hint),
            Some(sending) => sending.was_answered(),
            None => {}
        }
        standing = match once.as_mut().zip(written) {
            Some((once, written)) => {
                let outcome = Once::outcome(event, class, attempt.status(), made);
                once.settle(written, outcome, deadline).await
            }
            None => Standing::AsAnswered,
        };
        // Read after the attempt: it took its share of the deadline.
        let left = deadline.left(clock);
        let step = next_step(&inner.policy, &mut history, event, class, hint, left, &*inner.random);
        let ending = Ending::new(class, &history, progress, key.as_ref(), &standing);
        let is_doubtful = ending.is_doubtful(made);
        let kept = (made == Made::Before).then_some(event);
        let step = after_kept(inner, call, step, kept, &mut key, is_doubtful)?;
        let is_spent = call.encoded.body.is_spent();
        let (stop, reason) = match step {
            // What the journal says of an operation goes before what its answer says.
            _ if matches!(standing, Standing::SucceededElsewhere) => {
                let error = already_succeeded();
                progress.gave_up(GaveUp::Unsent(error.kind()));
                return Err(error.with_attempts(progress.requests()));
            }
            Step::Accept => match attempt {
                Attempt::Answered(received, provenance) => {
                    return Ok(accepted(received, provenance, progress.requests()));
                }
                // A success that is too large to be read.
                Attempt::Unanswered(_) => (Stop::Final, GaveUp::Final),
            },
            // Before any resend: no attempt can end otherwise.
            _ if attempt.is_hopeless() => (Stop::Final, GaveUp::Final),
            // Without a token, or without another one in its place, the 401 stands.
            Step::Renew => match renewal(inner, credentials, bearer, deadline, progress).await {
                // The next call has the newer token at least.
                Ok(Renewal::Possible) if is_spent => (Stop::Exhausted, GaveUp::BodySpent),
                Ok(Renewal::Possible) => continue,
                Ok(Renewal::Impossible) => (Stop::Final, GaveUp::Final),
                Err(error) => {
                    return Err(unsent(error, class, &history, progress, key.as_ref(), &standing));
                }
            },
            Step::Resend { .. } if is_spent => (Stop::Exhausted, GaveUp::BodySpent),
            // The budget is asked last: a retry that another reason forbids must not be paid for.
            Step::Resend { after, cost } if cost == Cost::Free || inner.may_retry() => {
                let since = progress.now();
                clock.sleep(after).await;
                progress.waited(since, Happened::Paused);
                continue;
            }
            Step::Resend { .. } => (Stop::Exhausted, GaveUp::Budget),
            Step::Stop(stop) => (stop, reason_of(stop)),
        };
        let is_open = reason == GaveUp::Final && standing.is_unknown();
        // Whether a redirect was wanted is known to who decodes it.
        if event != Event::Redirect || standing.is_unknown() {
            progress.gave_up(if is_open { GaveUp::OutcomeUnknown } else { reason });
        }
        let ending = Ending::new(class, &history, progress, key.as_ref(), &standing);
        return ending.stopped(stop, event, hint, left, attempt, made);
    }
}

/// Tells the windows of the account what became of a request, and who watches the call that it was refused by them.
fn tell_windows(
    inner: &Inner,
    progress: &Progress<'_>,
    sending: Option<Sending>,
    attempt: &Attempt,
    event: Event,
    hint: Option<Hint>,
) {
    if let Some(sending) = sending {
        settle(sending, attempt, event, hint);
    }
    if event == Event::Throttled {
        progress.rate_limited(refusing_window(inner.profile, attempt));
    }
}

/// The call ends before its next attempt.
fn unsent(
    error: ErrorReport,
    class: Class,
    history: &History,
    progress: &mut Progress<'_>,
    key: Option<&KeyHeader>,
    standing: &Standing,
) -> ErrorReport {
    progress.gave_up(GaveUp::Unsent(error.kind()));
    Ending::new(class, history, progress, key, standing).unsent(error)
}

/// Where the call goes, if its body can be sent at all.
fn target(inner: &Inner, call: &Prepared) -> Result<Uri, ErrorReport> {
    if call.encoded.body.is_spent() {
        return Err(ErrorReport::new(ErrorKind::Upload).with_source(UploadError::spent()));
    }
    inner.base.join(&call.encoded.path_and_query).map_err(configuration)
}

/// The key of a call that is no operation with a name.
fn own_key(inner: &Inner, call: &Prepared) -> Result<Option<KeyHeader>, ErrorReport> {
    let given = call.options.idempotency_key.clone();
    choose_key(call.idempotency, given, &*inner.random)
        .map_err(|error| ErrorReport::new(ErrorKind::Encode).with_source(error))
}

/// What comes after an answer that the server kept for the key. If it has turned the request away before it looked at it, only
/// another key changes that, which there is where nothing can have been executed, and the caller has not chosen the first.
fn after_kept(
    inner: &Inner,
    call: &Prepared,
    step: Step,
    kept: Option<Event>,
    key: &mut Option<KeyHeader>,
    is_doubtful: bool,
) -> Result<Step, ErrorReport> {
    let unseen = [Event::Unauthorized, Event::RequestTimeout, Event::Throttled];
    if !kept.is_some_and(|event| unseen.contains(&event)) {
        return Ok(step);
    }
    let stands = is_doubtful || call.options.idempotency_key.is_some();
    if !stands && call.options.named.is_none() {
        *key = own_key(inner, call)?;
    }
    Ok(match step {
        Step::Renew if stands => Step::Stop(Stop::Final),
        // The token was not looked at, so another one is not asked for.
        Step::Renew => Step::Resend { after: Duration::ZERO, cost: Cost::Free },
        Step::Resend { .. } if stands => Step::Stop(Stop::Exhausted),
        Step::Resend { .. } | Step::Accept | Step::Stop(_) => step,
    })
}

/// What is known of the requests before this one, those of other processes included.
fn earlier(history: &History, written: Option<&Written>) -> Earlier {
    if history.leaves_outcome_unknown() || written.is_some_and(Written::follows_unknown) {
        Earlier::Unknown
    } else {
        Earlier::WithoutEffect
    }
}

/// What the timeline says of a stop.
fn reason_of(stop: Stop) -> GaveUp {
    match stop {
        Stop::Final => GaveUp::Final,
        Stop::Unknown => GaveUp::OutcomeUnknown,
        Stop::Stored => GaveUp::Stored,
        Stop::Exhausted => GaveUp::Attempts,
        Stop::TooLate { wait } => GaveUp::TooLate { wait },
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

/// One request. Only credentials and what interceptors add can differ between attempts.
fn build(
    inner: &Inner,
    call: &Prepared,
    uri: &Uri,
    key: Option<&KeyHeader>,
    bearer: Option<&Bearer>,
    mut added: HeaderMap,
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
    for name in headers.keys() {
        added.remove(name);
    }
    headers.extend(added);
    Ok(request)
}

/// The row of the matrix for an attempt, and what the server said about waiting.
fn understand(
    inner: &Inner,
    call: &Prepared,
    class: Class,
    attempt: &Attempt,
    earlier: Earlier,
) -> (Event, Option<Hint>) {
    let (received, provenance) = match attempt {
        Attempt::Answered(received, provenance) => (received, provenance),
        Attempt::Unanswered(error) => {
            let event = match (error.sent, error.kind) {
                (_, SendErrorKind::Upload) => Event::Unfinished,
                (Sent::No, _) => Event::NotSent,
                (Sent::Maybe, SendErrorKind::Timeout) => Event::TimedOut,
                // It was carried out: what is too large is the account of it.
                (Sent::Maybe, SendErrorKind::TooLarge { status }) if status.is_success() => {
                    Event::Success
                }
                (Sent::Maybe, _) => Event::Lost,
            };
            return (event, None);
        }
    };
    let now = inner.clock.now();
    let answer = &received.answer;
    let headers = answer.headers();
    // Whoever believed the success of another would never carry it out. A read shows what it is worth.
    let has_effect = class != Class::Safe;
    let is_whole = received.body.is_none();
    let event = match StatusCode::from_u16(answer.status()) {
        Ok(_) if has_effect && is_whole && is_of_another(answer, call.accept) => Event::EdgeFault,
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
        return Finished::new(received, attempts, Verdict::Success);
    }
    let report = status_report(ErrorKind::Status, attempts, answer, provenance);
    let answer = Answer::new(204, answer.headers().clone(), Body::empty());
    let received = Received { answer, body: None };
    Finished::new(received, attempts, Verdict::Gone(report))
}

fn configuration(error: impl std::error::Error + Send + Sync + 'static) -> ErrorReport {
    ErrorReport::new(ErrorKind::Configuration).with_source(error)
}
