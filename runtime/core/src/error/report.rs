//! What is known of a failed call, whatever operation it was.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::HeaderMap;

use super::ErrorKind;
use crate::body::Body;
use crate::timeline::Timeline;
use crate::transport::BoxError;

/// What an [`Error`](super::Error) knows apart from the error model: the runtime writes it, users read it through `Deref`.
pub struct ErrorReport(Box<Facts>);

struct Facts {
    kind: ErrorKind,
    operation: Option<&'static str>,
    attempts: u32,
    retry: Retry,
    retry_after: Option<Duration>,
    request_id: Option<String>,
    code: Option<String>,
    fault: Fault,
    answer: Option<ErrorAnswer>,
    source: Option<BoxError>,
    timeline: Timeline,
}

struct ErrorAnswer {
    status: u16,
    headers: HeaderMap,
    body: Body,
}

/// Whether making the same call again is safe and can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is harmless and may succeed.
    Worthwhile,
    /// It may do the same thing twice, or will fail in the same way.
    No,
}

/// Who failed, in an answer that is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Whom the status names: 4XX the caller, 5XX the server (RFC 9110 §15).
    ByStatus,
    /// The server, whatever the status says: the document lists the answer's code under
    /// [`server_faults`](crate::security::ErrorEnvelope::server_faults).
    Server,
}

/// Writing a report: for the runtime.
impl ErrorReport {
    /// The most bytes of an error's body that are kept: 64 KiB. Error bodies are for reading, not for data.
    pub const MAX_BODY_BYTES: usize = 64 * 1024;

    /// A failure of `kind`, before any request was sent.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Facts {
            kind,
            operation: None,
            attempts: 0,
            retry: Retry::No,
            retry_after: None,
            request_id: None,
            code: None,
            fault: Fault::ByStatus,
            answer: None,
            source: None,
            timeline: Timeline::default(),
        }))
    }

    /// Sets the operation's id.
    pub fn with_operation(mut self, id: &'static str) -> Self {
        self.0.operation = Some(id);
        self
    }

    /// Sets how many requests were sent.
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Sets what [`Self::is_retryable`] says.
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Sets how long the server asks to wait.
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Sets the server's name for the request.
    ///
    /// The text comes from outside and goes into logs: what is not a visible ASCII character is dropped, and so is all
    /// beyond 128 characters.
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.0.request_id = word(id);
        self
    }

    /// Sets what the API calls this kind of error. It is cleaned as [`Self::with_request_id`] does.
    pub fn with_code(mut self, code: &str) -> Self {
        self.0.code = word(code);
        self
    }

    /// Sets who failed.
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.0.fault = fault;
        self
    }

    /// Keeps the answer, with at most [`Self::MAX_BODY_BYTES`] of its body.
    pub fn with_answer(mut self, status: u16, headers: HeaderMap, body: &Body) -> Self {
        let kept = body.bytes().slice(..body.len().min(Self::MAX_BODY_BYTES));
        self.0.answer = Some(ErrorAnswer { status, headers, body: kept.into() });
        self
    }

    /// Keeps what the call went through.
    pub fn with_timeline(mut self, timeline: Timeline) -> Self {
        self.0.timeline = timeline;
        self
    }

    /// Keeps the cause. Its text must hold no secret and no body.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }
}

/// Reading a report: for everybody.
impl ErrorReport {
    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Id of the operation in the document; `None` for a request that the document does not describe.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// How many requests were sent for this call.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// What the call went through: every wait and every request, and why it went no further. It may be logged.
    pub fn timeline(&self) -> &Timeline {
        &self.0.timeline
    }

