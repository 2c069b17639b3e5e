//! A server of axum on loopback, and a client that writes bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use http::HeaderMap;
use specwright_testkit::VirtualClock;
use specwright_webhooks::{Claimed, DedupeStore, HandedOff, MemoryDedupe, NotClaimed, Receiver};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::handing_off::Broken;
use super::*;

/// A server, and how many events its handler has seen.
struct Server {
    address: std::net::SocketAddr,
    handled: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct App {
    receiver: Receiver,
    handled: Arc<AtomicUsize>,
}

impl FromRef<App> for Receiver {
    fn from_ref(app: &App) -> Self {
        app.receiver.clone()
    }
}

/// Hands the first event over as it should, and fails with what says that it does.
async fn on_event(State(app): State<App>, claimed: Claimed) -> Result<HandedOff, StatusCode> {
    app.handled.fetch_add(1, Ordering::SeqCst);
    if claimed.delivery().body().ends_with(b" ") {
        let _ = claimed.release().await;
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    claimed.done().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

/// Keeps the event to itself for ever.
async fn on_event_forgetful(State(app): State<App>, _claimed: Claimed) -> StatusCode {
    app.handled.fetch_add(1, Ordering::SeqCst);
    StatusCode::INTERNAL_SERVER_ERROR
}

/// Says why there is nothing to handle.
async fn on_event_or_not(claimed: Result<Claimed, NotClaimed>) -> Result<String, NotClaimed> {
    match claimed {
        Err(NotClaimed::Refused(error)) => Ok(format!("refused: {error}")),
        Err(other) => Err(other),
        Ok(_) => Ok("claimed".to_owned()),
    }
}

impl Server {
    async fn start() -> Self {
        let clock = VirtualClock::new();
        Self::with(Arc::new(MemoryDedupe::volatile(Arc::new(clock)))).await
    }

    async fn with(store: Arc<dyn DedupeStore>) -> Self {
        let clock = VirtualClock::new();
        clock.set_wall(now());
        let handled = Arc::new(AtomicUsize::new(0));
        let receiver = Receiver::new("fake", verifier(), store, Arc::new(clock));
        let app = App { receiver, handled: Arc::clone(&handled) };
        let router = Router::new()
            .route("/hooks", post(on_event))
            .route("/forgetful", post(on_event_forgetful))
            .route("/or-not", post(on_event_or_not))
            .with_state(app);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, handled }
    }

    fn handled(&self) -> usize {
        self.handled.load(Ordering::SeqCst)
    }

    async fn post(&self, headers: &HeaderMap, body: &str) -> Answer {
        self.post_to("/hooks", headers, body).await
    }

    async fn post_to(&self, path: &str, headers: &HeaderMap, body: &str) -> Answer {
        self.send(&request(path, headers, &format!("content-length: {}", body.len()), body)).await
    }

    /// Sends bytes and reads all that comes.
    async fn send(&self, bytes: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        Answer(String::from_utf8(answer).unwrap())
    }
}

fn request(path: &str, headers: &HeaderMap, framing: &str, body: &str) -> String {
    let mut text = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        text += &[name.as_str(), ": ", value.to_str().unwrap(), "\r\n"].concat();
    }
    format!("{text}{framing}\r\n\r\n{body}")
}

struct Answer(String);

impl Answer {
    fn status(&self) -> &str {
        self.0.split(' ').nth(1).unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

#[tokio::test]
async fn an_event_that_is_handed_off_is_answered_with_204() {
    let server = Server::start().await;
    let answer = server.post(&signed(TIMESTAMPED, SECRET, BODY), BODY).await;
    assert_eq!((answer.status(), answer.body(), server.handled()), ("204", "", 1));
}

#[tokio::test]
async fn a_duplicate_is_answered_with_204_and_reaches_no_handler() {
    let server = Server::start().await;
    let headers = signed(TIMESTAMPED, SECRET, BODY);
    server.post(&headers, BODY).await;
    let answer = server.post(&headers, BODY).await;
    assert_eq!((answer.status(), server.handled()), ("204", 1));
}

#[tokio::test]
async fn an_event_whose_handler_failed_is_delivered_again() {
    let server = Server::start().await;
    let body = format!("{BODY} ");
    let headers = signed(TIMESTAMPED, SECRET, &body);
    for delivery in 1..=3 {
        let answer = server.post(&headers, &body).await;
        assert_eq!((answer.status(), server.handled()), ("500", delivery));
    }
}

#[tokio::test]
async fn an_event_that_is_being_handled_is_answered_with_503_and_a_time() {
    let server = Server::start().await;
    let headers = signed(TIMESTAMPED, SECRET, BODY);
    assert_eq!(server.post_to("/forgetful", &headers, BODY).await.status(), "500");
    let answer = server.post(&headers, BODY).await;
    assert_eq!((answer.status(), answer.header("retry-after")), ("503", Some("60")));
    assert_eq!(server.handled(), 1);
}

#[tokio::test]
async fn seven_deliveries_at_once_reach_the_handler_once() {
    let server = Arc::new(Server::start().await);
    let tasks: Vec<_> = (0..7)
        .map(|_| {
            let server = Arc::clone(&server);
            let headers = signed(TIMESTAMPED, SECRET, BODY);
            tokio::spawn(async move { server.post(&headers, BODY).await.status().to_owned() })
        })
        .collect();
    for task in tasks {
        let status = task.await.unwrap();
        assert!(["204", "503"].contains(&status.as_str()), "{status}");
    }
    assert_eq!(server.handled(), 1);
}

#[tokio::test]
async fn what_the_vendor_has_not_sent_is_answered_with_401_and_nothing_else() {
    let server = Server::start().await;
    let forged = signed(TIMESTAMPED, "fake-other-secret", BODY);
    let stale = signed_at(TIMESTAMPED, SECRET, NOW - 301, BODY);
    let early = signed_at(TIMESTAMPED, SECRET, NOW + 61, BODY);
    let malformed = header("t=now,v1=00");
    let mut answers = Vec::new();
    for headers in [HeaderMap::new(), malformed, forged, stale, early] {
        let answer = server.post(&headers, BODY).await;
        assert_eq!(answer.status(), "401");
        assert_eq!(answer.header("www-authenticate"), Some("Webhook-Signature"));
        answers.push(answer.0.lines().filter(|line| !line.starts_with("date")).collect::<String>());
    }
    answers.dedup();
    assert_eq!((answers.len(), server.handled()), (1, 0));
}

#[tokio::test]
async fn a_body_that_says_that_it_is_too_large_is_answered_before_it_is_there() {
    let server = Server::start().await;
    let headers = signed(TIMESTAMPED, SECRET, BODY);
    let head = request("/hooks", &headers, "content-length: 1048577", "");
    assert_eq!(server.send(&head).await.status(), "413");
}

#[tokio::test]
async fn a_body_that_grows_too_large_is_answered_with_413() {
    let server = Server::start().await;
    let headers = signed(TIMESTAMPED, SECRET, BODY);
    let chunk = format!("100001\r\n{}\r\n", " ".repeat(0x10_0001));
    let text = request("/hooks", &headers, "transfer-encoding: chunked", &chunk);
    assert_eq!(server.send(&text).await.status(), "413");
}

#[tokio::test]
async fn a_body_in_chunks_is_verified_as_a_whole() {
    let server = Server::start().await;
    let headers = signed(TIMESTAMPED, SECRET, BODY);
    let (one, other) = BODY.split_at(20);
    let chunks = format!("14\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n", other.len());
    let text = request("/hooks", &headers, "transfer-encoding: chunked", &chunks);
    assert_eq!(server.send(&text).await.status(), "204");
}

#[tokio::test]
async fn an_event_without_an_id_is_answered_with_400() {
    let server = Server::start().await;
    let answer = server.post(&signed(TIMESTAMPED, SECRET, "{}"), "{}").await;
    assert_eq!((answer.status(), server.handled()), ("400", 0));
}

#[tokio::test]
async fn a_store_that_fails_is_answered_with_503_and_a_time() {
    let server = Server::with(Arc::new(Broken)).await;
    let answer = server.post(&signed(TIMESTAMPED, SECRET, BODY), BODY).await;
    assert_eq!((answer.status(), answer.header("retry-after")), ("503", Some("5")));
    assert_eq!(server.handled(), 0);
}

#[tokio::test]
async fn a_handler_that_asks_is_told_why_a_delivery_was_refused() {
    let server = Server::start().await;
    let answer = server.post_to("/or-not", &HeaderMap::new(), BODY).await;
    assert_eq!(answer.body(), "refused: the webhook was not verified");
}
