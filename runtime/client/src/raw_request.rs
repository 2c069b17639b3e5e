//! Requests that the document does not describe.

use std::time::Duration;

use http::Method;
use specwright_core::error::{AnyError, ErrorKind, ErrorReport};
use specwright_core::json::Encode;
use specwright_core::operation::{
    EncodeError, Idempotency, QueryStyle, Redirect, RequestBody, RequestEncoder, ToParam,
};
use specwright_idempotency::{IdempotencyKey, Reissue};
use specwright_limiter::Lane;

use crate::attempt::Received;
use crate::client::Client;
use crate::download::{Download, DownloadCall};
use crate::failure::answer_report;
use crate::finished::{Finished, Verdict};
use crate::options::CallOptions;
use crate::prepared::{Delivery, Prepared};
use crate::response::Response;
use crate::security::Requirement;

/// A request by hand, from [`Client::request`]. Nothing is sent before [`Self::send`], [`Self::download`] or
/// [`Self::redirect`].
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

impl Client {
    /// A request that the document does not describe, with the same credentials, limits and retries.
    ///
    /// `path` begins with `/` and is below the API's base URL. It may have a query; everything in it must be encoded.
    pub fn request(&self, method: Method, path: impl Into<String>) -> RawRequest {
        RawRequest::new(self.clone(), method, path.into())
    }
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

    /// Sets the body as it is, with its media type: bytes, or an [`Upload`](crate::Upload), which is read while it is sent.
    pub fn body(self, media_type: &str, body: impl Into<RequestBody>) -> Self {
        let body = body.into();
        self.write(|to| to.bytes(media_type, &body))
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

    /// Makes the request an operation that happens once; see [`CallOptions::with_operation`].
    pub fn with_operation(mut self, name: impl Into<String>) -> Self {
        self.options = self.options.with_operation(name);
        self
    }

    /// Carries out an operation under another key; see [`CallOptions::with_reissue`].
    pub fn with_reissue(mut self, right: Reissue) -> Self {
        self.options = self.options.with_reissue(right);
        self
    }

    /// Waits in this lane where the API's windows are full; see [`CallOptions::with_lane`].
    pub fn with_lane(mut self, lane: Lane) -> Self {
        self.options = self.options.with_lane(lane);
        self
    }

    /// The most bytes of the body of a success; see [`CallOptions::with_max_bytes`].
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.options = self.options.with_max_bytes(bytes);
        self
    }

    /// Sends this key instead of a new one; see [`Self::idempotency`].
    pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.options = self.options.with_idempotency_key(key);
        self
    }

    /// Sends the request. An error status is an error; its body is in [`ErrorReport::body`].
    pub async fn send(self) -> Result<Response<()>, AnyError> {
        let Finished { received, attempts, verdict, .. } =
            self.finish("application/json", Delivery::Whole).await?;
        match verdict {
            Verdict::Success | Verdict::Gone(_) => Ok(Response::new((), received.answer, attempts)),
            Verdict::Failure(report) => Err(report.into()),
        }
    }

    /// Sends the request and gives the body of a success as it comes, in the media type `accept`; see
    /// [`Client::download`].
    pub async fn download(self, accept: &'static str) -> Result<Download, AnyError> {
        let clock = self.client.clock();
        let call = DownloadCall {
            operation: None,
            idempotency: self.idempotency,
            max_bytes: self.options.max_bytes,
        };
        let Finished { received, attempts, verdict, .. } =
            self.finish(accept, Delivery::Streamed).await?;
        match verdict {
            Verdict::Success | Verdict::Gone(_) => {
                Ok(Download::new(clock, call, received, attempts))
            }
            Verdict::Failure(report) => Err(report.into()),
        }
    }

    /// Sends the request and gives the redirect that the API answers with, as for the URL of an image. Any media type is
    /// accepted.
    ///
    /// Nothing is followed, so no credential goes where the redirect leads. An answer that is no redirect is an error.
    pub async fn redirect(self) -> Result<Redirect, AnyError> {
        let Finished { received: Received { answer, .. }, attempts, timeline, verdict } =
            self.finish("*/*", Delivery::Whole).await?;
        match verdict {
            Verdict::Failure(report) if report.kind() != ErrorKind::Redirect => Err(report.into()),
            Verdict::Failure(_) | Verdict::Success | Verdict::Gone(_) => {
                Redirect::try_from(&answer).map_err(|error| {
                    answer_report(ErrorKind::Decode, &answer, attempts)
                        .with_timeline(timeline)
                        .with_source(error)
                        .into()
                })
            }
        }
    }

    async fn finish(
        self,
        accept: &'static str,
        delivery: Delivery,
    ) -> Result<Finished, ErrorReport> {
        let Self { client, method, idempotency, mut encoder, problem, options } = self;
        let encoded = match problem {
            Some(problem) => Err(problem),
            None => options.write(&mut encoder).and_then(|()| encoder.finish()),
        }
        .map_err(|error| ErrorReport::new(ErrorKind::Encode).with_source(error))?;
        let prepared = Prepared {
            operation: None,
            method,
            accept,
            security: Requirement::Undocumented,
            idempotency,
            encoded,
            delivery,
            options,
        };
        Box::pin(client.execute(prepared)).await
    }

    fn write(mut self, write: impl FnOnce(&mut RequestEncoder) -> Result<(), EncodeError>) -> Self {
        if self.problem.is_none() {
            self.problem = write(&mut self.encoder).err();
        }
        self
    }
}
