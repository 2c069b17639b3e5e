//! Giving tokens back (RFC 7009).

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode};
use specwright_core::transport::{SendError, Sent, Transport};
use specwright_core::types::SecretString;
use url::Url;
use zeroize::Zeroizing;

use crate::form::{Form, FormEndpoint};
use crate::refusal::{ErrorCode, Refusal};
use crate::registration::ClientRegistration;

/// The revocation endpoint of an authorization server (RFC 7009 §2).
#[derive(Clone, Debug)]
pub struct RevocationEndpoint {
    endpoint: FormEndpoint,
}

/// Which kind of token it is, so that the server finds it sooner (RFC 7009 §2.1).
///
/// With the refresh token most servers revoke its access tokens as well; with the access token, only some revoke the
/// refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenTypeHint {
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
}

impl RevocationEndpoint {
    /// An endpoint at `url`, which comes from [`confidential_url`](crate::confidential_url): token and secret are in
    /// the body.
    pub fn new(url: Url, user_agent: HeaderValue, transport: Arc<dyn Transport>) -> Self {
        Self { endpoint: FormEndpoint { url, user_agent, transport } }
    }

    /// Asks once that `token` be revoked.
    ///
    /// `Ok` means that it is dead. A token that the server does not know is dead, too, and so the server says
    /// (RFC 7009 §2.2), which makes it safe to ask again after every error that
    /// [may pass](RevocationError::may_pass).
    pub async fn revoke(
        &self,
        client: &ClientRegistration,
        token: &SecretString,
        hint: TokenTypeHint,
    ) -> Result<(), RevocationError> {
        let form =
            Form::new("token", token.expose(), client).with("token_type_hint", hint.as_str());
        let answer = self.endpoint.post(form, None).await.map_err(RevocationError::unanswered)?;
        let (head, body) = answer.into_parts();
        // Of a success the body means nothing (RFC 7009 §2.2).
        if head.status.is_success() {
            return Ok(());
        }
        let body = Zeroizing::new(Vec::from(body.into_bytes()));
        Err(RevocationError::refused(Refusal::read(head.status, head.headers, &body)))
    }
}

impl TokenTypeHint {
    fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// A revocation that the server did not confirm. The token may live.
pub struct RevocationError(Box<Cause>);

enum Cause {
    Unanswered(SendError),
    Refused(RevocationErrorKind, Refusal),
}

/// What stands in the way, and so what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationErrorKind {
    /// The program itself is refused: wrong secret, or not the program that the token was issued to.
    Client,
    /// The server cannot revoke tokens of this kind (`unsupported_token_type`). It lives until it ends.
    Unsupported,
    /// Refused without a reason that is known.
    Refused,
    /// The server did nothing now, and may do it later: 408, 425, 429, 5xx. After a 503 RFC 7009 §2.2.1 has the token
    /// taken for alive.
    Transient,
    /// The request surely did not reach the server.
    NotSent,
    /// The request was sent and no answer came.
    Ambiguous,
    /// The endpoint answered with a redirect. It is not followed: the token is in the body.
    Redirected,
}

impl RevocationError {
    fn unanswered(error: SendError) -> Self {
        Self(Box::new(Cause::Unanswered(error)))
    }

    fn refused(refusal: Refusal) -> Self {
        let kind = kind(refusal.status, refusal.code);
        Self(Box::new(Cause::Refused(kind, refusal)))
    }

    /// What stands in the way.
    pub fn kind(&self) -> RevocationErrorKind {
        match &*self.0 {
            Cause::Unanswered(error) => match error.sent {
                Sent::No => RevocationErrorKind::NotSent,
                Sent::Maybe => RevocationErrorKind::Ambiguous,
            },
            Cause::Refused(kind, _) => *kind,
        }
    }

    /// Whether asking again later may succeed.
    pub fn may_pass(&self) -> bool {
        match self.kind() {
            RevocationErrorKind::Transient
            | RevocationErrorKind::NotSent
            | RevocationErrorKind::Ambiguous => true,
            RevocationErrorKind::Client
            | RevocationErrorKind::Unsupported
            | RevocationErrorKind::Refused
            | RevocationErrorKind::Redirected => false,
        }
    }

