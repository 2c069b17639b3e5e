//! Events that the API sends.

use std::time::{Duration, SystemTime};

use equal::Relaxations;
use serde_json::{Value, json};
use stora_2025_09::model::{Contact, Deal};
use stora_2025_09::runtime::json::to_vec;
use stora_2025_09::runtime::webhooks::{EventId, Signer, Verifier};
use stora_2025_09::webhooks::{Event, SCHEME};

use crate::setup::document;

/// Whether an event is of the variant that its name says.
type IsOf = fn(&Event) -> bool;

/// Every event of the document.
const EVENTS: [(&str, IsOf); 9] = [
    ("contact.created", |event| matches!(event, Event::ContactCreated(_))),
    ("credit_note.created", |event| matches!(event, Event::CreditNoteCreated(_))),
    ("deal.updated", |event| matches!(event, Event::DealUpdated(_))),
    ("identity_verification.processing", |event| {
        matches!(event, Event::IdentityVerificationProcessing(_))
    }),
    ("identity_verification.succeeded", |event| {
        matches!(event, Event::IdentityVerificationSucceeded(_))
    }),
    ("invoice.created", |event| matches!(event, Event::InvoiceCreated(_))),
    ("invoice.paid", |event| matches!(event, Event::InvoicePaid(_))),
    ("order.created", |event| matches!(event, Event::OrderCreated(_))),
    ("unit.updated", |event| matches!(event, Event::UnitUpdated(_))),
];

#[test]
fn these_are_the_events_of_the_document() {
    let document = document();
    let document = document.raw();
    let names: Vec<&str> =
        document["webhooks"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, EVENTS.map(|(name, _)| name));
}

#[test]
fn every_example_is_an_event_of_its_kind() {
    for (name, is_of) in EVENTS {
        let examples = examples(name);
        assert!(!examples.is_empty(), "{name} has no example");
        for example in examples {
            assert!(is_of(&parse(&example)), "{name}: {example}");
        }
    }
}

#[test]
fn every_example_is_equal_after_decode_and_encode() {
    let equal = document().equal;
    let mut total = Relaxations::default();
    for (name, _) in EVENTS {
        let pointer = format!("/webhooks/{name}/post/requestBody/content/application~1json/schema");
        for example in examples(name) {
            let written = to_vec(&parse(&example)).unwrap();
            let written: Value = serde_json::from_slice(&written).unwrap();
            total += equal.compare(&pointer, &example, &written).unwrap();
        }
    }
    println!("equal: webhooks: {total}");
}

#[test]
fn every_example_that_is_signed_is_verified_and_has_its_id() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_129_600);
    let (signer, elsewhere) =
        (Signer::new(SCHEME, "fake-secret").unwrap(), EventId::new("in-the-body").unwrap());
    let verifier = Verifier::new(SCHEME, ["fake-secret"]).unwrap();
    for (name, is_of) in EVENTS {
        for example in examples(name) {
            let body = example.to_string();
            let headers = signer.sign(&elsewhere, now, body.as_bytes()).unwrap();
            assert!(headers.contains_key("X-Stora-Signature"));
            let delivery = verifier.verify(&headers, body, now).unwrap();
            assert!(is_of(&delivery.event().unwrap()), "{name}");
            assert_eq!(example["event"]["id"], delivery.id().unwrap().as_str());
        }
    }
}

#[test]
fn the_data_of_an_event_holds_the_resource() {
    let Event::ContactCreated(webhook) = parse(&example("contact.created")) else {
        panic!("another event")
    };
    let contact: Contact = webhook.event.data.contact;
    assert!(contact.email.ends_with(".example"));
}

#[test]
fn an_association_of_an_event_is_whole() {
    let Event::DealUpdated(webhook) = parse(&example("deal.updated")) else {
        panic!("another event")
    };
    let deal: Deal = webhook.event.data.deal;
    assert!(deal.contact.unwrap().whole().is_some());
}

#[test]
fn an_association_of_an_event_may_be_an_id() {
    let mut webhook = example("deal.updated");
    webhook["event"]["data"]["deal"]["contact"] = json!({ "id": "con_1" });
    let Event::DealUpdated(webhook) = parse(&webhook) else { panic!("another event") };
    let contact = webhook.event.data.deal.contact.unwrap();
    assert_eq!((contact.id().as_str(), contact.whole()), ("con_1", None));
}

#[test]
fn an_event_of_another_type_is_kept_byte_for_byte() {
    let text = r#"{ "event" : {"type":"contact.merged", "n": 1.00, "s": "\u00e9"} }"#;
    let event = Event::parse(text.as_bytes()).unwrap();
    assert_eq!(to_vec(&event).unwrap(), text.as_bytes());
}

#[test]
fn an_event_of_another_type_is_unknown_although_it_looks_like_a_created_contact() {
    let mut webhook = example("contact.created");
    webhook["event"]["type"] = json!("contact.updated");
    assert!(matches!(parse(&webhook), Event::Unknown(_)));
}

#[test]
fn an_event_without_a_type_is_an_error() {
    let mut webhook = example("contact.created");
    webhook["event"].as_object_mut().unwrap().remove("type");
    Event::parse(webhook.to_string().as_bytes()).unwrap_err();
}

#[test]
fn a_created_contact_that_does_not_fit_is_an_error_and_not_unknown() {
    let mut webhook = example("contact.created");
    webhook["event"]["data"]["contact"]["id"] = json!(7);
    let error = Event::parse(webhook.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.pointer(), Some("/event/data/contact/id"));
}

#[test]
fn what_an_unknown_event_holds_is_not_shown() {
    let webhook = json!({ "event": { "type": "contact.merged", "note": "canary" } });
    assert!(!format!("{:?}", parse(&webhook)).contains("canary"));
}

#[track_caller]
fn parse(webhook: &Value) -> Event {
    Event::parse(webhook.to_string().as_bytes()).unwrap()
}

/// The first example of an event.
fn example(name: &str) -> Value {
    examples(name).remove(0)
}

fn examples(name: &str) -> Vec<Value> {
    let document = document();
    let document = document.raw();
    let body = &document["webhooks"][name]["post"]["requestBody"];
    let examples = body["content"]["application/json"]["examples"].as_object().unwrap();
    examples.values().map(|example| example["value"].clone()).collect()
}
