use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_oauth::{
    AuthorizationRequest, Callback, ClientRegistration, LoopbackError, LoopbackRedirect,
    PendingAuthorization, Session,
};
use specwright_testkit::{SeededRandom, VirtualClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use url::Url;

/// An authorization whose program waits at a loopback redirect.
struct Waiting {
    clock: VirtualClock,
    address: SocketAddr,
    state: String,
    pending: PendingAuthorization,
    callback: JoinHandle<Result<Callback, LoopbackError>>,
}

impl Waiting {
    async fn start() -> Self {
        let clock = VirtualClock::new();
        let redirect = LoopbackRedirect::bind("/back").await.unwrap();
        let uri = Url::parse(redirect.redirect_uri()).unwrap();
        let endpoint = Url::parse("https://auth.example/authorize").unwrap();
        let client = ClientRegistration::public("fake-id");
        let started = AuthorizationRequest::new(endpoint, &client, redirect.redirect_uri())
            .unwrap()
            .start(Session::None, clock.now(), &SeededRandom::new(1));
        let url = Url::parse(started.url.as_str()).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let kept = started.pending.to_text();
        let pending = PendingAuthorization::from_text(kept.expose()).unwrap();
        let waiting = clock.clone();
        let callback =
            tokio::spawn(async move { redirect.callback(&pending, Arc::new(waiting)).await });
        let address = uri.socket_addrs(|| None).unwrap().remove(0);
        Self { clock, address, state, pending: started.pending, callback }
    }

    async fn visit(&self, target: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        page
    }

    fn answer(&self) -> String {
        format!("/back?code=canary-code&state={}", self.state)
    }
}

#[tokio::test]
async fn the_callback_of_the_browser_reaches_the_program() {
    let waiting = Waiting::start().await;
    assert!(waiting.address.ip().is_loopback());
    let page = waiting.visit(&waiting.answer()).await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    let callback = waiting.callback.await.unwrap().unwrap();
    let client = ClientRegistration::public("fake-id");
    let now = waiting.clock.now();
    let grant = waiting.pending.redeem(callback, Session::None, now, client).unwrap();
    assert_eq!(grant.code.expose(), "canary-code");
}

#[tokio::test]
async fn the_page_repeats_nothing_of_the_request_and_is_not_kept() {
    let waiting = Waiting::start().await;
    let page = waiting.visit(&waiting.answer()).await;
    assert!(!page.contains("canary") && !page.contains(&waiting.state), "{page}");
    assert!(page.contains("Cache-Control: no-store") && page.contains("no-referrer"), "{page}");
}

#[tokio::test]
async fn nothing_but_its_own_callback_ends_the_wait() {
    let waiting = Waiting::start().await;
    for (target, status) in [
        ("/favicon.ico", "404"),
        ("/back", "400"),
        ("/back?code=canary&state=theirs", "400"),
        ("/back?code=canary&state=s&state=s", "400"),
    ] {
        let page = waiting.visit(target).await;
        assert!(page.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {page}");
        assert!(!page.contains("canary"), "{page}");
    }
    assert!(waiting.visit(&waiting.answer()).await.starts_with("HTTP/1.1 200 "));
    assert!(waiting.callback.await.unwrap().is_ok());
}

#[tokio::test]
async fn silent_connections_stand_in_nobodys_way() {
    let waiting = Waiting::start().await;
    let mut silent = Vec::new();
    for _ in 0..15 {
        silent.push(TcpStream::connect(waiting.address).await.unwrap());
    }
    assert!(waiting.visit(&waiting.answer()).await.starts_with("HTTP/1.1 200 "));
    assert!(waiting.callback.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_request_of_any_length_is_refused_at_the_limit() {
    let waiting = Waiting::start().await;
    // More than the system holds for the two of them, so that it is read although nobody wants it.
    let page = waiting.visit(&format!("/back?{}", "x".repeat(16 * 1024 * 1024))).await;
    assert!(page.starts_with("HTTP/1.1 431 "), "{page}");
}

#[tokio::test]
async fn the_wait_ends_with_the_authorization() {
    let waiting = Waiting::start().await;
    // A connection makes sure that the wait has begun.
    waiting.visit("/").await;
    waiting.clock.advance(Duration::from_secs(600));
    assert!(matches!(waiting.callback.await.unwrap(), Err(LoopbackError::Expired)));
}

#[tokio::test]
async fn nobody_listens_after_the_callback() {
    let waiting = Waiting::start().await;
    waiting.visit(&waiting.answer()).await;
    waiting.callback.await.unwrap().unwrap();
    assert!(TcpStream::connect(waiting.address).await.is_err());
}

#[tokio::test]
async fn a_path_is_written_as_urls_write_it() {
    for path in ["back", "", "/a b", "/a?b", "/a#b", "/a/../b", "@evil.example/"] {
        let error = LoopbackRedirect::bind(path).await.unwrap_err();
        assert!(matches!(error, LoopbackError::Path), "{path}");
    }
}
