//! The credential that nothing refreshes.

use std::time::{Duration, SystemTime};

use specwright_core::types::SecretString;

/// An access token that somebody made by hand and that nothing can refresh.
///
/// There is no way from this type to a token request: when the token is refused, the call fails. A refresh token is a
/// request:
///
/// ```
/// use specwright_oauth::{ClientRegistration, RefreshToken, TokenRequest};
///
/// let token = RefreshToken::new(ClientRegistration::public("client id"), "refresh token");
/// let request: TokenRequest<'_> = (&token).into();
/// ```
///
/// A static token is none, and this does not compile:
///
/// ```compile_fail,E0277
/// use specwright_oauth::{StaticToken, TokenRequest};
///
/// let token = StaticToken::new("made by hand");
/// let request: TokenRequest<'_> = (&token).into();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StaticToken {
    /// The token.
    pub token: SecretString,
    /// When it ends, if that is known. From then on calls fail without a request.
    pub expires_at: Option<SystemTime>,
}

/// How a static token is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaticTokenStatus {
    /// It is valid, and does not end within [`StaticToken::WARNINGS`], as far as is known.
    Valid,
    /// It is valid, and somebody has to make another one within this time.
    ExpiringSoon {
        /// What is left.
        left: Duration,
    },
    /// It has ended.
    Ended,
}

impl StaticToken {
    /// How long before its end a token is said to end, each time more urgently: 14 days, 3 days and a day. Time for a
    /// person who has to make another one, holidays included.
    pub const WARNINGS: [Duration; 3] = [days(14), days(3), days(1)];

    /// A token without a known end.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self { token: token.into(), expires_at: None }
    }

    /// Sets [`Self::expires_at`].
    pub fn expires_at(mut self, moment: SystemTime) -> Self {
        self.expires_at = Some(moment);
        self
    }

    /// How it is doing at a moment.
    pub fn status(&self, now: SystemTime) -> StaticTokenStatus {
        let Some(end) = self.expires_at else { return StaticTokenStatus::Valid };
        match end.duration_since(now) {
            Err(_) | Ok(Duration::ZERO) => StaticTokenStatus::Ended,
            Ok(left) if Self::WARNINGS.iter().any(|warning| left <= *warning) => {
                StaticTokenStatus::ExpiringSoon { left }
            }
            Ok(_) => StaticTokenStatus::Valid,
        }
    }
}

const fn days(number: u64) -> Duration {
    Duration::from_secs(number * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let token = StaticToken::new("canary-token");
        let shown = format!("{token:?} {token:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_token_ends_soon_from_fourteen_days_before_its_end() {
        let end = SystemTime::UNIX_EPOCH + days(100);
        let token = StaticToken::new("fake").expires_at(end);
        let second = Duration::from_secs(1);
        let soon = |left| StaticTokenStatus::ExpiringSoon { left };
        for (now, expected) in [
            (end - days(14) - second, StaticTokenStatus::Valid),
            (end - days(14), soon(days(14))),
            (end - second, soon(second)),
            (end, StaticTokenStatus::Ended),
            (end + second, StaticTokenStatus::Ended),
        ] {
            assert_eq!(token.status(now), expected);
        }
    }

    #[test]
    fn a_token_without_a_known_end_is_valid() {
        let token = StaticToken::new("fake");
        assert_eq!(token.status(SystemTime::UNIX_EPOCH + days(100_000)), StaticTokenStatus::Valid);
    }
}
