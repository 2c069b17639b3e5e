//! Events that the API sends.

use equal::Equal;
use serde_json::{Value, json};
use stora_2025_09::runtime::json::to_vec;
use stora_2025_09::webhooks::Event;

use crate::setup::effective_document;

#[test]
fn the_documents_example_is_a_created_contact() {
    let Event::ContactCreated(webhook) = parse(&example()) else { panic!("another event") };
    assert_eq!(webhook.event.data.contact.email, "grace@attic.example");
}

#[test]
fn the_documents_example_is_equal_after_decode_and_encode() {
    let written = to_vec(&parse(&example())).unwrap();
    let written: Value = serde_json::from_slice(&written).unwrap();
    let relaxations = Equal::of(effective_document())
        .unwrap()
        .compare("/components/schemas/ContactCreatedWebhook", &example(), &written)
        .unwrap();
    println!("equal: ContactCreatedWebhook: {relaxations}");
}

#[test]
fn an_event_of_another_type_is_kept_byte_for_byte() {
    let text = r#"{ "event" : {"type":"contact.merged", "n": 1.00, "s": "\u00e9"} }"#;
    let event = Event::parse(text.as_bytes()).unwrap();
    assert_eq!(to_vec(&event).unwrap(), text.as_bytes());
}

#[test]
fn an_event_of_another_type_is_unknown_although_it_looks_like_a_created_contact() {
    let mut webhook = example();
    webhook["event"]["type"] = json!("contact.updated");
    assert!(matches!(parse(&webhook), Event::Unknown(_)));
}

#[test]
fn an_event_without_a_type_is_an_error() {
    let mut webhook = example();
    webhook["event"].as_object_mut().unwrap().remove("type");
    Event::parse(webhook.to_string().as_bytes()).unwrap_err();
}

#[test]
fn a_created_contact_that_does_not_fit_is_an_error_and_not_unknown() {
    let mut webhook = example();
    webhook["event"]["data"]["contact"]["id"] = json!(7);
    let error = Event::parse(webhook.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.pointer(), Some("/event/data/contact/id"));
}

#[test]
fn what_an_unknown_event_holds_is_not_shown() {
    let webhook = json!({ "event": { "type": "contact.merged", "note": "canary" } });
    assert!(!format!("{:?}", parse(&webhook)).contains("canary"));
}

fn parse(webhook: &Value) -> Event {
    Event::parse(webhook.to_string().as_bytes()).unwrap()
}

fn example() -> Value {
    let pointer = "/webhooks/contact.created/post/requestBody/content/application~1json/examples\
                   /contact_created/value";
    effective_document().pointer(pointer).unwrap().clone()
}
