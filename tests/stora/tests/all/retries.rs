//! What is sent again, under which key and when; and what never leaves.

use std::sync::Arc;
use std::time::Duration;

use shared_clock::SharedClock;
use specwright_testkit::sandbox::{Fault, Limits, Target, Window};
use specwright_testkit::{Sandbox, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::model::ContactUpdate;
use stora_2025_09::runtime::types::{Bytes, Json};
use stora_2025_09::runtime::{ErrorKind, IdempotencyKey, Method, StaticToken, UnknownOutcome};

use crate::setup::{builder, client, options, sandbox, sandbox_with, statuses, until};
use stora_tests::inputs::smallest_contact;

#[tokio::test]
async fn a_read_is_sent_again_after_a_503() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(503));
    client(&sandbox).contacts().list().await.unwrap();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(503), Some(200)]);
}

#[tokio::test]
async fn a_read_is_sent_again_after_a_lost_connection() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::CloseBeforeAnswer);
    client(&sandbox).contacts().list().await.unwrap();
    assert_eq!(statuses(&sandbox, "list_contacts"), [None, Some(200)]);
}

#[tokio::test]
async fn the_third_failure_of_a_read_stands() {
    let sandbox = sandbox().await;
    for _ in 0..4 {
        sandbox.push_fault(Target::Any, Fault::Status(503));
    }
    let error = client(&sandbox).contacts().list().await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 3));
}

#[tokio::test]
async fn an_update_that_was_lost_is_not_sent_again() {
    let sandbox = sandbox().await;
    let id = sandbox.seed_contacts(1).remove(0);
    sandbox.push_fault(Target::Any, Fault::CloseAfterEffect);
    client(&sandbox).contacts().update(id, ContactUpdate::new()).await.unwrap_err();
    assert_eq!(statuses(&sandbox, "update_contact"), [None]);
}

#[tokio::test]
async fn the_outcome_of_an_update_that_was_lost_is_unknown() {
    let sandbox = sandbox().await;
    let id = sandbox.seed_contacts(1).remove(0);
    sandbox.push_fault(Target::Any, Fault::CloseAfterEffect);
    let update = client(&sandbox).contacts().update(id, ContactUpdate::new());
    assert!(update.await.unwrap_err().is_outcome_unknown());
}

#[tokio::test]
async fn a_delete_that_was_lost_succeeds_when_the_contact_is_gone() {
    let sandbox = sandbox().await;
    let id = sandbox.seed_contacts(1).remove(0);
    sandbox.push_fault(Target::Any, Fault::CloseAfterEffect);
    client(&sandbox).contacts().delete(id).await.unwrap();
    assert_eq!(statuses(&sandbox, "delete_contact"), [None, Some(404)]);
}

#[tokio::test]
async fn a_create_that_was_lost_has_one_effect() {
    let sandbox = after_a_lost_create().await;
    assert_eq!(sandbox.ledger().effects().len(), 1);
}

#[tokio::test]
async fn a_create_that_was_lost_gets_the_kept_answer() {
    let sandbox = after_a_lost_create().await;
    let replays: Vec<u16> = sandbox.ledger().replays.iter().map(|replay| replay.status).collect();
    assert_eq!(replays, [201]);
}

#[tokio::test]
async fn every_attempt_of_a_create_carries_the_same_key() {
    let sandbox = after_a_lost_create().await;
    let keys = keys(&sandbox);
    assert_eq!(keys, [keys[0].clone(), keys[0].clone()]);
}

#[tokio::test]
async fn two_creates_carry_two_keys() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    client.contacts().create(smallest_contact()).await.unwrap();
    client.contacts().create(smallest_contact()).await.unwrap();
    let keys = keys(&sandbox);
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_create_carries_the_callers_own_key() {
    let sandbox = sandbox().await;
    let key = IdempotencyKey::new("import-4711").unwrap();
    let create = client(&sandbox).contacts().create(smallest_contact());
    create.with_idempotency_key(key).await.unwrap();
    assert_eq!(keys(&sandbox), ["import-4711"]);
}

