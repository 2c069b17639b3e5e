//! The way of one wish for a newer pair.

use std::time::Duration;

use super::ask::Asked;
use super::client_gate::{Pass, Shut};
use super::table::{Edit, TableError};
use super::{Committed, Renewer};
use crate::bearer::Generation;
use crate::grant::{
    AttemptId, Begin, GrantKey, Intent, Pair, Phase, Record, StoreTime, Want, begin,
};
use crate::lifetime::{Moment, Now};
use crate::observer::{Step, WishEnd, WishOutcome};
use crate::problem::GrantProblem;
use crate::store::StoreErrorKind;

/// The shortest and the longest wait before looking again whether somebody else has brought a pair.
const LOOK_AGAIN: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(250)];

/// How often a store that does not answer is asked, and how long apart.
const STORE_TRIES: u32 = 3;
const STORE_WAIT: Duration = Duration::from_millis(100);

/// Whether whoever wishes has a token to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It has none: wait until somebody has brought one.
    Urgent,
    /// It has one: do not wait for others.
    Ahead,
}

/// Where a token comes from.
#[derive(Debug)]
enum Brought {
    /// From the server.
    Asked(Committed),
    /// From the record.
    Found(Committed),
}

/// What a look at the record found.
#[derive(Debug)]
enum Found {
    /// A pair that is newer, or that nobody may renew now.
    Pair { generation: Generation, pair: Pair, now: StoreTime },
    /// The right to ask, with the pair to be renewed.
    Lease { intent: Intent, pair: Option<Pair>, now: StoreTime, is_taken_over: bool },
    /// Somebody else asks. It may take so long.
    Busy(Duration),
    /// Nothing, and why.
    Nothing(GrantProblem),
}

impl Renewer {
    /// Brings a pair that is newer than that of generation `seen`, or the present one if the API refuses even a fresh
    /// one.
    pub(crate) async fn bring(
        &self,
        key: &GrantKey,
        seen: Generation,
        want: Want,
        need: Need,
    ) -> Result<Committed, GrantProblem> {
        let began = self.clock.monotonic();
        let brought = self.find_or_ask(key, seen, want, need).await;
        let took = self.clock.monotonic().saturating_sub(began);
        let outcome = match &brought {
            Ok(Brought::Asked(_)) => WishOutcome::Renewed,
            Ok(Brought::Found(_)) => WishOutcome::Found,
            Err(problem) => WishOutcome::Failed(problem),
        };
        self.observer.wished(key, &WishEnd::new(took, outcome));
        brought.map(|(Brought::Asked(token) | Brought::Found(token))| token)
    }

    async fn find_or_ask(
        &self,
        key: &GrantKey,
        mut seen: Generation,
        mut want: Want,
        need: Need,
    ) -> Result<Brought, GrantProblem> {
        loop {
            self.settle_unwritten(key).await?;
            let pass = self.turn(key, seen, want).await?;
            // Waiting for somebody else, or for a turn, may have taken long.
            if self.under_way.is_shut() {
                return Err(GrantProblem::ShutDown);
            }
            let lapse = Moment::after(Now::read(&*self.clock), self.table.policy.lease);
            match self.look(key, seen, want).await? {
                Found::Pair { generation, pair, now } => {
                    let token = self.committed(key, generation, &pair, now)?;
                    match token.filter(|token| token.is_usable(Now::read(&*self.clock))) {
                        Some(token) => return Ok(Brought::Found(token)),
                        // It is newer than what we had, and has ended all the same.
                        None if generation > seen => (seen, want) = (generation, Want::Ahead),
                        None => return Err(GrantProblem::Unrenewed { wait: LOOK_AGAIN[1] }),
                    }
                }
                Found::Lease { intent, pair, now, is_taken_over } => {
                    let lease = intent.written();
                    if is_taken_over {
                        self.observer.taken_over(key);
                    }
                    // Whoever was frozen for longer than its lease may find it taken over, and the token spent.
                    if lapse.has_come(Now::read(&*self.clock)) && !self.extend(key, &lease).await? {
                        continue;
                    }
                    match self.ask(key, lease, pair.as_ref(), now, pass).await? {
                        Asked::Committed(token) => return Ok(Brought::Asked(token)),
                        Asked::Again => {}
                    }
                }
                Found::Busy(wait) if need == Need::Ahead => {
                    return Err(GrantProblem::Unrenewed { wait });
                }
                Found::Busy(wait) => {
                    // Another grant of this process may take the turn.
                    drop(pass);
                    self.clock.sleep(self.look_again(wait)).await;
                }
                Found::Nothing(problem) => return Err(problem),
            }
        }
    }

    /// The pair that stands in the record, if it is newer than that of a generation. Nothing is asked for.
    pub(crate) async fn newer(&self, key: &GrantKey, than: Generation) -> Option<Committed> {
        let reading = self.table.read(key).await.ok()?;
        let record = reading.record.filter(|record| record.generation > than)?;
        let token = self.committed(key, record.generation, record.pair.as_ref()?, reading.now);
        token.ok()?.filter(|token| token.is_usable(Now::read(&*self.clock)))
    }

