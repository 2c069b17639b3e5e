//! Why no token came, and whose fault it is.

use std::error::Error as StdError;
use std::fmt;

use http::{HeaderMap, StatusCode};
use specwright_core::transport::{SendError, Sent};

use crate::refusal::{Author, ErrorCode, Refusal};
use crate::response::{Defect, Salvaged, Unusable};

/// A token request that brought no token.
///
/// It keeps the status, the registered error code, the server's name for the request and the headers. Of the body of a
/// success are kept the tokens that could be read ([`Self::salvaged`]), as secrets; any other body is not kept, because
/// servers repeat what they were sent, and that is the client secret.
pub struct TokenError(Box<Cause>);

enum Cause {
    Unanswered(SendError),
    Refused(TokenErrorKind, Refusal),
    Unusable(Refusal, Unusable),
}

/// Whose fault it is, and so what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenErrorKind {
    /// The program itself is refused: wrong secret, unknown client, grant type not allowed. Nothing that one grant did,
    /// so it says nothing about grants.
    Client,
    /// The grant is refused (`invalid_grant`): taken back, spent, ended, or never this program's.
    Grant,
    /// What was asked for is refused: the scope (`invalid_scope`) or the audience (`invalid_target`). The grant itself
    /// may be well.
    Scope,
    /// Refused without a reason that is known. Whether program or grant is meant only shows by how other grants of the
    /// same program fare.
    Refused,
    /// The server did nothing now, and may do it later: 408, 425, 429, or two requests that collided, which some
    /// servers report as `invalid_request` (RFC 6749 §5.2 has no code for it).
    Transient,
    /// The server failed (5xx). It may have issued tokens before it did.
    Failed,
    /// The request surely did not reach the server.
    NotSent,
    /// The request was sent and no answer came. A token may have been issued that nobody holds.
    Ambiguous,
    /// The endpoint answered with a redirect. It is not followed: the secret is in the body.
    Redirected,
    /// The endpoint answered with a success that holds no bearer token, or only a part of what it issued. See
    /// [`TokenError::salvaged`].
    Unusable,
}

impl TokenError {
    /// The endpoint answered with a refusal.
    pub(crate) fn refused(refusal: Refusal) -> Self {
        let kind = kind(refusal.status, refusal.code);
        Self(Box::new(Cause::Refused(kind, refusal)))
    }

    /// The endpoint answered with a success that is of no use, and whose head is in `answer`.
    pub(crate) fn unusable(answer: Refusal, unusable: Unusable) -> Self {
        Self(Box::new(Cause::Unusable(answer, unusable)))
    }

    /// The endpoint did not answer.
    pub(crate) fn unanswered(error: SendError) -> Self {
        Self(Box::new(Cause::Unanswered(error)))
    }

