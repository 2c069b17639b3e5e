//! The options of the transport.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use reqwest::redirect;

use crate::tls;
use crate::transport::ReqwestTransport;

/// Time for name lookup, TCP and TLS together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Shorter than the 20 s to 60 s after which servers close: a request on a connection that the server has just closed
/// may or may not have been seen.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Idle connections to one host.
const MAX_IDLE: usize = 64;

const TCP_KEEPALIVE: Duration = Duration::from_secs(15);

/// How long the other side may acknowledge no byte, where the system can tell: as long as a body may be silent. Shorter than
/// some attempts may take, because streams of HTTP/2 share their connection: all would wait on one that is dead, and the next
/// attempt would as well.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const LONGEST_DEAFNESS: Duration = specwright_core::transport::AttemptLimits::DEFAULT_IDLE_TIMEOUT;

/// Sets up a [`ReqwestTransport`].
#[derive(Clone)]
#[must_use]
pub struct ReqwestBuilder {
    connect_timeout: Duration,
    reuse: ConnectionReuse,
    versions: HttpVersions,
    proxy: ReqwestProxy,
    root_certificates: Vec<Vec<u8>>,
}

/// Which proxy requests go through.
#[derive(Clone)]
#[non_exhaustive]
pub enum ReqwestProxy {
    /// The one of the system: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, or the settings of the desktop.
    System,
    /// None, whatever the environment says.
    None,
    /// This one, for all requests. The URL may hold a user name and a password.
    Url(String),
}

/// Whether a connection serves more than one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionReuse {
    /// Idle connections are kept for 15 s.
    Short,
    /// Each request has its own connection. For token requests: one that fails to connect surely was not sent.
    Never,
}

/// Which versions of HTTP are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpVersions {
    /// HTTP/2 where the server agrees to it during the TLS handshake, otherwise HTTP/1.1.
    Both,
    /// HTTP/1.1 only.
    Http1,
}

impl ReqwestBuilder {
    pub(crate) fn new() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            reuse: ConnectionReuse::Short,
            versions: HttpVersions::Both,
            proxy: ReqwestProxy::System,
            root_certificates: Vec::new(),
        }
    }

    /// Time for name lookup, TCP and TLS together. Default: 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Whether connections are used again. Default: [`ConnectionReuse::Short`].
    pub fn connection_reuse(mut self, reuse: ConnectionReuse) -> Self {
        self.reuse = reuse;
        self
    }

    /// Which versions of HTTP are offered. Default: [`HttpVersions::Both`].
    pub fn http_versions(mut self, versions: HttpVersions) -> Self {
        self.versions = versions;
        self
    }

    /// The proxy. Default: [`ReqwestProxy::System`].
    pub fn proxy(mut self, proxy: ReqwestProxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Trusts these certificate authorities besides those of the platform: PEM text with one or more certificates.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Makes the transport. Nothing is sent.
    pub fn build(&self) -> Result<ReqwestTransport, BuildError> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(&self.root_certificates, self.versions)?)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .tcp_keepalive(TCP_KEEPALIVE)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(match self.reuse {
                ConnectionReuse::Short => MAX_IDLE,
                ConnectionReuse::Never => 0,
            });
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        {
            builder = builder.tcp_user_timeout(LONGEST_DEAFNESS);
        }
        if self.versions == HttpVersions::Http1 {
            builder = builder.http1_only();
        }
        builder = match &self.proxy {
            ReqwestProxy::System => builder,
            ReqwestProxy::None => builder.no_proxy(),
            ReqwestProxy::Url(url) => {
                // The text of the error repeats the URL, which may hold a password.
                let proxy = reqwest::Proxy::all(url).map_err(|_| BuildError::proxy())?;
                builder.proxy(proxy)
            }
        };
        builder.build().map(ReqwestTransport::new).map_err(BuildError::client)
    }
}

impl fmt::Debug for ReqwestBuilder {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("ReqwestBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("reuse", &self.reuse)
            .field("versions", &self.versions)
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

/// Shows no URL: it may hold a password.
impl fmt::Debug for ReqwestProxy {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::System => "System",
            Self::None => "None",
            Self::Url(_) => "Url([redacted])",
        })
    }
}

/// Options of which no transport can be made.
#[derive(Debug)]
pub struct BuildError {
    problem: &'static str,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl BuildError {
    pub(crate) fn certificate(source: impl StdError + Send + Sync + 'static) -> Self {
        Self { problem: "a root certificate is not readable as PEM", source: Some(source.into()) }
    }

    pub(crate) fn no_certificate() -> Self {
        Self { problem: "the root certificates hold no certificate in PEM", source: None }
    }

    pub(crate) fn tls(source: impl StdError + Send + Sync + 'static) -> Self {
        Self { problem: "TLS cannot be set up", source: Some(source.into()) }
    }

    fn proxy() -> Self {
        Self { problem: "the proxy's URL is not usable", source: None }
    }

    fn client(source: reqwest::Error) -> Self {
        Self {
            problem: "the HTTP client cannot be set up",
            source: Some(source.without_url().into()),
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.problem)
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_debug_nor_errors_show_the_password_of_a_proxy() {
        let builder = ReqwestBuilder::new()
            .proxy(ReqwestProxy::Url("http://user:canary@[proxy.example".to_owned()));
        let error = builder.build().unwrap_err();
        let shown = format!("{builder:?} {error} {error:?} {:?}", error.source());
        assert!(!shown.contains("canary"), "{shown}");
        assert_eq!(error.to_string(), "the proxy's URL is not usable");
    }

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        let builder = ReqwestBuilder::new().root_certificates("no certificate here");
        assert_eq!(
            builder.build().unwrap_err().to_string(),
            "the root certificates hold no certificate in PEM"
        );
    }
}
