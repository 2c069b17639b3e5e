//! What the holder of a lease does: the only code that sends a refresh token.

use std::time::Duration;

use specwright_backoff::Backoff;
use specwright_core::types::SecretString;

use super::answer::Answer;
use super::bring::problem;
use super::client_gate::{Pass, Rejection};
use super::keep::Old;
use super::table::Edit;
use super::tokens::Tokens;
use super::{Committed, Renewer};
use crate::grant::{
    AttemptId, GrantKey, Lease, Pair, Phase, Prior, ReconnectReason, Record, Refusal, Settle,
    StoreTime, promote, renew, settle,
};
use crate::lifetime::{Moment, Now};
use crate::observer::Step;
use crate::problem::GrantProblem;

/// The bound of the waits after failures that pass: 1 s, 2 s, 4 s … 60 s.
const AFTER_FAILURE: Backoff =
    Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(60) };

/// The bound of the waits while the outcome of a request is unknown: 30 s, 1 min … 5 min.
const AFTER_UNKNOWN: Backoff =
    Backoff { base: Duration::from_secs(30), cap: Duration::from_secs(300) };

/// How long the key of an attempt stays whose answer may be lost although the server answers that it fails, or does nothing
/// now. It may be something before the server that says so; after this time it is taken for an answer that the server
/// keeps for the key.
const KEPT_FAILURE: Duration = Duration::from_secs(5 * 60);

/// A server that refuses without a reason refuses the grant, not the program, if it refuses so often, over so long a time,
/// while it accepts the program for other grants. Only what RFC 6749 §5.2 has for refusals counts, a 400 or a 401: what a
/// gateway shows while the server behind it is gone must not end a grant.
const UNEXPLAINED_TIMES: u32 = 3;
const UNEXPLAINED_FOR: Duration = Duration::from_secs(5 * 60);
const ACCEPTED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// How an exchange with the server ended.
#[derive(Debug)]
pub(super) enum Asked {
    /// With a pair that may be used.
    Committed(Committed),
    /// Somebody else got further, or there is another token to try: look again.
    Again,
}

/// What to do after one request.
enum Next {
    /// Send the same once more after a wait, knowing this of what was sent.
    Repeat(Duration, Prior),
    /// Give the lease back.
    Settle(Settle),
}

impl Renewer {
    /// Asks the server for the next pair, writes it down, and only then gives it out.
    pub(super) async fn ask(
        &self,
        key: &GrantKey,
        mut lease: Lease,
        pair: Option<&Pair>,
        begun: StoreTime,
        pass: Option<Pass<'_>>,
    ) -> Result<Asked, GrantProblem> {
        self.observer.step(key, lease.generation, Step::Intended);
        let longest = Moment::after(Now::read(&*self.clock), self.table.policy.longest_hold);
        let old = match pair {
            Some(pair) => Tokens::open(&pair.sealed, key, lease.generation, &*self.keys),
            None => Ok(Tokens { access: None, refresh: None }),
        };
        let old = match old {
            Ok(tokens) => tokens,
            Err(error) => {
                self.settled(key, &lease, Settle::NotExecuted(AFTER_FAILURE.cap)).await?;
                return Err(GrantProblem::Sealed(error));
            }
        };
        let mut repeated = 0;
        // Whether an answer to this attempt may be lost. One that says that the server failed is not.
        let mut lost = lease.prior;
        loop {
            let answer = self.with_heartbeat(key, &lease, old.refresh.as_ref(), longest).await;
            self.observer.step(key, lease.generation, Step::Answered);
            let next = match answer {
                Answer::Issued(issued) => {
                    self.gate.accepted(&*self.clock);
                    // However long the store takes, other grants need not wait for it.
                    drop(pass);
                    return self.keep(key, &lease, issued, Old { tokens: old, pair, begun }).await;
                }
                Answer::Denied(refusal) => {
                    self.gate.accepted(&*self.clock);
                    if self.is_advanced(key, &lease).await? {
                        return Ok(Asked::Again);
                    }
                    Next::Settle(Settle::Denied(refusal, ReconnectReason::Revoked))
                }
                Answer::ClientRejected(refusal) => {
                    return self.rejected(key, &lease, refusal).await;
                }
                Answer::Refused(refusal) => match self.unexplained(&lease, refusal) {
                    Ok(how) => Next::Settle(how),
                    Err(refusal) => return self.rejected(key, &lease, refusal).await,
                },
                Answer::Elsewhere(refusal) => {
                    if !self.is_accepted() {
                        return self.rejected(key, &lease, refusal).await;
                    }
                    Next::Settle(Settle::NotExecuted(self.wait_unexplained(&lease)))
                }
                Answer::Unreadable(body) => {
                    // One that cannot be kept now is no reason not to ask again: the server may give it once more.
                    let _ = self.salvage(key, &lease, &body).await;
                    lost = Prior::Unknown;
                    self.after_unknown(&lease, self.prompt(repeated, longest))
                }
                Answer::Ambiguous => {
                    lost = Prior::Unknown;
                    self.after_unknown(&lease, self.prompt(repeated, longest))
                }
                Answer::Failed(hint) => {
                    self.after_failure(&lease, lost, hint, self.prompt(repeated, longest))
                }
                Answer::NotSent => match self.prompt(repeated, longest) {
                    Some(wait) => Next::Repeat(wait, lease.prior),
                    None => Next::Settle(Settle::NotExecuted(self.next_wait(&lease, None))),
                },
                Answer::NotNow(hint) => Next::Settle(self.not_now(&lease, lost, hint)),
            };
            match next {
                Next::Repeat(wait, prior) => {
                    lease.prior = prior;
                    repeated += 1;
                    self.clock.sleep(wait).await;
                    // Anew from the record: nobody sends a token that somebody else may have renewed meanwhile.
                    if !self.extend(key, &lease).await? {
                        return Ok(Asked::Again);
                    }
                }
                Next::Settle(how) => {
                    return match self.settled(key, &lease, how).await? {
                        Some(problem) => Err(problem),
                        None => Ok(Asked::Again),
                    };
                }
            }
        }
    }