    /// Whose fault it is.
    pub fn kind(&self) -> TokenErrorKind {
        match &*self.0 {
            Cause::Unanswered(error) => match error.sent {
                Sent::No => TokenErrorKind::NotSent,
                Sent::Maybe => TokenErrorKind::Ambiguous,
            },
            Cause::Refused(kind, _) => *kind,
            Cause::Unusable(..) => TokenErrorKind::Unusable,
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

    /// Who wrote the answer, if there was one. A gateway's refusal says nothing about program or grant.
    pub fn author(&self) -> Option<Author> {
        Some(self.answer()?.author)
    }

    /// The server's name for the request, for its support: `X-Request-Id` or `error.request_id`, if it has at most 128
    /// characters of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`.
    pub fn request_id(&self) -> Option<&str> {
        self.answer()?.request_id.as_deref()
    }

    /// The headers of the answer, if there was one: they may say when to come back. They may hold cookies; do not log
    /// them.
    pub fn headers(&self) -> Option<&HeaderMap> {
        Some(&self.answer()?.headers)
    }

    /// What could be read of a success, with its body. `Some` exactly if the kind is [`TokenErrorKind::Unusable`].
    pub fn salvaged(&self) -> Option<&Salvaged> {
        match &*self.0 {
            Cause::Unusable(_, unusable) => Some(&unusable.salvaged),
            Cause::Unanswered(_) | Cause::Refused(..) => None,
        }
    }

    /// Whether the same request may succeed a little later.
    ///
    /// For a refresh token this is only half of the question: where [`Self::may_have_issued`], the token may be spent.
    pub fn may_pass(&self) -> bool {
        match self.kind() {
            TokenErrorKind::Transient
            | TokenErrorKind::Failed
            | TokenErrorKind::NotSent
            | TokenErrorKind::Ambiguous => true,
            // A page of a gateway under a 200 passes; a server that issues other tokens will go on to do so.
            TokenErrorKind::Unusable => self.defect() != Some(Defect::OtherType),
            TokenErrorKind::Client
            | TokenErrorKind::Grant
            | TokenErrorKind::Scope
            | TokenErrorKind::Refused
            | TokenErrorKind::Redirected => false,
        }
    }

    /// Whether the server may have issued tokens for this request, and ended the old ones.
    pub fn may_have_issued(&self) -> bool {
        match self.kind() {
            TokenErrorKind::Failed | TokenErrorKind::Ambiguous | TokenErrorKind::Unusable => true,
            TokenErrorKind::Client
            | TokenErrorKind::Grant
            | TokenErrorKind::Scope
            | TokenErrorKind::Refused
            | TokenErrorKind::Transient
            | TokenErrorKind::NotSent
            | TokenErrorKind::Redirected => false,
        }
    }

    fn answer(&self) -> Option<&Refusal> {
        match &*self.0 {
            Cause::Unanswered(_) => None,
            Cause::Refused(_, answer) | Cause::Unusable(answer, _) => Some(answer),
        }
    }

    fn defect(&self) -> Option<Defect> {
        match &*self.0 {
            Cause::Unusable(_, unusable) => Some(unusable.why),
            Cause::Unanswered(_) | Cause::Refused(..) => None,
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
        // RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4: each says that the request was not carried out.
        408 | 425 | 429 => return TokenErrorKind::Transient,
        500.. => return TokenErrorKind::Failed,
        _ => {}
    }
    match code {
        Some(ErrorCode::InvalidGrant) => TokenErrorKind::Grant,
        Some(ErrorCode::InvalidScope | ErrorCode::InvalidTarget) => TokenErrorKind::Scope,
        // Some servers report two requests that collided as `invalid_request` and ask to try again.
        Some(ErrorCode::InvalidRequest | ErrorCode::TemporarilyUnavailable) => {
            TokenErrorKind::Transient
        }
        Some(ErrorCode::ServerError) => TokenErrorKind::Failed,
        Some(
            ErrorCode::InvalidClient
            | ErrorCode::UnauthorizedClient
            | ErrorCode::UnsupportedGrantType,
        ) => TokenErrorKind::Client,
        // The other codes belong to other endpoints; what a token endpoint means by them is not written anywhere.
        Some(
            ErrorCode::AccessDenied
            | ErrorCode::UnsupportedResponseType
            | ErrorCode::UnsupportedTokenType,
        )
        | None => TokenErrorKind::Refused,
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self.kind() {
            TokenErrorKind::Client => "the token endpoint refused the client id or its secret",
            TokenErrorKind::Grant => "the token endpoint refused the grant",
            TokenErrorKind::Scope => "the token endpoint refused the scope or the audience",
            TokenErrorKind::Refused => "the token endpoint refused without a known reason",
            TokenErrorKind::Transient => "the token endpoint did not issue a token now",
            TokenErrorKind::Failed => "the token endpoint failed",
            TokenErrorKind::NotSent => "the token request could not be sent",
            TokenErrorKind::Ambiguous => "the token endpoint did not answer",
            TokenErrorKind::Redirected => {
                "the token endpoint answered with a redirect, which is not followed"
            }
            TokenErrorKind::Unusable => match self.defect() {
                Some(Defect::OtherType) => {
                    "the token endpoint issued a token that is no bearer token"
                }
                Some(Defect::Damaged) => "the answer of the token endpoint is damaged",
                Some(Defect::NoToken) | None => "the token endpoint answered without a token",
            },
        })?;
        let Some(answer) = self.answer() else { return Ok(()) };
        answer.write_facts(to)
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("TokenError")
            .field("kind", &self.kind())
            .field("code", &self.code())
            .field("status", &self.status())
            .field("author", &self.author())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

impl StdError for TokenError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.0 {
            Cause::Unanswered(error) => Some(error),
            Cause::Refused(..) | Cause::Unusable(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use specwright_core::transport::SendErrorKind;

    use super::*;

    fn answered(status: u16, body: &str) -> TokenError {
        let status = StatusCode::from_u16(status).unwrap();
        TokenError::refused(Refusal::read(status, HeaderMap::new(), body.as_bytes()))
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
        use TokenErrorKind::{Client, Failed, Grant, Redirected, Refused, Scope, Transient};
        let rows = [
            (400, "invalid_grant", Grant, Refused),
            (401, "invalid_grant", Grant, Refused),
            (400, "invalid_scope", Scope, Refused),
            (400, "invalid_target", Scope, Refused),
            (400, "invalid_request", Transient, Refused),
            (400, "temporarily_unavailable", Transient, Refused),
            (400, "server_error", Failed, Refused),
            (400, "invalid_client", Client, Refused),
            (401, "invalid_client", Client, Refused),
            (400, "unauthorized_client", Client, Refused),
            (401, "unauthorized_client", Client, Refused),
            (403, "unauthorized_client", Client, Refused),
            (400, "unsupported_grant_type", Client, Refused),
            (401, "unsupported_grant_type", Client, Refused),
            (403, "access_denied", Refused, Refused),
            (400, "unsupported_token_type", Refused, Refused),
            (400, "something_new", Refused, Refused),
            (404, "something_new", Refused, Refused),
            (408, "invalid_client", Transient, Transient),
            (425, "invalid_grant", Transient, Transient),
            (429, "invalid_client", Transient, Transient),
            (500, "invalid_grant", Failed, Failed),
            (503, "temporarily_unavailable", Failed, Failed),
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
    fn a_token_may_have_been_issued_where_no_answer_came_or_the_server_failed() {
        assert!(answered(502, "<html>").may_have_issued());
        let error = SendError::new(Sent::Maybe, SendErrorKind::Timeout);
        assert!(TokenError::unanswered(error).may_have_issued());
        for (status, body) in [(400, r#"{"error":"invalid_request"}"#), (429, ""), (401, "")] {
            assert!(!answered(status, body).may_have_issued(), "{status}");
        }
    }

    #[test]
    fn nothing_that_the_server_wrote_is_shown() {
        let body = r#"{"error":"canary_code","error_description":"canary-secret"}"#;
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", "canary-cookie".parse().unwrap());
        headers.insert("x-request-id", "canary secret".parse().unwrap());
        let refusal = Refusal::read(StatusCode::BAD_REQUEST, headers, body.as_bytes());
        let error = TokenError::refused(refusal);
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn display_names_status_registered_code_and_request() {
        let error = answered(401, r#"{"error":"invalid_client"}"#);
        assert_eq!(
            error.to_string(),
            "the token endpoint refused the client id or its secret (status 401, invalid_client)"
        );
        let error = answered(400, r#"{"error":{"code":"x","request_id":"req-1"}}"#);
        assert_eq!(
            error.to_string(),
            "the token endpoint refused without a known reason (status 400, request req-1)"
        );
    }
}
