//! Requests that are not fulfilled. Why is said here; in which words a vendor says so, by the table
//! of errors in its profile.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderName, HeaderValue};
use serde::Deserialize;

use crate::validate::Violation;

/// Why a request is not fulfilled. Each has one row in a profile's table of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    /// It is damaged: a body that is not JSON, a key without a value.
    Unreadable,
    /// The body is larger than the server takes.
    TooLarge,
    /// The body is of a media type that the operation does not take.
    MediaType,
    /// There is no token, or none that is known and alive.
    Token,
    /// The token lacks a scope.
    Scope,
    /// No resource has this id.
    NoResource,
    /// No operation has this method and path.
    NoEndpoint,
    /// The answer is not to be had in any media type that was asked for.
    Format,
    /// The resource is in a state that does not permit this.
    Conflict,
    /// A parameter is not acceptable.
    Parameter,
    /// A field of the body is not acceptable.
    Content,
    /// A rate window is full.
    Limit,
    /// The server itself failed.
    Failure,
    /// The profile says nothing of this operation.
    NoBehavior,
}

impl Cause {
    pub(crate) const ALL: [Self; 14] = [
        Self::Unreadable,
        Self::TooLarge,
        Self::MediaType,
        Self::Token,
        Self::Scope,
        Self::NoResource,
        Self::NoEndpoint,
        Self::Format,
        Self::Conflict,
        Self::Parameter,
        Self::Content,
        Self::Limit,
        Self::Failure,
        Self::NoBehavior,
    ];
}

/// A request that is not fulfilled.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) cause: Cause,
    pub(crate) message: String,
    pub(crate) details: Vec<Violation>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into(), details: Vec::new(), headers: Vec::new() }
    }

    pub(crate) fn token(message: impl Into<String>) -> Self {
        let mut refusal = Self::new(Cause::Token, message);
        // RFC 6750, section 3.
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        refusal.headers.push((WWW_AUTHENTICATE, challenge));
        refusal
    }

    pub(crate) fn no_resource(id: &str) -> Self {
        Self::new(Cause::NoResource, format!("There is no resource {id}."))
    }

    pub(crate) fn parameters(details: Vec<Violation>) -> Self {
        Self { details, ..Self::new(Cause::Parameter, "A parameter is not acceptable.") }
    }

    pub(crate) fn content(details: Vec<Violation>) -> Self {
        let message = "The body has a field that is not acceptable.";
        Self { details, ..Self::new(Cause::Content, message) }
    }

    /// Everything that is wrong, in one line.
    pub(crate) fn words(&self) -> String {
        if self.details.is_empty() {
            return self.message.clone();
        }
        let details: Vec<String> = self.details.iter().map(ToString::to_string).collect();
        details.join("; ")
    }
}
