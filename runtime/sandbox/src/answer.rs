//! What goes back to the client.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// For the ledger: why a request was refused.
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    /// A file of a media type that the document names.
    File(Bytes),
    /// Bytes that a test scripted.
    Raw(Bytes),
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self { body: Body::Json(body), ..Self::empty(status) }
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::Empty, reason: None }
    }

    pub(crate) fn file(status: StatusCode, media_type: HeaderValue, bytes: Bytes) -> Self {
        let mut answer = Self { body: Body::File(bytes), ..Self::empty(status) };
        answer.headers.insert(CONTENT_TYPE, media_type);
        answer
    }

    /// The flat form of RFC 6749, section 5.2, which only the token endpoints use.
    pub(crate) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Self {
        // A description has neither quotes nor backslashes, and nothing beyond ASCII.
        let description: String = description
            .chars()
            .map(|c| match c {
                '"' => '\'',
                '\\' => '/',
                ' '..='~' => c,
                _ => '?',
            })
            .collect();
        let body = json!({ "error": error, "error_description": description });
        let mut answer = Self::json(status, body).uncached();
        answer.reason = Some(format!("{error}: {description}"));
        answer
    }

    /// An answer with a token in it must not be stored on the way (RFC 6749, section 5.1).
    pub(crate) fn uncached(mut self) -> Self {
        self.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self
    }
}
