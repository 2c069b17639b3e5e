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
    let reason = "at `#/collections/orders/operations/getInvoice`: \
                  the document has no operation `getInvoice`";
    assert_eq!(refused("getOrder:", "getInvoice:").await, reason);
}

#[tokio::test]
async fn an_operation_that_is_left_out_is_an_error_that_names_it() {
    let reason = "at `#/collections`: nothing is said of the operation `getOrder`; \
                  name it, or write `others: validated`";
    assert_eq!(refused("      getOrder: show\n", "").await, reason);
}

#[tokio::test]
async fn an_unknown_key_is_an_error_that_names_the_place() {
    let profile = PROFILE.replacen("parameter: bookingId", "parametre: bookingId", 1);
    let error = Profile::from_yaml(&profile).unwrap_err().to_string();
    let place = "cannot use the profile: at `#/collections/bookings/parametre`: unknown field";
    assert!(error.starts_with(place), "{error}");
}

#[tokio::test]
async fn a_reference_to_a_collection_that_is_not_described_is_an_error() {
    let reason = "at `#/collections/bookings/references/event_id`: \
                  the collection `dates` is not described";
    assert_eq!(refused("event_id: events\n      exp", "event_id: dates\n      exp").await, reason);
}

#[tokio::test]
async fn an_operation_that_does_two_things_is_an_error() {
    let reason = "at `#/collections/orders/operations/getOrders`: the operation `getOrders` is \
                  named at `#/collections/events/operations/getOrders` too";
    assert_eq!(refused("getEvents: list", "getOrders: list").await, reason);
}

#[tokio::test]
async fn a_fixed_operation_that_does_something_is_an_error() {
    let reason = "at `#/collections/bookings/operations/getBooking`: the operation `getBooking` is \
                  named at `#/fixed/1` too";
    assert_eq!(refused("[getMe]", "[getMe, getBooking]").await, reason);
}

#[tokio::test]
async fn a_fixed_operation_without_an_example_is_an_error() {
    let reason = "at `#/fixed/1`: the document has no example of an answer of \
                  `deleteWebhookSubscription`";
    assert_eq!(refused("[getMe]", "[getMe, deleteWebhookSubscription]").await, reason);
}

#[tokio::test]
async fn a_path_without_the_id_is_an_error() {
    let reason = "at `#/collections/bookings/operations/getBooking`: \
                  the path has no parameter with the id of `bookings`";
    assert_eq!(refused("parameter: bookingId", "parameter: booking_id").await, reason);
}

#[tokio::test]
async fn a_list_of_members_that_are_nowhere_is_an_error() {
    let reason = "at `#/collections/bookings/operations/getTickets`: \
                  `seats` is neither in `apart` nor refers to one collection";
    assert_eq!(refused("members: tickets", "members: seats").await, reason);
}

#[tokio::test]
async fn a_link_over_a_member_that_refers_to_nothing_is_an_error() {
    let change = "change: { link: { origin: {} } }";
    let reason = "at `#/collections/orders/operations/getOrder/change/link/origin`: \
                  `origin` does not refer to one collection";
    assert_eq!(refused("getOrder: show", &format!("getOrder: {{ {change} }}")).await, reason);
}

#[tokio::test]
async fn a_filter_that_no_list_has_is_an_error() {
    let reason = "at `#/collections/event_availabilities/filters/experience_id`: \
                  no list of `event_availabilities` has such a query parameter";
    assert_eq!(refused("experienceId: { field", "experience_id: { field").await, reason);
}

#[tokio::test]
async fn a_local_time_without_a_zone_is_an_error() {
    let reason = "at `#/collections/events/filters/from`: local times are compared in a `zone`";
    assert_eq!(refused("zone: sessions.timezone, ", "").await, reason);
}

#[tokio::test]
async fn an_order_by_a_parameter_that_no_operation_has_is_an_error() {
    let reason = "at `#/lists/order/parameter`: no operation has the query parameter `order`";
    assert_eq!(refused("parameter: sort", "parameter: order").await, reason);
}

#[tokio::test]
async fn a_language_header_that_no_operation_has_is_an_error() {
    let reason = "at `#/languages/parameter`: no operation has the header parameter `X-Language`";
    assert_eq!(refused("parameter: Accept-Language", "parameter: X-Language").await, reason);
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_an_error() {
    let reason = "at `#/collections/orders/files/image~1png`: \
                  of a resource only `application/pdf` can be made";
    assert_eq!(
        refused("prefix: ord_ }", "prefix: ord_ }\n    files: { image/png: {} }").await,
        reason
    );
}

#[tokio::test]
async fn a_scope_that_the_document_lacks_is_an_error() {
    let reason = "at `#/collections/orders/scope`: the document has no scope `order.see`";
    assert_eq!(refused("prefix: ord_ }", "prefix: ord_ }\n    scope: order.see").await, reason);
}

#[tokio::test]
async fn a_blank_that_means_nothing_is_an_error() {
    let reason =
        "at `#/collections/bookings/new/holds`: the blank `${tomorrow}` means nothing here";
    assert_eq!(
        refused("status: ACTIVE\n      needs", "status: ${tomorrow}\n      needs").await,
        reason
    );
}

#[tokio::test]
async fn a_way_to_fail_without_an_error_is_an_error() {
    let reason = "at `#/errors/table`: 0 rows are for Conflict, not 1";
    assert_eq!(refused(", when: [conflict]", "").await, reason);
}

#[tokio::test]
async fn an_error_that_the_document_lacks_is_an_error() {
    let profile = include_str!("../../profiles/stora-2025-09/profile.yaml");
    let profile = profile.replacen("status: 409", "status: 410", 1);
    let profile = Profile::from_yaml(&profile).unwrap();
    let error = Sandbox::start(options().with_profile(profile)).await.unwrap_err();
    let reason = "cannot use the profile: at `#/errors/table/7/status`: no operation of the document \
                  answers 410; if the vendor does all the same, write `undocumented: true`";
    assert_eq!(error.to_string(), reason);
}

#[tokio::test]
async fn a_collection_that_is_described_twice_is_an_error() {
    let profile = Profile::from_yaml(PROFILE).unwrap();
    let topic = "collections: { orders: { id: { prefix: order_ } } }";
    let error = profile.with_topic(topic).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot use the profile: at `#/collections/orders`: the collection is described twice"
    );
}

#[tokio::test]
async fn seeds_that_cannot_be_had_are_an_error() {
    let error = Sandbox::start(options().with_seeds("colours", 1)).await.unwrap_err();
    let reason = "cannot use the profile: at `#/collections`: \
                  there is no `colours` that could be there at the start";
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
