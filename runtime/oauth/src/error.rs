//! Why no token came, and whose fault it is.

use std::error::Error as StdError;
use std::fmt;

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use specwright_core::transport::{SendError, Sent};

use crate::response::Unusable;

/// A token request that brought no token.
///
/// It keeps the status, the registered error code and the headers. The body is not kept: servers repeat what they were
/// sent, and that is the client secret.
#[non_exhaustive]
pub struct TokenError {
    kind: TokenErrorKind,
    code: Option<ErrorCode>,
    status: Option<StatusCode>,
    headers: HeaderMap,
    cause: Option<Cause>,
}

/// What is known beyond the kind.
enum Cause {
    Unanswered(SendError),
    Unusable(Unusable),
}

/// Whose fault it is, and so what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenErrorKind {
    /// The program itself is refused: wrong secret, unknown client, grant type not allowed. Nothing that one grant did,
    /// so it says nothing about grants.
    Client,
    /// What was asked for is refused: the grant is gone, or the scope is not allowed.
    Grant,
    /// The server did not do it now: 408, 429, 5xx, or a collision that it reports as `invalid_request`.
    Transient,
    /// The request surely did not reach the server.
    NotSent,
    /// The request was sent and no answer came. A token may have been issued that nobody holds.
    Ambiguous,
    /// The endpoint answered with a redirect. It is not followed: the secret is in the body.
    Redirected,
    /// The endpoint answered 200 with something that holds no bearer token.
    Unusable,
}

/// The registered error codes (RFC 6749 §5.2 and §4.1.2.1, RFC 8707 §2). Others are not kept: a text that a server
/// chose freely has no place in a log beside a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `invalid_request`
    InvalidRequest,
    /// `invalid_client`
    InvalidClient,
    /// `invalid_grant`
    InvalidGrant,
    /// `unauthorized_client`
    UnauthorizedClient,
    /// `unsupported_grant_type`
    UnsupportedGrantType,
    /// `invalid_scope`
    InvalidScope,
    /// `invalid_target`
    InvalidTarget,
    /// `access_denied`
    AccessDenied,
    /// `server_error`
    ServerError,
    /// `temporarily_unavailable`
    TemporarilyUnavailable,
}

impl TokenError {
    /// The endpoint answered with a status other than 200.
    pub(crate) fn answered(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Self {
        let code = ErrorCode::read(body);
        Self { kind: kind(status, code), code, status: Some(status), headers, cause: None }
    }

    /// The endpoint answered 200 with nothing of use.
    pub(crate) fn unusable(status: StatusCode, headers: HeaderMap, why: Unusable) -> Self {
        let cause = Some(Cause::Unusable(why));
        Self { kind: TokenErrorKind::Unusable, code: None, status: Some(status), headers, cause }
    }

    /// The endpoint did not answer.
    pub(crate) fn unanswered(error: SendError) -> Self {
        let kind = match error.sent {
            Sent::No => TokenErrorKind::NotSent,
            Sent::Maybe => TokenErrorKind::Ambiguous,
        };
        let cause = Some(Cause::Unanswered(error));
        Self { kind, code: None, status: None, headers: HeaderMap::new(), cause }
    }

    /// Whose fault it is.
    pub fn kind(&self) -> TokenErrorKind {
        self.kind
    }

    /// The registered error code of the answer, if it has one.
    pub fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The headers of the answer: they may say when to come back. They may hold cookies; do not log them.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Whether the same request may succeed a little later.
    pub fn may_pass(&self) -> bool {
        match self.kind {
            TokenErrorKind::Transient | TokenErrorKind::NotSent | TokenErrorKind::Ambiguous => true,
            // A page of a gateway under a 200 passes; a server that issues other tokens will go on to do so.
            TokenErrorKind::Unusable => {
                !matches!(self.cause, Some(Cause::Unusable(Unusable::OtherType)))
            }
            TokenErrorKind::Client | TokenErrorKind::Grant | TokenErrorKind::Redirected => false,
        }
    }
}

/// The table of statuses and codes.
///
/// A status that speaks of the moment wins, because a gateway may repeat an old body. Below that the code decides:
/// servers agree on codes only, not on their statuses.
fn kind(status: StatusCode, code: Option<ErrorCode>) -> TokenErrorKind {
    match status.as_u16() {
        300..=399 => return TokenErrorKind::Redirected,
        408 | 429 | 500.. => return TokenErrorKind::Transient,
        _ => {}
    }
    match code {
        Some(ErrorCode::InvalidGrant | ErrorCode::InvalidScope | ErrorCode::InvalidTarget) => {
            TokenErrorKind::Grant
        }
        // Some servers report two requests that collided as `invalid_request` and ask to try again.
        Some(
            ErrorCode::InvalidRequest | ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable,
        ) => TokenErrorKind::Transient,
        // Without a code the request was refused all the same, and in this grant it holds nothing but the program's
        // own credentials.
        Some(
            ErrorCode::InvalidClient
            | ErrorCode::UnauthorizedClient
            | ErrorCode::UnsupportedGrantType
            | ErrorCode::AccessDenied,
        )
        | None => TokenErrorKind::Client,
    }
}

impl ErrorCode {
    /// Reads `error`, or `error.code` where a server wraps its errors.
    fn read(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let error = body.get("error")?;
        let code = error.as_str().or_else(|| error.get("code")?.as_str())?;
        Self::ALL.into_iter().find(|known| known.as_str() == code)
    }

