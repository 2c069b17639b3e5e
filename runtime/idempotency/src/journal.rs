//! The journal: operations that stay one across attempts, processes and restarts.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::random::Random;
use specwright_store::{
    Durability, KeptRow, Loaded, Rows, StoreError, StoreErrorKind, StoreTime, Swap, Table,
};

use crate::doubt::{InDoubt, ReconcileError, Reconciled, Reissue};
use crate::entry::{
    AttemptId, Begin, Earlier, Entry, GivenUp, Halt, Made, Outcome, State, Wish, begin, found,
    settle,
};
use crate::fingerprint::{FingerprintKey, RequestParts};
use crate::journal_error::JournalError;
use crate::key::IdempotencyKey;
use crate::operation_id::OperationId;
use crate::reuse::Reuse;

/// For how long an entry is kept at least after its last change, once everybody knows how the operation ended. One that is
/// begun again later is a new one.
const KEPT: Duration = Duration::from_secs(2 * DAY);

/// For how long it is kept at least while nobody knows: until somebody who was away has looked.
const KEPT_OPEN: Duration = Duration::from_secs(28 * DAY);

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// How often a swap is tried again because somebody else was first. With each try one of them has succeeded.
const TRIES: u32 = 100;

/// Keeps what is known of operations, so that none of them happens twice.
///
/// An operation goes from [`begin`](Self::begin) over [`sent`](Self::sent) to [`settle`](Self::settle). The key is not to be
/// had before `sent` has written it down, so whoever comes after a crash finds it, and sends the same one. Processes that
/// share the rows take turns.
///
/// Entries are kept for 48 hours after their last change, or for twice as long as the API keeps answers if that is more. While
/// nobody knows whether the operation was executed, it is 28 days at least.
///
/// ```
/// use std::error::Error;
/// use std::time::Duration;
///
/// use specwright_idempotency::{Begun, Journal, OperationId, Outcome, RequestParts};
///
/// async fn create(journal: &Journal, request: RequestParts<'_>) -> Result<(), Box<dyn Error>> {
///     let operation = OperationId::new("operator-7", "order-991/create")?;
///     let ready = match journal.begin(&operation, &request).await? {
///         Begun::Mine(ready) => ready,
///         Begun::Succeeded(_) => return Ok(()),
///         Begun::Busy(wait) => return Err(format!("ask again in {wait:?}").into()),
///         Begun::InDoubt(in_doubt) => return Err(format!("look for it: {in_doubt:?}").into()),
///     };
///     // Here the caller waits for its turn: for tokens, for the windows of the API.
///     if let Begun::Mine(sending) = journal.sent(ready, Duration::from_secs(60)).await? {
///         let outcome = send(sending.key().as_str()).await;
///         journal.settle(&sending, outcome).await?;
///     }
///     Ok(())
/// }
/// # async fn send(_: &str) -> Outcome {
/// #     Outcome::Succeeded
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Journal {
    rows: Arc<dyn Rows>,
    secret: FingerprintKey,
    random: Arc<dyn Random>,
}

impl Journal {
    /// A journal in rows that outlive the process. Requests are recognized with `secret`; keys are drawn from `random`.
    ///
    /// For how long the API keeps its answer to a key is said by its operations
    /// ([`Idempotency::Key`](specwright_core::operation::Idempotency::Key)): 24 hours at Stora. A key is sent for an hour less
    /// than that after its first sending.
    pub fn new(
        rows: Arc<dyn Rows>,
        secret: FingerprintKey,
        random: Arc<dyn Random>,
    ) -> Result<Self, VolatileRows> {
        if rows.durability(Table::Operations) == Durability::Volatile {
            return Err(VolatileRows);
        }
        Ok(Self::volatile(rows, secret, random))
    }

    /// As [`new`](Self::new), in any rows. If they end with the process, nobody after it knows what it has sent.
    pub fn volatile(rows: Arc<dyn Rows>, secret: FingerprintKey, random: Arc<dyn Random>) -> Self {
        Self { rows, secret, random }
    }

    /// Looks what there is to do for an operation. Nothing is written, unless the store's clock was set back since: then what
    /// may be on its way is waited for from now on.
    ///
    /// An operation that was begun before is resumed with the same request, which the caller makes anew: the journal does
    /// not hold it.
    pub async fn begin(
        &self,
        operation: &OperationId,
        request: &RequestParts<'_>,
    ) -> Result<Begun<Ready>, JournalError> {
        self.look(operation.clone(), request, None).await
    }

    /// As [`begin`](Self::begin), for an operation that was in doubt and is to be sent under another key.
    ///
    /// If the operation has gone on since, it is begun as it is.
    pub async fn reissue(
        &self,
        right: Reissue,
        request: &RequestParts<'_>,
    ) -> Result<Begun<Ready>, JournalError> {
        self.look(right.operation, request, Some(right.given_up)).await
    }

