//! The product that a program must name.

use std::fmt;

use http::HeaderValue;
use specwright_core::security::ApiProfile;

/// The most characters of a product name.
const MAX_LENGTH: usize = 128;

/// The `User-Agent` of a client: the caller's product, then this runtime and the API.
///
/// The product is `Company/App` or `Company/App/version`. Vendors ask partners for it, and it is how they reach whoever
/// runs a program that misbehaves; so there is no default.
pub(crate) fn user_agent(
    product: &str,
    profile: &ApiProfile,
) -> Result<HeaderValue, UserAgentError> {
    let parts: Vec<&str> = product.split('/').collect();
    let shaped = matches!(parts.len(), 2 | 3) && parts.iter().all(|part| is_token(part));
    if !shaped || product.len() > MAX_LENGTH {
        return Err(UserAgentError);
    }
    let text = format!(
        "{product} specwright/{} ({}/{})",
        env!("CARGO_PKG_VERSION"),
        profile.name,
        profile.version
    );
    HeaderValue::from_str(&text).map_err(|_| UserAgentError)
}

/// A token of RFC 9110 §5.6.2, which is what a product may consist of (§10.1.5).
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// A text that names no product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UserAgentError;

impl fmt::Display for UserAgentError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("name your product as `Company/App` or `Company/App/version`")
    }
}

impl std::error::Error for UserAgentError {}

#[cfg(test)]
pub(crate) mod tests {
    use specwright_core::security::RateReset;

    use super::*;

    pub(crate) const PROFILE: ApiProfile = ApiProfile {
        name: "shelf",
        version: "v1",
        server: "https://shelf.example",
        oauth: None,
        rate_windows: &[],
        rate_reset: RateReset::Undocumented,
        rate_limit_wait: None,
        error_envelope: None,
        schemes: &[],
    };

    #[test]
    fn the_product_comes_first() {
        let value = user_agent("Acme/Importer/2.1", &PROFILE).unwrap();
        let expected =
            format!("Acme/Importer/2.1 specwright/{} (shelf/v1)", env!("CARGO_PKG_VERSION"));
        assert_eq!(value, expected);
    }

    #[test]
    fn company_and_app_are_enough() {
        assert!(user_agent("Acme/Importer", &PROFILE).is_ok());
    }

    #[test]
    fn what_names_no_product_is_refused() {
        for product in
            ["", "Acme", "Acme/", "/Importer", "a/b/c/d", "Acme Inc/App", "a/b\r\nX: y", "a/ü"]
        {
            assert_eq!(user_agent(product, &PROFILE), Err(UserAgentError), "{product:?}");
        }
    }
}
