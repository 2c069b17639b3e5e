//! The one error of a call.

mod report;

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;

pub use report::{ErrorReport, Fault, Retry};

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
    /// The body of the request could not be read to its end: its reader failed, or gave more or fewer bytes than was said.
    /// The source says which. The server has a part of the request at most, and is not at fault.
    Upload,
    /// The deadline of the whole call passed.
    Deadline,
    /// The request may have been executed, no answer says so, and it must not be repeated blindly.
    OutcomeUnknown,
    /// The API answered 429, or the windows of the account leave no room in time.
    RateLimited,
    /// An operation with a name has succeeded before. Nothing was sent.
    AlreadySucceeded,
    /// An operation with a name is being carried out, or what was sent for it may still arrive. Nothing was sent.
    InProgress,
    /// An operation with this name was begun with another request. Nothing was sent.
    OtherRequest,
    /// The journal of operations cannot be read or written. Nothing was sent.
    Journal,
    /// The API answered with an error status. [`Error::api`] has its words if the document describes them.
    Status,
    /// The API answered with a redirect. It is not followed: credentials would go along.
    Redirect,
    /// The answer does not fit the document.
    Decode,
    /// The answer is larger than the limit. With a status of the 200 family the API has done what was asked, and nothing is
    /// left in doubt: sending it again would bring the same answer, or a second effect.
    TooLarge,
    /// Pages of a list contradict themselves, lead in a circle or nowhere, or there is no end of them. The source says what
    /// is wrong.
    Pagination,
}

impl ErrorKind {
    /// A short name in lower case, for logs and as the label of a metric (`error.type` of OpenTelemetry).
    pub fn name(self) -> &'static str {
        match self {
            Self::Encode => "encode",
            Self::Configuration => "configuration",
            Self::Credentials => "credentials",
            Self::Connect => "connect",
            Self::Transport => "transport",
            Self::Upload => "upload",
            Self::Deadline => "deadline",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::RateLimited => "rate_limited",
            Self::AlreadySucceeded => "already_succeeded",
            Self::InProgress => "in_progress",
            Self::OtherRequest => "other_request",
            Self::Journal => "journal",
            Self::Status => "status",
            Self::Redirect => "redirect",
            Self::Decode => "decode",
            Self::TooLarge => "too_large",
            Self::Pagination => "pagination",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Encode => "the inputs cannot be written as a request",
            Self::Configuration => "the client is not set up for this call",
            Self::Credentials => "no valid credentials for this call",
            Self::Connect => "no connection to the server",
            Self::Transport => "the exchange with the server broke",
            Self::Upload => "the body to be sent cannot be read to its end",
            Self::Deadline => "the deadline of the call passed",
            Self::OutcomeUnknown => "the request may have been executed; no answer says so",
            Self::RateLimited => "the rate limit is used up",
            Self::AlreadySucceeded => "the operation has succeeded before",
            Self::InProgress => "the operation is in progress",
            Self::OtherRequest => "the operation was begun with another request",
            Self::Journal => "the journal of operations is out of reach",
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

    use super::{AnyError, Error, ErrorKind, ErrorReport};
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
    fn an_error_is_one_word() {
        assert_eq!(size_of::<Error<[u64; 9]>>(), size_of::<usize>());
        assert_eq!(size_of::<AnyError>(), size_of::<usize>());
    }
}