    /// Writes down that a request is sent now. Only then its key is to be had.
    ///
    /// `lasting` is for how long the request may go on, here and at the server, which finishes what it has begun although
    /// nobody waits for it: the limit of the attempt and some seconds. By then, after this was called and on the caller's
    /// monotonic clock, the answer must have been read or given up. For so long nobody else sends.
    ///
    /// If it fails, nothing is sent. That it is may stand in the rows all the same; then the operation waits until `lasting`
    /// is over.
    pub async fn sent(
        &self,
        ready: Ready,
        lasting: Duration,
    ) -> Result<Begun<Sending>, JournalError> {
        let Ready { operation, wish } = ready;
        let change = |there: Option<&Entry>, now| match begin(there, &wish, lasting, now) {
            Begin::Mine(next) => (Some(next.clone()), Ok(next)),
            Begin::Standing(entry) => (None, Ok(entry)),
            Begin::Not(halt) => (None, Err(halt)),
            Begin::Redated(next, halt) => (Some(next), Err(halt)),
        };
        match self.change(&operation, wish.reuse, change).await? {
            (Ok(entry), _) => {
                let Wish { attempt, reuse, .. } = wish;
                Ok(Begun::Mine(Sending { operation, made: Made { attempt, reuse, entry } }))
            }
            (Err(halt), now) => halted(operation, wish.reuse, halt, now),
        }
    }

    /// Writes down what became of an attempt. Whoever asks again may be told so again.
    ///
    /// If it fails, the attempt counts as one without an answer once its time is over. A success is then found out by
    /// sending the key again, which gives the answer that the server keeps.
    pub async fn settle(
        &self,
        sending: &Sending,
        outcome: Outcome,
    ) -> Result<Settled, JournalError> {
        let Sending { operation, made } = sending;
        let change = |there: Option<&Entry>, now| {
            let next = settle(there, made, outcome, now);
            let known = next.as_ref().or(there).unwrap_or(&made.entry).clone();
            (next, known)
        };
        let (known, now) = self.change(operation, made.reuse, change).await?;
        Ok(match &known.state {
            State::Succeeded => Settled::Succeeded,
            _ if known.key != made.entry.key => Settled::Overtaken,
            State::UnderWay { .. } => Settled::Overtaken,
            State::Rejected => Settled::Rejected,
            State::Prepared => Settled::NotExecuted,
            State::Unanswered { .. } => Settled::Unanswered,
            State::Unknown { until, .. } if now < *until => Settled::Unanswered,
            State::Unknown { answer, .. } => {
                let (operation, doubt) = (operation.clone(), (*answer).into());
                Settled::InDoubt(InDoubt { operation, reuse: made.reuse, entry: known, doubt })
            }
        })
    }

    /// Looks whether the effect of an operation is there: by the caller's own reference, which stands in what was created.
    ///
    /// `look` gives what it found, or `None` if it is sure that nothing is there. A list that lags behind, or that a filter
    /// hides something of, is no proof.
    pub async fn reconcile<T, E, F>(
        &self,
        in_doubt: InDoubt,
        look: impl FnOnce() -> F,
    ) -> Result<Reconciled<T>, ReconcileError<T, E>>
    where
        F: Future<Output = Result<Option<T>, E>>,
    {
        let InDoubt { operation, reuse, entry, .. } = in_doubt;
        let Some(effect) = look().await.map_err(ReconcileError::Look)? else {
            let given_up = GivenUp::of(&entry, Earlier::WithoutEffect);
            return Ok(Reconciled::Absent(Reissue { operation, given_up }));
        };
        let change = |there: Option<&Entry>, _| (found(there, &entry), ());
        match self.change(&operation, reuse, change).await {
            Ok(_) => Ok(Reconciled::Found(effect)),
            Err(error) => Err(ReconcileError::Journal { found: effect, error }),
        }
    }

    async fn look(
        &self,
        operation: OperationId,
        request: &RequestParts<'_>,
        given_up: Option<GivenUp>,
    ) -> Result<Begun<Ready>, JournalError> {
        let wish = Wish {
            fingerprint: self.secret.fingerprint(&operation, request),
            reuse: Reuse::of(request.idempotency),
            attempt: AttemptId::draw(&*self.random),
            fresh: IdempotencyKey::mint(&*self.random),
            given_up,
        };
        let change = |there: Option<&Entry>, now| match begin(there, &wish, Duration::ZERO, now) {
            Begin::Mine(_) | Begin::Standing(_) => (None, Ok(())),
            Begin::Not(halt) => (None, Err(halt)),
            Begin::Redated(next, halt) => (Some(next), Err(halt)),
        };
        match self.change(&operation, wish.reuse, change).await? {
            (Ok(()), _) => Ok(Begun::Mine(Ready { operation, wish })),
            (Err(halt), now) => halted(operation, wish.reuse, halt, now),
        }
    }

