//! A typed answer together with how it came.

use bytes::Bytes;
use http::HeaderMap;
use specwright_core::json::{Decode, DecodeError};
use specwright_core::operation::Answer;

/// What a call gave, and the answer it was read from.
#[derive(Clone, Debug)]
pub struct Response<T> {
    inner: T,
    answer: Answer,
    attempts: u32,
}

impl<T> Response<T> {
    pub(crate) fn new(inner: T, answer: Answer, attempts: u32) -> Self {
        Self { inner, answer, attempts }
    }

    /// What the operation gave.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// What the operation gave, to keep.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.answer.status()
    }

    /// The headers. They may hold cookies; do not log them as a whole.
    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// The bytes of the body. They may hold personal data; do not log them.
    pub fn body(&self) -> &Bytes {
        self.answer.body().bytes()
    }

    /// The body, read as JSON of another type than the document names.
    pub fn json<J: Decode>(&self) -> Result<J, DecodeError> {
        self.answer.json()
    }

    /// Whether the server says that it gives this answer again, which it kept for the idempotency key
    /// (`Idempotent-Replayed: true`): an earlier request with the key was executed, and this one was not. A server need not
    /// say so.
    pub fn is_replayed(&self) -> bool {
        self.answer.is_replayed()
    }

    /// How many requests were sent for this answer.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}
