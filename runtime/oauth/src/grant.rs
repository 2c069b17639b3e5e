//! One request for a token: a grant, and the name of the intent.

use crate::authorization_code::AuthorizationCode;
use crate::client_credentials::ClientCredentials;
use crate::form::Form;
use crate::refresh_token::RefreshToken;

/// What is asked of a token endpoint: a grant, and the idempotency key under which it is asked.
///
/// A grant alone is enough: every grant turns into a request without a key.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest<'a> {
    grant: Grant<'a>,
    pub(crate) idempotency_key: Option<&'a str>,
}

/// The grants (RFC 6749 §1.3 and §6).
#[derive(Clone, Copy, Debug)]
enum Grant<'a> {
    ClientCredentials(&'a ClientCredentials),
    AuthorizationCode(&'a AuthorizationCode),
    RefreshToken(&'a RefreshToken),
}

/// Which tokens the answer to a grant may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// An access token alone: RFC 6749 §4.4.3 asks servers not to give a refresh token.
    AccessToken,
    /// A refresh token as well, and losing it can end the grant.
    Pair,
}

impl<'a> TokenRequest<'a> {
    /// Sends `key` as `Idempotency-Key`.
    ///
    /// A server that keeps answers under a key gives a lost one again. So a request whose outcome is unknown is
    /// repeated under the same key, and one that was answered is not.
    pub fn idempotency_key(mut self, key: &'a str) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    pub(crate) fn form(&self) -> Form<'a> {
        match self.grant {
            Grant::ClientCredentials(grant) => grant.form(),
            Grant::AuthorizationCode(grant) => grant.form(),
            Grant::RefreshToken(grant) => grant.form(),
        }
    }

    /// What an answer means that names no scopes (RFC 6749 §5.1). `None` if that is not known, as for a refresh: there it
    /// means what was granted before (RFC 6749 §6).
    pub(crate) fn scope(&self) -> Option<&'a str> {
        match self.grant {
            Grant::ClientCredentials(grant) => grant.scope.as_deref(),
            Grant::AuthorizationCode(grant) => grant.scope.as_deref(),
            Grant::RefreshToken(_) => None,
        }
    }

    pub(crate) fn expected(&self) -> Expected {
        match self.grant {
            Grant::ClientCredentials(_) => Expected::AccessToken,
            Grant::AuthorizationCode(_) | Grant::RefreshToken(_) => Expected::Pair,
        }
    }
}

impl<'a> From<Grant<'a>> for TokenRequest<'a> {
    fn from(grant: Grant<'a>) -> Self {
        Self { grant, idempotency_key: None }
    }
}

impl<'a> From<&'a ClientCredentials> for TokenRequest<'a> {
    fn from(grant: &'a ClientCredentials) -> Self {
        Grant::ClientCredentials(grant).into()
    }
}

impl<'a> From<&'a AuthorizationCode> for TokenRequest<'a> {
    fn from(grant: &'a AuthorizationCode) -> Self {
        Grant::AuthorizationCode(grant).into()
    }
}

impl<'a> From<&'a RefreshToken> for TokenRequest<'a> {
    fn from(grant: &'a RefreshToken) -> Self {
        Grant::RefreshToken(grant).into()
    }
}