#[tokio::test]
async fn a_failure_that_is_kept_for_the_key_is_final() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::StoredStatus(500));
    client(&sandbox).contacts().create(smallest_contact()).await.unwrap_err();
    assert_eq!(statuses(&sandbox, "create_contact"), [Some(500)]);
}

#[tokio::test]
async fn the_error_of_a_kept_failure_names_its_key() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::StoredStatus(500));
    let create = client(&sandbox).contacts().create(smallest_contact());
    let error = create.await.unwrap_err();
    let unknown = std::error::Error::source(&error).unwrap().downcast_ref::<UnknownOutcome>();
    assert_eq!(unknown.unwrap().idempotency_key(), Some(keys(&sandbox)[0].as_str()));
}

#[tokio::test]
async fn a_call_over_the_limit_is_sent_again_when_the_window_opens() {
    let (sandbox, client, _) = with_one_call_in(10).await;
    client.contacts().list().await.unwrap();
    client.contacts().list().await.unwrap();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(200), Some(429), Some(200)]);
}

#[tokio::test]
async fn a_call_over_the_limit_waits_for_the_moment_that_the_server_names() {
    let (_sandbox, client, clock) = with_one_call_in(10).await;
    client.contacts().list().await.unwrap();
    client.contacts().list().await.unwrap();
    let pauses = clock.pauses();
    // Ten seconds to the window, one for what the header cuts off, and up to one by chance.
    let expected = Duration::from_secs(11)..=Duration::from_secs(12);
    assert!(pauses.len() == 1 && expected.contains(&pauses[0]), "{pauses:?}");
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_slept() {
    let (sandbox, client, _) = with_one_call_in(60).await;
    client.contacts().list().await.unwrap();
    let call = client.contacts().list().with_deadline(Duration::from_secs(30));
    call.await.unwrap_err();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(200), Some(429)]);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_told() {
    let (_sandbox, client, _) = with_one_call_in(60).await;
    client.contacts().list().await.unwrap();
    let call = client.contacts().list().with_deadline(Duration::from_secs(30));
    assert!(call.await.unwrap_err().is_rate_limited());
}

#[tokio::test]
async fn a_call_ends_with_its_deadline() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Delay(Duration::from_secs(600)));
    let clock = VirtualClock::new();
    let token = StaticToken::new(sandbox.static_token());
    let client = builder(&sandbox).clock(Arc::new(clock.clone())).credentials(token);
    let client: Client = client.build().unwrap();
    let list = client.contacts().list().with_deadline(Duration::from_secs(5));
    let call = tokio::spawn(list.send());
    until(|| sandbox.ledger().requests.len() == 1).await;
    clock.advance(Duration::from_secs(5));
    assert!(call.await.unwrap().unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (sandbox, elsewhere) = (sandbox().await, sandbox().await);
    redirect_a_call(&sandbox, &elsewhere).await;
    assert_eq!(elsewhere.ledger().requests, []);
}

#[tokio::test]
async fn a_redirect_is_told() {
    let (sandbox, elsewhere) = (sandbox().await, sandbox().await);
    assert_eq!(redirect_a_call(&sandbox, &elsewhere).await, ErrorKind::Redirect);
}

#[tokio::test]
async fn a_dot_segment_is_refused_before_sending() {
    let sandbox = sandbox().await;
    for id in [".", "..", "%2e%2e", "a/../b", r"..\a"] {
        client(&sandbox).contacts().show(id).await.unwrap_err();
    }
    assert_eq!(sandbox.ledger().requests, []);
}

#[tokio::test]
async fn a_slash_in_an_id_makes_no_segment() {
    let sandbox = sandbox().await;
    client(&sandbox).contacts().show("a/b?c#d").await.unwrap_err();
    assert_eq!(sandbox.ledger().requests[0].path, "/2025-09/contacts/a%2Fb%3Fc%23d");
}

