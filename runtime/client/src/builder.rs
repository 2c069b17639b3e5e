//! Setting up a client.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright_backoff::{Policy, RetryBudget};
use specwright_core::clock::Clock;
use specwright_core::error::{AnyError, ErrorKind, ErrorReport};
use specwright_core::interceptor::Interceptor;
use specwright_core::random::{OsRandom, Random};
use specwright_core::security::ApiProfile;
use specwright_core::transport::{BoxError, Transport};
use specwright_idempotency::Journal;
use specwright_limiter::{InFlight, Slots};
use specwright_oauth::{ClientCredentials, RevocationEndpoint, TokenEndpoint};
use specwright_refresh::{
    Credentials, GrantCredentials, GrantKey, GrantParts, GrantSource, Grants, KeyRing, MemoryStore,
    Observer, RefreshPolicy, RotationModel, SealingKey, StaticCredentials, Unobserved,
};

use crate::account::Account;
use crate::authority::{AuthorizationServer, BaseUrl};
use crate::client::Client;
use crate::clock::{SystemClock, TokioSpawn};
use crate::credential_source::CredentialSource;
use crate::inner::Inner;
use crate::operations::Operations;
use crate::rate_limits::{Quota, RateLimits};
use crate::scope_check::ScopeCheck;
use crate::user_agent::user_agent;

/// Time for a whole call, waits and retries included, unless the call says otherwise.
const DEADLINE: Duration = Duration::from_secs(120);

/// For each tenant, what the windows of APIs need: 10 requests a second keep 8 in flight if an answer takes 0.8 s (Little's
/// law). For all of them 32 times that, which is a quarter of the 1,024 files that a process may open by default on Linux.
const IN_FLIGHT: InFlight = InFlight { of_all: 256, per_tenant: 8 };

/// Sets up a client of a generated crate. [`Self::build`] sends nothing.
#[must_use = "`build` makes the client"]
pub struct Builder<C> {
    profile: &'static ApiProfile,
    product: String,
    base_url: Option<String>,
    token_url: Option<String>,
    authorization_server: Option<String>,
    credentials: Option<CredentialSource>,
    policy: Policy,
    scope_check: ScopeCheck,
    rate_limits: Option<RateLimits>,
    in_flight: InFlight,
    journal: Option<Journal>,
    account: String,
    interceptors: Vec<Arc<dyn Interceptor>>,
    observer: Arc<dyn Observer>,
    deadline: Duration,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
    random: Arc<dyn Random>,
    #[cfg(feature = "reqwest")]
    reqwest: specwright_transport_reqwest::ReqwestBuilder,
    client: PhantomData<fn() -> C>,
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
}

impl<C: From<Client>> Builder<C> {
    pub(crate) fn new(profile: &'static ApiProfile, product: String) -> Self {
        Self {
            profile,
            product,
            base_url: None,
            token_url: None,
            authorization_server: None,
            credentials: None,
            policy: Policy::default(),
            scope_check: ScopeCheck::default(),
            rate_limits: Some(RateLimits::documented()),
            in_flight: IN_FLIGHT,
            journal: None,
            account: String::new(),
            interceptors: Vec::new(),
            observer: Arc::new(Unobserved),
            deadline: DEADLINE,
            transport: None,
            clock: None,
            random: Arc::new(OsRandom),
            #[cfg(feature = "reqwest")]
            reqwest: specwright_transport_reqwest::ReqwestTransport::builder(),
            client: PhantomData,
        }
    }

    /// The credentials: a [`StaticToken`](crate::StaticToken), [`ClientCredentials`], or an `Arc` of the program's own
    /// [`Credentials`]. Without any, only operations that need none can be called.
    pub fn credentials(mut self, credentials: impl Into<CredentialSource>) -> Self {
        self.credentials = Some(credentials.into());
        self
    }

    /// Another server, such as a sandbox. A token endpoint on the API's own server moves along.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Another token endpoint. It moves that endpoint alone; grants of users, which are also revoked, need
    /// [`authorization_server`](Self::authorization_server) if it is on another server.
    pub fn token_url(mut self, url: impl Into<String>) -> Self {
        self.token_url = Some(url.into());
        self
    }

    /// Another authorization server, such as a sandbox: every endpoint of the document is taken to be there, at its path.
    pub fn authorization_server(mut self, url: impl Into<String>) -> Self {
        self.authorization_server = Some(url.into());
        self
    }

    /// Time for a whole call, waits and retries included. Default: 120 s.
    pub fn deadline(mut self, time: Duration) -> Self {
        self.deadline = time;
        self
    }

