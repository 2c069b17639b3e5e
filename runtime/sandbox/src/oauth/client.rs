//! The programs that may ask for tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use crate::body::ReadBody;
use crate::oauth::error::TokenError;
use crate::oauth::{AUTHORIZATION_CODE, CLIENT_CREDENTIALS, REFRESH_TOKEN};
use crate::secret::Secret;

/// A client of the token endpoint.
#[derive(Clone)]
pub struct Client {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    /// `None`: every scope of the document.
    pub(crate) scopes: Option<BTreeSet<String>>,
    pub(crate) grants: BTreeSet<String>,
    pub(crate) redirect_uris: BTreeSet<String>,
}

/// What becomes of the tokens that a client has, when it gets another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EarlierTokens {
    /// They stay as they are.
    #[default]
    Kept,
    /// Each new token for client credentials revokes the one before: Doorkeeper's
    /// `revoke_previous_client_credentials_token`.
    Revoked,
    /// While a token with the same holder and scopes lives, it is given again, with what is left of its time:
    /// Doorkeeper's `reuse_access_token`. Holds for client credentials and for codes.
    Reused,
}

impl Client {
    /// A client with every scope of the document and the grant `client_credentials`.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::with_secret(id.into(), Secret::new(secret))
    }

    /// May have only these scopes.
    pub fn with_scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        Self { scopes: Some(scopes.into_iter().map(Into::into).collect()), ..self }
    }

    /// May use only these grant types.
    pub fn with_grants<S: Into<String>>(self, grants: impl IntoIterator<Item = S>) -> Self {
        Self { grants: grants.into_iter().map(Into::into).collect(), ..self }
    }

    /// May send people to the authorization endpoint and get them back here, and may use the grants
    /// `authorization_code` and `refresh_token`. May be called again.
    ///
    /// A request must name one of them exactly. Of `http://127.0.0.1/…` and `http://[::1]/…` without a port any port will
    /// do, for programs that listen where there is room (RFC 8252, section 7.3).
    pub fn with_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.insert(uri.into());
        self.grants.extend([AUTHORIZATION_CODE, REFRESH_TOKEN].map(str::to_owned));
        self
    }

    pub(crate) fn with_secret(id: String, secret: Secret) -> Self {
        let grants = BTreeSet::from([CLIENT_CREDENTIALS.to_owned()]);
        Self { id, secret, scopes: None, grants, redirect_uris: BTreeSet::new() }
    }

    /// Whether every one of these scopes is one of its own, and there is one.
    pub(crate) fn may_have(&self, scopes: &BTreeSet<String>) -> bool {
        let allowed = self.scopes.as_ref().is_some_and(|allowed| scopes.is_subset(allowed));
        allowed && !scopes.is_empty()
    }

    /// Whether people may be sent back to `uri`.
    pub(crate) fn knows(&self, uri: &str) -> bool {
        self.redirect_uris.contains(uri)
            || without_port(uri).is_some_and(|uri| self.redirect_uris.contains(&uri))
    }
}

/// A loopback redirect without its port. `None` if it is no loopback redirect, or has no port.
fn without_port(uri: &str) -> Option<String> {
    ["http://127.0.0.1", "http://[::1]"].into_iter().find_map(|host| {
        let port = uri.strip_prefix(host)?.strip_prefix(':')?;
        let path = port.trim_start_matches(|c: char| c.is_ascii_digit());
        (path.len() < port.len()).then(|| format!("{host}{path}"))
    })
}

/// The clients that the server knows.
#[derive(Debug)]
pub(crate) struct Clients(BTreeMap<String, Client>);

impl Clients {
    pub(crate) fn new(clients: Vec<Client>) -> Self {
        Self(clients.into_iter().rev().map(|client| (client.id.clone(), client)).collect())
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Client> {
        self.0.get(id)
    }

    /// Gives a client another secret; says whether there is such a client.
    pub(crate) fn set_secret(&mut self, id: &str, secret: Secret) -> bool {
        let client = self.0.get_mut(id);
        client.map(|client| client.secret = secret).is_some()
    }

    /// The client that a request names, if its secret is right.
    pub(crate) fn authenticated(&self, body: &ReadBody) -> Result<&Client, TokenError> {
        self.get(body.text("client_id"))
            .filter(|client| client.secret.matches(body.text("client_secret")))
            .ok_or_else(TokenError::invalid_client)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("scopes", &self.scopes)
            .field("grants", &self.grants)
            .field("redirect_uris", &self.redirect_uris)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_known_by_each_of_its_bytes() {
        let client = Client::new("a", "b").with_redirect_uri("https://partner.example/callback");
        assert!(client.knows("https://partner.example/callback"));
        for other in ["https://partner.example/callback/", "https://partner.example/callback?a=b"] {
            assert!(!client.knows(other), "{other}");
        }
    }

    #[test]
    fn a_loopback_redirect_without_a_port_is_known_at_any_port() {
        let client = Client::new("a", "b").with_redirect_uri("http://127.0.0.1/callback");
        assert!(client.knows("http://127.0.0.1:49152/callback"));
        for other in ["http://127.0.0.1:49152/other", "http://127.0.0.1:x/callback"] {
            assert!(!client.knows(other), "{other}");
        }
        let fixed = Client::new("a", "b").with_redirect_uri("http://127.0.0.1:8080/callback");
        assert!(!fixed.knows("http://127.0.0.1:8081/callback"));
    }
}
