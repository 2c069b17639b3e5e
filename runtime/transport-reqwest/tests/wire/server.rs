//! A server of a few lines: each connection gets the next script, whatever it asks for.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright_core::transport::{AttemptLimits, RequestBody, TransportRequest};
use specwright_transport_reqwest::{ReqwestBuilder, ReqwestProxy, ReqwestTransport};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the server does after it has read a request.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// Writes these bytes and goes on with the connection.
    Answer(&'static str),
    /// Writes these bytes and closes.
    AnswerAndClose(&'static str),
    /// Says nothing and holds the connection.
    Silence,
}

/// A running server; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    pub(crate) async fn start(then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, connections) = (Arc::default(), Arc::default());
        let server = Self {
            address,
            requests: Arc::clone(&requests),
            connections: Arc::clone(&connections),
        };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                tokio::spawn(serve(socket, then, Arc::clone(&requests)));
            }
        });
        server
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

/// Serves one connection, plain or inside of TLS.
pub(crate) async fn serve(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    then: Then,
    requests: Arc<Mutex<Vec<String>>>,
) {
    while let Some(request) = read(&mut socket).await {
        requests.lock().unwrap().push(request);
        match then {
            Then::Answer(text) => socket.write_all(text.as_bytes()).await.unwrap(),
            Then::AnswerAndClose(text) => {
                socket.write_all(text.as_bytes()).await.unwrap();
                socket.shutdown().await.unwrap();
                return;
            }
            Then::Silence => std::future::pending().await,
        }
    }
}

/// One request: the head, and as much body as `Content-Length` says.
pub(crate) async fn read(socket: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut text = String::new();
    let mut missing = None;
    let mut buffer = [0; 4096];
    while missing != Some(0) {
        let count = socket.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        text.push_str(std::str::from_utf8(&buffer[..count]).ok()?);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            missing = Some(length.saturating_sub(body.len()));
        }
    }
    Some(text)
}

/// A transport that no proxy of the environment can reach.
pub(crate) fn transport() -> ReqwestTransport {
    builder().build().unwrap()
}

pub(crate) fn builder() -> ReqwestBuilder {
    ReqwestTransport::builder().proxy(ReqwestProxy::None)
}

pub(crate) fn get(uri: &str) -> TransportRequest {
    http::Request::get(uri).body(RequestBody::empty()).unwrap()
}

pub(crate) fn limits() -> AttemptLimits {
    AttemptLimits::new(Duration::from_secs(20))
}
