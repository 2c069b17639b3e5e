//! Deciding in the place of a person, without a browser.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};

use crate::oauth::consent;
use crate::outcome::Outcome;
use crate::percent::encode;
use crate::service::Service;

/// Why a person was not sent back to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotSentBack {
    /// What was given is no URL of the authorization endpoint.
    NotAuthorization,
    /// The server showed an error page with this status.
    Page(StatusCode),
    /// There was no whole answer: a fault took it.
    NoAnswer,
}

impl Service {
    /// Opens an authorization URL as a browser does, and approves in the name of an operator. Gives the
    /// URL that the browser is sent to: the callback, with `code` and `state`.
    ///
    /// It is the callback with an `error` if the client made a mistake that it may learn of (RFC 6749,
    /// section 4.1.2.1). Both requests are in the ledger, and may meet faults. The host of the URL is not
    /// looked at.
    ///
    /// # Errors
    /// See [`NotSentBack`].
    pub fn approve(&self, url: &str, operator: &str) -> Result<String, NotSentBack> {
        self.decide(url, &format!("operator={}&decision=approve", encode(operator)))
    }

    /// Opens an authorization URL as a browser does, and does not consent. Gives the URL that the browser
    /// is sent to: the callback, with `error=access_denied` and `state`.
    ///
    /// # Errors
    /// See [`NotSentBack`].
    pub fn deny(&self, url: &str) -> Result<String, NotSentBack> {
        self.decide(url, "decision=deny")
    }

    fn decide(&self, url: &str, decision: &str) -> Result<String, NotSentBack> {
        let uri: Uri = url.parse().map_err(|_| NotSentBack::NotAuthorization)?;
        if self.world.authorization_path() != Some(uri.path()) {
            return Err(NotSentBack::NotAuthorization);
        }
        let mut asking = Request::new(Bytes::new());
        asking.uri_mut().clone_from(&uri);
        let page = self.answered(asking)?;
        if let Some(callback) = sent_to(&page) {
            return Ok(callback);
        }
        let text = String::from_utf8_lossy(page.body());
        let id = consent::id_on(&text).ok_or(NotSentBack::Page(page.status()))?;

        let mut form = Request::new(Bytes::from(format!("consent={}&{decision}", encode(id))));
        *form.method_mut() = Method::POST;
        *form.uri_mut() = uri.path().parse().map_err(|_| NotSentBack::NotAuthorization)?;
        form.headers_mut().insert(CONTENT_TYPE, FORM);
        let answer = self.answered(form)?;
        sent_to(&answer).ok_or(NotSentBack::Page(answer.status()))
    }

    fn answered(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NotSentBack> {
        match self.handle(request) {
            Outcome::Answer(answer) => Ok(answer),
            Outcome::Cut(_) | Outcome::Closed => Err(NotSentBack::NoAnswer),
        }
    }
}

fn sent_to(answer: &Response<Bytes>) -> Option<String> {
    let location = answer.headers().get(LOCATION)?;
    location.to_str().ok().map(str::to_owned)
}

impl fmt::Display for NotSentBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAuthorization => f.write_str("this is no URL of the authorization endpoint"),
            Self::Page(status) => write!(f, "the server showed a page with the status {status}"),
            Self::NoAnswer => f.write_str("a fault took the answer"),
        }
    }
}

impl Error for NotSentBack {}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
