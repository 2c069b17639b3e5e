//! Where requests and credentials go, and where they never go.

use specwright_client::{CallOptions, Client, ClientCredentials, ErrorKind, StaticToken};
use specwright_testkit::{Script, ScriptedTransport, VirtualClock};

use crate::shelf::{BOOKS, CreateBook, FindBook, GetBook, PROFILE, Shelf, TOKEN, builder, found};

fn parts() -> (ScriptedTransport, VirtualClock) {
    let clock = VirtualClock::automatic();
    (ScriptedTransport::new(clock.clone()), clock)
}

fn cause(error: &dyn std::error::Error) -> String {
    error.source().unwrap().to_string()
}

#[tokio::test]
async fn a_redirect_is_an_error_that_nothing_follows() {
    for status in [301, 302, 303, 307, 308] {
        for location in
            ["https://evil.example/v1/books", "/v1/books/2", "http://shelf.example/v1/books"]
        {
            let shelf = Shelf::with_refresh();
            shelf.transport.always(BOOKS, Script::status(status).header("location", location));
            let error = shelf.call(CreateBook).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Redirect, "{status} {location}");
            assert_eq!(error.headers().unwrap()["location"], location);
            let hosts: Vec<_> = shelf
                .transport
                .requests()
                .iter()
                .map(|request| request.uri.host().unwrap().to_owned())
                .collect();
            assert_eq!(hosts, ["shelf.example", "shelf.example"], "{status} {location}");
        }
    }
}

#[tokio::test]
async fn a_redirect_of_the_token_endpoint_never_gets_the_secret() {
    let shelf = Shelf::with_credentials(ClientCredentials::new("fake-id", "fake-secret"));
    let redirect = Script::status(307).header("location", "https://evil.example/token");
    shelf.transport.always(TOKEN, redirect);
    let error = shelf.call(GetBook).await.unwrap_err();
    assert!(error.is_credentials());
    assert_eq!(shelf.transport.requests().len(), 1);
}

#[test]
fn http_is_refused_unless_it_is_this_machine() {
    let (transport, clock) = parts();
    let build = |url: &str| builder(&transport, &clock).base_url(url).build();
    let error = build("http://shelf.example").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        cause(&error),
        "the base URL is refused: credentials go to https only, or to http on this machine"
    );
    for url in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080"] {
        assert!(build(url).is_ok(), "{url}");
    }
}

#[test]
fn a_token_endpoint_over_http_is_refused() {
    let (transport, clock) = parts();
    let error = builder(&transport, &clock)
        .credentials(ClientCredentials::new("fake-id", "fake-secret"))
        .token_url("http://id.example/token")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn the_token_endpoint_moves_with_the_base_url() {
    let (transport, clock) = parts();
    transport.always(BOOKS, found());
    transport.always(TOKEN, Script::json(200, r#"{"access_token":"fake"}"#));
    let client = builder(&transport, &clock)
        .base_url("http://127.0.0.1:8080")
        .credentials(ClientCredentials::new("fake-id", "fake-secret"))
        .build()
        .unwrap();
    client.send(&GetBook, CallOptions::default()).await.unwrap();
    let uris: Vec<_> = transport.requests().iter().map(|request| request.uri.to_string()).collect();
    assert_eq!(uris, ["http://127.0.0.1:8080/oauth/token", "http://127.0.0.1:8080/v1/books"]);
}

#[tokio::test]
async fn a_dot_segment_is_refused_before_sending() {
    let shelf = Shelf::with_static_token();
    for id in [".", "..", "../refunds", "..%2Frefunds", "%2e%2e", "a/../../b"] {
        let error = shelf.call(FindBook { id: id.to_owned() }).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode, "{id}");
    }
    assert!(shelf.transport.requests().is_empty());
}

#[tokio::test]
async fn an_operation_without_security_carries_no_token() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always("/v1/books/7", found());
    shelf.call(FindBook { id: "7".to_owned() }).await.unwrap();
    assert_eq!(shelf.transport.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn an_operation_with_security_is_not_sent_without_credentials() {
    let (transport, clock) = parts();
    let client = builder(&transport, &clock).build().unwrap();
    let error = client.send(&GetBook, CallOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn a_callers_header_cannot_replace_the_credentials() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    let options = CallOptions::default()
        .with_header("Authorization", "Bearer other")
        .with_header("User-Agent", "other")
        .with_header("X-Trace", "t-1");
    shelf.client.send(&GetBook, options).await.unwrap();
    let request = shelf.sent().remove(0);
    assert_eq!(request.header("authorization"), Some("Bearer fake-static"));
    assert_eq!(request.header("x-trace"), Some("t-1"));
    assert!(request.header("user-agent").unwrap().starts_with("Acme/Importer "));
}

#[tokio::test]
async fn a_callers_header_cannot_begin_another_one() {
    let shelf = Shelf::with_static_token();
    let options = CallOptions::default().with_header("X-Trace", "a\r\nX-Other: b");
    let error = shelf.client.send(&GetBook, options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
}

#[test]
fn a_product_must_be_named() {
    let (transport, clock) = parts();
    for product in ["", "Importer", "Acme Inc/Importer"] {
        let built = Client::builder::<Client>(&PROFILE, product)
            .transport(std::sync::Arc::new(transport.clone()))
            .clock(std::sync::Arc::new(clock.clone()))
            .credentials(StaticToken::new("fake-static"))
            .build();
        let error = built.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{product:?}");
        assert_eq!(cause(&error), "name your product as `Company/App` or `Company/App/version`");
    }
}
