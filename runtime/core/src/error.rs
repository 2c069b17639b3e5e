//! The one error of a call.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use http::HeaderMap;

use crate::body::Body;
use crate::transport::BoxError;

/// Why a call of one operation failed. `E` is the error model that the document gives to the operation.
///
/// Ask [`ErrorReport::kind`] or one of the predicates (all of them through `Deref`), and [`Self::api`] for what the API
/// said. It is one word of memory. `Display` is one line; neither it nor `Debug` shows a body, a header or a secret.
///
/// `?` turns it into [`AnyError`], so that one function can call operations with different error models.
pub struct Error<E>(Box<Failed<E>>);

/// Why a call of some operation failed: an [`Error`] whose error model is no longer part of its type.
///
/// Generated crates export it as `Error`. The model is still inside: [`Self::api`].
///
/// ```
/// use specwright_core::error::{AnyError, Error};
/// # #[derive(Debug)] struct NotFound;
/// # #[derive(Debug)] struct Refusal;
/// # fn find_book() -> Result<u32, Error<NotFound>> { Ok(1) }
/// # fn lend_book(_: u32) -> Result<(), Error<Refusal>> { Ok(()) }
///
/// fn lend() -> Result<(), AnyError> {
///     let book = find_book()?; // Error<NotFound>
///     lend_book(book)?; // Error<Refusal>
///     Ok(())
/// }
/// # lend().unwrap();
/// ```
pub struct AnyError(Box<Failed<Erased>>);

type Erased = Box<dyn Any + Send + Sync>;

struct Failed<E> {
    report: ErrorReport,
    api: Option<E>,
}

impl<E> Error<E> {
    /// Adds the error body that the API sent, decoded.
    pub fn with_api(mut self, api: E) -> Self {
        self.0.api = Some(api);
        self
    }

    /// What the API said, if it answered with an error that the document describes.
    pub fn api(&self) -> Option<&E> {
        self.0.api.as_ref()
    }

    /// What the API said, to keep.
    pub fn into_api(self) -> Option<E> {
        self.0.api
    }
}

impl AnyError {
    /// What the API said, if it answered with the error model `E`.
    pub fn api<E: 'static>(&self) -> Option<&E> {
        self.0.api.as_ref()?.downcast_ref()
    }
}

impl<E> From<ErrorReport> for Error<E> {
    fn from(report: ErrorReport) -> Self {
        Self(Box::new(Failed { report, api: None }))
    }
}

impl From<ErrorReport> for AnyError {
    fn from(report: ErrorReport) -> Self {
        Self(Box::new(Failed { report, api: None }))
    }
}

impl<E: Send + Sync + 'static> From<Error<E>> for AnyError {
    fn from(error: Error<E>) -> Self {
        let Failed { report, api } = *error.0;
        Self(Box::new(Failed { report, api: api.map(|api| Box::new(api) as Erased) }))
    }
}

impl<E> Deref for Error<E> {
    type Target = ErrorReport;

    fn deref(&self) -> &ErrorReport {
        &self.0.report
    }
}

impl Deref for AnyError {
    type Target = ErrorReport;

    fn deref(&self) -> &ErrorReport {
        &self.0.report
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.report.fmt(to)
    }
}

impl fmt::Display for AnyError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.report.fmt(to)
    }
}

impl<E> fmt::Debug for Error<E> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.report, to)
    }
}

impl fmt::Debug for AnyError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.report, to)
    }
}

impl<E> StdError for Error<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.report.source()
    }
}

impl StdError for AnyError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.report.source()
    }
}

/// What an [`Error`] knows apart from the error model: the runtime writes it, users read it through `Deref`.
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
    /// **When**: the request surely was not executed, or executing it twice is harmless, and the cause may pass.
    /// **What to do**: call again later, not before [`Self::retry_after`]. The runtime has retried as far as its budget
    /// and deadline allow, so calling again at once rarely helps.
    pub fn is_retryable(&self) -> bool {
        self.0.retry == Retry::Worthwhile
    }

    /// Whether nobody knows if the request was executed.
    ///
    /// **When**: a request that must not be repeated blindly was sent and no answer came back.
    /// **What to do**: look whether the effect is there (list, or fetch by your own reference), then decide. Calling
    /// again may do it twice.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.kind == ErrorKind::OutcomeUnknown
    }

    /// Whether the API refused the call for being one too many.
    ///
    /// **When**: status 429, and the wait it asks for is longer than the call's deadline.
    /// **What to do**: wait [`Self::retry_after`]; spread the load; ask the vendor for a higher limit.
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(429)
    }

    /// Whether the API refused the inputs.
    ///
    /// **When**: status 400 or 422, and the document does not call the answer's code a fault of the server.
    /// **What to do**: see in [`Error::api`] which input is meant and correct it; sending the same again fails again.
    pub fn is_invalid(&self) -> bool {
        matches!(self.status(), Some(400 | 422)) && self.0.fault == Fault::ByStatus
    }

    /// Whether the API refused the credentials.
    ///
    /// **When**: status 401, also to a token that was fetched anew. Some APIs answer so where a permission is missing.
    /// **What to do**: as for [`Self::is_credentials`], which also holds where no token could be had in the first place.
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// Whether the credentials are good, but not for this.
    ///
    /// **When**: status 403.
    /// **What to do**: compare the scopes that the operation needs with those that were granted; what the call expands may
    /// need more of them.
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(403)
    }

    /// Whether there is no such thing.
    ///
    /// **When**: status 404. Some APIs answer so where a thing is there for others only.
    /// **What to do**: check the id; a thing that was there has been deleted.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether the API cannot answer in the media type that was asked for.
    ///
    /// **When**: status 406.
    /// **What to do**: ask for another one; some exist only in certain states of a thing, as the PDF of a contract that
    /// is signed.
    pub fn is_not_acceptable(&self) -> bool {
        self.status() == Some(406)
    }

    /// Whether the state of the thing forbids the call.
    ///
    /// **When**: status 409.
    /// **What to do**: fetch the thing, and decide anew.
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// Whether the server failed, not the caller.
    ///
    /// **When**: a status of the 500 family, or one of the 400 family whose code the document calls a fault of the server.
    /// **What to do**: if [`Self::is_retryable`], call again later; otherwise give the vendor [`Self::request_id`].
    pub fn is_server_error(&self) -> bool {
        self.0.fault == Fault::Server || matches!(self.status(), Some(500..=599))
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
    /// **When**: the request was executed, but the body is not what the document promises.
    /// **What to do**: the source names the place; [`Self::body`] still has the bytes. Update the document or patch it
    /// by an overlay, and generate again.
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
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
            .finish_non_exhaustive()
    }
}

