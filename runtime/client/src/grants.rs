//! Many operators who connect one application: their grants, and a client for each.

use std::fmt;
use std::sync::Arc;

use specwright_core::error::{AnyError, ErrorKind, ErrorReport};
use specwright_core::transport::BoxError;
use specwright_oauth::{AuthorizationRequest, ClientRegistration};
use specwright_refresh::{
    GrantKey, GrantParts, GrantSource, GrantStore, Grants, Identify, KeyProvider, Observer,
    RefreshPolicy, SpillJournal,
};

use crate::authority::AuthorizationServer;
use crate::builder::Builder;
use crate::client::Client;
use crate::clock::TokioSpawn;
use crate::identify::{Asking, Question};
use crate::inner::Inner;
use crate::refresh_policy::documented_policy;

/// Sets up the grants of an application. [`Self::build`] sends nothing.
#[must_use = "`build` makes the grants"]
pub struct GrantsBuilder<C> {
    builder: Builder<C>,
    registration: ClientRegistration,
    store: Option<Arc<dyn GrantStore>>,
    keys: Option<Arc<dyn KeyProvider>>,
    policy: RefreshPolicy,
    observer: Arc<dyn Observer>,
    spill: Option<SpillJournal>,
    question: Option<Question<C>>,
}

impl<C: From<Client>> Builder<C> {
    /// Grants of users, by the program that this registration names: for an application that many operators connect.
    /// Credentials that were given before have no effect.
    pub fn grants(self, registration: ClientRegistration) -> GrantsBuilder<C>
    where
        C: 'static,
    {
        GrantsBuilder::new(self, registration)
    }
}

