//! What an answer without success says, without a word of the server's own choosing.

use std::fmt;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::response::object;

/// An answer of an authorization server that is no success.
///
/// Of the body are kept the registered code and the name of the request. The rest is not: servers repeat what they were
/// sent, and that is secrets.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) author: Author,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) request_id: Option<String>,
}

/// Who wrote an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The authorization server: the body is an error of RFC 6749 §5.2, or the vendor's envelope around one.
    Application,
    /// Something in front of it, such as a gateway, or unknown.
    Edge,
}

/// The registered error codes (RFC 6749 §5.2 and §4.1.2.1, RFC 7009 §2.2.1, RFC 8707 §2). Others are not kept: a text
/// that a server chose freely has no place in a log beside a secret.
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
    /// `unsupported_response_type`
    UnsupportedResponseType,
    /// `unsupported_token_type`
    UnsupportedTokenType,
    /// `server_error`
    ServerError,
    /// `temporarily_unavailable`
    TemporarilyUnavailable,
}

impl Refusal {
    /// Reads an answer: `error` as a text (RFC 6749 §5.2), or as an object with a `code` where a vendor wraps its
    /// errors.
    pub(crate) fn read(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Self {
        let body = object(body);
        let error = body.as_ref().and_then(|body| body.get("error"));
        let code = error.and_then(|error| error.as_str().or_else(|| error.get("code")?.as_str()));
        // Some servers have the member in every answer, and leave it empty in a success.
        let code = code.filter(|code| !code.is_empty());
        let author = if code.is_some() { Author::Application } else { Author::Edge };
        let code = code.and_then(ErrorCode::parse);
        let in_header = headers.get("x-request-id").and_then(|id| id.to_str().ok());
        let in_body = || error?.get("request_id").and_then(Value::as_str);
        let request_id = in_header.filter(|id| is_showable(id)).or_else(in_body);
        let request_id = request_id.filter(|id| is_showable(id)).map(str::to_owned);
        Self { status, headers, author, code, request_id }
    }

    /// Writes what is known of the answer, in parentheses after what an error says.
    pub(crate) fn write_facts(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, " (status {}", self.status.as_u16())?;
        if let Some(code) = self.code {
            write!(to, ", {}", code.as_str())?;
        }
        if let Some(id) = &self.request_id {
            write!(to, ", request {id}")?;
        }
        to.write_str(")")
    }
}

/// Whether a name of a request may stand in a log: no server puts words, and nobody puts a line break, into this.
fn is_showable(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_REQUEST_ID).contains(&id.len()) && id.bytes().all(is_plain)
}

impl ErrorCode {
    const ALL: [Self; 12] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::InvalidTarget,
        Self::AccessDenied,
        Self::UnsupportedResponseType,
        Self::UnsupportedTokenType,
        Self::ServerError,
        Self::TemporarilyUnavailable,
    ];

    /// The registered code that is written like this.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == code)
    }

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
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

/// The longest name of a request that is shown. Names in use have 20 to 50 characters.
const MAX_REQUEST_ID: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: Option<&str>, body: &str) -> Refusal {
        let mut headers = HeaderMap::new();
        if let Some(id) = header {
            headers.insert("x-request-id", id.parse().unwrap());
        }
        Refusal::read(StatusCode::BAD_REQUEST, headers, body.as_bytes())
    }

    #[test]
    fn each_code_is_read_as_it_is_written() {
        for code in ErrorCode::ALL {
            let plain = format!("\u{feff}{{\"error\":\"{}\"}}\n", code.as_str());
            let wrapped = format!(r#"{{"error":{{"code":"{}"}}}}"#, code.as_str());
            assert_eq!(read(None, &plain).code, Some(code));
            assert_eq!(read(None, &wrapped).code, Some(code));
        }
    }

    #[test]
    fn a_code_that_nobody_registered_still_shows_that_the_application_answered() {
        let refusal = read(None, r#"{"error":"something_new"}"#);
        assert_eq!((refusal.author, refusal.code), (Author::Application, None));
    }

    #[test]
    fn what_is_no_error_object_was_written_by_somebody_else() {
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"error":7}"#,
            r#"{"error":""}"#,
            r#"{"error":{}}"#,
            r#""error""#,
        ] {
            assert_eq!(read(None, body).author, Author::Edge, "{body}");
        }
    }

    #[test]
    fn the_request_is_named_by_header_or_envelope() {
        let body = r#"{"error":{"code":"x","request_id":"req_b.1"}}"#;
        assert_eq!(read(Some("req-h"), body).request_id.as_deref(), Some("req-h"));
        assert_eq!(read(None, body).request_id.as_deref(), Some("req_b.1"));
        assert_eq!(read(Some("not fit"), body).request_id.as_deref(), Some("req_b.1"));
        assert_eq!(read(None, r#"{"error":"x","request_id":"r"}"#).request_id, None);
    }

    #[test]
    fn a_name_that_is_not_plain_or_too_long_is_not_kept() {
        for id in ["", "a b", "a\tb", "<b>", "a=b", &"a".repeat(129)] {
            assert_eq!(read(Some(id), "").request_id, None, "{id}");
        }
        assert!(read(Some(&"a".repeat(128)), "").request_id.is_some());
    }
}
