//! What keeps a sandbox from starting, and what stops it.

use serde_json::{Value, json};
use specwright_sandbox::{Options, Profile, Sandbox, StartError};
use tokio::net::TcpStream;

use crate::client::{call, options, sandbox, send};

const STORA: &str = include_str!("../../profiles/stora-2025-09/openapi.json");
const UNDERSTORY: &str = include_str!("../../profiles/understory-v1/openapi.json");
const PROFILE: &str = include_str!("../../profiles/understory-v1/profile.yaml");

/// With shared code, one mistake could be made on both sides of the wire.
#[test]
fn it_depends_on_no_crate_of_ours() {
    let manifest = include_str!("../../Cargo.toml");
    let dependencies = manifest.split_once("[dependencies]").unwrap().1;
    assert!(!dependencies.contains("specwright"), "{dependencies}");
}

#[tokio::test]
async fn it_listens_on_loopback() {
    assert!(sandbox().await.address().ip().is_loopback());
}

#[tokio::test]
async fn nobody_listens_after_a_shutdown() {
    let sandbox = sandbox().await;
    let address = sandbox.address();
    sandbox.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_it() {
    let sandbox = sandbox().await;
    let error = Sandbox::start(Options::new().with_listen(sandbox.address())).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {}", sandbox.address()));
}

#[tokio::test]
async fn a_document_that_is_not_json_is_an_error() {
    let error = Sandbox::start(options().with_document("openapi: 3.1.1")).await.unwrap_err();
    assert!(matches!(error, StartError::Document { .. }), "{error}");
}

#[tokio::test]
async fn a_damaged_schema_is_an_error_that_names_the_place() {
    let scope = "/components/schemas/OAuth2TokenResponse/properties/scope";
    let error = start_with(scope, json!("not a schema")).await.unwrap_err();
    assert!(error.to_string().contains("/paths/~1oauth2~1token/post/responses/200"), "{error}");
}

#[tokio::test]
async fn a_style_that_cannot_be_played_is_an_error_that_names_the_place() {
    let error = start_with("/components/parameters/ContactId/style", json!("matrix")).await;
    let expected = "cannot play the document: at `#/components/parameters/ContactId`: \
                    the style `matrix` cannot be played here";
    assert_eq!(error.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn a_profile_for_another_document_is_an_error_that_names_the_operation() {
    let reason = "the document has no operation `getInvoice`";
    assert_eq!(refused("getOrder:", "getInvoice:").await, reason);
}

#[tokio::test]
async fn a_reference_to_a_collection_that_is_not_described_is_an_error() {
    let reason = "`bookings` refers to the collection `dates`, which is not described";
    assert_eq!(refused("event_id: events\n      exp", "event_id: dates\n      exp").await, reason);
}

#[tokio::test]
async fn an_operation_that_does_two_things_is_an_error() {
    let reason = "`getOrders` belongs to `events` and to `orders`";
    assert_eq!(refused("getEvents: list", "getOrders: list").await, reason);
}

#[tokio::test]
async fn a_path_without_the_id_is_an_error() {
    let reason = "the path of `getBooking` has no parameter with the id of `bookings`";
    assert_eq!(refused("parameter: bookingId", "parameter: booking_id").await, reason);
}

#[tokio::test]
async fn a_blank_that_means_nothing_is_an_error() {
    let reason = "`bookings` has a blank `tomorrow`, which means nothing";
    assert_eq!(
        refused("status: ACTIVE\n      needs", "status: ${tomorrow}\n      needs").await,
        reason
    );
}

#[tokio::test]
async fn a_way_to_fail_without_an_error_is_an_error() {
    let reason = "0 rows of the table of errors are for Conflict, not 1";
    assert_eq!(refused(", when: [conflict]", "").await, reason);
}

#[tokio::test]
async fn a_collection_that_is_described_twice_is_an_error() {
    let profile = Profile::from_yaml(PROFILE).unwrap();
    let topic = "collections: { orders: { id: { prefix: order_ } } }";
    let error = profile.with_topic(topic).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot use the profile: the collection `orders` is described twice"
    );
}

#[tokio::test]
async fn seeds_that_cannot_be_had_are_an_error() {
    let error = Sandbox::start(options().with_seeds("colours", 1)).await.unwrap_err();
    let reason = "cannot use the profile: there is no `colours` that could be there at the start";
    assert_eq!(error.to_string(), reason);
}

#[tokio::test]
async fn an_answer_of_ours_that_breaks_the_document_does_not_leave() {
    let required = "/components/schemas/Contact/required";
    let sandbox = start_with(required, json!(["id", "shoe_size"])).await.unwrap();
    let id = sandbox.seed_contacts(1).remove(0);
    let answer = call(&sandbox, &format!("GET /2025-09/contacts/{id}"), "").await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal_server_error"));
    let ledger = sandbox.ledger();
    assert_eq!(ledger.defects[0].operation, "show_contact");
    assert_eq!(ledger.defects[0].reason, "200 OK: /contact: \"shoe_size\" is a required property");
}

#[tokio::test]
async fn a_refusal_of_ours_that_breaks_the_document_does_not_leave() {
    let required = "/components/schemas/ErrorResponse/required";
    let sandbox = start_with(required, json!(["error", "shoe_size"])).await.unwrap();
    let answer = send(&sandbox, "GET /2025-09/contacts", &[], "").await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal_server_error"));
    let ledger = sandbox.ledger();
    assert_eq!(ledger.defects[0].operation, "list_contacts");
    let reason = "401 Unauthorized: : \"shoe_size\" is a required property";
    assert_eq!(ledger.defects[0].reason, reason);
}

#[tokio::test]
async fn a_defect_of_the_token_endpoint_has_its_form() {
    let required = "/components/schemas/OAuth2TokenResponse/required";
    let sandbox = start_with(required, json!(["shoe_size"])).await.unwrap();
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let body = format!(
        "grant_type=client_credentials&client_id={id}&client_secret={secret}\
         &scope=public.contact:read"
    );
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = send(&sandbox, "POST /oauth2/token", &form, &body).await;
    assert_eq!((answer.status, answer.at("/error")), (500, json!("server_error")));
    assert_eq!(sandbox.ledger().defects[0].operation, "oauth2_token");
}

#[tokio::test]
async fn a_document_may_have_its_paths_under_a_path_of_the_server() {
    let sandbox = start_with("/servers/0/url", json!("https://api.example/base/")).await.unwrap();
    assert_eq!(call(&sandbox, "GET /base/2025-09/contacts", "").await.status, 200);
}

/// Why Understory cannot be played after one change of its profile.
async fn refused(from: &str, to: &str) -> String {
    assert!(PROFILE.contains(from), "{from}");
    let profile = Profile::from_yaml(&PROFILE.replacen(from, to, 1)).unwrap();
    let options = options().with_profile(profile).with_document(UNDERSTORY);
    let error = Sandbox::start(options).await.unwrap_err();
    error.to_string().strip_prefix("cannot use the profile: ").unwrap().to_owned()
}

/// Starts with Stora's document after one change.
async fn start_with(pointer: &str, value: Value) -> Result<Sandbox, StartError> {
    let mut document: Value = serde_json::from_str(STORA).unwrap();
    let (holder, name) = pointer.rsplit_once('/').unwrap();
    let holder = document.pointer_mut(holder).unwrap();
    match name.parse::<usize>() {
        Ok(at) => holder[at] = value,
        Err(_) => holder[name] = value,
    }
    Sandbox::start(options().with_document(document.to_string())).await
}
