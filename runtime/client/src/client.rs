//! The client: calls of operations, and how their answers are read.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock;
use specwright_core::error::{Error, ErrorKind, ErrorReport};
use specwright_core::interceptor::{CallInfo, Notice};
use specwright_core::operation::{Decoded, Operation, OperationMeta, Reply};
use specwright_core::random::Random;
use specwright_core::transport::BoxFuture;
use specwright_limiter::Usage;

use crate::attempt::Received;
use crate::download::{Download, DownloadCall};
use crate::execute::execute;
use crate::failure::answer_report;
use crate::finished::{Finished, Verdict};
use crate::inner::Inner;
use crate::options::CallOptions;
use crate::prepared::{Delivery, Prepared};
use crate::rate_limits::Quota;
use crate::response::Response;

/// Makes calls to one API with one set of credentials. Cheap to clone; clones share everything.
///
/// Generated crates wrap it in a type of their own, which has a method for each group of operations.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

/// A download on its way to its first byte. It holds all that it needs.
pub type DownloadFuture<O> = BoxFuture<'static, Result<Download, Error<<O as Operation>::Error>>>;

/// A call under way: the answer of the operation, or why there is none. It holds all it needs.
pub type SendFuture<O> =
    BoxFuture<'static, Result<Response<<O as Operation>::Output>, Error<<O as Operation>::Error>>>;

impl Client {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Makes one call. Nothing happens before the future is polled; dropping it gives the call up.
    pub fn send<O: Operation>(&self, request: &O, options: CallOptions) -> SendFuture<O> {
        // Encoded here, so that the future holds bytes and is not as large as the request.
        let prepared = Prepared::of(request, O::ACCEPT, Delivery::Whole, options);
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let finished = execute(&inner, prepared?).await?;
            read::<O>(finished)
        })
    }

    /// Makes one call and gives the body of a success as it comes, in the media type `accept`.
    ///
    /// It is retried, and an error status read, as with [`Self::send`], until a success begins; from then on nothing is
    /// asked for again. The deadline ends there too: after it only a silence of 30 s ends the download.
    pub fn download<O: Operation>(
        &self,
        request: &O,
        accept: &'static str,
        options: CallOptions,
    ) -> DownloadFuture<O> {
        let call = DownloadCall {
            operation: Some(O::META.id),
            idempotency: O::META.idempotency,
            max_bytes: options.max_bytes,
        };
        let prepared = Prepared::of(request, accept, Delivery::Streamed, options);
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let finished = execute(&inner, prepared?).await?;
            open::<O>(&inner, call, finished)
        })
    }

    /// How full the windows of the account are, as far as this process knows; nothing if the client keeps to none.
    pub fn quota(&self) -> Vec<Usage> {
        self.inner.quota.as_ref().map(Quota::usage).unwrap_or_default()
    }

    /// How long so many more requests take at least: what the windows of the account allow, with answers that come at once.
    pub fn estimate(&self, requests: u32) -> Duration {
        self.inner.quota.as_ref().map(|quota| quota.estimate(requests)).unwrap_or_default()
    }

    pub(crate) async fn execute(&self, prepared: Prepared) -> Result<Finished, ErrorReport> {
        execute(&self.inner, prepared).await
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.inner.random
    }

    /// Tells interceptors what was noticed of a call after its end.
    pub(crate) fn noticed(&self, operation: &'static OperationMeta, notice: Notice) {
        let api = (self.inner.profile.name, self.inner.profile.version);
        let place = self.inner.base.place();
        let call = CallInfo::new(api, Some(operation), &operation.method, place);
        for interceptor in &self.inner.interceptors {
            interceptor.noticed(&call, notice);
        }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }
}

/// Reads the answer that ended a call.
fn read<O: Operation>(finished: Finished) -> Result<Response<O::Output>, Error<O::Error>> {
    let Finished { received: Received { answer, .. }, attempts, timeline, verdict } = finished;
    let decoded = O::decode(&answer);
    let named = |kind| {
        answer_report(kind, &answer, attempts)
            .with_operation(O::META.id)
            .with_timeline(timeline.clone())
    };
    let report = match verdict {
        Verdict::Success => match decoded {
            Ok(Reply::Success(output)) => return Ok(Response::new(output, answer, attempts)),
            Ok(Reply::Failure(api)) => {
                return Err(Error::from(named(ErrorKind::Status)).with_api(api));
            }
            Ok(Reply::Undocumented) => {
                named(ErrorKind::Decode).with_source("the document does not describe this status")
            }
            Err(error) => named(ErrorKind::Decode).with_source(error),
        },
        Verdict::Gone(report) => match decoded {
            Ok(Reply::Success(output)) => return Ok(Response::new(output, answer, attempts)),
            _ => report,
        },
        Verdict::Failure(report) => match decoded {
            // Nothing follows a redirect, but an operation may consist of one; without a target it is none.
            Ok(Reply::Success(output)) if report.kind() == ErrorKind::Redirect => {
                return Ok(Response::new(output, answer, attempts));
            }
            Err(error) if report.kind() == ErrorKind::Redirect && error.is_of_head() => {
                named(ErrorKind::Decode).with_source(error)
            }
            decoded => return Err(refused::<O>(report, decoded)),
        },
    };
    Err(report.into())
}

/// Hands out the body of the answer that ended a call, or reads the error that it is.
fn open<O: Operation>(
    inner: &Inner,
    call: DownloadCall,
    finished: Finished,
) -> Result<Download, Error<O::Error>> {
    let Finished { received, attempts, verdict, .. } = finished;
    match verdict {
        Verdict::Success | Verdict::Gone(_) => {
            Ok(Download::new(Arc::clone(&inner.clock), call, received, attempts))
        }
        Verdict::Failure(report) => Err(refused::<O>(report, O::decode(&received.answer))),
    }
}

/// Adds to the report what the API said, if the document describes it.
fn refused<O: Operation>(report: ErrorReport, decoded: Decoded<O>) -> Error<O::Error> {
    match decoded {
        Ok(Reply::Failure(api)) => Error::from(report).with_api(api),
        // An error body that does not fit its document is still the error that it is.
        Ok(Reply::Success(_) | Reply::Undocumented) | Err(_) => report.into(),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Client")
            .field("api", &self.inner.profile.name)
            .field("version", &self.inner.profile.version)
            .field("base", &self.inner.base)
            .finish_non_exhaustive()
    }
}
