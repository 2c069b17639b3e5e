//! Calls that carry out an operation with a name: what the journal says before each request, and is told after it.

use std::sync::Arc;
use std::time::Duration;

use specwright_backoff::{AFTERMATH, Class, Event, spread};
use specwright_core::clock::{Clock, within};
use specwright_core::error::{ErrorKind, ErrorReport, Retry};
use specwright_core::operation::Idempotency;
use specwright_core::spawn::Spawn as _;
use specwright_core::timeline::Happened;
use specwright_idempotency::{
    Begun, InDoubt, Journal, JournalError, KeyHeader, OperationId, Outcome, Ready, Reissue,
    RequestParts, Sending, Settled, choose_key,
};
use specwright_store::StoreErrorKind;
use tokio::sync::oneshot;

use crate::clock::TokioSpawn;
use crate::doubt::{OperationInDoubt, UnknownOutcome};
use crate::inner::Inner;
use crate::operations::Operations;
use crate::options::Named;
use crate::prepared::Prepared;
use crate::progress::Progress;
use crate::replays::Made;
use crate::wait::{Deadline, LONGEST_ATTEMPT};

/// The longest that the journal may take before a request: as long as a permit is good.
const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// The longest that an answer waits until it is written down. The writing goes on without it.
const LONGEST_NOTE: Duration = Duration::from_secs(30);

/// What could not be written down is tried again after so long, and then after twice as long each time: a short trouble of the
/// store is not to make a doubt of what is known.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The last of these pauses is at most so long, so all of them take less than a minute.
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// Whoever waits for somebody else's request looks after so long whether it is over, and then each time twice as long.
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// One call of an operation that is to happen once.
pub(crate) struct Once<'c> {
    inner: &'c Inner,
    journal: &'c Journal,
    operation: OperationId,
    request: RequestParts<'c>,
    /// Another key may be sent. It is worth nothing any more once one has been.
    reissue: Option<Reissue>,
    /// Whose turn it is, from [`Self::begin`] to [`Self::write`].
    ready: Option<Ready>,
}

/// A request of the operation that is written down, and may be sent.
pub(crate) struct Written {
    sending: Sending,
    pub(crate) key: Option<KeyHeader>,
    /// When the request is over, on the monotonic clock.
    end: Duration,
}

/// How the operation stands after a request.
#[derive(Debug)]
pub(crate) enum Standing {
    /// As the answer says.
    AsAnswered,
    /// Nobody knows, and the operation may be called again under its name: the key will tell.
    Open,
    /// Nobody knows, and the key will not tell.
    InDoubt(Box<OperationInDoubt>),
    /// Somebody else has succeeded.
    SucceededElsewhere,
}

impl Standing {
    /// Whether nobody knows if the operation was carried out, whatever the answer says.
    pub(crate) fn is_unknown(&self) -> bool {
        match self {
            Self::AsAnswered | Self::SucceededElsewhere => false,
            Self::Open | Self::InDoubt(_) => true,
        }
    }
}

impl<'c> Once<'c> {
    /// The operation that the caller has named.
    pub(crate) fn of(
        inner: &'c Inner,
        call: &'c Prepared,
        named: &Named,
    ) -> Result<Self, ErrorReport> {
        let configuration = |why| ErrorReport::new(ErrorKind::Configuration).with_source(why);
        let Some(Operations { journal, account }) = &inner.operations else {
            return Err(configuration("an operation has a name, and the client no journal"));
        };
        if call.options.idempotency_key.is_some() {
            return Err(configuration("an operation with a name has the key of the journal"));
        }
        if call.idempotency == Idempotency::Safe {
            return Err(configuration("a call that only reads is no operation to be kept"));
        }
        // Other bytes could not be told from these.
        let Some(body) = call.encoded.body.whole() else {
            return Err(configuration("an upload cannot be an operation with a name"));
        };
        let (operation, reissue) = match named {
            Named::Operation(name) => {
                let operation = OperationId::new(account.name(), name)
                    .map_err(|error| ErrorReport::new(ErrorKind::Encode).with_source(error))?;
                (operation, None)
            }
            Named::Reissue(right) if right.operation().account() != account.name() => {
                return Err(configuration("the operation belongs to another account"));
            }
            Named::Reissue(right) => (right.operation().clone(), Some(right.clone())),
        };
        let request = RequestParts {
            idempotency: call.idempotency,
            method: &call.method,
            path_and_query: &call.encoded.path_and_query,
            content_type: call.encoded.content_type.as_ref(),
            body: body.bytes(),
        };
        Ok(Self { inner, journal, operation, request, reissue, ready: None })
    }

