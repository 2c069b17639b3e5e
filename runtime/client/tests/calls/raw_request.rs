//! Requests that the document does not describe.

use specwright_client::operation::Idempotency;
use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::types::Json;
use specwright_client::{ErrorKind, Method};
use specwright_testkit::Script;

use crate::shelf::{Shelf, signed};

const PATH: &str = "/v1/new";

#[tokio::test]
async fn it_goes_out_with_the_clients_credentials_and_comes_back_raw() {
    let shelf = Shelf::with_refresh();
    shelf.transport.push(PATH, Script::json(200, r#"{"a":1}"#));
    let answer = shelf
        .client
        .request(Method::POST, "/v1/new?fixed=1")
        .query("q", &"x y")
        .json(&Json::from(7))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.json::<Json>().unwrap()["a"], 1);
    let request = shelf.transport.requests_to(PATH).remove(0);
    assert_eq!(request.uri.query(), Some("fixed=1&q=x%20y"));
    assert_eq!(request.header("authorization"), Some("Bearer fake-token-1"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.body, "7");
}

#[tokio::test]
async fn it_is_repeated_by_what_its_method_promises() {
    for (method, sends) in
        [(Method::GET, 2), (Method::PUT, 2), (Method::DELETE, 2), (Method::POST, 1)]
    {
        let shelf = Shelf::with_static_token();
        shelf.transport.push(PATH, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
        shelf.transport.push(PATH, Script::status(200));
        let outcome = shelf.client.request(method.clone(), PATH).send().await;
        assert_eq!(outcome.is_ok(), sends == 2, "{method}");
        assert_eq!(shelf.transport.requests().len(), sends, "{method}");
    }
}

#[tokio::test]
async fn it_carries_a_key_when_it_is_said_to_take_one() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(PATH, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
    shelf.transport.push(PATH, Script::status(200));
    let keyed = Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) };
    shelf.client.request(Method::POST, PATH).idempotency(keyed).send().await.unwrap();
    let requests = shelf.transport.requests();
    assert!(requests[0].header("idempotency-key").is_some());
    assert_eq!(requests[0].header("idempotency-key"), requests[1].header("idempotency-key"));
}

#[tokio::test]
async fn an_error_status_is_an_error_with_its_body() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(PATH, signed(404, "invalid_endpoint"));
    let error = shelf.client.request(Method::GET, PATH).send().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(404)));
    assert_eq!(error.request_id(), Some("r-1"));
    assert!(error.operation().is_none() && !error.body().unwrap().is_empty());
}

#[tokio::test]
async fn a_download_that_was_to_change_something_is_not_to_be_repeated() {
    for (method, harmless) in [(Method::GET, true), (Method::POST, false)] {
        let shelf = Shelf::with_static_token();
        shelf.transport.push(PATH, Script::status(200).breaking(SendErrorKind::Interrupted));
        let download = shelf.client.request(method.clone(), PATH).download("text/csv").await;
        let error = download.unwrap().bytes().await.unwrap_err();
        assert_eq!((error.is_retryable(), error.operation()), (harmless, None), "{method}");
    }
}

#[tokio::test]
async fn a_path_that_leaves_its_place_is_refused() {
    let shelf = Shelf::with_static_token();
    for path in ["/v1/../admin", "//evil.example/a", "https://evil.example/a", "v1/new", ""] {
        let error = shelf.client.request(Method::GET, path).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode, "{path}");
    }
    assert!(shelf.transport.requests().is_empty());
}