    /// The registered error code of the answer, if it has one.
    pub fn code(&self) -> Option<ErrorCode> {
        self.answer()?.code
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        Some(self.answer()?.status)
    }

    /// The server's name for the request, by the rule of [`TokenError::request_id`](crate::TokenError::request_id).
    pub fn request_id(&self) -> Option<&str> {
        self.answer()?.request_id.as_deref()
    }

    /// The headers of the answer, if there was one: `Retry-After` says when to come back. They may hold cookies; do not
    /// log them.
    pub fn headers(&self) -> Option<&HeaderMap> {
        Some(&self.answer()?.headers)
    }

    fn answer(&self) -> Option<&Refusal> {
        match &*self.0 {
            Cause::Unanswered(_) => None,
            Cause::Refused(_, answer) => Some(answer),
        }
    }
}

/// The table of statuses and codes (RFC 7009 §2.2.1, and RFC 6749 §5.2 through it). As at the token endpoint, a status
/// that speaks of the moment wins.
fn kind(status: StatusCode, code: Option<ErrorCode>) -> RevocationErrorKind {
    match status.as_u16() {
        300..=399 => return RevocationErrorKind::Redirected,
        408 | 425 | 429 | 500.. => return RevocationErrorKind::Transient,
        _ => {}
    }
    match code {
        Some(ErrorCode::InvalidClient | ErrorCode::UnauthorizedClient) => {
            RevocationErrorKind::Client
        }
        Some(ErrorCode::UnsupportedTokenType) => RevocationErrorKind::Unsupported,
        Some(ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable) => {
            RevocationErrorKind::Transient
        }
        Some(
            ErrorCode::InvalidRequest
            | ErrorCode::InvalidGrant
            | ErrorCode::UnsupportedGrantType
            | ErrorCode::InvalidScope
            | ErrorCode::InvalidTarget
            | ErrorCode::AccessDenied
            | ErrorCode::UnsupportedResponseType,
        )
        | None => RevocationErrorKind::Refused,
    }
}

impl fmt::Display for RevocationError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self.kind() {
            RevocationErrorKind::Client => {
                "the revocation endpoint refused the client id or its secret"
            }
            RevocationErrorKind::Unsupported => {
                "the revocation endpoint cannot revoke tokens of this kind"
            }
            RevocationErrorKind::Refused => {
                "the revocation endpoint refused without a known reason"
            }
            RevocationErrorKind::Transient => "the revocation endpoint did not revoke now",
            RevocationErrorKind::NotSent => "the revocation request could not be sent",
            RevocationErrorKind::Ambiguous => "the revocation endpoint did not answer",
            RevocationErrorKind::Redirected => {
                "the revocation endpoint answered with a redirect, which is not followed"
            }
        })?;
        let Some(answer) = self.answer() else { return Ok(()) };
        answer.write_facts(to)
    }
}

impl fmt::Debug for RevocationError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("RevocationError")
            .field("kind", &self.kind())
            .field("code", &self.code())
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

impl StdError for RevocationError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.0 {
            Cause::Unanswered(error) => Some(error),
            Cause::Refused(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> RevocationError {
        let status = StatusCode::from_u16(status).unwrap();
        RevocationError::refused(Refusal::read(status, HeaderMap::new(), body.as_bytes()))
    }

    #[test]
    fn each_answer_has_its_kind() {
        use RevocationErrorKind::{Client, Redirected, Refused, Transient, Unsupported};
        for (status, code, expected) in [
            (400, "unsupported_token_type", Unsupported),
            (401, "invalid_client", Client),
            (400, "invalid_client", Client),
            (403, "unauthorized_client", Client),
            (400, "temporarily_unavailable", Transient),
            (400, "invalid_request", Refused),
            (400, "invalid_grant", Refused),
            (400, "something_new", Refused),
            (404, "", Refused),
            (408, "", Transient),
            (429, "", Transient),
            (500, "unsupported_token_type", Transient),
            (503, "", Transient),
            (307, "", Redirected),
        ] {
            let error = answered(status, &format!(r#"{{"error":"{code}"}}"#));
            assert_eq!(error.kind(), expected, "{status} {code}");
        }
    }

    #[test]
    fn nothing_that_the_server_wrote_is_shown() {
        let error = answered(400, r#"{"error":"canary","error_description":"canary"}"#);
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