    /// Status of the last answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.answer.as_ref().map(|answer| answer.status)
    }

    /// Headers of the last answer, if there was one. They may hold cookies; do not log them as a whole.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(|answer| &answer.headers)
    }

    /// Body of the last answer, at most [`Self::MAX_BODY_BYTES`]. It may hold personal data; do not log it.
    pub fn body(&self) -> Option<&Body> {
        self.0.answer.as_ref().map(|answer| &answer.body)
    }

    /// The server's name for the request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// What the API calls this kind of error, as in `resource_not_found`: the text at the place that its document names.
    ///
    /// It comes from the server, so a new one may turn up any day. No text of an error shows it.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// How long the server asks to wait, counted from its answer.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may be made again.
    ///
    /// **When**: the request surely was not executed, or executing it twice is harmless, and the cause may pass. Also where
    /// an operation with a name is to be called again under it, so that its key tells how it ended.
    /// **What to do**: call again later, not before [`Self::retry_after`]. The runtime has retried as far as its budget
    /// and deadline allow, so calling again at once rarely helps.
    pub fn is_retryable(&self) -> bool {
        self.0.retry == Retry::Worthwhile
    }

    /// Whether nobody knows if the request was executed.
    ///
    /// **When**: a request that must not be repeated blindly was sent, and no answer says what became of it: none came
    /// back, or the last one is an error of the server, or a refusal of a later attempt alone, which the first may have
    /// caused. No predicate that asks for a status holds then, as [`Self::is_invalid`]; [`Self::status`] still has it.
    /// **What to do**: look whether the effect is there (list, or fetch by your own reference), then decide. Calling
    /// again may do it twice.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.kind == ErrorKind::OutcomeUnknown
    }

    /// Whether an operation with a name has succeeded before.
    ///
    /// **When**: the journal says so; nothing was sent. The answer of then is not kept.
    /// **What to do**: go on; what was created can be found by your own reference.
    pub fn is_already_succeeded(&self) -> bool {
        self.0.kind == ErrorKind::AlreadySucceeded
    }

    /// Whether an operation with a name is being carried out right now.
    ///
    /// **When**: another task or process has sent its request, or one that nobody waits for may still arrive; nothing was
    /// sent.
    /// **What to do**: call again after [`Self::retry_after`], under the same name.
    pub fn is_in_progress(&self) -> bool {
        self.0.kind == ErrorKind::InProgress
    }

    /// Whether the call was one too many.
    ///
    /// **When**: status 429, and the wait it asks for is longer than the call's deadline, or it asks for none and the
    /// attempts are used up. Also where the API's windows have no room before the deadline: then nothing was sent, and there
    /// is no [`Self::status`].
    /// **What to do**: wait [`Self::retry_after`]; spread the load; ask the vendor for a higher limit.
    pub fn is_rate_limited(&self) -> bool {
        self.stands(429) || self.0.kind == ErrorKind::RateLimited
    }

    /// Whether the API refused the inputs.
    ///
    /// **When**: status 400 or 422, and the document does not call the answer's code a fault of the server.
    /// **What to do**: see in [`Error::api`](super::Error::api) which input is meant and correct it; sending the same again
    /// fails again.
    pub fn is_invalid(&self) -> bool {
        (self.stands(400) || self.stands(422)) && self.0.fault == Fault::ByStatus
    }

    /// Whether the API refused the credentials.
    ///
    /// **When**: status 401, also to a token that was fetched anew. Some APIs answer so where a permission is missing.
    /// **What to do**: as for [`Self::is_credentials`], which also holds where no token could be had in the first place.
    pub fn is_unauthorized(&self) -> bool {
        self.stands(401)
    }

    /// Whether the credentials are good, but not for this.
    ///
    /// **When**: status 403.
    /// **What to do**: compare the scopes that the operation needs with those that were granted; what the call expands may
    /// need more of them.
    pub fn is_forbidden(&self) -> bool {
        self.stands(403)
    }

    /// Whether there is no such thing.
    ///
    /// **When**: status 404. Some APIs answer so where a thing is there for others only.
    /// **What to do**: check the id; a thing that was there has been deleted.
    pub fn is_not_found(&self) -> bool {
        self.stands(404)
    }

    /// Whether the API cannot answer in the media type that was asked for.
    ///
    /// **When**: status 406.
    /// **What to do**: ask for another one; some exist only in certain states of a thing, as the PDF of a contract that
    /// is signed.
    pub fn is_not_acceptable(&self) -> bool {
        self.stands(406)
    }

    /// Whether the state of the thing forbids the call.
    ///
    /// **When**: status 409.
    /// **What to do**: fetch the thing, and decide anew.
    pub fn is_conflict(&self) -> bool {
        self.stands(409)
    }

    /// Whether the server failed, not the caller.
    ///
    /// **When**: a status of the 500 family, or one of the 400 family whose code the document calls a fault of the server.
    /// Never together with [`Self::is_outcome_unknown`]: a server that failed may have executed the request before.
    /// **What to do**: if [`Self::is_retryable`], call again later; otherwise give the vendor [`Self::request_id`].
    pub fn is_server_error(&self) -> bool {
        let servers = self.0.fault == Fault::Server || matches!(self.status(), Some(500..=599));
        servers && !self.is_outcome_unknown()
    }

    /// Whether time ran out.
    ///
    /// **When**: the deadline of the whole call passed, waits and retries included.
    /// **What to do**: give the call more time, or see what makes it slow in [`Self::attempts`] and in the source.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Deadline
    }

    /// Whether no connection to the server came about.
    ///
    /// **When**: name resolution, TCP or TLS failed; the request was not sent.
    /// **What to do**: check the network, the proxy and the certificates; the source names the step.
    pub fn is_connect(&self) -> bool {
        self.0.kind == ErrorKind::Connect
    }

    /// Whether credentials are the problem.
    ///
    /// **When**: no valid access token could be had, or the API still answered 401 to a fresh one.
    /// **What to do**: check client id, secret and scopes; for a user's grant, ask the user to connect again.
    pub fn is_credentials(&self) -> bool {
        self.0.kind == ErrorKind::Credentials
    }

    /// Whether an answer came that does not fit the document.
    ///
    /// **When**: the body of a success is not what the document promises. What was to be written mostly was: a page that
    /// something before the API gives in place of its JSON leaves the outcome of such a call unknown, or is asked past by its
    /// key.
    /// **What to do**: the source names the place; [`Self::body`] still has the bytes. Update the document or patch it
    /// by an overlay, and generate again.
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }
}

