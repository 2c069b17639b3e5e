//! Events that the API sends: thin, with ids only, and told apart by a name that they share a schema for.

use std::time::{Duration, SystemTime};

use equal::Relaxations;
use serde_json::{Value, json};
use understory_v1::model::WebhookEventType;
use understory_v1::runtime::json::to_vec;
use understory_v1::runtime::webhooks::{EventId, Signer, Verifier};
use understory_v1::webhooks::{Event, SCHEME};

use crate::setup::document;

/// Whether an event is of the variant that its name says.
type IsOf = fn(&Event) -> bool;

/// Every event of the document.
const EVENTS: [(&str, IsOf); 11] = [
    ("v1.booking.cancelled", |event| matches!(event, Event::V1BookingCancelled(_))),
    ("v1.booking.created", |event| matches!(event, Event::V1BookingCreated(_))),
    ("v1.booking.updated", |event| matches!(event, Event::V1BookingUpdated(_))),
    ("v1.event.cancelled", |event| matches!(event, Event::V1EventCancelled(_))),
    ("v1.event.completed", |event| matches!(event, Event::V1EventCompleted(_))),
    ("v1.event.created", |event| matches!(event, Event::V1EventCreated(_))),
    ("v1.event.deleted", |event| matches!(event, Event::V1EventDeleted(_))),
    ("v1.event.updated", |event| matches!(event, Event::V1EventUpdated(_))),
    ("v1.experience.created", |event| matches!(event, Event::V1ExperienceCreated(_))),
    ("v1.experience.deleted", |event| matches!(event, Event::V1ExperienceDeleted(_))),
    ("v1.experience.updated", |event| matches!(event, Event::V1ExperienceUpdated(_))),
];

#[test]
fn these_are_the_events_of_the_document() {
    let document = document();
    let document = document.raw();
    let mut names: Vec<&str> =
        document["webhooks"].as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
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
fn every_example_that_is_signed_is_verified_and_has_the_id_of_its_header() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_129_600);
    let (secret, id) = ("whsec_ZmFrZS1zZWNyZXQ=", EventId::new("msg_fake").unwrap());
    let signer = Signer::new(SCHEME, secret).unwrap();
    let verifier = Verifier::new(SCHEME, [secret]).unwrap();
    for (name, is_of) in EVENTS {
        for example in examples(name) {
            let body = example.to_string();
            let headers = signer.sign(&id, now, body.as_bytes()).unwrap();
            let delivery = verifier.verify(&headers, body, now).unwrap();
            assert!(is_of(&delivery.event().unwrap()), "{name}");
            assert_eq!(delivery.id().unwrap(), id);
        }
    }
}

#[test]
fn an_event_says_what_happened_to_what() {
    let Event::V1BookingCreated(webhook) = parse(&example("v1.booking.created")) else {
        panic!("another event")
    };
    assert_eq!(webhook.r#type, WebhookEventType::V1BookingCreated);
    assert_eq!(webhook.payload.booking_id.as_str(), "bkg_example_0001");
}

#[test]
fn a_moment_is_kept_to_the_nanosecond() {
    let Event::V1BookingCreated(webhook) = parse(&example("v1.booking.created")) else {
        panic!("another event")
    };
    assert_eq!(webhook.timestamp.to_string(), "2026-03-01T08:00:00.123456709Z");
}

#[test]
fn an_event_of_another_type_is_kept_byte_for_byte() {
    let text = r#"{ "type" : "v1.booking.moved", "n": 1.00, "s": "\u00e9" }"#;
    let event = Event::parse(text.as_bytes()).unwrap();
    assert!(matches!(event, Event::Unknown(_)));
    assert_eq!(to_vec(&event).unwrap(), text.as_bytes());
}

#[test]
fn an_event_that_does_not_fit_is_an_error_and_not_unknown() {
    let mut webhook = example("v1.event.created");
    webhook["payload"]["event_id"] = json!(7);
    let error = Event::parse(webhook.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.pointer(), Some("/payload/event_id"));
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
