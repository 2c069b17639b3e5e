//! Redirects as values.

use std::error::Error as _;

use specwright_client::json::DecodeError;
use specwright_client::operation::{
    Answer, Decoded, EncodeError, Idempotency, Operation, OperationMeta, Redirect, Reply,
    RequestEncoder,
};
use specwright_client::{AnyError, ErrorKind, Method};
use specwright_testkit::Script;

use crate::shelf::{Failure, Shelf, signed};

const COVER: &str = "/v1/cover";

const SIGNED_URL: &str = "https://files.example/1.png?signature=fake";

/// Where the picture of a cover is.
#[derive(Clone)]
struct ShowCover;

impl Operation for ShowCover {
    const META: &'static OperationMeta = &OperationMeta {
        id: "show_cover",
        method: Method::GET,
        path: COVER,
        security: &[&[("bearer", &[])]],
        idempotency: Idempotency::Safe,
    };
    type Output = Redirect;
    type Error = Failure;

    fn encode(&self, _: &mut RequestEncoder) -> Result<(), EncodeError> {
        Ok(())
    }

    fn decode(answer: &Answer) -> Decoded<Self> {
        match answer.status() {
            302 | 307 => answer.redirect(),
            400..=599 => answer.json().map(Reply::Failure),
            _ => answer.undocumented(),
        }
    }
}

fn moved(status: u16) -> Script {
    Script::status(status).header("location", SIGNED_URL)
}

#[tokio::test]
async fn an_operation_may_consist_of_a_redirect() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(COVER, moved(302));
    let response = shelf.call(ShowCover).await.unwrap();
    let redirect = response.inner();
    assert_eq!((redirect.status(), redirect.location()), (302, SIGNED_URL));
    assert_eq!(shelf.transport.requests().len(), 1);
}

#[tokio::test]
async fn a_redirect_that_the_document_does_not_describe_is_an_error() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(COVER, moved(301));
    let error = shelf.call(ShowCover).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(301)));
}

#[tokio::test]
async fn a_redirect_without_a_target_is_an_error() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(COVER, Script::status(302));
    let answer = shelf.call(ShowCover).await.map(drop);
    assert_misses_its_location(&answer.unwrap_err().into());
    let by_hand = shelf.client.request(Method::GET, COVER).redirect().await;
    assert_misses_its_location(&by_hand.unwrap_err());
}

#[track_caller]
fn assert_misses_its_location(error: &AnyError) {
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(302)));
    let place = error.source().unwrap().downcast_ref::<DecodeError>().unwrap();
    assert_eq!((place.expected(), place.found()), ("a `Location`", "none"));
}

#[tokio::test]
async fn a_refusal_is_still_the_documents_error() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(COVER, signed(404, "resource_not_found"));
    let error = shelf.call(ShowCover).await.unwrap_err();
    assert_eq!(error.api().unwrap().message, "no");
}

#[tokio::test]
async fn a_request_by_hand_gives_its_redirect_and_goes_nowhere_else() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(COVER, moved(303));
    let redirect = shelf.client.request(Method::GET, COVER).redirect().await.unwrap();
    assert_eq!((redirect.status(), redirect.location()), (303, SIGNED_URL));
    let requests = shelf.transport.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("accept"), Some("*/*"));
    assert_eq!(requests[0].header("authorization"), Some("Bearer fake-static"));
}

#[tokio::test]
async fn a_request_by_hand_that_is_not_redirected_is_an_error() {
    for (script, kind, status) in [
        (Script::json(200, "{}"), ErrorKind::Decode, 200),
        (Script::status(304), ErrorKind::Decode, 304),
        (signed(404, "invalid_endpoint"), ErrorKind::Status, 404),
    ] {
        let shelf = Shelf::with_static_token();
        shelf.transport.always(COVER, script);
        let error = shelf.client.request(Method::GET, COVER).redirect().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
    }
}