    const ALL: [Self; 10] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::InvalidTarget,
        Self::AccessDenied,
        Self::ServerError,
        Self::TemporarilyUnavailable,
    ];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self.kind {
            TokenErrorKind::Client => "the token endpoint refused the client id or its secret",
            TokenErrorKind::Grant => "the token endpoint refused the grant or its scope",
            TokenErrorKind::Transient => "the token endpoint did not issue a token now",
            TokenErrorKind::NotSent => "the token request could not be sent",
            TokenErrorKind::Ambiguous => "the token endpoint did not answer",
            TokenErrorKind::Redirected => {
                "the token endpoint answered with a redirect, which is not followed"
            }
            TokenErrorKind::Unusable => match self.cause {
                Some(Cause::Unusable(Unusable::OtherType)) => {
                    "the token endpoint issued a token that is no bearer token"
                }
                _ => "the token endpoint answered without a token",
            },
        })?;
        match (self.status, self.code) {
            (Some(status), Some(code)) => {
                write!(to, " (status {}, {})", status.as_u16(), code.as_str())
            }
            (Some(status), None) => write!(to, " (status {})", status.as_u16()),
            (None, _) => Ok(()),
        }
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("TokenError")
            .field("kind", &self.kind)
            .field("code", &self.code)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl StdError for TokenError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.cause {
            Some(Cause::Unanswered(error)) => Some(error),
            Some(Cause::Unusable(_)) | None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use specwright_core::transport::SendErrorKind;

    use super::*;

    fn answered(status: u16, body: &str) -> TokenError {
        let status = StatusCode::from_u16(status).unwrap();
        TokenError::answered(status, HeaderMap::new(), body.as_bytes())
    }

    /// The three shapes in which servers report: RFC 6749, wrapped, and a page.
    fn shapes(code: &str) -> [String; 3] {
        [
            format!(r#"{{"error":"{code}","error_description":"words"}}"#),
            format!(r#"{{"error":{{"code":"{code}","message":"words"}}}}"#),
            "<html>words</html>".to_owned(),
        ]
    }

    #[test]
    fn each_answer_has_its_kind_in_each_shape() {
        use TokenErrorKind::{Client, Grant, Redirected, Transient};
        let rows = [
            (400, "invalid_grant", Grant, Client),
            (400, "invalid_scope", Grant, Client),
            (400, "invalid_target", Grant, Client),
            (400, "invalid_request", Transient, Client),
            (400, "invalid_client", Client, Client),
            (401, "invalid_client", Client, Client),
            (401, "invalid_grant", Grant, Client),
            (400, "unauthorized_client", Client, Client),
            (403, "unauthorized_client", Client, Client),
            (400, "unsupported_grant_type", Client, Client),
            (400, "something_new", Client, Client),
            (404, "something_new", Client, Client),
            (408, "invalid_client", Transient, Transient),
            (429, "invalid_client", Transient, Transient),
            (500, "invalid_grant", Transient, Transient),
            (503, "temporarily_unavailable", Transient, Transient),
            (307, "invalid_grant", Redirected, Redirected),
        ];
        for (status, code, with_code, without_code) in rows {
            let [plain, wrapped, page] = shapes(code);
            assert_eq!(answered(status, &plain).kind(), with_code, "{status} {code}");
            assert_eq!(answered(status, &wrapped).kind(), with_code, "{status} {code} wrapped");
            assert_eq!(answered(status, &page).kind(), without_code, "{status} page");
        }
    }

    #[test]
    fn a_request_without_an_answer_says_whether_it_was_sent() {
        let kind =
            |sent| TokenError::unanswered(SendError::new(sent, SendErrorKind::Interrupted)).kind();
        assert_eq!(kind(Sent::No), TokenErrorKind::NotSent);
        assert_eq!(kind(Sent::Maybe), TokenErrorKind::Ambiguous);
    }

    #[test]
    fn nothing_that_the_server_wrote_is_shown() {
        let body = r#"{"error":"canary_code","error_description":"canary-secret"}"#;
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", "canary-cookie".parse().unwrap());
        let error = TokenError::answered(StatusCode::BAD_REQUEST, headers, body.as_bytes());
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn display_names_status_and_registered_code() {
        let error = answered(401, r#"{"error":"invalid_client"}"#);
        assert_eq!(
            error.to_string(),
            "the token endpoint refused the client id or its secret (status 401, invalid_client)"
        );
    }
}
