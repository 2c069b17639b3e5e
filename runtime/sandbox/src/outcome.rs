//! How a request ends, as it goes over the wire.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response};

use crate::answer::{Answer, Body};

/// How a request ends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It is answered.
    Answer(Response<Bytes>),
    /// The head of the answer arrives, and this much of the body; then the connection is closed. The
    /// header `Content-Length` has the size of the whole body.
    Cut(Response<Bytes>),
    /// The connection is closed without an answer.
    Closed,
}

impl Outcome {
    /// The answer, if it is whole.
    pub fn into_answer(self) -> Option<Response<Bytes>> {
        match self {
            Self::Answer(answer) => Some(answer),
            Self::Cut(_) | Self::Closed => None,
        }
    }

    /// Of an answer the first bytes of its body.
    pub(crate) fn cut(self, length: usize) -> Self {
        match self {
            Self::Answer(mut answer) => {
                let whole = answer.body().len();
                answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(whole));
                Self::Cut(answer.map(|body| body.slice(..length.min(whole))))
            }
            Self::Cut(_) | Self::Closed => self,
        }
    }
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        let (bytes, json) = match answer.body {
            Body::Empty => (Bytes::new(), false),
            Body::Json(value) => (Bytes::from(value.to_string()), true),
            Body::File(bytes) => (bytes, false),
            Body::Raw(bytes) => (bytes, true),
        };
        let mut response = Response::new(bytes);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        if json && !response.headers().contains_key(CONTENT_TYPE) {
            response.headers_mut().insert(CONTENT_TYPE, JSON);
        }
        Self::Answer(response)
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
