//! From the end of a call to the error that the caller gets.

use std::time::Duration;

use http::HeaderMap;
use specwright_backoff::{Author, Class, Event, Hint, History, Stop};
use specwright_core::error::{ErrorKind, ErrorReport, Fault, Retry};
use specwright_core::operation::Answer;
use specwright_core::transport::{Body, BoxError, SendError, SendErrorKind};
use specwright_idempotency::KeyHeader;
use specwright_refresh::CredentialsError;

use crate::answered::{Provenance, request_id_in};
use crate::attempt::Attempt;
use crate::doubt::UnknownOutcome;
use crate::finished::{Finished, Verdict};
use crate::once::Standing;
use crate::progress::Progress;
use crate::replays::Made;

/// What is known when a call ends.
#[derive(Debug)]
pub(crate) struct Ending<'a> {
    class: Class,
    history: &'a History,
    attempts: u32,
    key: Option<&'a KeyHeader>,
    /// How the operation stands, if it has a name.
    standing: &'a Standing,
}

impl<'a> Ending<'a> {
    pub(crate) fn new(
        class: Class,
        history: &'a History,
        progress: &Progress<'_>,
        key: Option<&'a KeyHeader>,
        standing: &'a Standing,
    ) -> Self {
        Self { class, history, attempts: progress.requests(), key, standing }
    }

    /// The call ended before its next attempt.
    pub(crate) fn unsent(&self, error: ErrorReport) -> ErrorReport {
        // The journal has said how it stands.
        let is_known =
            matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::AlreadySucceeded);
        if is_known || !self.is_uncertain() {
            return error.with_attempts(self.attempts);
        }
        let report = ErrorReport::new(ErrorKind::OutcomeUnknown).with_attempts(self.attempts);
        // An operation with a name may be called again.
        let report = match (self.standing, error.retry_after()) {
            (Standing::Open, Some(wait)) => {
                report.with_retry(Retry::Worthwhile).with_retry_after(wait)
            }
            (Standing::Open, None) => report.with_retry(Retry::Worthwhile),
            _ => report,
        };
        report.with_source(self.unknown(Some(error.into())))
    }

    /// The call ended with its last attempt.
    pub(crate) fn stopped(
        &self,
        stop: Stop,
        event: Event,
        hint: Option<Hint>,
        left: Duration,
        attempt: Attempt,
        made: Made,
    ) -> Result<Finished, ErrorReport> {
        let kind = self.kind(stop, event, left, &attempt, made);
        let wait = match stop {
            Stop::TooLate { wait } => Some(wait),
            Stop::Final | Stop::Unknown | Stop::Stored | Stop::Exhausted => {
                hint.map(Hint::duration)
            }
        };
        let repeatable = matches!(stop, Stop::Exhausted | Stop::TooLate { .. });
        let is_unknown = kind == ErrorKind::OutcomeUnknown;
        let is_open = matches!(self.standing, Standing::Open) && !attempt.is_hopeless();
        let retry =
            if is_open || (repeatable && !is_unknown) { Retry::Worthwhile } else { Retry::No };
        let finish = |report: ErrorReport| {
            let report = report.with_retry(retry);
            match wait {
                Some(wait) => report.with_retry_after(wait),
                None => report,
            }
        };
        match attempt {
            Attempt::Answered(received, provenance) => {
                let report =
                    finish(status_report(kind, self.attempts, &received.answer, provenance));
                let report = match kind {
                    ErrorKind::OutcomeUnknown => report.with_source(self.unknown(None)),
                    _ => report,
                };
                let verdict = Verdict::Failure(report);
                Ok(Finished::new(received, self.attempts, verdict))
            }
            Attempt::Unanswered(error) => {
                let report = finish(ErrorReport::new(kind)).with_attempts(self.attempts);
                let report = match error.kind {
                    // Of the answer nothing else was kept.
                    SendErrorKind::TooLarge { status } => {
                        report.with_answer(status.as_u16(), HeaderMap::new(), &Body::empty())
                    }
                    _ => report,
                };
                Err(match kind {
                    ErrorKind::OutcomeUnknown => {
                        report.with_source(self.unknown(Some(error.into())))
                    }
                    _ => report.with_source(error),
                })
            }
        }
    }

    fn kind(
        &self,
        stop: Stop,
        event: Event,
        left: Duration,
        attempt: &Attempt,
        made: Made,
    ) -> ErrorKind {
        if let Attempt::Unanswered(SendError { kind, .. }) = attempt {
            match kind {
                SendErrorKind::TooLarge { .. } => return ErrorKind::TooLarge,
                SendErrorKind::Request => return ErrorKind::Encode,
                _ => {}
            }
        }
        if self.standing.is_unknown() && self.has_effect() {
            return ErrorKind::OutcomeUnknown;
        }
        match stop {
            Stop::Unknown | Stop::Stored => ErrorKind::OutcomeUnknown,
            Stop::Final => match event {
                Event::Unauthorized
                | Event::Refused
                | Event::GoneAfterUnknown
                | Event::Unfinished
                    if self.is_doubtful(made) =>
                {
                    ErrorKind::OutcomeUnknown
                }
                Event::Unfinished => ErrorKind::Upload,
                Event::Unauthorized => ErrorKind::Credentials,
                Event::Redirect => ErrorKind::Redirect,
                _ => ErrorKind::Status,
            },
            Stop::Exhausted | Stop::TooLate { .. } if self.is_uncertain() => {
                ErrorKind::OutcomeUnknown
            }
            Stop::Exhausted | Stop::TooLate { .. } if left.is_zero() => ErrorKind::Deadline,
            Stop::Exhausted | Stop::TooLate { .. } => match event {
                Event::NotSent => ErrorKind::Connect,
                Event::TimedOut | Event::Lost => ErrorKind::Transport,
                Event::Throttled => ErrorKind::RateLimited,
                Event::Unauthorized => ErrorKind::Credentials,
                // The page of a gateway in place of a success.
                _ if attempt.status().is_some_and(|status| status < 300) => ErrorKind::Decode,
                _ => ErrorKind::Status,
            },
        }
    }

    /// Whether an attempt may have had its effect, and doing it again is not harmless.
    fn is_uncertain(&self) -> bool {
        let is_unknown = self.history.leaves_outcome_unknown() || self.standing.is_unknown();
        is_unknown && self.has_effect()
    }

    /// Whether a refusal leaves open what became of an earlier request.
    pub(crate) fn is_doubtful(&self, made: Made) -> bool {
        self.is_uncertain() && !self.is_of_the_only_other(made)
    }

    /// Whether the answer is the one that got lost before. Otherwise this attempt alone was turned away, and an earlier one may
    /// have had its effect: it holds the name that was to be given, or the key is in use by it
    /// (draft-ietf-httpapi-idempotency-key-header-07 §2.6). Of several, nobody knows whose answer was kept.
    fn is_of_the_only_other(&self, made: Made) -> bool {
        made == Made::Before && self.history.only_other_is_unknown()
    }

    /// Whether a second execution would be another effect.
    fn has_effect(&self) -> bool {
        match self.class {
            Class::Safe | Class::Put | Class::Delete => false,
            Class::Keyed | Class::Post | Class::Patch => true,
        }
    }

    fn unknown(&self, cause: Option<BoxError>) -> UnknownOutcome {
        match self.standing {
            Standing::InDoubt(in_doubt) => {
                UnknownOutcome::of_operation((**in_doubt).clone(), cause)
            }
            Standing::AsAnswered | Standing::Open | Standing::SucceededElsewhere => {
                UnknownOutcome::new(self.key.map(|header| header.key.to_string()), cause)
            }
        }
    }
}

