//! Where requests go, and where credentials may go.

use std::fmt;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use specwright_oauth::{UrlError, confidential_url};
use url::Url;

/// The configured origin, and the path below which the API lives.
///
/// It can only be made of a URL to which credentials may be sent, and a request's URI can only be made of it: scheme
/// and authority are never parsed from anything that a caller or an answer said.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end.
    prefix: String,
    /// All of it, as text.
    text: String,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let url = confidential_url(text).map_err(BaseUrlError::Url)?;
        if url.query().is_some() {
            return Err(BaseUrlError::Query);
        }
        let uri: Uri = url.as_str().parse().map_err(|_| BaseUrlError::Url(UrlError::Unreadable))?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(BaseUrlError::Url(UrlError::Unreadable));
        };
        let prefix = url.path().trim_end_matches('/').to_owned();
        let text = format!("{scheme}://{authority}{prefix}");
        Ok(Self { scheme, authority, prefix, text })
    }

    /// Its text, and the host (an IPv6 address without its brackets) and the port in it. A base has no user or password.
    pub(crate) fn place(&self) -> (&str, &str, u16) {
        let host = self.authority.host().trim_matches(['[', ']']);
        let usual = if self.scheme == Scheme::HTTP { 80 } else { 443 };
        (&self.text, host, self.authority.port_u16().unwrap_or(usual))
    }

    /// The URI of a request. `path_and_query` comes from the encoder: it begins with one slash, and no segment of it is
    /// a dot segment.
    pub(crate) fn join(&self, path_and_query: &str) -> Result<Uri, http::Error> {
        let path: PathAndQuery = [&self.prefix, path_and_query].concat().try_into()?;
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
    }
}

/// Where the endpoints of the authorization server are (RFC 6749 §3, RFC 7009 §2).
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationServer {
    /// The API's own server, by its document.
    pub(crate) server: &'static str,
    /// The API's own server, by the caller.
    pub(crate) base: Option<String>,
    /// The authorization server, by the caller.
    pub(crate) replaced: Option<String>,
}

impl AuthorizationServer {
    /// An endpoint of the document, where it is now. A server that the caller named has all of them. Otherwise those on
    /// the API's own server move along with it, so that the secret of a test never reaches the real one; an endpoint on a
    /// host of its own stays.
    pub(crate) fn endpoint(&self, documented: &str) -> Result<Url, UrlError> {
        let server = Url::parse(self.server).map_err(|_| UrlError::Unreadable)?;
        let documented = server.join(documented).map_err(|_| UrlError::Unreadable)?;
        let moved_to = match &self.replaced {
            Some(replaced) => Some(replaced),
            None if documented.origin() == server.origin() => self.base.as_ref(),
            None => None,
        };
        let Some(moved_to) = moved_to else { return confidential_url(documented.as_str()) };
        let mut moved = confidential_url(moved_to)?;
        moved.set_path(documented.path());
        moved.set_query(documented.query());
        Ok(moved)
    }
}

/// A base URL that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BaseUrlError {
    Url(UrlError),
    Query,
}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => write!(to, "the base URL is refused: {error}"),
            Self::Query => to.write_str("the base URL is refused: it has a query"),
        }
    }
}

impl std::error::Error for BaseUrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(base: &str, path: &str) -> String {
        BaseUrl::parse(base).unwrap().join(path).unwrap().to_string()
    }

    #[test]
    fn the_path_is_appended_to_the_base() {
        assert_eq!(join("https://api.example", "/v1/a?b=c"), "https://api.example/v1/a?b=c");
        assert_eq!(join("https://api.example/base/", "/v1/a"), "https://api.example/base/v1/a");
        assert_eq!(join("http://127.0.0.1:8080", "/v1"), "http://127.0.0.1:8080/v1");
    }

    #[test]
    fn no_path_leads_to_another_origin() {
        let base = BaseUrl::parse("https://api.example").unwrap();
        for path in ["@evil.example/a", "//evil.example/a", ".evil.example/a", ":1/a"] {
            if let Ok(uri) = base.join(path) {
                assert_eq!(uri.host(), Some("api.example"), "{path}");
            }
        }
    }

    #[test]
    fn a_base_without_confidentiality_is_refused() {
        assert_eq!(
            BaseUrl::parse("http://api.example").unwrap_err(),
            BaseUrlError::Url(UrlError::Insecure)
        );
        assert_eq!(BaseUrl::parse("https://api.example/?a").unwrap_err(), BaseUrlError::Query);
    }

    fn server(base: Option<&str>, replaced: Option<&str>) -> AuthorizationServer {
        let owned = |url: Option<&str>| url.map(str::to_owned);
        let (base, replaced) = (owned(base), owned(replaced));
        AuthorizationServer { server: "https://api.example", base, replaced }
    }

    fn endpoint(documented: &str, base: Option<&str>, replaced: Option<&str>) -> String {
        server(base, replaced).endpoint(documented).unwrap().to_string()
    }

    const LOCAL: Option<&str> = Some("http://127.0.0.1:9");

    #[test]
    fn an_endpoint_moves_with_the_server_it_stands_on() {
        for documented in ["https://api.example/oauth2/token", "/oauth2/token"] {
            assert_eq!(endpoint(documented, LOCAL, None), "http://127.0.0.1:9/oauth2/token");
            assert_eq!(endpoint(documented, None, None), "https://api.example/oauth2/token");
        }
    }

    #[test]
    fn an_endpoint_on_another_host_stays() {
        let documented = "https://id.example/token";
        assert_eq!(endpoint(documented, LOCAL, None), documented);
    }

    #[test]
    fn all_endpoints_move_to_a_server_that_the_caller_names() {
        for documented in ["https://id.example/oauth2/token?a=b", "/oauth2/token?a=b"] {
            let moved = endpoint(documented, None, LOCAL);
            assert_eq!(moved, "http://127.0.0.1:9/oauth2/token?a=b");
        }
    }

    #[test]
    fn no_endpoint_moves_to_where_secrets_must_not_go() {
        let moved = server(None, Some("http://id.example")).endpoint("/oauth2/token");
        assert_eq!(moved.unwrap_err(), UrlError::Insecure);
    }
}