    /// Waits until it is the turn of this call. Nothing is written down yet.
    pub(crate) async fn begin(
        &mut self,
        deadline: Deadline,
        progress: &mut Progress<'_>,
    ) -> Result<(), ErrorReport> {
        let clock = &*self.inner.clock;
        let mut next_look = FIRST_LOOK;
        loop {
            let asked = async {
                match &self.reissue {
                    Some(right) => self.journal.reissue(right.clone(), &self.request).await,
                    None => self.journal.begin(&self.operation, &self.request).await,
                }
            };
            match in_time(clock, deadline, asked).await? {
                Begun::Mine(ready) => {
                    self.ready = Some(ready);
                    return Ok(());
                }
                Begun::Busy(wait) => {
                    let wait = wait.saturating_add(spread(&*self.inner.random));
                    if wait >= deadline.left(clock) {
                        return Err(in_progress().with_retry_after(wait));
                    }
                    let since = progress.now();
                    clock.sleep(wait.min(next_look)).await;
                    next_look = next_look.saturating_mul(2);
                    progress.waited(since, Happened::AwaitedOperation);
                }
                Begun::Succeeded(_) => return Err(already_succeeded()),
                Begun::InDoubt(in_doubt) => return Err(self.unknown(in_doubt)),
            }
        }
    }

    /// Writes down that a request is sent now, and gives its key. `None` if somebody else was first, and is to be waited for.
    pub(crate) async fn write(
        &mut self,
        deadline: Deadline,
    ) -> Result<Option<Written>, ErrorReport> {
        let clock = &*self.inner.clock;
        let Some(ready) = self.ready.take() else { return Ok(None) };
        let limit = LONGEST_ATTEMPT.min(deadline.left(clock));
        // Before it is written: the time of the request begins here.
        let end = clock.monotonic().saturating_add(limit);
        let writing = self.journal.sent(ready, limit.saturating_add(AFTERMATH));
        let sent = in_time(clock, deadline, writing).await?;
        let sending = match sent {
            Begun::Mine(sending) => sending,
            Begun::Busy(_) => return Ok(None),
            Begun::Succeeded(_) => return Err(already_succeeded()),
            // Also where a look allows it, and the request may go on for longer than its key is good.
            Begun::InDoubt(in_doubt) => return Err(self.unknown(in_doubt)),
        };
        let own = matches!(self.request.idempotency, Idempotency::Key { .. });
        let key = own.then(|| sending.key().clone());
        let key = choose_key(self.request.idempotency, key, &*self.inner.random)
            .map_err(|error| ErrorReport::new(ErrorKind::Encode).with_source(error))?;
        Ok(Some(Written { sending, key, end }))
    }

    fn unknown(&self, in_doubt: InDoubt) -> ErrorReport {
        let in_doubt = OperationInDoubt::new(self.journal.clone(), in_doubt);
        ErrorReport::new(ErrorKind::OutcomeUnknown)
            .with_source(UnknownOutcome::of_operation(in_doubt, None))
    }

    /// Writes down what became of a request. The writing outlives its caller, as a success must.
    pub(crate) async fn settle(
        &self,
        written: Written,
        outcome: Outcome,
        deadline: Deadline,
    ) -> Standing {
        match self.note(written, outcome, deadline).await {
            Some(Settled::Succeeded) if outcome == Outcome::Succeeded => Standing::AsAnswered,
            Some(Settled::Succeeded) => Standing::SucceededElsewhere,
            Some(Settled::Rejected | Settled::NotExecuted) => Standing::AsAnswered,
            // Whoever calls again is told: how somebody else fares who goes on, or what could not be written down in time.
            Some(Settled::Unanswered | Settled::Overtaken) | None => Standing::Open,
            Some(Settled::InDoubt(in_doubt)) => {
                let in_doubt = OperationInDoubt::new(self.journal.clone(), in_doubt);
                Standing::InDoubt(Box::new(in_doubt))
            }
        }
    }

