//! What an authorization server said about one request for the next pair, as far as a renewal cares.

use std::time::Duration;

use specwright_core::types::SecretString;
use specwright_oauth::{IssuedToken, Salvaged};
use zeroize::Zeroizing;

use crate::grant::Refusal;

/// The pair that a server issued.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    /// `None` if the answer was damaged there. The refresh token alone is enough to go on.
    pub(crate) access_token: Option<SecretString>,
    /// `None` if the server sent none: the old one stays (RFC 6749 §6).
    pub(crate) refresh_token: Option<SecretString>,
    /// Counted from before the request was sent.
    pub(crate) life: Duration,
    /// `None` if the server names none: they are what they were (RFC 6749 §6).
    pub(crate) scope: Option<String>,
}

impl Issued {
    /// What is left of a damaged answer, if its refresh token is.
    pub(crate) fn salvaged(salvaged: &Salvaged) -> Option<Self> {
        let refresh_token = Some(salvaged.refresh_token.clone()?);
        let scope = salvaged.scope.clone();
        Some(Self { access_token: None, refresh_token, life: Duration::ZERO, scope })
    }
}

impl From<IssuedToken> for Issued {
    fn from(token: IssuedToken) -> Self {
        Self {
            access_token: Some(token.access_token),
            refresh_token: token.refresh_token,
            life: token.lifetime,
            scope: token.scope,
        }
    }
}

/// What became of one request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The next pair.
    Issued(Issued),
    /// The request surely did not reach the server.
    NotSent,
    /// The server said that it did nothing now (408, 429), and maybe when to come back.
    NotNow(Option<Duration>),
    /// The server failed (5XX), or met another request for the same grant. It may have done it.
    Failed(Option<Duration>),
    /// The request was sent and no answer came.
    Ambiguous,
    /// A success of which nothing could be read. Its body may hold the only living pair.
    Unreadable(Zeroizing<Vec<u8>>),
    /// The server refused the refresh token.
    Denied(Refusal),
    /// The server refused the program itself.
    ClientRejected(Refusal),
    /// The server refused without a reason that is known: it may be the program or the grant.
    Refused(Refusal),
    /// A redirect, or a status that speaks of neither (403, 404 …): of something before the server, or of an address that
    /// is none of the token endpoint.
    Elsewhere(Refusal),
}
