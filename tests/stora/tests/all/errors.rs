//! What an error tells: the API's own words, typed, and the place of an answer that does not fit.

use std::error::Error as _;

use specwright_testkit::sandbox::{Fault, Target};
use stora_2025_09::model::{
    ContactCreate, ContactListResponse, ErrorCode, ErrorResponse, ErrorType,
};
use stora_2025_09::runtime::json::DecodeError;
use stora_2025_09::runtime::types::Bytes;
use stora_2025_09::runtime::{Error, ErrorKind};

use crate::inputs::smallest_contact;
use crate::setup::{client, sandbox};

#[tokio::test]
async fn a_missing_contact_is_told_in_the_apis_words() {
    let error = missing_contact().await;
    let said = &error.api().unwrap().error;
    assert_eq!(
        (&said.code, &said.r#type),
        (&ErrorCode::ResourceNotFound, &ErrorType::InvalidRequestError)
    );
}

#[tokio::test]
async fn an_error_has_the_status() {
    assert_eq!(missing_contact().await.status(), Some(404));
}

#[tokio::test]
async fn an_error_has_the_request_id_that_the_api_named() {
    let error = missing_contact().await;
    let said = error.api().unwrap().error.request_id.as_deref();
    assert_eq!((error.request_id(), error.request_id().is_some()), (said, true));
}

#[tokio::test]
async fn an_error_names_its_operation() {
    assert_eq!(missing_contact().await.operation(), Some("show_contact"));
}

#[tokio::test]
async fn an_error_is_one_line_of_text() {
    let error = missing_contact().await;
    let id = error.request_id().unwrap();
    let expected =
        format!("show_contact: the API answered with an error (status 404), request {id}");
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn an_input_that_is_not_acceptable_is_told_with_its_place() {
    let sandbox = sandbox().await;
    let create = client(&sandbox).contacts().create(ContactCreate::new("nobody", "A"));
    let error = create.await.unwrap_err();
    let details = error.into_api().unwrap().error.details.unwrap();
    let pointers: Vec<_> = details.iter().map(|detail| detail.pointer.as_deref()).collect();
    assert_eq!(pointers, [Some("/email")]);
}

#[tokio::test]
async fn an_input_that_is_not_acceptable_is_a_422() {
    let sandbox = sandbox().await;
    let error = client(&sandbox).contacts().list().limit(101).await.unwrap_err();
    assert_eq!(error.api().map(|said| &said.error.code), Some(&ErrorCode::InvalidUrlParam));
}

#[tokio::test]
async fn an_error_status_that_the_document_does_not_know_is_told() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(409));
    let error = client(&sandbox).contacts().list().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(409)));
}

#[tokio::test]
async fn an_answer_that_does_not_fit_names_its_operation() {
    let error = unfit_answer(UNFIT).await;
    let start = "list_contacts: ";
    assert!(error.is_decode() && error.to_string().starts_with(start), "{error}");
}

#[tokio::test]
async fn an_answer_that_does_not_fit_names_the_place() {
    let error = unfit_answer(UNFIT).await;
    assert_eq!(cause(&error).pointer(), Some("/contacts/0/created_at"));
}

#[tokio::test]
async fn an_answer_that_does_not_fit_shows_an_excerpt() {
    let error = unfit_answer(UNFIT).await;
    let excerpt = cause(&error).excerpt();
    assert!(excerpt.contains(r#""created_at":"canary-soon""#), "{excerpt}");
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_not_in_the_text_of_the_error() {
    let error = unfit_answer(UNFIT).await;
    let shown = format!("{error} {error:?} {} {:?}", cause(&error), cause(&error));
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn an_answer_that_is_no_json_names_line_and_column() {
    let error = unfit_answer("{\"contacts\":\n  <html>}").await;
    assert_eq!((cause(&error).line(), cause(&error).column()), (2, 3));
}

#[tokio::test]
async fn an_answer_that_does_not_fit_keeps_its_bytes() {
    let error = unfit_answer(UNFIT).await;
    assert_eq!(error.body().unwrap().bytes(), UNFIT.as_bytes());
}

#[tokio::test]
async fn a_status_that_the_document_does_not_know_is_no_success() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Body(Bytes::from_static(b"{}")));
    let error = client(&sandbox).contacts().create(smallest_contact()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)));
}

#[tokio::test]
async fn an_unknown_member_of_an_answer_is_no_error() {
    let sandbox = sandbox().await;
    let body = Bytes::from_static(br#"{"contacts":[],"new":{"a":[1]}}"#);
    sandbox.push_fault(Target::Any, Fault::Body(body));
    let page = client(&sandbox).contacts().list().await.unwrap();
    assert_eq!(page, ContactListResponse::new([]));
}

/// The moment is none.
const UNFIT: &str = r#"{"contacts":[{"id":"con_1","created_at":"canary-soon"}]}"#;

async fn missing_contact() -> Error<ErrorResponse> {
    let sandbox = sandbox().await;
    client(&sandbox).contacts().show("con_0000000000000000").await.unwrap_err()
}

async fn unfit_answer(body: &'static str) -> Error<ErrorResponse> {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Body(Bytes::from_static(body.as_bytes())));
    client(&sandbox).contacts().list().await.unwrap_err()
}

#[track_caller]
fn cause(error: &Error<ErrorResponse>) -> &DecodeError {
    error.source().unwrap().downcast_ref().unwrap()
}
