//! What an error tells.

use std::error::Error as _;

use http::StatusCode;
use specwright_client::json::DecodeError;
use specwright_client::transport::{SendErrorKind, Sent};
use specwright_client::{AnyError, ErrorKind};
use specwright_testkit::Script;

use crate::shelf::{BOOKS, Failure, GetBook, Shelf, found, signed};

#[tokio::test]
async fn an_answer_that_does_not_fit_names_operation_place_and_excerpt() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::json(200, r#"{"title":7}"#));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert!(error.is_decode());
    assert_eq!(error.operation(), Some("get_book"));
    assert_eq!(error.body().unwrap().as_ref(), br#"{"title":7}"#);
    let place = error.source().unwrap().downcast_ref::<DecodeError>().unwrap();
    assert_eq!(place.pointer(), Some("/title"));
}

#[tokio::test]
async fn an_error_that_names_no_request_has_the_id_of_its_headers() {
    let shelf = Shelf::with_static_token();
    for (script, id) in
        [(Script::status(404).body("<html>"), "r-7"), (signed(404, "resource_not_found"), "r-1")]
    {
        shelf.transport.push(BOOKS, script.header("x-request-id", "r-7"));
        assert_eq!(shelf.call(GetBook).await.unwrap_err().request_id(), Some(id));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_has_the_request_id_for_support() {
    let shelf = Shelf::with_static_token();
    for name in ["x-request-id", "request-id"] {
        shelf.transport.push(BOOKS, Script::json(200, "{}").header(name, "r-7"));
        let error = shelf.call(GetBook).await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("r-7")));
    }
}

#[tokio::test]
async fn a_status_that_the_document_does_not_describe_is_a_decode_error() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::json(202, "{}"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(202)));
}

#[tokio::test]
async fn the_documents_error_model_is_at_hand() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, signed(422, "invalid_content"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!(error.api(), Some(&Failure { message: "no".to_owned() }));
    assert_eq!(
        error.to_string(),
        "get_book: the API answered with an error (status 422), request r-1"
    );
    assert_eq!(AnyError::from(error).api::<Failure>().unwrap().message, "no");
}

#[tokio::test]
async fn the_apis_code_is_at_hand() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, signed(404, "resource_not_found"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!((error.code(), error.is_not_found()), (Some("resource_not_found"), true));
    shelf.transport.push(BOOKS, Script::status(404).body("<html>"));
    assert_eq!(shelf.call(GetBook).await.unwrap_err().code(), None);
}

#[tokio::test]
async fn a_400_with_a_code_of_the_servers_faults_is_no_invalid_input() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, signed(400, "api_error"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert!(error.is_server_error() && !error.is_invalid());
    shelf.transport.always(BOOKS, signed(400, "invalid_request"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert!(error.is_invalid() && !error.is_server_error());
}

#[tokio::test]
async fn an_error_body_that_does_not_fit_is_still_its_status() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::status(422).body("<html>"));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(422)));
    assert!(error.api().is_none());
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_asked_for_once() {
    let shelf = Shelf::with_static_token();
    for status in [StatusCode::OK, StatusCode::BAD_GATEWAY] {
        shelf.transport.push(BOOKS, too_large(status));
        let error = shelf.call(GetBook).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::TooLarge, 1), "{status}");
        assert_eq!(error.status(), Some(status.as_u16()));
    }
}

fn too_large(status: StatusCode) -> Script {
    Script::failure(Sent::Maybe, SendErrorKind::TooLarge { status })
}

#[tokio::test]
async fn each_kind_of_lost_exchange_has_its_predicate() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::failure(Sent::No, SendErrorKind::Connect));
    let error = shelf.call(GetBook).await.unwrap_err();
    assert!(error.is_connect() && error.is_retryable());
    shelf.transport.always(BOOKS, Script::failure(Sent::Maybe, SendErrorKind::Interrupted));
    let shelf_error = shelf.call(GetBook).await.unwrap_err();
    assert_eq!(shelf_error.kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_response_tells_how_it_came() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::status(502));
    shelf.transport.push(BOOKS, found().header("etag", "\"1\""));
    let response = shelf.call(GetBook).await.unwrap();
    assert_eq!((response.status(), response.attempts()), (200, 2));
    assert_eq!(response.headers()["etag"], "\"1\"");
    assert_eq!(response.body(), r#"{"title":"Emma"}"#);
    assert_eq!(response.into_inner().title, "Emma");
}
