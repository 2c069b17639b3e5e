//! Requests that the document does not describe.

use std::time::Duration;

use http::Method;
use specwright_core::error::{AnyError, ErrorKind, ErrorReport};
use specwright_core::json::Encode;
use specwright_core::operation::{EncodeError, Idempotency, QueryStyle, RequestEncoder, ToParam};
use specwright_idempotency::IdempotencyKey;

use crate::client::Client;
use crate::execute::{Prepared, Verdict};
use crate::options::CallOptions;
use crate::response::Response;
use crate::security::Requirement;

/// A request by hand, from [`Client::request`]. Nothing is sent before [`Self::send`].
///
/// It is retried by what its method promises (RFC 9110 §9.2): GET, HEAD and OPTIONS are safe, PUT and DELETE
/// idempotent, everything else is sent once, unless [`Self::idempotency`] says otherwise.
#[derive(Debug)]
#[must_use = "nothing is sent before `send`"]
pub struct RawRequest {
    client: Client,
    method: Method,
    idempotency: Idempotency,
    encoder: RequestEncoder,
    /// The first input that could not be written; reported by `send`.
    problem: Option<EncodeError>,
    options: CallOptions,
}

impl RawRequest {
    pub(crate) fn new(client: Client, method: Method, path: String) -> Self {
        let idempotency = match method {
            Method::GET | Method::HEAD | Method::OPTIONS => Idempotency::Safe,
            Method::PUT | Method::DELETE => Idempotency::Idempotent,
            _ => Idempotency::Unsafe,
        };
        Self {
            client,
            method,
            idempotency,
            encoder: RequestEncoder::new(path),
            problem: None,
            options: CallOptions::default(),
        }
    }

    /// Adds a query parameter.
    pub fn query(self, name: &str, value: &dyn ToParam) -> Self {
        self.write(|to| to.query(name, QueryStyle::FormExploded, value))
    }

    /// Sets the body as JSON.
    pub fn json(self, body: &dyn Encode) -> Self {
        self.write(|to| to.json(body))
    }

    /// Says what a second execution of the request does.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// Adds a header. What the client sets itself wins: credentials, idempotency key, `User-Agent`.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options = self.options.with_header(name, value);
        self
    }

    /// Time for the whole call, waits and retries included.
    pub fn with_deadline(mut self, time: Duration) -> Self {
        self.options = self.options.with_deadline(time);
        self
    }

    /// Sends this key instead of a new one; see [`Self::idempotency`].
    pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.options = self.options.with_idempotency_key(key);
        self
    }

    /// Sends the request. An error status is an error; its body is in [`ErrorReport::body`].
    pub async fn send(self) -> Result<Response<()>, AnyError> {
        let Self { client, method, idempotency, mut encoder, problem, options } = self;
        let encoded = match problem {
            Some(problem) => Err(problem),
            None => options.write(&mut encoder).and_then(|()| encoder.finish()),
        }
        .map_err(|error| ErrorReport::new(ErrorKind::Encode).with_source(error))?;
        let prepared = Prepared {
            operation: None,
            method,
            accept: "application/json",
            security: Requirement::Undocumented,
            idempotency,
            encoded,
            options,
        };
        let finished = Box::pin(client.execute(prepared)).await?;
        match finished.verdict {
            Verdict::Success | Verdict::Gone(_) => {
                Ok(Response::new((), finished.answer, finished.attempts))
            }
            Verdict::Failure(report) => Err(report.into()),
        }
    }

    fn write(mut self, write: impl FnOnce(&mut RequestEncoder) -> Result<(), EncodeError>) -> Self {
        if self.problem.is_none() {
            self.problem = write(&mut self.encoder).err();
        }
        self
    }
}
