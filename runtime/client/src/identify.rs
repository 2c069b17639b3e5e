//! Finding out whose account an operator has connected, with a call of the API.

use std::fmt;
use std::sync::Arc;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_refresh::{
    AccountId, Bearer, Credentials, CredentialsError, Generation, GrantKey, Identify, Renewal,
};

use crate::client::Client;
use crate::inner::Inner;

/// What an application does with a client of a fresh token to find out whose it is.
pub(crate) type Question<C> =
    Box<dyn Fn(C) -> BoxFuture<'static, Result<String, BoxError>> + Send + Sync>;

/// Asks with a client that has the fresh token and nothing else.
pub(crate) struct Asking<C> {
    pub(crate) inner: Arc<Inner>,
    pub(crate) question: Question<C>,
}

impl<C: From<Client> + 'static> Identify for Asking<C> {
    fn account<'a>(
        &'a self,
        key: &'a GrantKey,
        token: &'a Bearer,
    ) -> BoxFuture<'a, Result<AccountId, BoxError>> {
        let fresh = Arc::new(Fresh(Arc::new(token.clone())));
        // The question is a request as any other, and fills the windows of the tenant who connects. If the account turns out to
        // be another one, nothing connects, and these windows hold one request too many.
        let tenant = self.inner.of_tenant(key.tenant(), fresh);
        let asking = Inner { operations: None, ..tenant };
        let client = C::from(Client::new(asking));
        let named = (self.question)(client);
        Box::pin(async move { Ok(AccountId::new(named.await?)) })
    }
}

impl<C> fmt::Debug for Asking<C> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Asking").field("api", &self.inner.profile.name).finish_non_exhaustive()
    }
}

/// A token of a grant that is not connected yet. Nobody renews it.
#[derive(Debug)]
struct Fresh(Arc<Bearer>);

impl Credentials for Fresh {
    fn bearer(&self) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        Box::pin(std::future::ready(Ok(Arc::clone(&self.0))))
    }

    fn refuse(&self, _generation: Generation) -> Renewal {
        Renewal::Impossible
    }
}
