//! One request to the token endpoint.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, DATE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use specwright_core::clock::Clock;
use specwright_core::transport::{
    AttemptLimits, Body, SendError, SendErrorKind, Sent, Transport, TransportRequest,
};
use url::Url;

use crate::error::TokenError;
use crate::grant::ClientCredentials;
use crate::response::{self, IssuedToken, Moments};

/// Time for one token request. It belongs to the refresh, not to a caller.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The largest answer. A token response has a few hundred bytes; an error page may be longer.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// The token endpoint of an authorization server (RFC 6749 §3.2).
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    url: Url,
    user_agent: HeaderValue,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
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
        Self { url, user_agent, transport, clock }
    }

    /// Asks once for a token. Nothing is repeated here, and a redirect is an error.
    pub async fn request(&self, grant: &ClientCredentials) -> Result<IssuedToken, TokenError> {
        let request = self.form_request(grant.form()).map_err(TokenError::unanswered)?;
        let limits = AttemptLimits::new(TIMEOUT)
            .max_success_bytes(MAX_RESPONSE_BYTES)
            .max_error_bytes(MAX_RESPONSE_BYTES);
        let answer = self.transport.send(request, limits).await.map_err(TokenError::unanswered)?;
        let (head, body) = answer.into_parts();
        if head.status != StatusCode::OK {
            return Err(TokenError::answered(head.status, head.headers, &body));
        }
        let moments = Moments { date: date(&head.headers), local: self.clock.now() };
        response::read(&body, &moments)
            .map_err(|why| TokenError::unusable(head.status, head.headers, why))
    }

    fn form_request(&self, form: Vec<u8>) -> Result<TransportRequest, SendError> {
        Request::builder()
            .method(Method::POST)
            .uri(self.url.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(USER_AGENT, self.user_agent.clone())
            .body(Body::from(form))
            .map_err(|error| SendError::new(Sent::No, SendErrorKind::Request).with_source(error))
    }
}

fn date(headers: &HeaderMap) -> Option<std::time::SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}