#[tokio::test]
async fn a_header_cannot_begin_another_one() {
    let sandbox = sandbox().await;
    let list = client(&sandbox).contacts().list().with_header("x-note", "a\r\nx-more: b");
    assert_eq!(list.await.unwrap_err().kind(), ErrorKind::Encode);
}

#[tokio::test]
async fn an_undocumented_endpoint_gets_the_credentials() {
    let sandbox = sandbox().await;
    sandbox.seed_contacts(2);
    let request = client(&sandbox).request(Method::GET, "/2025-09/contacts");
    let answer = request.query("limit", &1).send().await.unwrap();
    assert_eq!(answer.json::<Json>().unwrap()["contacts"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_undocumented_file_is_a_download() {
    let sandbox = sandbox().await;
    sandbox.seed_contacts(2);
    let request = client(&sandbox).request(Method::GET, "/2025-09/contacts").query("limit", &1);
    let download = request.download("text/csv").await.unwrap();
    assert_eq!(download.content_type().as_deref(), Some("text/csv"));
    // A line of names and one contact.
    assert_eq!(String::from_utf8_lossy(&download.bytes().await.unwrap()).lines().count(), 2);
}

#[tokio::test]
async fn an_undocumented_endpoint_is_retried_by_its_method() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(503));
    client(&sandbox).request(Method::GET, "/2025-09/contacts").send().await.unwrap();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(503), Some(200)]);
}

#[tokio::test]
async fn an_undocumented_write_is_sent_once() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(503));
    let body = Json::from_iter([("email", "a@b.example"), ("full_name", "A")]);
    let request = client(&sandbox).request(Method::POST, "/2025-09/contacts").json(&body);
    request.send().await.unwrap_err();
    assert_eq!(statuses(&sandbox, "create_contact"), [Some(503)]);
}

#[tokio::test]
async fn the_product_is_named_to_the_server() {
    let sandbox = sandbox().await;
    client(&sandbox).contacts().list().await.unwrap();
    let agent = sandbox.ledger().requests[0].header("user-agent").unwrap().to_owned();
    assert!(agent.starts_with("Example/Tests specwright/"), "{agent}");
}

#[tokio::test]
async fn an_answer_that_is_no_contact_is_not_asked_for_again() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Body(Bytes::from_static(b"{}")));
    client(&sandbox).contacts().create(smallest_contact()).await.unwrap_err();
    assert_eq!(statuses(&sandbox, "create_contact"), [Some(200)]);
}

/// Everything is done for the first attempt of a create, but its answer is lost.
async fn after_a_lost_create() -> Sandbox {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::operation("create_contact"), Fault::CloseAfterEffect);
    client(&sandbox).contacts().create(smallest_contact()).await.unwrap();
    sandbox
}

async fn with_one_call_in(seconds: u64) -> (Sandbox, Client, SharedClock) {
    let window = Window::new(1, seconds).unwrap();
    let sandbox = sandbox_with(options().with_limits(Limits::Windows(vec![window]))).await;
    let clock = SharedClock::new(&sandbox);
    let token = StaticToken::new(sandbox.static_token());
    let client = builder(&sandbox).clock(Arc::new(clock.clone())).credentials(token);
    let client = client.build().unwrap();
    (sandbox, client, clock)
}

/// Lists contacts and is sent elsewhere; gives the kind of the error.
async fn redirect_a_call(sandbox: &Sandbox, elsewhere: &Sandbox) -> ErrorKind {
    let url = format!("{}/2025-09/contacts", elsewhere.base_url());
    sandbox.push_fault(Target::Any, Fault::Redirect(url));
    client(sandbox).contacts().list().await.unwrap_err().kind()
}

/// The key of each create, in the order of arrival.
fn keys(sandbox: &Sandbox) -> Vec<String> {
    let ledger = sandbox.ledger();
    let creates = ledger.requests_for("create_contact").into_iter();
    creates.map(|request| request.header("idempotency-key").unwrap().to_owned()).collect()
}