impl ErrorReport {
    /// Whether this status is what the call came to. Where the outcome is unknown, it is that of one attempt only.
    fn stands(&self, status: u16) -> bool {
        self.status() == Some(status) && !self.is_outcome_unknown()
    }
}

/// A text of the server that may go into logs: visible ASCII, at most 128 characters.
fn word(text: &str) -> Option<String> {
    let word: String = text.chars().filter(char::is_ascii_graphic).take(128).collect();
    (!word.is_empty()).then_some(word)
}

impl fmt::Display for ErrorReport {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(to, "{operation}: ")?;
        }
        to.write_str(self.0.kind.text())?;
        if let Some(status) = self.status() {
            write!(to, " (status {status})")?;
        }
        if self.0.attempts > 1 {
            write!(to, " after {} attempts", self.0.attempts)?;
        }
        if let Some(id) = &self.0.request_id {
            write!(to, ", request {id}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ErrorReport {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("status", &self.status())
            .field("attempts", &self.0.attempts)
            .field("retryable", &self.is_retryable())
            .field("retry_after", &self.0.retry_after)
            .field("request_id", &self.0.request_id)
            .field("source", &self.0.source)
            .field("timeline", &self.0.timeline)
            .finish_non_exhaustive()
    }
}

impl StdError for ErrorReport {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{ErrorKind, ErrorReport, Fault};
    use crate::body::Body;

    #[test]
    fn a_request_id_cannot_forge_a_log_line() {
        let report = ErrorReport::new(ErrorKind::Status).with_request_id("a\nERROR\u{1b}[0m b");
        assert_eq!(report.request_id(), Some("aERROR[0mb"));
    }

    fn answered(status: u16) -> ErrorReport {
        ErrorReport::new(ErrorKind::Status).with_answer(status, HeaderMap::new(), &Body::empty())
    }

    /// The names of the predicates on the status that hold.
    fn holding(report: &ErrorReport) -> Vec<&'static str> {
        [
            ("rate_limited", report.is_rate_limited()),
            ("invalid", report.is_invalid()),
            ("unauthorized", report.is_unauthorized()),
            ("forbidden", report.is_forbidden()),
            ("not_found", report.is_not_found()),
            ("not_acceptable", report.is_not_acceptable()),
            ("conflict", report.is_conflict()),
            ("server_error", report.is_server_error()),
        ]
        .into_iter()
        .filter_map(|(name, holds)| holds.then_some(name))
        .collect()
    }

    #[test]
    fn each_status_has_its_predicate_and_no_other() {
        for (status, predicate) in [
            (400, "invalid"),
            (401, "unauthorized"),
            (403, "forbidden"),
            (404, "not_found"),
            (406, "not_acceptable"),
            (409, "conflict"),
            (422, "invalid"),
            (429, "rate_limited"),
            (500, "server_error"),
            (599, "server_error"),
        ] {
            assert_eq!(holding(&answered(status)), [predicate], "{status}");
        }
        for status in [200, 302, 402, 410, 418] {
            assert!(holding(&answered(status)).is_empty(), "{status}");
        }
        assert!(holding(&ErrorReport::new(ErrorKind::Deadline)).is_empty());
    }

    #[test]
    fn a_fault_of_the_server_is_not_the_callers_whatever_its_status() {
        assert_eq!(holding(&answered(400).with_fault(Fault::Server)), ["server_error"]);
    }

    #[test]
    fn an_unknown_outcome_is_nothing_that_calling_again_would_mend() {
        let refused = [400, 401, 403, 404, 406, 409, 422, 429, 500];
        let refused = refused.map(|status| (status, Fault::ByStatus));
        for (status, fault) in refused.into_iter().chain([(400, Fault::Server)]) {
            let report = ErrorReport::new(ErrorKind::OutcomeUnknown)
                .with_answer(status, HeaderMap::new(), &Body::empty())
                .with_fault(fault);
            assert!(holding(&report).is_empty(), "{status}");
            assert_eq!((report.is_outcome_unknown(), report.status()), (true, Some(status)));
        }
    }

    #[test]
    fn a_code_is_one_word_and_in_no_text() {
        let report = answered(422).with_code("canary\nERROR");
        assert_eq!(report.code(), Some("canaryERROR"));
        assert!(!format!("{report} {report:?} {report:#?}").contains("canary"));
        assert_eq!(answered(422).with_code("\n").code(), None);
    }

    #[test]
    fn the_body_that_is_kept_is_bounded() {
        let body = Body::from(vec![b'x'; ErrorReport::MAX_BODY_BYTES + 1]);
        let report = ErrorReport::new(ErrorKind::Status).with_answer(500, HeaderMap::new(), &body);
        assert_eq!(report.body().unwrap().len(), ErrorReport::MAX_BODY_BYTES);
    }
}