/// The report of an answer that is an error.
pub(crate) fn status_report(
    kind: ErrorKind,
    attempts: u32,
    answer: &Answer,
    provenance: Provenance,
) -> ErrorReport {
    let fault = match provenance.author {
        Author::ApplicationAtFault => Fault::Server,
        Author::Application | Author::Edge => Fault::ByStatus,
    };
    let report = answer_report(kind, answer, attempts).with_fault(fault);
    let report = match provenance.code {
        Some(code) => report.with_code(&code),
        None => report,
    };
    match provenance.request_id {
        Some(id) => report.with_request_id(&id),
        None => report,
    }
}

/// The report of a call that ended with this answer, whatever is wrong with it.
pub(crate) fn answer_report(kind: ErrorKind, answer: &Answer, attempts: u32) -> ErrorReport {
    let headers = answer.headers();
    let report = ErrorReport::new(kind).with_attempts(attempts).with_answer(
        answer.status(),
        headers.clone(),
        answer.body(),
    );
    match request_id_in(headers) {
        Some(id) => report.with_request_id(id),
        None => report,
    }
}

/// The report of a call for which no token could be had.
pub(crate) fn no_credentials(error: CredentialsError) -> ErrorReport {
    let wait = error.wait();
    let report = ErrorReport::new(ErrorKind::Credentials).with_source(error);
    match wait {
        Some(wait) => report.with_retry(Retry::Worthwhile).with_retry_after(wait),
        None => report,
    }
}
