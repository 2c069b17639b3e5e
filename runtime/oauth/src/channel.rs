//! Where secrets may travel.

use std::fmt;

use url::{Host, Url};

/// Whether a secret may be sent to this URL: `https`, or `http` to this very machine.
///
/// The exception is for tests and local proxies. It is made by address: `localhost`, `127.0.0.0/8` and `::1`, never a
/// name that merely resolves there.
pub fn is_confidential(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

/// Reads a URL to which secrets will be sent.
pub fn confidential_url(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text).map_err(|_| UrlError::Unreadable)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials);
    }
    if url.fragment().is_some() {
        return Err(UrlError::Fragment);
    }
    if is_confidential(&url) { Ok(url) } else { Err(UrlError::Insecure) }
}

/// A URL to which no secret may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// It is no absolute URL.
    Unreadable,
    /// It is neither `https` nor `http` to this machine.
    Insecure,
    /// It holds a user name or password, which would end in logs.
    Credentials,
    /// It holds a fragment, which is never sent.
    Fragment,
}

impl fmt::Display for UrlError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Unreadable => "not an absolute URL",
            Self::Insecure => "credentials go to https only, or to http on this machine",
            Self::Credentials => "a user name or password in the URL would end in logs",
            Self::Fragment => "a fragment is never sent to a server",
        })
    }
}

impl std::error::Error for UrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_http_to_this_machine_are_accepted() {
        for text in [
            "https://api.example/token",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert!(confidential_url(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_insecure() {
        for text in [
            "http://api.example",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::ffff:127.0.0.1]",
            "ftp://localhost",
            "file:///token",
        ] {
            assert_eq!(confidential_url(text).unwrap_err(), UrlError::Insecure, "{text}");
        }
    }

    #[test]
    fn a_url_with_a_password_is_refused_and_not_repeated() {
        let error = confidential_url("https://user:canary@api.example").unwrap_err();
        assert_eq!(error, UrlError::Credentials);
        assert!(!error.to_string().contains("canary"));
    }
}
