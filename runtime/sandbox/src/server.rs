//! HTTP/1.1 on a TCP listener.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::answer::{Answer, Body};
use crate::exchange::{Begun, Outcome, Received, World};
use crate::fault::Fault;

/// Serves until the future is dropped; open connections end with it.
pub(crate) async fn serve(listener: TcpListener, world: Arc<World>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that broke before it was accepted is the client's affair.
                let Ok((stream, _)) = accepted else { continue };
                let world = Arc::clone(&world);
                connections.spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&world), request));
                    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    // It ends in an error when a fault closes it or the client goes away.
                    let _ = connection.await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(
    world: Arc<World>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Closed> {
    if request.method() == Method::GET && request.uri().path() == LEDGER_PATH {
        return Ok(ledger(&world));
    }
    let received = receive(request).await?;
    let begun = world.begin(&received);
    match exchange(world, received, begun).await {
        Outcome::Answer(answer) => Ok(response(answer)),
        Outcome::Close => Err(Closed),
    }
}

/// The exchange is a task of its own: a client that goes away does not undo what it asked for.
async fn exchange(world: Arc<World>, received: Received, begun: Begun) -> Outcome {
    let task = tokio::spawn(async move {
        if let Some(Fault::Delay(delay)) = begun.fault {
            #[expect(
                clippy::disallowed_methods,
                reason = "tests hold tokio's clock, or want to wait"
            )]
            tokio::time::sleep(delay).await;
        }
        world.finish(&received, &begun)
    });
    task.await.unwrap_or(Outcome::Close)
}

async fn receive(request: Request<Incoming>) -> Result<Received, Closed> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => Some(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => None,
        Err(_) => return Err(Closed),
    };
    Ok(Received {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    })
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let (bytes, json) = match answer.body {
        Body::Empty => (Bytes::new(), false),
        Body::Json(value) => (Bytes::from(value.to_string()), true),
        Body::File(bytes) => (bytes, false),
        Body::Raw(bytes) => (bytes, true),
    };
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if json {
        response.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    response
}

fn ledger(world: &World) -> Response<Full<Bytes>> {
    let snapshot = world.ledger();
    let bytes = serde_json::to_vec_pretty(&snapshot).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(bytes)));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
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

/// Where the process form shows its ledger. No vendor has a path like it.
const LEDGER_PATH: &str = "/__sandbox/ledger";

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// One mebibyte: a thousand times the largest contact.
const LARGEST_BODY: usize = 1 << 20;
