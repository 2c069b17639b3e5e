//! Redirects as values.

use specwright_client::operation::{
    Answer, Decoded, EncodeError, Idempotency, Operation, OperationMeta, Redirect, Reply,
    RequestEncoder,
};
use specwright_client::{ErrorKind, Method};
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
    let error = shelf.call(ShowCover).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(302)));
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
        (Script::status(304), ErrorKind::Redirect, 304),
        (Script::status(302), ErrorKind::Redirect, 302),
        (signed(404, "invalid_endpoint"), ErrorKind::Status, 404),
    ] {
        let shelf = Shelf::with_static_token();
        shelf.transport.always(COVER, script);
        let error = shelf.client.request(Method::GET, COVER).redirect().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
    }
}