    /// The outcome is unknown. Sending the same at once is the only move that can win: the server never saw it, or gives
    /// the answer again, or the grant was lost before.
    fn after_unknown(&self, lease: &Lease, prompt: Option<Duration>) -> Next {
        match prompt {
            Some(wait) => Next::Repeat(wait, Prior::Unknown),
            None => {
                let wait = AFTER_UNKNOWN.delay(lease.gate.failures, &*self.random);
                Next::Settle(Settle::Unknown(wait))
            }
        }
    }

    /// The server failed. It may have rotated, so it is asked again at once, unless it says when to come back.
    fn after_failure(
        &self,
        lease: &Lease,
        lost: Prior,
        hint: Option<Duration>,
        prompt: Option<Duration>,
    ) -> Next {
        match prompt.filter(|_| hint.is_none()) {
            Some(wait) => Next::Repeat(wait, Prior::Unknown),
            None => {
                let attempt = self.attempt_after(lease, lost);
                Next::Settle(Settle::Failed(self.next_wait(lease, hint), attempt))
            }
        }
    }

    /// The server did nothing now. If an answer may be lost, this may be what it keeps for the key.
    fn not_now(&self, lease: &Lease, lost: Prior, hint: Option<Duration>) -> Settle {
        let wait = self.next_wait(lease, hint);
        match lost {
            Prior::Clear => Settle::NotExecuted(wait),
            Prior::Unknown => Settle::Failed(wait, self.attempt_after(lease, lost)),
        }
    }

    /// The key of the next request after an answer without a pair.
    ///
    /// A server that keeps answers by key would give this one again. It would also give a lost success again, so the key
    /// stays for a while if there may be one.
    fn attempt_after(&self, lease: &Lease, lost: Prior) -> AttemptId {
        let failing =
            lease.gate.failures > 0 && lease.gate.since.until(lease.begun) >= KEPT_FAILURE;
        match lost {
            Prior::Unknown if !failing => lease.attempt.clone(),
            Prior::Unknown | Prior::Clear => AttemptId::draw(&*self.random),
        }
    }

    /// The wait before the next request under the same lease, if there is to be one. After the longest hold there is
    /// none: nobody shall keep all others waiting with requests that take long.
    fn prompt(&self, repeated: usize, longest: Moment) -> Option<Duration> {
        let wait = self.table.policy.prompt.get(repeated).copied();
        wait.filter(|_| !longest.has_come(Now::read(&*self.clock)))
    }

    fn next_wait(&self, lease: &Lease, hint: Option<Duration>) -> Duration {
        let wait = AFTER_FAILURE.delay(lease.gate.failures, &*self.random);
        wait.max(hint.unwrap_or_default())
    }

    /// A refusal without a reason: of the grant, if the program is accepted otherwise; of the program, if not.
    fn unexplained(&self, lease: &Lease, refusal: Refusal) -> Result<Settle, Refusal> {
        if !self.is_accepted() {
            return Err(refusal);
        }
        let lasts = lease.gate.unexplained.is_some_and(|before| {
            before.times.saturating_add(1) >= UNEXPLAINED_TIMES
                && before.since.until(lease.begun) >= UNEXPLAINED_FOR
        });
        Ok(if lasts {
            Settle::Denied(refusal, ReconnectReason::Unknown)
        } else {
            Settle::Unexplained(self.wait_unexplained(lease))
        })
    }

