//! What a request carries: the header of a token and the generation the token belongs to.

use std::fmt;

use http::HeaderValue;
use serde::{Deserialize, Serialize};
use specwright_core::types::SecretString;

use crate::scopes::Scopes;

/// Numbers the tokens of one credential; every new token raises it by one.
///
/// It is the fence between old news and new tokens: whoever reports a refused token names the generation it saw.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(u64);

impl Generation {
    /// The generation with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The next generation.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A bearer token (RFC 6750 §2.1), ready to be sent.
#[derive(Clone, Debug)]
pub struct Bearer {
    header: HeaderValue,
    generation: Generation,
    scopes: Option<Scopes>,
}

impl Bearer {
    /// A token of a generation. The token must consist of visible ASCII characters.
    pub fn new(token: &SecretString, generation: Generation) -> Result<Self, BearerError> {
        let text = token.expose();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BearerError);
        }
        let mut header =
            HeaderValue::from_str(&format!("Bearer {text}")).map_err(|_| BearerError)?;
        // `Debug` of requests prints headers, and HTTP/2 must not keep this one in its compression table.
        header.set_sensitive(true);
        Ok(Self { header, generation, scopes: None })
    }

    /// Sets [`Self::scopes`]. A call that needs another scope then fails without a request.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = Some(scopes);
        self
    }

    /// The value of the `Authorization` header, marked as sensitive.
    pub fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// The scopes of the token, if they are known.
    pub fn scopes(&self) -> Option<&Scopes> {
        self.scopes.as_ref()
    }

    /// The generation of the token.
    pub fn generation(&self) -> Generation {
        self.generation
    }
}

/// A text that cannot be sent as a bearer token: it is empty or has a character that is not visible ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BearerError;

impl fmt::Display for BearerError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("the access token is empty or has a character that no header may carry")
    }
}

impl std::error::Error for BearerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_the_scheme() {
        let bearer = Bearer::new(&"fake-token".into(), Generation::default()).unwrap();
        assert_eq!(bearer.header(), "Bearer fake-token");
    }

    #[test]
    fn debug_shows_no_token() {
        let bearer = Bearer::new(&"canary-token".into(), Generation::default()).unwrap();
        let shown = format!("{bearer:?} {bearer:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_token_that_would_break_the_header_is_refused() {
        for text in ["", "a b", "a\r\nX: y", "ä"] {
            assert_eq!(
                Bearer::new(&text.into(), Generation::default()).unwrap_err(),
                BearerError,
                "{text:?}"
            );
        }
    }
}
