//! One request to the token endpoint.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::DATE;
use http::{HeaderMap, HeaderValue};
use specwright_core::clock::Clock;
use specwright_core::transport::{SendError, Transport, TransportResponse};
use url::Url;
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::form::FormEndpoint;
use crate::grant::TokenRequest;
use crate::lifetime::{Reckoning, UNNAMED_LIFETIME};
use crate::refusal::{Author, Refusal};
use crate::response::{self, IssuedToken, Unusable};

/// The token endpoint of an authorization server (RFC 6749 §3.2).
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    endpoint: FormEndpoint,
    clock: Arc<dyn Clock>,
    unnamed_lifetime: Duration,
}

impl TokenEndpoint {
    /// An endpoint at `url`, which comes from [`confidential_url`](crate::confidential_url): the secret is in the body.
    ///
    /// The transport should not reuse connections for it: one that the server has just closed turns "surely not sent"
    /// into "maybe".
    pub fn new(
        url: Url,
        user_agent: HeaderValue,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let endpoint = FormEndpoint { url, user_agent, transport };
        Self { endpoint, clock, unnamed_lifetime: UNNAMED_LIFETIME }
    }

    /// Sets the lifetime of a token whose answer names none. Default: 3,600 s.
    pub fn unnamed_lifetime(mut self, lifetime: Duration) -> Self {
        self.unnamed_lifetime = lifetime;
        self
    }

    /// Asks once for a token. Nothing is repeated here, and a redirect is an error.
    ///
    /// The future that is dropped may have sent the request, and then its answer is lost. Where that matters, let it
    /// run on a task of its own.
    pub async fn request(
        &self,
        request: impl Into<TokenRequest<'_>>,
    ) -> Result<IssuedToken, TokenError> {
        let request = request.into();
        let answer = self.endpoint.post(request.form(), request.idempotency_key).await;
        let (head, body) = match answer {
            Ok(answer) => answer.into_parts(),
            Err(error) => return self.broken_off(&request, error),
        };
        // The only handle, as a rule: then it is the memory of the transport itself that is overwritten.
        let body = Zeroizing::new(Vec::from(body.into_bytes()));
        if !head.status.is_success() {
            return Err(TokenError::refused(Refusal::read(head.status, head.headers, &body)));
        }
        self.read(&request, &head.headers, &body).map_err(|unusable| {
            without_token(Refusal::read(head.status, head.headers, &body), unusable)
        })
    }

    /// A success that breaks off is as good as a whole one if its refresh token had arrived. Otherwise it is no answer:
    /// the same request may bring it.
    fn broken_off(
        &self,
        request: &TokenRequest<'_>,
        mut error: SendError,
    ) -> Result<IssuedToken, TokenError> {
        let answer = error.take_broken_off().filter(|answer| answer.status().is_success());
        let Some((head, body)) = answer.map(TransportResponse::into_parts) else {
            return Err(TokenError::unanswered(error));
        };
        let body = Zeroizing::new(Vec::from(body.into_bytes()));
        match self.read(request, &head.headers, &body) {
            Ok(token) => Ok(token),
            Err(unusable) if unusable.salvaged.refresh_token.is_some() => {
                let head = Refusal::read(head.status, head.headers, &body);
                Err(TokenError::unusable(head, unusable))
            }
            Err(_) => Err(TokenError::unanswered(error)),
        }
    }

    /// Reads the body of a success.
    fn read(
        &self,
        request: &TokenRequest<'_>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<IssuedToken, Unusable> {
        let reckoning = Reckoning {
            date: date(headers),
            local: self.clock.now(),
            unnamed: self.unnamed_lifetime,
        };
        let mut read = response::read(body, request.expected(), &reckoning);
        let scope = match &mut read {
            Ok(token) => &mut token.scope,
            Err(unusable) => &mut unusable.salvaged.scope,
        };
        // RFC 6749 §5.1, also where the member may have been in the part of the answer that is missing.
        if scope.is_none() {
            *scope = request.scope().map(str::to_owned);
        }
        read
    }
}

/// A success without a token. Some servers refuse under a 200, and then the code says why; a refresh token beside it is
/// the one that was shown, repeated.
fn without_token(answer: Refusal, unusable: Unusable) -> TokenError {
    match answer.author {
        Author::Application if unusable.salvaged.access_token.is_none() => {
            TokenError::refused(answer)
        }
        Author::Application | Author::Edge => TokenError::unusable(answer, unusable),
    }
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}
