//! The client: what calls share.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderValue, Method};
use specwright_backoff::{Policy, RetryBudget};
use specwright_core::clock::Clock;
use specwright_core::error::{Error, ErrorKind, ErrorReport};
use specwright_core::interceptor::Interceptor;
use specwright_core::operation::{Decoded, Operation, Reply, RequestEncoder};
use specwright_core::random::Random;
use specwright_core::security::ApiProfile;
use specwright_core::transport::{BoxFuture, Transport};
use specwright_limiter::{Slots, Usage};
use specwright_refresh::Credentials;

use crate::attempt::{Delivery, Received};
use crate::authority::BaseUrl;
use crate::builder::Builder;
use crate::download::{Download, DownloadCall};
use crate::execute::{Finished, Prepared, Verdict, execute};
use crate::failure::answer_report;
use crate::once::Operations;
use crate::options::CallOptions;
use crate::rate_limits::Quota;
use crate::raw_request::RawRequest;
use crate::response::Response;
use crate::scope_check::ScopeCheck;
use crate::security::Requirement;

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

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) profile: &'static ApiProfile,
    pub(crate) base: BaseUrl,
    pub(crate) user_agent: HeaderValue,
    pub(crate) credentials: Option<Arc<dyn Credentials>>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) policy: Policy,
    pub(crate) scope_check: ScopeCheck,
    pub(crate) deadline: Duration,
    pub(crate) budget: Mutex<RetryBudget>,
    /// What all clients that stem from one builder may retry together, at the one host that they have.
    pub(crate) host_budget: Arc<Mutex<RetryBudget>>,
    pub(crate) quota: Option<Quota>,
    /// Those of all clients that stem from one builder, as this client's tenant has them.
    pub(crate) slots: Slots,
    pub(crate) operations: Option<Operations>,
    pub(crate) interceptors: Vec<Arc<dyn Interceptor>>,
}

impl Inner {
    /// The same for a tenant, with its credentials, its quota, its slots and its operations.
    pub(crate) fn of_tenant(&self, tenant: &str, credentials: Arc<dyn Credentials>) -> Self {
        Self {
            quota: self.quota.as_ref().map(|quota| quota.of_tenant(tenant)),
            slots: self.slots.of_tenant(tenant),
            operations: self.operations.as_ref().map(|kept| kept.of_tenant(tenant)),
            ..self.with_credentials(credentials)
        }
    }

    /// The same with other credentials, and a budget of its own: what one operator's calls cost says nothing of another's.
    pub(crate) fn with_credentials(&self, credentials: Arc<dyn Credentials>) -> Self {
        Self {
            profile: self.profile,
            base: self.base.clone(),
            user_agent: self.user_agent.clone(),
            credentials: Some(credentials),
            transport: Arc::clone(&self.transport),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            policy: self.policy,
            scope_check: self.scope_check,
            deadline: self.deadline,
            budget: Mutex::new(RetryBudget::of_tenant()),
            host_budget: Arc::clone(&self.host_budget),
            quota: self.quota.clone(),
            slots: self.slots.clone(),
            operations: self.operations.clone(),
            interceptors: self.interceptors.clone(),
        }
    }
}

impl Client {
    /// Sets up a client for the API of `profile`, whose requests name `product` as `Company/App` or
    /// `Company/App/version`.
    ///
    /// `C` is the client of the generated crate.
    pub fn builder<C: From<Self>>(
        profile: &'static ApiProfile,
        product: impl Into<String>,
    ) -> Builder<C> {
        Builder::new(profile, product.into())
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Makes one call. Nothing happens before the future is polled; dropping it gives the call up.
    pub fn send<O: Operation>(&self, request: &O, options: CallOptions) -> SendFuture<O> {
        // Encoded here, so that the future holds bytes and is not as large as the request.
        let prepared = prepare(request, O::ACCEPT, Delivery::Whole, options);
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
        let prepared = prepare(request, accept, Delivery::Streamed, options);
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let finished = execute(&inner, prepared?).await?;
            open::<O>(&inner, call, finished)
        })
    }

    /// A request that the document does not describe, with the same credentials, limits and retries.
    ///
    /// `path` begins with `/` and is below the API's base URL. It may have a query; everything in it must be encoded.
    pub fn request(&self, method: Method, path: impl Into<String>) -> RawRequest {
        RawRequest::new(self.clone(), method, path.into())
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

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }
}

/// Encodes a call, once for all its attempts.
fn prepare<O: Operation>(
    request: &O,
    accept: &'static str,
    delivery: Delivery,
    options: CallOptions,
) -> Result<Prepared, ErrorReport> {
    let mut encoder = RequestEncoder::new(O::META.path);
    // The options come first, so that a parameter of the operation wins over a header by hand.
    let encoded = options
        .write(&mut encoder)
        .and_then(|()| request.encode(&mut encoder))
        .and_then(|()| encoder.finish())
        .map_err(|error| {
            ErrorReport::new(ErrorKind::Encode).with_operation(O::META.id).with_source(error)
        })?;
    Ok(Prepared {
        operation: Some(O::META),
        method: O::META.method.clone(),
        accept,
        security: Requirement::Documented(O::META.security),
        idempotency: O::META.idempotency,
        encoded,
        delivery,
        options,
    })
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

impl Inner {
    /// Counts a call, of which retries are a share.
    pub(crate) fn note_call(&self) {
        let now = self.clock.monotonic();
        for budget in [&self.budget, &*self.host_budget] {
            locked(budget).note_call(now);
        }
    }

    /// Whether a retry may be sent, and counts it.
    pub(crate) fn may_retry(&self) -> bool {
        let now = self.clock.monotonic();
        locked(&self.budget).try_spend(&mut locked(&self.host_budget), now)
    }
}

/// Counting cannot fail half-way, so a poisoned budget is still a budget.
fn locked(budget: &Mutex<RetryBudget>) -> MutexGuard<'_, RetryBudget> {
    budget.lock().unwrap_or_else(PoisonError::into_inner)
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