impl<C: From<Client> + 'static> GrantsBuilder<C> {
    pub(crate) fn new(builder: Builder<C>, registration: ClientRegistration) -> Self {
        let policy = documented_policy(builder.profile());
        let observer = builder.watcher();
        Self {
            builder,
            registration,
            store: None,
            keys: None,
            policy,
            observer,
            spill: None,
            question: None,
        }
    }

    /// Where grants are kept. There is none unless it is named: a grant that is kept in memory ends with the process.
    ///
    /// An `Arc` of a store is a store as well. Keep one where a backup of it may be restored: see
    /// [`Grants::after_restore`].
    pub fn store(mut self, store: impl GrantStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The keys that seal tokens in the store. They must not be kept beside it.
    pub fn keys(mut self, keys: impl KeyProvider) -> Self {
        self.keys = Some(Arc::new(keys));
        self
    }

    /// How grants are renewed. Default: as the API's document says, of which [`crate::profile::OAuthProfile`] has the
    /// rotation, the life of refresh tokens and the key of token requests. This replaces all of it.
    pub fn policy(mut self, policy: RefreshPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Watches what happens to grants. Default: who watches the builder.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Where pairs go while the store is down, so that they can be used all the same and survive this process.
    pub fn spill(mut self, journal: SpillJournal) -> Self {
        self.spill = Some(journal);
        self
    }

    /// Says which account at the vendor an operator has connected: `account` calls the API with a client that has the new
    /// token, and gives the id of the account.
    ///
    /// An operator who connects again as another account is then told so
    /// ([`ConnectError::AccountSwitched`](crate::ConnectError::AccountSwitched)), and nothing is mixed. Without it a grant
    /// takes whatever account its operator connects. The id stands in the store in clear.
    pub fn identify<A, E>(mut self, account: impl Fn(C) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.question = Some(Box::new(move |client| {
            let named = account(client);
            Box::pin(async move { named.await.map_err(Into::into) })
        }));
        self
    }

    /// Makes the grants. Nothing is sent, and no grant is read yet.
    pub fn build(self) -> Result<ApiGrants<C>, AnyError> {
        self.parts().map_err(configuration)
    }

    fn parts(self) -> Result<ApiGrants<C>, BoxError> {
        let store = self.store.ok_or("grants have to be kept somewhere; set `store`")?;
        let keys = self.keys.ok_or("tokens are sealed in the store; set `keys`")?;
        let inner = Arc::new(self.builder.without_credentials()?);
        let identify = self.question.map(|question| -> Arc<dyn Identify> {
            Arc::new(Asking { inner: Arc::clone(&inner), question })
        });
        let grants = Grants::new(GrantParts {
            endpoint: self.builder.token_endpoint(&inner)?,
            revocation: self.builder.revocation_endpoint(&inner)?,
            source: GrantSource::Users(self.registration.clone()),
            policy: self.policy,
            store,
            spill: self.spill,
            keys,
            clock: Arc::clone(&inner.clock),
            random: Arc::clone(&inner.random),
            spawn: Arc::new(TokioSpawn),
            observer: self.observer,
            identify,
        });
        let shared = Shared {
            server: self.builder.server_of_tokens(),
            registration: self.registration,
            inner,
        };
        Ok(ApiGrants { grants, shared: Arc::new(shared), client: std::marker::PhantomData })
    }
}

fn configuration(error: BoxError) -> AnyError {
    ErrorReport::new(ErrorKind::Configuration).with_source(error).into()
}

impl<C> fmt::Debug for GrantsBuilder<C> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("GrantsBuilder")
            .field("builder", &self.builder)
            .field("registration", &self.registration)
            .field("store", &self.store)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// The grants of an application at one API, and a client for each. Cheap to clone; clones share everything.
pub struct ApiGrants<C> {
    grants: Grants,
    shared: Arc<Shared>,
    client: std::marker::PhantomData<fn() -> C>,
}

struct Shared {
    inner: Arc<Inner>,
    server: AuthorizationServer,
    registration: ClientRegistration,
}

impl<C: From<Client>> ApiGrants<C> {
    /// A client that calls with this grant. It can be made before the grant is connected, and it goes on to work after a
    /// reconnect. Keep it: what calls of one operator share, such as the budget of retries, is in it.
    pub fn client(&self, key: GrantKey) -> C {
        let tenant = key.tenant().to_owned();
        let credentials = Arc::new(self.grants.credentials(key));
        C::from(Client::new(self.shared.inner.of_tenant(&tenant, credentials)))
    }

    /// The grants themselves: to connect, to end, and to look after them.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// A request for authorization by a user, as the API's document describes it: for its audience, and with the scope
    /// that asks for a refresh token. Add the other scopes, and give it to [`Grants::authorize`].
    pub fn authorization(
        &self,
        redirect_uri: impl Into<String>,
    ) -> Result<AuthorizationRequest, AnyError> {
        self.request(redirect_uri.into()).map_err(configuration)
    }

    fn request(&self, redirect_uri: String) -> Result<AuthorizationRequest, BoxError> {
        let Shared { inner, server, registration } = &*self.shared;
        let oauth = inner.profile.oauth.ok_or("the API has no authorization server")?;
        let documented =
            oauth.authorization.ok_or("the API's document names no authorization endpoint")?;
        let endpoint = server.endpoint(documented)?;
        let request = AuthorizationRequest::new(endpoint, registration, redirect_uri)?;
        let request = match oauth.audience {
            Some(audience) => request.audience(audience),
            None => request,
        };
        Ok(match oauth.offline_scope {
            Some(scope) => request.offline_scope(scope),
            None => request,
        })
    }
}

impl<C> Clone for ApiGrants<C> {
    fn clone(&self) -> Self {
        let (grants, shared) = (self.grants.clone(), Arc::clone(&self.shared));
        Self { grants, shared, client: std::marker::PhantomData }
    }
}

impl<C> fmt::Debug for ApiGrants<C> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("ApiGrants")
            .field("api", &self.shared.inner.profile.name)
            .field("grants", &self.grants)
            .finish_non_exhaustive()
    }
}
