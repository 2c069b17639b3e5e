//! What a builder takes as credentials.

use std::sync::Arc;

use specwright_oauth::{ClientCredentials, StaticToken};
use specwright_refresh::Credentials;

/// One of the ways to get a token: made by hand, from the API's token endpoint, or from the program itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CredentialSource {
    /// A token that nothing refreshes.
    Static(StaticToken),
    /// Tokens from the API's token endpoint, refreshed ahead of expiry.
    ClientCredentials(ClientCredentials),
    /// The program's own source.
    Custom(Arc<dyn Credentials>),
}

impl From<StaticToken> for CredentialSource {
    fn from(token: StaticToken) -> Self {
        Self::Static(token)
    }
}

impl From<ClientCredentials> for CredentialSource {
    fn from(grant: ClientCredentials) -> Self {
        Self::ClientCredentials(grant)
    }
}

impl From<Arc<dyn Credentials>> for CredentialSource {
    fn from(credentials: Arc<dyn Credentials>) -> Self {
        Self::Custom(credentials)
    }
}

impl<T: Credentials> From<Arc<T>> for CredentialSource {
    fn from(credentials: Arc<T>) -> Self {
        Self::Custom(credentials)
    }
}
