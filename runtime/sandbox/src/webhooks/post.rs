//! Posts one event to one endpoint: by plain HTTP, to this machine alone.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Uri};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::clock::SandboxClock;
use crate::ledger::{AttemptNumber, AttemptVerdict};
use crate::webhooks::outbox::Pending;

/// A request that is to be made.
pub(crate) struct Post {
    pub(crate) pending: Pending,
    pub(crate) number: AttemptNumber,
    /// `None` if the endpoint is not on this machine.
    pub(crate) address: Option<SocketAddr>,
    pub(crate) request: Request<Full<Bytes>>,
    pub(crate) timeout: Duration,
}

impl Post {
    /// Makes it, and waits for the head of the answer for as long as the endpoint has by the sandbox clock.
    pub(crate) async fn send(
        self,
        clock: &SandboxClock,
    ) -> (Pending, AttemptNumber, AttemptVerdict) {
        let Self { pending, number, address, request, timeout } = self;
        let Some(address) = address else { return (pending, number, AttemptVerdict::Elsewhere) };
        let late = clock.now().plus(timeout);
        let verdict = tokio::select! {
            status = status(address, request) => match status {
                Some(status) => AttemptVerdict::Answered { status },
                None => AttemptVerdict::Failed,
            },
            () = clock.reaches(late) => AttemptVerdict::Late,
        };
        (pending, number, verdict)
    }
}

/// The status of the answer, if there was one.
async fn status(address: SocketAddr, mut request: Request<Full<Bytes>>) -> Option<u16> {
    let host = request.uri().authority()?.as_str().to_owned();
    let path = request.uri().path_and_query()?.as_str().to_owned();
    request.headers_mut().insert(HOST, HeaderValue::from_str(&host).ok()?);
    *request.uri_mut() = path.parse().ok()?;
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::select! {
        biased;
        answer = sender.send_request(request) => Some(answer.ok()?.status().as_u16()),
        // It ends before there is an answer only if there will be none.
        _ = connection => None,
    }
}

/// The address of a URL on this machine. What its scheme is does not matter: the sandbox has no certificate.
pub(crate) fn on_this_machine(url: &Uri) -> Option<SocketAddr> {
    let host = url.host()?;
    let ip: IpAddr = if host == "localhost" {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        host.trim_matches(['[', ']']).parse().ok()?
    };
    let port = url
        .port_u16()
        .or_else(|| if url.scheme_str() == Some("https") { Some(443) } else { Some(80) })?;
    ip.is_loopback().then_some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Option<String> {
        on_this_machine(&url.parse().unwrap()).map(|address| address.to_string())
    }

    #[test]
    fn only_loopback_is_posted_to() {
        assert_eq!(address("https://127.0.0.1:8080/a").as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(address("https://localhost:8080/a").as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(address("http://[::1]:8080/a").as_deref(), Some("[::1]:8080"));
        for elsewhere in
            ["https://example.test/a", "https://10.0.0.1:8080/", "https://localhost.example.test/"]
        {
            assert_eq!(address(elsewhere), None, "{elsewhere}");
        }
    }
}
