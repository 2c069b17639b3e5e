//! The credential that nothing refreshes.

use std::time::SystemTime;

use specwright_core::types::SecretString;

/// An access token that somebody made by hand and that nothing can refresh.
///
/// There is no way from this type to a token request: when the token is refused, the call fails.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StaticToken {
    /// The token.
    pub token: SecretString,
    /// When it ends, if that is known. From then on calls fail without a request.
    pub expires_at: Option<SystemTime>,
}

impl StaticToken {
    /// A token without a known end.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self { token: token.into(), expires_at: None }
    }

    /// Sets [`Self::expires_at`].
    pub fn expires_at(mut self, moment: SystemTime) -> Self {
        self.expires_at = Some(moment);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::StaticToken;

    #[test]
    fn debug_shows_no_secret() {
        let token = StaticToken::new("canary-token");
        let shown = format!("{token:?} {token:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
