//! HTTP/1.1 on a TCP listener.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::control;
use crate::exchange::{LARGEST_BODY, Received};
use crate::fault::Fault;
use crate::outcome::Outcome;
use crate::service::Service;
use crate::steps::{Exchange, Step};

/// Serves until the future is dropped; open connections end with it.
pub(crate) async fn serve(listener: TcpListener, service: Service) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that broke before it was accepted is the client's affair.
                let Ok((stream, peer)) = accepted else { continue };
                let peer = if peer.ip().is_loopback() { Peer::Here } else { Peer::Elsewhere };
                let service = service.clone();
                connections.spawn(async move {
                    let answers = service_fn(move |request| answer(service.clone(), peer, request));
                    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answers);
                    // It ends in an error when a fault closes it or the client goes away.
                    let _ = connection.await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Where a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    /// On this machine.
    Here,
    Elsewhere,
}

async fn answer(
    service: Service,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<Response<WireBody>, Closed> {
    let (head, body) = request.into_parts();
    // From elsewhere the paths of the control API are as unknown as any other.
    if peer == Peer::Here && control::is_below(head.uri.path()) {
        let body = collected(body).await?;
        let (path, headers) = (head.uri.path(), &head.headers);
        let answer = control::answer(&service, &head.method, path, headers, body.as_deref());
        return Ok(answer.map(WireBody::whole));
    }
    let mut received = Received::from(Request::from_parts(head, Bytes::new()));
    let fault = service.world.fault_of(&received);
    received.body = if fault == Some(Fault::HoldRequest) { None } else { collected(body).await? };
    // A task of its own: a client that goes away does not undo what it asked for.
    let exchange = Exchange::of(&service, received, fault);
    match tokio::spawn(play(exchange)).await.unwrap_or(Outcome::Closed) {
        Outcome::Answer(answer) => Ok(answer.map(WireBody::whole)),
        Outcome::Cut(answer) => Ok(answer.map(WireBody::broken)),
        Outcome::Closed => Err(Closed),
    }
}

async fn play(mut exchange: Exchange) -> Outcome {
    loop {
        match exchange.step() {
            Step::Wait(delay) => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "tests hold tokio's clock, or want to wait"
                )]
                tokio::time::sleep(delay).await;
            }
            Step::Held(held) => return held.await,
            Step::Done(outcome) => return outcome,
        }
    }
}

/// The whole body. `None` if it is larger than the server takes.
async fn collected(body: Incoming) -> Result<Option<Bytes>, Closed> {
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => Ok(Some(body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Ok(None),
        Err(_) => Err(Closed),
    }
}

/// The body of an answer, which may break off.
struct WireBody {
    bytes: Option<Bytes>,
    end: End,
}

enum End {
    Whole,
    /// After what was given out has been sent.
    Breaks,
    Broken,
}

impl WireBody {
    fn whole(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes), end: End::Whole }
    }

    fn broken(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes), end: End::Breaks }
    }
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(bytes) = self.bytes.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::Breaks => {
                // hyper sends what it has when there is nothing more to read for now, and drops it when
                // it meets an error.
                self.end = End::Broken;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Broken => Poll::Ready(Some(Err(Closed))),
        }
    }

    fn is_end_stream(&self) -> bool {
        let empty = self.bytes.as_ref().is_none_or(Bytes::is_empty);
        empty && matches!(self.end, End::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.as_ref().map_or(0, Bytes::len);
        match self.end {
            End::Whole => SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX)),
            // The header says how long it should have been.
            End::Breaks | End::Broken => SizeHint::new(),
        }
    }
}

/// Makes hyper close the connection without a word.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed without an answer")
    }
}

impl std::error::Error for Closed {}