    /// Whether the server accepts the program, so that what it refuses is something else.
    fn is_accepted(&self) -> bool {
        self.gate.accepted_within(ACCEPTED_WITHIN, &*self.clock)
    }

    fn wait_unexplained(&self, lease: &Lease) -> Duration {
        self.next_wait(lease, None).max(UNEXPLAINED_FOR / UNEXPLAINED_TIMES)
    }

    async fn rejected(
        &self,
        key: &GrantKey,
        lease: &Lease,
        refusal: Refusal,
    ) -> Result<Asked, GrantProblem> {
        let (shut, news) = self.gate.rejected(refusal, &*self.clock);
        if news == Rejection::First {
            self.observer.client_rejected(&shut.refusal);
        }
        self.settled(key, lease, Settle::ClientRejected).await?;
        Err(shut.into())
    }

    /// Gives the lease back and says why there is no token; `None` if the lease was somebody else's by then.
    async fn settled(
        &self,
        key: &GrantKey,
        lease: &Lease,
        how: Settle,
    ) -> Result<Option<GrantProblem>, GrantProblem> {
        let policy = &self.table.policy;
        self.patient(|| {
            self.table.change(key, |record, now| {
                match record.and_then(|record| settle(record, lease, how.clone(), now, policy)) {
                    None => Edit::Leave(None),
                    Some(next) => {
                        let problem = unsettled(&next, now);
                        Edit::write(next, Some(problem))
                    }
                }
            })
        })
        .await
    }

    /// Sends the request, and extends the lease while the answer takes its time, up to the longest hold. The answer goes
    /// before the heartbeat: a process that was frozen finds it in its socket.
    async fn with_heartbeat(
        &self,
        key: &GrantKey,
        lease: &Lease,
        refresh_token: Option<&SecretString>,
        longest: Moment,
    ) -> Answer {
        let policy = &self.table.policy;
        let mut answer = std::pin::pin!(self.authority.renew(lease, refresh_token));
        while !longest.has_come(Now::read(&*self.clock)) {
            let heartbeat = async {
                self.clock.sleep(policy.heartbeat).await;
                // A lease that is lost, or a store that does not answer, changes nothing: the request is on its way.
                let _ = self.extend(key, lease).await;
            };
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = heartbeat => {}
            }
        }
        answer.await
    }

    /// Extends the lease. `false` if it is somebody else's by now.
    pub(super) async fn extend(&self, key: &GrantKey, lease: &Lease) -> Result<bool, GrantProblem> {
        let policy = &self.table.policy;
        let extended = self.table.change(key, |record, now| {
            match record.and_then(|record| renew(record, lease, now, policy)) {
                Some(next) => Edit::write(next, true),
                None => Edit::Leave(false),
            }
        });
        Ok(extended.await?)
    }

    /// Whether somebody has renewed although the server refused us, or a spare pair has taken the place of ours.
    async fn is_advanced(&self, key: &GrantKey, lease: &Lease) -> Result<bool, GrantProblem> {
        let reading = self.patient(|| self.table.read(key)).await?;
        let Some(record) = reading.record else { return Ok(true) };
        if record.generation != lease.generation {
            return Ok(true);
        }
        let Some(spare) = record.spare.filter(|spare| reading.now < spare.until) else {
            return Ok(false);
        };
        let Ok(tokens) = Tokens::open(&spare.pair.sealed, key, spare.generation, &*self.keys)
        else {
            return Ok(false);
        };
        let generation = lease.generation.next();
        let sealed = tokens
            .seal(key, generation, &*self.keys, &*self.random)
            .map_err(GrantProblem::Sealed)?;
        let pair = Pair { sealed, ..spare.pair };
        let promoted = self.table.change(key, |record, _| {
            match record.and_then(|record| promote(record, lease.generation, pair.clone())) {
                Some(next) => Edit::write(next, ()),
                None => Edit::Leave(()),
            }
        });
        promoted.await?;
        Ok(true)
    }
}

/// Why there is no token after a lease was given back.
fn unsettled(record: &Record, now: StoreTime) -> GrantProblem {
    match &record.phase {
        Phase::Active | Phase::Refreshing { .. } => {
            GrantProblem::Unrenewed { wait: now.until(record.gate.not_before) }
        }
        Phase::Suspect { until, .. } => GrantProblem::Unrenewed { wait: now.until(*until) },
        Phase::Unconnected
        | Phase::ReconnectRequired { .. }
        | Phase::Disconnecting { .. }
        | Phase::Disconnected { .. } => problem(record),
    }
}
