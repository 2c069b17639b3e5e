//! What goes over the wire, and what does not.

use specwright_core::transport::{RequestBody, Transport};
use specwright_transport_reqwest::ConnectionReuse;

use crate::server::{Server, Then, builder, get, limits, transport};

const OK: Then = Then::Answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: 1\r\n\r\nok");

#[tokio::test]
async fn a_request_arrives_as_it_was_made_and_the_answer_comes_back() {
    let server = Server::start(OK).await;
    let request = http::Request::post(format!("http://{}/a/b%2Fc?d=e%20f", server.address))
        .header("user-agent", "Acme/Importer")
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .body(RequestBody::from("{\"a\":1}"))
        .unwrap();
    let answer = transport().send(request, limits()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-a"], "1");
    assert_eq!(&**answer.body(), b"ok");
    let sent = server.requests().remove(0);
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    lines[1..].sort_unstable();
    assert_eq!(
        lines,
        [
            "POST /a/b%2Fc?d=e%20f HTTP/1.1",
            "accept: application/json",
            "content-length: 7",
            "content-type: application/json",
            &format!("host: {}", server.address),
            "user-agent: Acme/Importer",
        ]
    );
    assert_eq!(body, "{\"a\":1}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_its_target_hears_nothing() {
    let target = Server::start(OK).await;
    for status in [301, 302, 303, 307, 308] {
        let text = format!(
            "HTTP/1.1 {status} Moved\r\nlocation: http://{}/x\r\ncontent-length: 0\r\n\r\n",
            target.address
        );
        let server = Server::start(Then::Answer(text.leak())).await;
        let request = http::Request::post(format!("http://{}/", server.address))
            .header("authorization", "Bearer fake-token")
            .body(RequestBody::from("client_secret=fake"))
            .unwrap();
        let answer = transport().send(request, limits()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_cookie_is_not_kept() {
    let server = Server::start(Then::Answer(
        "HTTP/1.1 200 OK\r\nset-cookie: session=fake\r\ncontent-length: 0\r\n\r\n",
    ))
    .await;
    let transport = transport();
    let uri = format!("http://{}/", server.address);
    transport.send(get(&uri), limits()).await.unwrap();
    transport.send(get(&uri), limits()).await.unwrap();
    assert!(server.requests().iter().all(|request| !request.contains("cookie")));
}

#[tokio::test]
async fn an_error_status_is_sent_once() {
    let server =
        Server::start(Then::Answer("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n")).await;
    let uri = format!("http://{}/", server.address);
    assert_eq!(transport().send(get(&uri), limits()).await.unwrap().status(), 503);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn connections_are_used_again_unless_each_request_wants_its_own() {
    for (reuse, connections) in [(ConnectionReuse::Short, 1), (ConnectionReuse::Never, 2)] {
        let server = Server::start(OK).await;
        let transport = builder().connection_reuse(reuse).build().unwrap();
        let uri = format!("http://{}/", server.address);
        transport.send(get(&uri), limits()).await.unwrap();
        transport.send(get(&uri), limits()).await.unwrap();
        assert_eq!(server.connections(), connections, "{reuse:?}");
    }
}
