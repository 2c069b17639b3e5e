//! Why a token endpoint gives nothing (RFC 6749, section 5.2).

use http::StatusCode;

use crate::answer::Answer;
use crate::body::ReadBody;
use crate::error::StartError;

/// A refusal in the form of RFC 6749.
#[derive(Debug)]
pub(crate) struct TokenError {
    status: StatusCode,
    /// The code, such as `invalid_grant`.
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl TokenError {
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description: description.into() }
    }

    pub(crate) fn invalid_client() -> Self {
        let description = "The client is not known, or its secret is wrong.";
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", description) }
    }

    pub(crate) fn invalid_grant(description: &str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(crate) fn into_answer(self) -> Answer {
        Answer::oauth_error(self.status, self.error, &self.description)
    }
}

impl From<StartError> for TokenError {
    fn from(error: StartError) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, ..Self::new("server_error", error.to_string()) }
    }
}

impl ReadBody {
    /// A text member; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
    }

    /// Refuses a body that breaks its schema.
    pub(crate) fn check(&self) -> Result<(), TokenError> {
        if self.violations.is_empty() {
            return Ok(());
        }
        let reasons: Vec<String> = self.violations.iter().map(ToString::to_string).collect();
        Err(TokenError::new("invalid_request", reasons.join("; ")))
    }
}