    /// Applies a transition, and writes the entry that it gives, if it gives one. Tells the store's time as well.
    async fn change<T>(
        &self,
        operation: &OperationId,
        reuse: Reuse,
        transition: impl Fn(Option<&Entry>, StoreTime) -> (Option<Entry>, T),
    ) -> Result<(T, StoreTime), JournalError> {
        let row = operation.row();
        let mut loaded = self.rows.load(Table::Operations, &row).await?;
        let mut was_silent = false;
        for _ in 0..TRIES {
            let there = entry_of(&loaded)?;
            let now = loaded.now;
            let (next, outcome) = transition(there.as_ref(), now);
            let Some(next) = next else { return Ok((outcome, now)) };
            let kept =
                KeptRow { text: next.to_text()?, until: now.after(kept(&next.state, reuse)) };
            let version = loaded.row.map(|row| row.version);
            loaded = match self.rows.swap(Table::Operations, &row, version, kept).await {
                Ok(Swap::Done(_)) => return Ok((outcome, now)),
                Ok(Swap::Conflict(there)) => there,
                Err(error) if was_silent => return Err(error.into()),
                // It may be written all the same. The transitions recognize what they have done before.
                Err(_) => {
                    was_silent = true;
                    self.rows.load(Table::Operations, &row).await?
                }
            };
        }
        Err(StoreError::new(StoreErrorKind::Unavailable, "others were always first").into())
    }
}

/// What there is to do for an operation.
#[derive(Debug)]
pub enum Begun<R> {
    /// It is the caller's turn.
    Mine(R),
    /// Somebody else sends right now, or what was sent may still arrive. Ask again after this time.
    Busy(Duration),
    /// Nothing: it has succeeded, under this key. The answer is not kept here; what was created can be looked for.
    Succeeded(IdempotencyKey),
    /// It is not sent, because it may have been executed.
    InDoubt(InDoubt),
}

/// Somebody who may send, as soon as that is written down. It can be dropped: nothing has happened yet.
#[derive(Debug)]
#[must_use = "nothing is sent before `Journal::sent`"]
pub struct Ready {
    operation: OperationId,
    wish: Wish,
}

/// The right to send one request, which is written down.
///
/// If it is dropped, or its process ends, the request counts as sent and unanswered.
#[derive(Debug)]
#[must_use = "what becomes of it is to be settled"]
pub struct Sending {
    operation: OperationId,
    made: Made,
}

impl Sending {
    /// The key that the request carries, if the API takes one.
    pub fn key(&self) -> &IdempotencyKey {
        &self.made.entry.key
    }

    /// Whether a request before this one may have been executed, also one of another process.
    pub fn follows_unknown(&self) -> bool {
        matches!(self.made.entry.state, State::UnderWay { earlier: Earlier::Unknown, .. })
    }

    /// Which of the requests of the operation it is, in all processes; the first is 1.
    pub fn attempt(&self) -> u32 {
        self.made.entry.attempts
    }
}

/// What is known of an operation after an attempt.
#[derive(Debug)]
pub enum Settled {
    /// It succeeded, in this attempt or in another one.
    Succeeded,
    /// It was refused and not executed. The next time it is begun, it has another key, and may be another request.
    Rejected,
    /// It was not executed. It may be begun again.
    NotExecuted,
    /// Nobody knows, and something may still be on its way. It may be begun again: that will say for how long, and after
    /// that whether the key still tells.
    Unanswered,
    /// Nobody knows, the key will not tell, and nothing is on its way any more.
    InDoubt(InDoubt),
    /// The time of the attempt was over, and somebody else goes on.
    Overtaken,
}

/// The rows end with the process, so a restart would forget what was sent. [`Journal::volatile`] takes them all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolatileRows;

impl fmt::Display for VolatileRows {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("the store forgets operations when the process ends")
    }
}

impl StdError for VolatileRows {}

fn entry_of(loaded: &Loaded) -> Result<Option<Entry>, StoreError> {
    loaded.row.as_ref().map(|row| Entry::parse(&row.text)).transpose()
}

/// For how long an entry is kept.
fn kept(state: &State, reuse: Reuse) -> Duration {
    let least = if state.is_open() { KEPT_OPEN } else { KEPT };
    least.max(reuse.retention().saturating_mul(2))
}

fn halted<R>(
    operation: OperationId,
    reuse: Reuse,
    halt: Halt,
    now: StoreTime,
) -> Result<Begun<R>, JournalError> {
    Ok(match halt {
        Halt::Busy(until) => Begun::Busy(now.until(until)),
        Halt::Succeeded(entry) => Begun::Succeeded(entry.key),
        Halt::InDoubt(entry, doubt) => Begun::InDoubt(InDoubt { operation, reuse, entry, doubt }),
        Halt::OtherRequest => return Err(JournalError::KeyReuse(operation)),
    })
}
