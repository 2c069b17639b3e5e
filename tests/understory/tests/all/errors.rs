//! Errors: flat, with a code and a message, and a predicate for each status.

use std::collections::BTreeSet;
use std::time::Duration;

use equal::Relaxations;
use serde_json::json;
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Limits, Target, Window};
use understory_v1::model::{ErrorCode, ErrorResponse};
use understory_v1::runtime::Error;
use understory_v1::runtime::json::to_vec;

use crate::setup::{client_of, clock, document, options, started, statuses};

/// What says "this is it" of an error.
type Predicate = fn(&Error<ErrorResponse>) -> bool;

/// Every status that the documentation names, with what a program sees of it.
const STATUSES: [(u16, &str, Predicate); 7] = [
    (400, "EXAMPLE_BAD_REQUEST", |error| error.is_invalid()),
    (401, "UNAUTHORIZED", |error| error.is_unauthorized()),
    (403, "UNAUTHORIZED", |error| error.is_forbidden()),
    (404, "EXAMPLE_NOT_FOUND", |error| error.is_not_found()),
    (409, "EXAMPLE_CONFLICT", |error| error.is_conflict()),
    (429, "EXAMPLE_TOO_MANY_REQUESTS", |error| error.is_rate_limited()),
    (500, "INTERNAL_SERVER_ERROR", |error| error.is_server_error()),
];

#[tokio::test]
async fn every_documented_status_has_its_code_and_meets_its_predicate_alone() {
    for (status, code, _) in STATUSES {
        let error = failed_with(status).await;
        assert_eq!(error.status(), Some(status), "{error}");
        assert_eq!(error.api().unwrap().code.as_str(), code, "{status}");
        let met = STATUSES.iter().filter(|(_, _, is_met)| is_met(&error));
        let met: Vec<u16> = met.map(|(status, ..)| *status).collect();
        assert_eq!(met, [status], "{error}");
    }
}

#[tokio::test]
async fn every_documented_status_is_equal_after_decode_and_encode() {
    let equal = document().equal;
    for (status, ..) in STATUSES {
        let error = failed_with(status).await;
        let came = serde_json::from_slice(error.body().unwrap().bytes()).unwrap();
        let written = to_vec(error.api().unwrap()).unwrap();
        let written = serde_json::from_slice(&written).unwrap();
        let compared = equal.compare("/components/schemas/ErrorResponse", &came, &written);
        assert_eq!(compared, Ok(Relaxations::default()), "{status}");
    }
}

/// The document has a schema for any error, and names a status where the page of an operation does.
#[test]
fn every_status_of_the_document_is_in_the_table() {
    let known: BTreeSet<String> = STATUSES.iter().map(|(status, ..)| status.to_string()).collect();
    for (status, schema) in document().errors() {
        assert!(status == "default" || known.contains(&status), "{status}");
        assert_eq!(schema, "ErrorResponse", "{status}");
    }
}

#[tokio::test]
async fn every_code_of_the_document_is_a_variant_that_is_met() {
    let document = document();
    let named = &document.raw()["components"]["schemas"]["ErrorCode"]["anyOf"][0]["enum"];
    let met = [(500, ErrorCode::InternalServerError), (401, ErrorCode::Unauthorized)];
    assert_eq!(*named, json!(met.each_ref().map(|(_, code)| code.as_str())));
    for (status, code) in met {
        assert_eq!(failed_with(status).await.api().unwrap().code, code);
    }
}

#[tokio::test]
async fn a_code_that_the_documentation_does_not_name_is_kept() {
    let error = failed_with(409).await;
    assert!(matches!(&error.api().unwrap().code, ErrorCode::Unknown(code)
        if code.as_str() == "EXAMPLE_CONFLICT"));
}

#[tokio::test]
async fn after_a_429_the_client_waits_for_a_minute() {
    let window = Window::new(1, 30).unwrap();
    let options = options().with_limits(Limits::Windows(vec![window]));
    let sandbox = Sandbox::start_with(options).await.unwrap();
    let clock = clock(&sandbox);
    let client = client_of(&sandbox, clock.clone());
    client.account().get_me().await.unwrap();
    client.account().get_me().await.unwrap();
    assert_eq!(statuses(&sandbox, "getMe"), [Some(200), Some(429), Some(200)]);
    let waited = clock.pauses();
    let [wait] = waited.as_slice() else { panic!("{waited:?}") };
    assert!((Duration::from_secs(60)..=Duration::from_secs(61)).contains(wait), "{wait:?}");
}

#[tokio::test]
async fn a_booking_that_was_lost_is_not_sent_again() {
    let (sandbox, client) = started().await;
    sandbox.push_fault(Target::operation("createBooking"), Fault::CloseAfterEffect);
    let error = client.bookings().create(crate::unions::smallest_booking()).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(statuses(&sandbox, "createBooking"), [None]);
}

/// The error of a request that is answered with `status`, however often it is sent.
async fn failed_with(status: u16) -> Error<ErrorResponse> {
    let (sandbox, client) = started().await;
    for _ in 0..100 {
        sandbox.push_fault(Target::operation("getEvents"), Fault::Status(status));
    }
    client.events().list().await.unwrap_err()
}
