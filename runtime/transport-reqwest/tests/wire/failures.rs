//! Whether the server may have seen a request that failed.

use std::error::Error;
use std::time::Duration;

use http::StatusCode;
use specwright_core::transport::{
    AttemptLimits, BrokenBody, SendError, SendErrorKind, Sent, Transport, TransportResponse,
};
use tokio::net::TcpListener;

use crate::server::{Server, Then, get, limits, transport};

async fn failure(then: Then, limits: AttemptLimits) -> (Sent, SendErrorKind) {
    let server = Server::start(then).await;
    let uri = format!("http://{}/?key=canary", server.address);
    let error = transport().send(get(&uri), limits).await.unwrap_err();
    assert!(!chain(&error).contains("canary"), "{}", chain(&error));
    assert_eq!(server.requests().len(), 1, "sent more than once");
    (error.sent, error.kind)
}

fn chain(error: &SendError) -> String {
    let first: &(dyn Error + 'static) = error;
    let causes = std::iter::successors(Some(first), |&cause| cause.source());
    causes.map(|cause| format!("{cause} {cause:?}")).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let error = transport().send(get(&format!("http://{address}/")), limits()).await.unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::No, SendErrorKind::Connect));
}

#[tokio::test]
async fn a_failed_handshake_was_not_sent() {
    let server = Server::start(Then::AnswerAndClose("no TLS here")).await;
    let uri = format!("https://{}/", server.address);
    let error = transport().send(get(&uri), limits()).await.unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::No, SendErrorKind::Connect));
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_may_have_been_sent() {
    let outcome = failure(Then::AnswerAndClose(""), limits()).await;
    assert_eq!(outcome, (Sent::Maybe, SendErrorKind::Interrupted));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_never_a_short_success() {
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let outcome = failure(Then::AnswerAndClose(text), limits()).await;
    assert_eq!(outcome, (Sent::Maybe, SendErrorKind::Interrupted));
}

#[tokio::test]
async fn what_has_arrived_of_a_body_is_in_the_error_if_it_is_asked_for() {
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let short = AttemptLimits::new(Duration::from_millis(200));
    for (then, broken, expected) in [
        (Then::AnswerAndClose(text), BrokenBody::Kept, Some("half")),
        (Then::Answer(text), BrokenBody::Kept, Some("half")),
        (Then::AnswerAndClose(text), BrokenBody::Dropped, None),
    ] {
        let server = Server::start(then).await;
        let uri = format!("http://{}/", server.address);
        let limits = short.broken_body(broken);
        let mut error = transport().send(get(&uri), limits).await.unwrap_err();
        let body = error.take_broken_off().map(TransportResponse::into_body);
        assert_eq!(body.as_deref(), expected.map(str::as_bytes));
    }
}

#[tokio::test]
async fn an_answer_that_is_not_http_may_have_been_sent() {
    let outcome = failure(Then::AnswerAndClose("220 smtp.example ready\r\n\r\n"), limits()).await;
    assert_eq!(outcome, (Sent::Maybe, SendErrorKind::Protocol));
}

#[tokio::test]
async fn a_time_limit_that_passes_may_have_been_sent() {
    let short = AttemptLimits::new(Duration::from_millis(200));
    let outcome = failure(Then::Silence, short).await;
    assert_eq!(outcome, (Sent::Maybe, SendErrorKind::Timeout));
}

#[tokio::test]
async fn the_time_limit_covers_the_body() {
    let short = AttemptLimits::new(Duration::from_millis(200));
    let server = Server::start(Then::Answer("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"));
    let uri = format!("http://{}/", server.await.address);
    let error = transport().send(get(&uri), short).await.unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::Maybe, SendErrorKind::Timeout));
}

#[tokio::test]
async fn an_announced_answer_beyond_the_limit_is_not_read() {
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n";
    let outcome = failure(Then::Answer(text), limits().max_success_bytes(99_998)).await;
    assert_eq!(outcome, (Sent::Maybe, SendErrorKind::TooLarge { status: StatusCode::OK }));
}

#[tokio::test]
async fn an_answer_in_chunks_beyond_the_limit_is_given_up() {
    let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n";
    let outcome = failure(Then::Answer(text), limits().max_success_bytes(4)).await;
    assert_eq!(outcome, (Sent::Maybe, SendErrorKind::TooLarge { status: StatusCode::OK }));
    let server = Server::start(Then::Answer(text)).await;
    let uri = format!("http://{}/", server.address);
    let answer = transport().send(get(&uri), limits().max_success_bytes(5)).await.unwrap();
    assert_eq!(&**answer.body(), b"12345");
}
