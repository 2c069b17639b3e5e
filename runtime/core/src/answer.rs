//! An answer of an API, before its meaning.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::body::Body;
use crate::json::{self, Decode, DecodeError};
use crate::operation::Reply;
use crate::redirect::Redirect;
use crate::transport::TransportResponse;

/// The last answer of a call: status, headers and the whole body.
///
/// Its `Debug` shows no header value and no body.
#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Body,
}

impl Answer {
    /// An answer from its parts.
    pub fn new(status: u16, headers: HeaderMap, body: impl Into<Body>) -> Self {
        Self { status, headers, body: body.into() }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the server says that it gives this answer again, which it kept for the idempotency key: by the header
    /// `Idempotent-Replayed` or `Idempotency-Replayed`, which many send who send neither by a standard.
    pub fn is_replayed(&self) -> bool {
        ["idempotent-replayed", "idempotency-replayed"]
            .iter()
            .filter_map(|name| self.headers.get(*name))
            .any(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The media type of the body in lower case and without parameters, as in `application/json`.
    pub fn content_type(&self) -> Option<String> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let essence = value.split(';').next()?.trim().to_ascii_lowercase();
        (!essence.is_empty()).then_some(essence)
    }

    /// The body as JSON.
    ///
    /// The `Content-Type` decides nothing: servers that send JSON as `text/plain` are common, and what is not JSON
    /// fails anyway.
    pub fn json<T: Decode>(&self) -> Result<T, DecodeError> {
        json::from_slice(&self.body)
    }

    /// Reads the body as JSON and takes the result out of its envelope.
    pub fn member<B: Decode, T, E>(
        &self,
        take: impl FnOnce(B) -> T,
    ) -> Result<Reply<T, E>, DecodeError> {
        self.json().map(|body| Reply::Success(take(body)))
    }

    /// The body as text, which must be UTF-8.
    pub fn text(&self) -> Result<String, DecodeError> {
        match str::from_utf8(&self.body) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(DecodeError::encoding(&self.body, error.valid_up_to())),
        }
    }

    /// The body as it came. It never fails; the `Result` gives all readers of a body one shape.
    pub fn bytes(&self) -> Result<Bytes, DecodeError> {
        Ok(self.body.bytes().clone())
    }

    /// A success that sends its caller elsewhere. Nothing follows it. See [`Redirect`].
    pub fn redirect<E>(&self) -> Result<Reply<Redirect, E>, DecodeError> {
        Redirect::try_from(self).map(Reply::Success)
    }

    /// A success whose body, if any, has no meaning.
    pub fn empty<E>(&self) -> Result<Reply<(), E>, DecodeError> {
        Ok(Reply::Success(()))
    }

    /// A status of which the document says nothing.
    pub fn undocumented<T, E>(&self) -> Result<Reply<T, E>, DecodeError> {
        Ok(Reply::Undocumented)
    }
}

impl From<TransportResponse> for Answer {
    fn from(response: TransportResponse) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Answer")
            .field("status", &self.status)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::Answer;

    fn answer(content_type: &str, body: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        headers.insert("set-cookie", "canary-cookie".parse().unwrap());
        Answer::new(200, headers, body)
    }

    #[test]
    fn content_type_is_without_parameters_and_in_lower_case() {
        let answer = answer("Application/JSON; charset=utf-8", "{}");
        assert_eq!(answer.content_type().as_deref(), Some("application/json"));
    }

    #[test]
    fn json_is_read_whatever_the_content_type_says() {
        assert_eq!(answer("text/plain", "[1]").json::<Vec<i64>>().unwrap(), [1]);
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused() {
        let answer = Answer::new(200, HeaderMap::new(), vec![b'a', 0xff]);
        assert_eq!(
            answer.text().unwrap_err().to_string(),
            "expected UTF-8 text at line 1, column 2, found other bytes"
        );
    }

    #[test]
    fn debug_shows_neither_body_nor_header_values() {
        let shown = format!("{:?}", answer("text/plain", "canary-body"));
        assert!(!shown.contains("canary"), "{shown}");
    }
}