    /// The request is not sent after all.
    pub(crate) async fn give_back(&self, written: Written, deadline: Deadline) {
        self.note(written, Outcome::NotExecuted, deadline).await;
    }

    /// `None` if nobody knows in time whether it is written.
    async fn note(
        &self,
        written: Written,
        outcome: Outcome,
        deadline: Deadline,
    ) -> Option<Settled> {
        let (journal, clock) = (self.journal.clone(), Arc::clone(&self.inner.clock));
        let (tell, told) = oneshot::channel();
        TokioSpawn.spawn(Box::pin(async move {
            let settled = journal.settle(&written.sending, outcome).await;
            let mut is_written = settled.is_ok();
            // Whoever waited may be gone. Nobody waits for more than one try.
            drop(tell.send(settled));
            let mut pause = FIRST_PAUSE;
            while !is_written && pause <= LAST_PAUSE {
                clock.sleep(pause).await;
                is_written = journal.settle(&written.sending, outcome).await.is_ok();
                pause = pause.saturating_mul(2);
            }
        }));
        let clock = &*self.inner.clock;
        within(clock, LONGEST_NOTE.min(deadline.left(clock)), told).await?.ok()?.ok()
    }

    /// What an attempt says of the operation.
    pub(crate) fn outcome(event: Event, class: Class, status: Option<u16>, made: Made) -> Outcome {
        match event {
            Event::Success => Outcome::Succeeded,
            Event::Unauthorized | Event::Throttled | Event::RequestTimeout
                if made == Made::Before =>
            {
                Outcome::Rejected
            }
            Event::NotSent | Event::Unauthorized | Event::Throttled => Outcome::NotExecuted,
            // Some redirect after they have done what was asked (RFC 9110 §15.4.4), some instead.
            Event::UpstreamFault | Event::AppFault | Event::Redirect => {
                Outcome::Failed { status: status.unwrap_or_default() }
            }
            Event::TimedOut
            | Event::Lost
            | Event::Unfinished
            | Event::RequestTimeout
            | Event::EdgeFault
            | Event::Unavailable
            | Event::Busy => Outcome::Unanswered,
            Event::GoneAfterUnknown if class == Class::Delete => Outcome::Succeeded,
            Event::GoneAfterUnknown | Event::Refused => Outcome::Rejected,
        }
    }
}

impl Written {
    /// Whether a request before this one may have been executed, also one of another process.
    pub(crate) fn follows_unknown(&self) -> bool {
        self.sending.follows_unknown()
    }

    /// What is left of its time.
    pub(crate) fn left(&self, now: Duration) -> Duration {
        self.end.saturating_sub(now)
    }
}

/// Somebody else carries the operation out, or what was sent may still arrive.
fn in_progress() -> ErrorReport {
    ErrorReport::new(ErrorKind::InProgress).with_retry(Retry::Worthwhile)
}

/// The operation was carried out before, or meanwhile.
pub(crate) fn already_succeeded() -> ErrorReport {
    ErrorReport::new(ErrorKind::AlreadySucceeded)
}

/// What the journal says, if it does so in time.
async fn in_time<T>(
    clock: &dyn Clock,
    deadline: Deadline,
    asked: impl Future<Output = Result<T, JournalError>>,
) -> Result<T, ErrorReport> {
    let left = deadline.left(clock);
    match within(clock, LONGEST_LOOK.min(left), asked).await {
        Some(said) => said.map_err(journal_error),
        None if left <= LONGEST_LOOK => Err(ErrorReport::new(ErrorKind::Deadline)),
        None => {
            let report = ErrorReport::new(ErrorKind::Journal).with_retry(Retry::Worthwhile);
            Err(report.with_source("the journal did not answer in time"))
        }
    }
}

fn journal_error(error: JournalError) -> ErrorReport {
    let (kind, retry) = match &error {
        JournalError::KeyReuse(_) => (ErrorKind::OtherRequest, Retry::No),
        JournalError::Store(store) if store.kind() == StoreErrorKind::Unavailable => {
            (ErrorKind::Journal, Retry::Worthwhile)
        }
        _ => (ErrorKind::Journal, Retry::No),
    };
    ErrorReport::new(kind).with_retry(retry).with_source(error)
}
