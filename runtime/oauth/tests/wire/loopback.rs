use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_oauth::{
    AuthorizationRequest, Callback, ClientRegistration, LoopbackError, LoopbackRedirect,
    PendingAuthorization, Session, StartedAuthorization, WaitingBrowser,
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
    callback: JoinHandle<Result<(Callback, WaitingBrowser), LoopbackError>>,
}

impl Waiting {
    async fn start() -> Self {
        let clock = VirtualClock::new();
        let redirect = LoopbackRedirect::bind("/back").await.unwrap();
        let uri = Url::parse(redirect.redirect_uri()).unwrap();
        let StartedAuthorization { url, pending, .. } = started(&redirect, &clock);
        let sent = Url::parse(url.as_str()).unwrap();
        let state = sent.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let waiting = Arc::new(clock.clone());
        let callback = tokio::spawn(async move { redirect.callback(&url, waiting).await });
        let address = uri.socket_addrs(|| None).unwrap().remove(0);
        Self { clock, address, state, pending, callback }
    }

    /// Connects, asks for `target`, and does not read the answer yet.
    async fn ask(&self, target: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn visit(&self, target: &str) -> String {
        page(self.ask(target).await).await
    }

    fn answer(&self) -> String {
        format!("/back?code=canary-code&state={}", self.state)
    }
}

fn started(redirect: &LoopbackRedirect, clock: &VirtualClock) -> StartedAuthorization {
    let endpoint = Url::parse("https://auth.example/authorize").unwrap();
    let client = ClientRegistration::public("fake-id");
    let request = AuthorizationRequest::new(endpoint, &client, redirect.redirect_uri()).unwrap();
    request.start(Session::None, clock.now(), &SeededRandom::new(1))
}

async fn page(mut stream: TcpStream) -> String {
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    page
}

#[tokio::test]
async fn the_callback_of_the_browser_reaches_the_program() {
    let waiting = Waiting::start().await;
    assert!(waiting.address.ip().is_loopback());
    let _stream = waiting.ask(&waiting.answer()).await;
    let (callback, _browser) = waiting.callback.await.unwrap().unwrap();
    let client = ClientRegistration::public("fake-id");
    let now = waiting.clock.now();
    let grant = waiting.pending.redeem(callback, Session::None, now, client).unwrap();
    assert_eq!(grant.code.expose(), "canary-code");
}

#[tokio::test]
async fn the_browser_is_shown_what_became_of_it_and_nothing_before() {
    for (outcome, words) in [
        (Ok(()), "<p>Connected."),
        (Err("canary-error"), "<p>Not connected. The program says why.</p>"),
    ] {
        let waiting = Waiting::start().await;
        let stream = waiting.ask(&waiting.answer()).await;
        let (_callback, browser) = waiting.callback.await.unwrap().unwrap();
        // Asked of the system itself: what was written here before would be there by now.
        let stream = stream.into_std().unwrap();
        let nothing = stream.peek(&mut [0]).map_err(|error| error.kind());
        assert_eq!(nothing, Err(ErrorKind::WouldBlock));
        browser.tell(&outcome);
        let page = page(TcpStream::from_std(stream).unwrap()).await;
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains(words), "{page}");
        assert!(!page.contains("canary"), "{page}");
    }
}

#[tokio::test]
async fn a_browser_that_nobody_told_anything_is_sent_to_the_program() {
    let waiting = Waiting::start().await;
    let stream = waiting.ask(&waiting.answer()).await;
    drop(waiting.callback.await.unwrap().unwrap());
    assert!(page(stream).await.contains("<p>Go back to the program."));
}

#[tokio::test]
async fn a_browser_that_has_gone_has_brought_its_callback() {
    let waiting = Waiting::start().await;
    drop(waiting.ask(&waiting.answer()).await);
    let (_callback, browser) = waiting.callback.await.unwrap().unwrap();
    browser.tell(&Ok::<_, ()>(()));
}

#[tokio::test]
async fn the_page_repeats_nothing_of_the_request_and_is_not_kept() {
    let waiting = Waiting::start().await;
    let stream = waiting.ask(&waiting.answer()).await;
    let (_callback, browser) = waiting.callback.await.unwrap().unwrap();
    browser.tell(&Ok::<_, ()>(()));
    let page = page(stream).await;
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
    let _stream = waiting.ask(&waiting.answer()).await;
    assert!(waiting.callback.await.unwrap().is_ok());
}

#[tokio::test]
async fn who_looks_for_open_ports_does_not_end_the_wait() {
    let waiting = Waiting::start().await;
    for greeting in ["", "\r\n\r\n", "SSH-2.0-fake\r\n", "\u{16}\u{3}\u{1}\u{0}"] {
        let mut stream = TcpStream::connect(waiting.address).await.unwrap();
        stream.write_all(greeting.as_bytes()).await.unwrap();
    }
    let _stream = waiting.ask(&waiting.answer()).await;
    assert!(waiting.callback.await.unwrap().is_ok());
}

#[tokio::test]
async fn silent_connections_stand_in_nobodys_way() {
    let waiting = Waiting::start().await;
    let mut silent = Vec::new();
    for _ in 0..15 {
        silent.push(TcpStream::connect(waiting.address).await.unwrap());
    }
    let _stream = waiting.ask(&waiting.answer()).await;
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
    let _stream = waiting.ask(&waiting.answer()).await;
    let _answered = waiting.callback.await.unwrap().unwrap();
    assert!(TcpStream::connect(waiting.address).await.is_err());
}

#[tokio::test]
async fn nobody_waits_where_the_browser_will_not_come() {
    let clock = VirtualClock::new();
    let here = LoopbackRedirect::bind("/back").await.unwrap();
    let elsewhere = LoopbackRedirect::bind("/back").await.unwrap();
    let url = started(&elsewhere, &clock).url;
    let outcome = here.callback(&url, Arc::new(clock)).await;
    assert!(matches!(outcome, Err(LoopbackError::Elsewhere)));
}

#[tokio::test]
async fn a_path_is_written_as_urls_write_it() {
    for path in ["back", "", "/a b", "/a?b", "/a#b", "/a/../b", "@evil.example/"] {
        let error = LoopbackRedirect::bind(path).await.unwrap_err();
        assert!(matches!(error, LoopbackError::Path), "{path}");
    }
}
