//! The authorization server, as far as a grant needs it: the only code here that sends something to it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use specwright_backoff::hint::rate_limit_hint;
use specwright_core::clock::Clock;
use specwright_core::security::RateReset;
use specwright_core::types::SecretString;
use specwright_oauth::{
    AuthorizationCode, ClientCredentials, ClientRegistration, IssuedToken, RefreshToken,
    RevocationEndpoint, RevocationErrorKind, TokenEndpoint, TokenError, TokenErrorKind,
    TokenRequest, TokenTypeHint,
};
use zeroize::Zeroizing;

use crate::grant::{AttemptId, Lease, Refusal, Renewable, Revoked, TokenIdempotency};
use crate::renewal::{Answer, Issued, Tokens};

/// The most requests for one code, and the wait between them. The user is looking on.
const EXCHANGES: u32 = 3;
const EXCHANGE_WAIT: Duration = Duration::from_millis(500);

/// The longest wait that is believed, as for every other `Retry-After`. It is written down for all processes, and one
/// answer of a gateway must not put a grant to sleep for a year.
const LONGEST_HINT: Duration = Duration::from_secs(10 * 60);

/// Where pairs come from.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) endpoint: TokenEndpoint,
    pub(crate) revocation: Option<RevocationEndpoint>,
    pub(crate) source: GrantSource,
    pub(crate) idempotency: TokenIdempotency,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Who gives the grants of one program, and so what a request for the next pair shows.
#[derive(Clone, Debug)]
pub enum GrantSource {
    /// Users, by connecting. A request shows the refresh token of the pair before.
    Users(ClientRegistration),
    /// Nobody: the program acts for itself, and a request shows its own credentials. Every grant is there from the
    /// beginning.
    Program(ClientCredentials),
}

impl Authority {
    /// Sends one request for the next pair.
    ///
    /// It takes the lease because nothing else gives the right to: who sends a refresh token without one spends what
    /// somebody else holds.
    pub(crate) async fn renew(
        &self,
        lease: &Lease,
        refresh_token: Option<&SecretString>,
    ) -> Answer {
        let key = self.key_of(&lease.attempt);
        let sent = match (&self.source, refresh_token) {
            (GrantSource::Program(grant), _) => self.send(grant.into(), key).await,
            (GrantSource::Users(client), Some(token)) => {
                let grant = RefreshToken::new(client.clone(), token.clone());
                self.send((&grant).into(), key).await
            }
            // A pair without a refresh token is never leased: it cannot be renewed.
            (GrantSource::Users(_), None) => return Answer::NotNow(None),
        };
        match sent {
            Ok(token) => Answer::Issued(token.into()),
            Err(error) => match (self.answer(&error), &self.source) {
                // Nobody gave this grant, so nobody took it back: what is refused is the program, or what it asks for.
                (Answer::Denied(refusal) | Answer::Refused(refusal), GrantSource::Program(_)) => {
                    Answer::ClientRejected(refusal)
                }
                (answer, GrantSource::Users(_) | GrantSource::Program(_)) => answer,
            },
        }
    }

