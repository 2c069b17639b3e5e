//! What an error tells: the API's own words, typed, and the place of an answer that does not fit.

use std::error::Error as _;

use equal::Relaxations;
use serde_json::json;
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Target};
use stora_2025_09::model::{
    ContactCreate, ContactListResponse, ContactUpdate, ErrorCode, ErrorResponse, ErrorType,
};
use stora_2025_09::runtime::json::{DecodeError, from_slice, to_vec};
use stora_2025_09::runtime::types::Bytes;
use stora_2025_09::runtime::{Error, ErrorKind};

use crate::setup::{client, document, sandbox};

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
    let code = &error.api().unwrap().error.code;
    assert_eq!((error.status(), code), (Some(422), &ErrorCode::InvalidUrlParam));
}

#[tokio::test]
async fn every_documented_code_has_its_status_and_type() {
    for (status, code, kind, _) in &CODES {
        let error = failed_with(code).await;
        let said = &error.api().unwrap().error;
        assert_eq!((error.status(), &said.code, &said.r#type), (Some(*status), code, kind));
    }
}

#[tokio::test]
async fn every_documented_code_meets_its_predicate_and_no_other() {
    for (_, code, _, is_met) in &CODES {
        let error = failed_with(code).await;
        assert!(is_met(&error), "{code:?}: {error}");
        let met = PREDICATES.iter().filter(|(_, is_met)| is_met(&error));
        let met: Vec<&str> = met.map(|(name, _)| *name).collect();
        assert_eq!(met.len(), 1, "{code:?} is {met:?}");
    }
}

#[tokio::test]
async fn a_read_at_which_a_third_party_fails_is_a_failure_of_the_server() {
    let sandbox = failing(&ErrorCode::ApiError, "show_contact").await;
    let error = client(&sandbox).contacts().show("con_1").await.unwrap_err();
    assert!(error.is_server_error() && !error.is_outcome_unknown(), "{error}");
}

#[tokio::test]
async fn every_documented_code_is_equal_after_decode_and_encode() {
    let equal = document().equal;
    for (_, code, ..) in &CODES {
        let error = failed_with(code).await;
        let came = serde_json::from_slice(error.body().unwrap().bytes()).unwrap();
        let written = to_vec(error.api().unwrap()).unwrap();
        let written = serde_json::from_slice(&written).unwrap();
        let compared = equal.compare("/components/schemas/ErrorResponse", &came, &written);
        assert_eq!(compared, Ok(Relaxations::default()), "{code:?}");
    }
}

/// The token endpoint is the one that has another schema; `grants` meets its statuses.
#[test]
fn these_are_the_statuses_of_the_document() {
    let pair = |status: u16, schema: &str| (status.to_string(), schema.to_owned());
    let api = CODES.iter().map(|(status, ..)| pair(*status, "ErrorResponse"));
    let tokens = [400, 401].map(|status| pair(status, "OAuth2Error"));
    assert_eq!(document().errors(), api.chain(tokens).collect());
}

#[tokio::test]
async fn an_error_of_the_server_is_told_where_the_request_only_reads() {
    let sandbox = failing(&ErrorCode::InternalServerError, "list_contacts").await;
    let error = client(&sandbox).contacts().list().await.unwrap_err();
    assert!(error.is_server_error() && !error.is_outcome_unknown(), "{error}");
}

#[test]
fn these_are_the_codes_of_the_document() {
    let document = document();
    let document = document.raw();
    let values = &document["components"]["schemas"]["ErrorCode"]["enum"];
    let codes: Vec<&str> = CODES.iter().map(|(_, code, ..)| code.as_str()).collect();
    assert_eq!(*values, json!(codes));
}

#[test]
fn a_code_that_the_document_does_not_name_is_kept() {
    let body = r#"{"error":{"code":"new_code","type":"new_type","message":"m","request_id":"r"}}"#;
    let said: ErrorResponse = from_slice(body.as_bytes()).unwrap();
    assert_eq!((said.error.code.as_str(), said.error.r#type.as_str()), ("new_code", "new_type"));
}

#[tokio::test]
async fn an_error_status_that_the_document_does_not_know_is_told() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(418));
    let error = client(&sandbox).contacts().list().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(418)));
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
async fn an_unknown_member_of_an_answer_is_no_error() {
    let sandbox = sandbox().await;
    let body = Bytes::from_static(br#"{"contacts":[],"new":{"a":[1]}}"#);
    sandbox.push_fault(Target::Any, Fault::Body(body));
    let page = client(&sandbox).contacts().list().await.unwrap();
    assert_eq!(page, ContactListResponse::new([]));
}

/// Guide "Errors": every code with its status and type, and what a program sees of it.
const CODES: [(u16, ErrorCode, ErrorType, Predicate); 12] = [
    (400, ErrorCode::InvalidRequest, ErrorType::InvalidRequestError, |error| error.is_invalid()),
    // A failure of the vendor or of a third party, in spite of the status. Of a write: it may have come after the effect.
    (400, ErrorCode::ApiError, ErrorType::ApiError, |error| error.is_outcome_unknown()),
    (401, ErrorCode::InvalidToken, ErrorType::InvalidRequestError, |error| error.is_unauthorized()),
    (403, ErrorCode::Forbidden, ErrorType::InvalidRequestError, |error| error.is_forbidden()),
    (404, ErrorCode::ResourceNotFound, ErrorType::InvalidRequestError, |error| {
        error.is_not_found()
    }),
    (404, ErrorCode::InvalidEndpoint, ErrorType::InvalidRequestError, |error| error.is_not_found()),
    (406, ErrorCode::InvalidFormat, ErrorType::InvalidRequestError, |error| {
        error.is_not_acceptable()
    }),
    (409, ErrorCode::Conflict, ErrorType::InvalidRequestError, |error| error.is_conflict()),
    (422, ErrorCode::InvalidUrlParam, ErrorType::InvalidRequestError, |error| error.is_invalid()),
    (422, ErrorCode::InvalidContent, ErrorType::InvalidRequestError, |error| error.is_invalid()),
    (429, ErrorCode::TooManyRequests, ErrorType::InvalidRequestError, |error| {
        error.is_rate_limited()
    }),
    // Of a write: the server may have executed it before it failed.
    (500, ErrorCode::InternalServerError, ErrorType::ApiError, |error| error.is_outcome_unknown()),
];

/// Every predicate of the table, by its name.
const PREDICATES: [(&str, Predicate); 9] = [
    ("invalid", |error| error.is_invalid()),
    ("unauthorized", |error| error.is_unauthorized()),
    ("forbidden", |error| error.is_forbidden()),
    ("not found", |error| error.is_not_found()),
    ("not acceptable", |error| error.is_not_acceptable()),
    ("conflict", |error| error.is_conflict()),
    ("rate limited", |error| error.is_rate_limited()),
    ("server error", |error| error.is_server_error()),
    ("outcome unknown", |error| error.is_outcome_unknown()),
];

/// What says "this is it" of an error.
type Predicate = fn(&Error<ErrorResponse>) -> bool;

/// A contact with all that it must have, but its moment is none.
const UNFIT: &str = r#"{"contacts":[{"id":"con_1","address":null,"company_registration_number":null,"created_at":"canary-soon","email":"a@b.example","full_name":"A","marketing_source":null,"metadata":{},"phone_number":null,"source":null,"stripe_customer_id":null,"tax_id":null,"tenancies_count":0,"type":null,"updated_at":"2026-01-01T00:00:00Z","use_case":null}]}"#;

async fn missing_contact() -> Error<ErrorResponse> {
    let sandbox = sandbox().await;
    client(&sandbox).contacts().show("con_0000000000000000").await.unwrap_err()
}

/// The error of a request that is answered with `code`, however often it is sent. The document has every status of the
/// table for an update.
async fn failed_with(code: &ErrorCode) -> Error<ErrorResponse> {
    let sandbox = failing(code, "update_contact").await;
    client(&sandbox).contacts().update("con_1", ContactUpdate::new()).await.unwrap_err()
}

/// A sandbox that answers the operation with `code`, more often than any client asks.
async fn failing(code: &ErrorCode, operation: &str) -> Sandbox {
    let sandbox = sandbox().await;
    for _ in 0..10 {
        let fault = Fault::Code(code.as_str().to_owned());
        sandbox.push_fault(Target::operation(operation), fault);
    }
    sandbox
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