impl StdError for ErrorReport {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// What kind of failure an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The inputs cannot be written as a request. Nothing was sent.
    Encode,
    /// The client is set up wrongly. Nothing was sent.
    Configuration,
    /// No valid credentials could be had, or the API refused them.
    Credentials,
    /// No connection to the server. Nothing was sent.
    Connect,
    /// The connection broke or the answer was not HTTP; the request is one that may be repeated.
    Transport,
    /// The deadline of the whole call passed.
    Deadline,
    /// The request may have been executed, no answer says so, and it must not be repeated blindly.
    OutcomeUnknown,
    /// The API answered 429.
    RateLimited,
    /// The API answered with an error status. [`Error::api`] has its words if the document describes them.
    Status,
    /// The API answered with a redirect. It is not followed: credentials would go along.
    Redirect,
    /// The answer does not fit the document.
    Decode,
    /// The answer is larger than the limit.
    TooLarge,
    /// Pages of a list lead in a circle or to another server.
    Pagination,
}

impl ErrorKind {
    fn text(self) -> &'static str {
        match self {
            Self::Encode => "the inputs cannot be written as a request",
            Self::Configuration => "the client is not set up for this call",
            Self::Credentials => "no valid credentials for this call",
            Self::Connect => "no connection to the server",
            Self::Transport => "the exchange with the server broke",
            Self::Deadline => "the deadline of the call passed",
            Self::OutcomeUnknown => "the request may have been executed; no answer says so",
            Self::RateLimited => "the rate limit is used up",
            Self::Status => "the API answered with an error",
            Self::Redirect => "the API answered with a redirect, which is not followed",
            Self::Decode => "the answer does not fit the API's document",
            Self::TooLarge => "the answer is larger than the limit",
            Self::Pagination => "the pages of the list lead nowhere",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use http::HeaderMap;

    use super::{AnyError, Error, ErrorKind, ErrorReport, Fault};
    use crate::body::Body;

    #[derive(Debug, PartialEq)]
    struct Conflict(&'static str);
    #[derive(Debug)]
    struct Missing;

    fn conflict() -> Error<Conflict> {
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", "canary-cookie".parse().unwrap());
        let report = ErrorReport::new(ErrorKind::Status)
            .with_operation("create_book")
            .with_attempts(2)
            .with_request_id("req-1")
            .with_answer(409, headers, &Body::from("canary-body"))
            .with_source("because of the shelf");
        Error::from(report).with_api(Conflict("canary-model"))
    }

    #[test]
    fn question_mark_joins_the_errors_of_different_operations() {
        fn call() -> Result<(), AnyError> {
            let fine: Result<(), Error<Missing>> = Ok(());
            fine?;
            Err(conflict())?;
            Ok(())
        }
        let error = call().unwrap_err();
        assert_eq!(error.status(), Some(409));
        assert_eq!(error.api::<Conflict>(), Some(&Conflict("canary-model")));
        assert!(error.api::<Missing>().is_none());
    }

    #[test]
    fn display_is_one_line_without_the_cause() {
        let error = conflict();
        assert_eq!(
            error.to_string(),
            "create_book: the API answered with an error (status 409) after 2 attempts, request req-1"
        );
        assert_eq!(error.source().unwrap().to_string(), "because of the shelf");
    }

    #[test]
    fn neither_display_nor_debug_shows_body_headers_or_model() {
        let error = conflict();
        let any = AnyError::from(conflict());
        for shown in [format!("{error} {error:?} {error:#?}"), format!("{any} {any:?} {any:#?}")] {
            assert!(!shown.contains("canary"), "{shown}");
        }
    }

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
    fn a_code_is_one_word_and_in_no_text() {
        let report = answered(422).with_code("canary\nERROR");
        assert_eq!(report.code(), Some("canaryERROR"));
        assert!(!format!("{report} {report:?} {report:#?}").contains("canary"));
        assert_eq!(answered(422).with_code("\n").code(), None);
    }

    #[test]
    fn an_error_is_one_word() {
        assert_eq!(size_of::<Error<[u64; 9]>>(), size_of::<usize>());
        assert_eq!(size_of::<AnyError>(), size_of::<usize>());
    }

    #[test]
    fn the_body_that_is_kept_is_bounded() {
        let body = Body::from(vec![b'x'; ErrorReport::MAX_BODY_BYTES + 1]);
        let report = ErrorReport::new(ErrorKind::Status).with_answer(500, HeaderMap::new(), &body);
        assert_eq!(report.body().unwrap().len(), ErrorReport::MAX_BODY_BYTES);
    }
}