    /// The idempotency key of an attempt, where the server looks at it.
    fn key_of<'a>(&self, attempt: &'a AttemptId) -> Option<&'a str> {
        match self.idempotency {
            TokenIdempotency::None => None,
            TokenIdempotency::Header => Some(attempt.as_str()),
        }
    }

    async fn send(
        &self,
        mut request: TokenRequest<'_>,
        key: Option<&str>,
    ) -> Result<IssuedToken, TokenError> {
        if let Some(key) = key {
            request = request.idempotency_key(key);
        }
        self.endpoint.request(request).await
    }

    /// What an error means for a grant.
    fn answer(&self, error: &TokenError) -> Answer {
        match error.kind() {
            TokenErrorKind::NotSent => Answer::NotSent,
            TokenErrorKind::Transient => Answer::NotNow(self.hint(error)),
            TokenErrorKind::Failed => Answer::Failed(self.hint(error)),
            TokenErrorKind::Ambiguous => Answer::Ambiguous,
            TokenErrorKind::Client => Answer::ClientRejected(refusal(error)),
            // A refresh names no scope, so it is the grant's own that is refused.
            TokenErrorKind::Grant | TokenErrorKind::Scope => Answer::Denied(refusal(error)),
            TokenErrorKind::Unusable => salvaged(error),
            // RFC 6749 §5.2 has these two for refusals.
            TokenErrorKind::Refused
                if matches!(
                    error.status(),
                    Some(StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
                ) =>
            {
                Answer::Refused(refusal(error))
            }
            // Or a kind that a newer version knows: nothing says that the grant is at fault.
            TokenErrorKind::Refused | TokenErrorKind::Redirected | _ => {
                Answer::Elsewhere(refusal(error))
            }
        }
    }

    /// How long the server asks to be left alone, so far as anybody waits for it.
    fn hint(&self, error: &TokenError) -> Option<Duration> {
        let now: SystemTime = self.clock.now();
        let hint = rate_limit_hint(error.headers()?, RateReset::Undocumented, None, now);
        hint.map(|hint| hint.duration().min(LONGEST_HINT))
    }

    /// Asks once for a pair to be revoked; `None` if nothing was said that counts.
    ///
    /// The refresh token is shown where there is one: with it, servers revoke the access token as well, and the other way
    /// round only some do (RFC 7009 §2.1).
    pub(crate) async fn revoke(&self, tokens: &Tokens) -> Option<Revoked> {
        let (Some(endpoint), GrantSource::Users(client)) = (&self.revocation, &self.source) else {
            return Some(Revoked::Unsupported);
        };
        let asked = match (&tokens.refresh, &tokens.access) {
            (Some(token), _) => endpoint.revoke(client, token, TokenTypeHint::RefreshToken).await,
            (None, Some(token)) => endpoint.revoke(client, token, TokenTypeHint::AccessToken).await,
            (None, None) => return Some(Revoked::Yes),
        };
        match asked {
            Ok(()) => Some(Revoked::Yes),
            Err(error) if error.kind() == RevocationErrorKind::Unsupported => {
                Some(Revoked::Unsupported)
            }
            Err(_) => None,
        }
    }

    /// Exchanges an authorization code, once. A server that sees a code twice revokes what it issued for it
    /// (RFC 6749 §4.1.2), so only a request that surely was not sent is sent again, or one whose lost answer the server
    /// gives again for its key.
    ///
    /// Of a damaged answer the refresh token is enough.
    pub(crate) async fn exchange(
        &self,
        code: &AuthorizationCode,
        attempt: &AttemptId,
    ) -> Result<Issued, TokenError> {
        let key = self.key_of(attempt);
        let mut left = EXCHANGES;
        loop {
            left -= 1;
            let sent = self.send(code.into(), key).await;
            let again = match sent.as_ref().map_err(TokenError::kind) {
                Err(TokenErrorKind::NotSent) => true,
                Err(TokenErrorKind::Ambiguous) => key.is_some(),
                Ok(_) | Err(_) => false,
            };
            if !again || left == 0 {
                return match sent {
                    Ok(token) => Ok(token.into()),
                    Err(error) => error.salvaged().and_then(Issued::salvaged).ok_or(error),
                };
            }
            self.clock.sleep(EXCHANGE_WAIT).await;
        }
    }

    /// Whether a grant is there without anybody connecting it.
    pub(crate) fn needs_no_user(&self) -> bool {
        matches!(self.source, GrantSource::Program(_))
    }

    /// Whether a pair with this refresh token can be renewed.
    pub(crate) fn renewable(&self, refresh_token: Option<&SecretString>) -> Renewable {
        match (&self.source, refresh_token) {
            (GrantSource::Program(_), _) | (GrantSource::Users(_), Some(_)) => Renewable::Yes,
            (GrantSource::Users(_), None) => Renewable::No,
        }
    }
}

/// A success that is damaged. A refresh token is enough to go on with. An access token alone is not: the refresh token
/// that was before it may be spent.
fn salvaged(error: &TokenError) -> Answer {
    let Some(salvaged) = error.salvaged() else { return Answer::Ambiguous };
    match Issued::salvaged(salvaged) {
        Some(issued) => Answer::Issued(issued),
        None => Answer::Unreadable(Zeroizing::new(salvaged.body.expose().to_vec())),
    }
}

fn refusal(error: &TokenError) -> Refusal {
    Refusal {
        code: error.code().map(|code| code.as_str().to_owned()),
        status: error.status().map_or(0, |status| status.as_u16()),
        request_id: error.request_id().map(str::to_owned),
    }
}
