//! Bodies that are read while they arrive.

use std::time::Duration;

use http::StatusCode;
use specwright_core::transport::{
    AttemptLimits, SendErrorKind, Sent, StreamedResponse, Transport, TransportRequest,
};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::server::{Server, Then, get, limits, read, transport};

const CHUNK: usize = 64 * 1024;

/// More than an answer that is held in memory may have.
const CHUNKS: usize = 300;

/// A server for one request, which `answer` deals with.
async fn serve<F: Future<Output = ()> + Send>(
    answer: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (TransportRequest, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let request = get(&format!("http://{}/", listener.local_addr().unwrap()));
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        read(&mut socket).await.unwrap();
        answer(socket).await;
    });
    (request, task)
}

fn unlimited() -> AttemptLimits {
    limits().max_success_bytes(usize::MAX)
}

async fn stream(then: Then, limits: AttemptLimits) -> StreamedResponse {
    let server = Server::start(then).await;
    let request = get(&format!("http://{}/", server.address));
    transport().stream(request, limits).await.unwrap()
}

/// What is left of a body, and how it ends.
async fn rest(response: &mut StreamedResponse) -> (Vec<u8>, Option<(Sent, SendErrorKind)>) {
    let mut bytes = Vec::new();
    loop {
        match response.body_mut().next().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return (bytes, None),
            Err(error) => return (bytes, Some((error.sent, error.kind))),
        }
    }
}

#[tokio::test]
async fn a_chunk_is_handed_out_before_the_next_one_is_sent() {
    let (ask, mut asked) = mpsc::channel(1);
    let (request, _) = serve(|mut socket| async move {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", CHUNK * CHUNKS);
        socket.write_all(head.as_bytes()).await.unwrap();
        while asked.recv().await.is_some() {
            socket.write_all(&vec![b'x'; CHUNK]).await.unwrap();
        }
    })
    .await;
    let mut response = transport().stream(request, unlimited()).await.unwrap();
    for _ in 0..CHUNKS {
        ask.send(()).await.unwrap();
        let mut missing = CHUNK;
        while missing > 0 {
            // More than was sent so far would underflow, and what is held back would never come.
            missing -= response.body_mut().next().await.unwrap().unwrap().len();
        }
    }
    assert!(response.body_mut().next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_streamed_answer_has_its_head_whatever_its_status() {
    let text = "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\nx-a: 1\r\n\r\nno";
    let mut response = stream(Then::Answer(text), limits()).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-a"]),
        (404, &"1".parse().unwrap())
    );
    assert_eq!(rest(&mut response).await, (b"no".to_vec(), None));
}

#[tokio::test]
async fn a_streamed_body_that_breaks_off_is_never_a_short_success() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let mut response = stream(Then::AnswerAndClose(text), limits()).await;
        let broken = Some((Sent::Maybe, SendErrorKind::Interrupted));
        assert_eq!(rest(&mut response).await, (b"half".to_vec(), broken), "{text}");
    }
}

#[tokio::test]
async fn silence_ends_a_streamed_body() {
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let limits = limits().idle_timeout(Duration::from_millis(200));
    let mut response = stream(Then::Answer(text), limits).await;
    let silent = Some((Sent::Maybe, SendErrorKind::Timeout));
    assert_eq!(rest(&mut response).await, (b"half".to_vec(), silent));
}

#[tokio::test]
async fn the_time_limit_ends_with_the_head() {
    let (go_on, mut told) = mpsc::channel::<()>(1);
    let (request, _) = serve(|mut socket| async move {
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n").await.unwrap();
        told.recv().await.unwrap();
        socket.write_all(b"late").await.unwrap();
    })
    .await;
    let short = AttemptLimits::new(Duration::from_millis(200));
    let mut response = transport().stream(request, short).await.unwrap();
    let reading = tokio::spawn(async move { rest(&mut response).await });
    // A server without an answer shows that the limit has passed, while somebody waits for the body.
    let silent = Server::start(Then::Silence).await;
    let request = get(&format!("http://{}/", silent.address));
    let error = transport().stream(request, short).await.unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::Maybe, SendErrorKind::Timeout));
    go_on.send(()).await.unwrap();
    assert_eq!(reading.await.unwrap(), (b"late".to_vec(), None));
}

#[tokio::test]
async fn a_streamed_body_beyond_its_limit_is_given_up() {
    let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n";
    let mut response = stream(Then::Answer(text), limits().max_success_bytes(4)).await;
    let large = Some((Sent::Maybe, SendErrorKind::TooLarge { status: StatusCode::OK }));
    assert_eq!(rest(&mut response).await, (Vec::new(), large));
    let mut response = stream(Then::Answer(text), limits().max_success_bytes(5)).await;
    assert_eq!(rest(&mut response).await, (b"12345".to_vec(), None));
}

#[tokio::test]
async fn a_streamed_body_that_is_announced_as_too_large_is_not_begun() {
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n";
    let server = Server::start(Then::Answer(text)).await;
    let request = get(&format!("http://{}/", server.address));
    let error = transport().stream(request, limits().max_success_bytes(99_998)).await.unwrap_err();
    assert_eq!(
        (error.sent, error.kind),
        (Sent::Maybe, SendErrorKind::TooLarge { status: StatusCode::OK })
    );
}

#[tokio::test]
async fn the_limit_of_a_success_is_not_the_limit_of_an_error() {
    let text = "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\n12345";
    let mut response = stream(Then::Answer(text), limits().max_success_bytes(4)).await;
    assert_eq!(rest(&mut response).await, (b"12345".to_vec(), None));
    let server = Server::start(Then::Answer(text)).await;
    let request = get(&format!("http://{}/", server.address));
    let error = transport().stream(request, limits().max_error_bytes(4)).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::TooLarge { status: StatusCode::NOT_FOUND });
}

#[tokio::test]
async fn a_body_that_nobody_wants_any_more_is_given_up() {
    let (request, server) = serve(|mut socket| async move {
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        // Ends when the other side closes the connection, and never otherwise.
        while socket.write_all(&vec![b'x'; CHUNK]).await.is_ok() {}
    })
    .await;
    let mut response = transport().stream(request, unlimited()).await.unwrap();
    response.body_mut().next().await.unwrap().unwrap();
    drop(response);
    server.await.unwrap();
}