    /// Waits for a turn at the token endpoint, if it looks as if we are to ask. The queue stands before the lease:
    /// nobody shall hold a lease and wait.
    async fn turn(
        &self,
        key: &GrantKey,
        seen: Generation,
        want: Want,
    ) -> Result<Option<Pass<'_>>, GrantProblem> {
        let reading = self.patient(|| self.table.read(key)).await?;
        let Some(record) = self.record(reading.record) else {
            return Err(GrantProblem::NotConnected);
        };
        let attempt = AttemptId::draw(&*self.random);
        let policy = &self.table.policy;
        match begin(&record, seen, want, &self.holder, &attempt, reading.now, policy) {
            Begin::Mine(..) => {
                self.observer.step(key, seen, Step::Decided);
                let pass = self.gate.pass(&*self.clock).await;
                pass.map(Some).map_err(GrantProblem::from)
            }
            Begin::Standing(_)
            | Begin::Newer
            | Begin::Busy(_)
            | Begin::Wait(_)
            | Begin::Conclude(_)
            | Begin::Closed
            | Begin::Fresh => Ok(None),
        }
    }

    /// Looks at the record and takes the lease if it is free.
    async fn look(
        &self,
        key: &GrantKey,
        seen: Generation,
        want: Want,
    ) -> Result<Found, GrantProblem> {
        let attempt = AttemptId::draw(&*self.random);
        self.patient(|| {
            self.table.change(key, |record, now| match self.record(record.cloned()) {
                None => Edit::Leave(Found::Nothing(GrantProblem::NotConnected)),
                Some(record) => self.found(&record, seen, want, &attempt, now),
            })
        })
        .await
    }

    /// The record of a grant. One that needs no user has one from the beginning.
    pub(super) fn record(&self, record: Option<Record>) -> Option<Record> {
        record.or_else(|| self.authority.needs_no_user().then(Record::unasked))
    }

    fn found(
        &self,
        record: &Record,
        seen: Generation,
        want: Want,
        attempt: &AttemptId,
        now: StoreTime,
    ) -> Edit<Found> {
        let pair = record.pair.clone();
        let policy = &self.table.policy;
        match begin(record, seen, want, &self.holder, attempt, now, policy) {
            Begin::Newer | Begin::Fresh => Edit::Leave(match pair {
                Some(pair) => Found::Pair { generation: record.generation, pair, now },
                None => Found::Nothing(problem(record)),
            }),
            Begin::Mine(next, intent) => {
                let is_taken_over = matches!(&record.phase, Phase::Refreshing { lease, .. }
                    if !lease.holder.is_nobody());
                Edit::Write(next, Found::Lease { intent, pair, now, is_taken_over })
            }
            Begin::Standing(intent) => {
                Edit::Leave(Found::Lease { intent, pair, now, is_taken_over: false })
            }
            Begin::Busy(until) => Edit::Leave(Found::Busy(now.until(until))),
            Begin::Wait(until) => {
                Edit::Leave(Found::Nothing(GrantProblem::Unrenewed { wait: now.until(until) }))
            }
            Begin::Conclude(next) => {
                let problem = problem(&next);
                Edit::Write(next, Found::Nothing(problem))
            }
            Begin::Closed => Edit::Leave(Found::Nothing(problem(record))),
        }
    }

    /// Between the shortest and the longest wait, at random, and not beyond what it is waited for.
    fn look_again(&self, wait: Duration) -> Duration {
        let [least, most] = LOOK_AGAIN;
        let spread = u64::try_from(most.saturating_sub(least).as_millis()).unwrap_or(0);
        (least + Duration::from_millis(self.random.up_to(spread))).min(wait.max(least))
    }

    /// Asks a store that does not answer a few times. What it holds is not changed by asking.
    pub(super) async fn patient<T, F: Future<Output = Result<T, TableError>>>(
        &self,
        ask: impl Fn() -> F,
    ) -> Result<T, GrantProblem> {
        let mut tries = 1;
        loop {
            match ask().await {
                Ok(value) => return Ok(value),
                Err(error) if tries < STORE_TRIES && error.may_pass() => {
                    self.clock.sleep(STORE_WAIT * tries).await;
                    tries += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Why a record has no token to give.
pub(crate) fn problem(record: &Record) -> GrantProblem {
    match &record.phase {
        Phase::ReconnectRequired { reason, since, refusal } => GrantProblem::ReconnectRequired {
            reason: *reason,
            since: (*since).into(),
            refusal: refusal.clone(),
        },
        Phase::Unconnected => GrantProblem::NotConnected,
        Phase::Disconnecting { .. } | Phase::Disconnected { .. } => GrantProblem::Disconnected,
        // A pair without a refresh token that has not ended: there is nothing to do yet.
        Phase::Active | Phase::Refreshing { .. } | Phase::Suspect { .. } => {
            GrantProblem::Unrenewed { wait: LOOK_AGAIN[1] }
        }
    }
}

impl From<Shut> for GrantProblem {
    fn from(shut: Shut) -> Self {
        Self::ClientRejected { refusal: shut.refusal, wait: shut.wait }
    }
}

impl From<TableError> for GrantProblem {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Store(error) => Self::Store(error.kind()),
            TableError::Record(_) => Self::Record,
            TableError::Crowded => Self::Store(StoreErrorKind::Unavailable),
        }
    }
}