    /// The most requests within one call. Default: 3; 1 turns retries off. The replays after a 401, two at most,
    /// the sends after waits that a 429 asked for, five at most, and those of a key that an earlier attempt has in use, three
    /// at most, do not count.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.policy.attempts = attempts;
        self
    }

    /// Who looks whether a token has the scopes that a call needs. Default: the client, before it sends a request.
    pub fn scope_check(mut self, check: ScopeCheck) -> Self {
        self.scope_check = check;
        self
    }

    /// How requests keep within the API's windows. Default: [`RateLimits::documented`].
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.rate_limits = Some(limits);
        self
    }

    /// Sends without regard to windows, also after a refusal on the same account: for a server that has none, such as one's
    /// own in a test.
    pub fn without_rate_limits(mut self) -> Self {
        self.rate_limits = None;
        self
    }

    /// The most requests in flight at once, of all tenants together: of every client that stems from this builder, through
    /// [`ApiGrants`](crate::ApiGrants) too. Default: 256; 0 is taken for 1.
    ///
    /// Calls beyond that wait, and tenants are served in turn, so that the many calls of one do not keep the others waiting.
    /// The wait counts toward the deadline of the call. A request is in flight until its answer is there, or for a
    /// [`Download`](crate::Download) the head of it; requests for tokens are not counted.
    pub fn max_in_flight(mut self, requests: u32) -> Self {
        self.in_flight.of_all = requests;
        self
    }

    /// The most requests in flight at once, of each tenant of grants; a client with credentials of its own is one tenant.
    /// Default: 8; 0 is taken for 1.
    pub fn max_in_flight_per_tenant(mut self, requests: u32) -> Self {
        self.in_flight.per_tenant = requests;
        self
    }

    /// Where operations with a name are kept, so that each of them happens once:
    /// [`CallOptions::with_operation`](crate::CallOptions::with_operation). The operations of a grant are those of its tenant;
    /// with other credentials they are those of [`Self::account`].
    pub fn journal(mut self, journal: Journal) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Names the account of credentials that are no grant of a tenant. Clients that share rows or a journal and call for
    /// several accounts name each, or they wait for one another and take one's operations for another's.
    ///
    /// The server belongs to an account, so a rehearsal on another one has windows and operations of its own.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = name.into();
        self
    }

    /// Stands beside every call, after those that were added before. It does not see the requests for tokens.
    pub fn interceptor(mut self, interceptor: impl Interceptor) -> Self {
        self.interceptors.push(Arc::new(interceptor));
        self
    }

    /// Watches what happens to tokens: how they are renewed, and that one ends soon which nothing renews.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Sends through this transport instead of the usual one; its options then have no effect.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes time from this clock: for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Takes randomness from here: for tests. It makes idempotency keys, so it must be fit for that.
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Makes the client. Nothing is sent, and no token is fetched yet.
    pub fn build(self) -> Result<C, AnyError> {
        self.inner()
            .map(|inner| C::from(Client::new(inner)))
            .map_err(|error| ErrorReport::new(ErrorKind::Configuration).with_source(error).into())
    }

    pub(crate) fn watcher(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.observer)
    }

    pub(crate) fn profile(&self) -> &'static ApiProfile {
        self.profile
    }

    fn inner(self) -> Result<Inner, BoxError> {
        let inner = self.without_credentials()?;
        let credentials: Arc<dyn Credentials> = match &self.credentials {
            None => return Ok(inner),
            Some(CredentialSource::Custom(credentials)) => Arc::clone(credentials),
            Some(CredentialSource::Static(token)) => {
                let credentials = StaticCredentials::new(token, Arc::clone(&inner.clock))?;
                Arc::new(credentials.observed_by(Arc::clone(&self.observer)))
            }
            Some(CredentialSource::ClientCredentials(grant)) => {
                Arc::new(self.own_grant(self.addressed(grant), &inner)?)
            }
        };
        Ok(inner.with_credentials(credentials))
    }

    /// Everything but the credentials.
    pub(crate) fn without_credentials(&self) -> Result<Inner, BoxError> {
        let clock = match &self.clock {
            Some(clock) => Arc::clone(clock),
            None => Arc::new(SystemClock::new()),
        };
        let base = BaseUrl::parse(self.base_url.as_deref().unwrap_or(self.profile.server))?;
        let account = Account::new(self.profile, &base, &self.account);
        let quota = self.rate_limits.as_ref().map(|limits| {
            let (clock, random) = (Arc::clone(&clock), Arc::clone(&self.random));
            Quota::new(limits, self.profile, account.clone(), clock, random)
        });
        let operations = self.journal.clone().map(|journal| Operations::new(journal, account));
        Ok(Inner {
            profile: self.profile,
            base,
            user_agent: user_agent(&self.product, self.profile)?,
            credentials: None,
            transport: self.transport_for(Purpose::Calls)?,
            clock,
            random: Arc::clone(&self.random),
            policy: self.policy,
            scope_check: self.scope_check,
            deadline: self.deadline,
            budget: Mutex::new(RetryBudget::of_tenant()),
            host_budget: Arc::new(Mutex::new(RetryBudget::of_host())),
            quota,
            slots: Slots::new(self.in_flight),
            operations,
            interceptors: self.interceptors.clone(),
        })
    }

    /// The grant with the API's audience, unless the caller named one.
    fn addressed(&self, grant: &ClientCredentials) -> ClientCredentials {
        match self.profile.oauth.and_then(|oauth| oauth.audience) {
            Some(audience) if grant.audience.is_none() => grant.clone().audience(audience),
            _ => grant.clone(),
        }
    }

    /// The grant of the program itself. It is kept in memory: a new one is to be had at any time.
    fn own_grant(
        &self,
        grant: ClientCredentials,
        inner: &Inner,
    ) -> Result<GrantCredentials, BoxError> {
        let mut sealing = [0; SealingKey::BYTES];
        self.random.fill(&mut sealing);
        let grants = Grants::new(GrantParts {
            endpoint: self.token_endpoint(inner)?,
            revocation: None,
            source: GrantSource::Program(grant),
            policy: RefreshPolicy::new(RotationModel::None),
            store: Arc::new(MemoryStore::volatile(Arc::clone(&inner.clock))),
            spill: None,
            // What is sealed here never leaves this memory.
            keys: Arc::new(KeyRing::new("memory", SealingKey::new(sealing))),
            clock: Arc::clone(&inner.clock),
            random: Arc::clone(&self.random),
            spawn: Arc::new(TokioSpawn),
            observer: Arc::clone(&self.observer),
            identify: None,
        });
        Ok(grants.credentials(GrantKey::new("", self.profile.name)))
    }

    pub(crate) fn token_endpoint(&self, inner: &Inner) -> Result<TokenEndpoint, BoxError> {
        let url = match (&self.token_url, &self.profile.oauth) {
            (Some(url), _) => specwright_oauth::confidential_url(url)?,
            (None, Some(oauth)) => self.server_of_tokens().endpoint(oauth.token)?,
            (None, None) => return Err("the API names no token endpoint; set `token_url`".into()),
        };
        let (user_agent, clock) = (inner.user_agent.clone(), Arc::clone(&inner.clock));
        Ok(TokenEndpoint::new(url, user_agent, self.transport_for(Purpose::Tokens)?, clock))
    }

    pub(crate) fn revocation_endpoint(
        &self,
        inner: &Inner,
    ) -> Result<Option<RevocationEndpoint>, BoxError> {
        let Some(documented) = self.profile.oauth.and_then(|oauth| oauth.revocation) else {
            return Ok(None);
        };
        let url = self.server_of_tokens().endpoint(documented)?;
        // The secret that one server is meant for must not reach another because a builder was told of one endpoint only.
        if let (Some(token), None) = (&self.token_url, &self.authorization_server)
            && specwright_oauth::confidential_url(token)?.origin() != url.origin()
        {
            return Err("`token_url` is on another server than the revocation endpoint; \
                        set `authorization_server`, which moves both"
                .into());
        }
        let transport = self.transport_for(Purpose::Tokens)?;
        Ok(Some(RevocationEndpoint::new(url, inner.user_agent.clone(), transport)))
    }

    pub(crate) fn server_of_tokens(&self) -> AuthorizationServer {
        AuthorizationServer {
            server: self.profile.server,
            base: self.base_url.clone(),
            replaced: self.authorization_server.clone(),
        }
    }

    fn transport_for(&self, purpose: Purpose) -> Result<Arc<dyn Transport>, BoxError> {
        if let Some(transport) = &self.transport {
            return Ok(Arc::clone(transport));
        }
        #[cfg(feature = "reqwest")]
        {
            use specwright_transport_reqwest::ConnectionReuse;

            let reuse = match purpose {
                Purpose::Calls => ConnectionReuse::Short,
                Purpose::Tokens => ConnectionReuse::Never,
            };
            Ok(Arc::new(self.reqwest.clone().connection_reuse(reuse).build()?))
        }
        #[cfg(not(feature = "reqwest"))]
        match purpose {
            Purpose::Calls | Purpose::Tokens => {
                Err("without the feature `reqwest` the builder needs a `transport(…)`".into())
            }
        }
    }
}

/// What a transport is for. A token request goes over a connection of its own: on one that the server has just closed
/// nobody could say whether the request was seen.
#[derive(Clone, Copy)]
enum Purpose {
    Calls,
    Tokens,
}

/// Options of the usual transport.
#[cfg(feature = "reqwest")]
impl<C: From<Client>> Builder<C> {
    /// The proxy. Default: the system's.
    pub fn proxy(mut self, proxy: specwright_transport_reqwest::ReqwestProxy) -> Self {
        self.reqwest = self.reqwest.proxy(proxy);
        self
    }

    /// Trusts these certificate authorities besides those of the platform: PEM text with one or more certificates.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.reqwest = self.reqwest.root_certificates(pem);
        self
    }

    /// Time for name lookup, TCP and TLS together. Default: 5 s.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.reqwest = self.reqwest.connect_timeout(time);
        self
    }
}

impl<C> fmt::Debug for Builder<C> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Builder")
            .field("api", &self.profile.name)
            .field("product", &self.product)
            .field("credentials", &self.credentials)
            .field("policy", &self.policy)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
