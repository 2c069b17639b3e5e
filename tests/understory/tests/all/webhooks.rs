//! Events that the API sends: thin, with ids only.

use equal::{Equal, Relaxations};
use serde_json::{Value, json};
use understory_v1::model::WebhookEventType;
use understory_v1::runtime::json::{Decode, DecodeError, Encode, from_slice, to_vec};
use understory_v1::webhooks::{
    V1BookingCancelled, V1BookingCreated, V1BookingUpdated, V1EventCancelled, V1EventCompleted,
    V1EventCreated, V1EventDeleted, V1EventUpdated, V1ExperienceCreated, V1ExperienceDeleted,
    V1ExperienceUpdated,
};

use crate::setup::effective_document;

/// Decodes the body of a webhook and encodes what came of it.
type RoundTrip = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

/// Every event of the document.
const EVENTS: [(&str, RoundTrip); 11] = [
    ("v1.booking.cancelled", round_trip::<V1BookingCancelled>),
    ("v1.booking.created", round_trip::<V1BookingCreated>),
    ("v1.booking.updated", round_trip::<V1BookingUpdated>),
    ("v1.event.cancelled", round_trip::<V1EventCancelled>),
    ("v1.event.completed", round_trip::<V1EventCompleted>),
    ("v1.event.created", round_trip::<V1EventCreated>),
    ("v1.event.deleted", round_trip::<V1EventDeleted>),
    ("v1.event.updated", round_trip::<V1EventUpdated>),
    ("v1.experience.created", round_trip::<V1ExperienceCreated>),
    ("v1.experience.deleted", round_trip::<V1ExperienceDeleted>),
    ("v1.experience.updated", round_trip::<V1ExperienceUpdated>),
];

#[test]
fn these_are_the_events_of_the_document() {
    let document = effective_document();
    let mut names: Vec<&str> =
        document["webhooks"].as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, EVENTS.map(|(name, _)| name));
}

#[test]
fn every_example_is_equal_after_decode_and_encode() {
    let equal = Equal::of(effective_document()).unwrap();
    let mut total = Relaxations::default();
    for (name, round_trip) in EVENTS {
        let pointer = format!("/webhooks/{name}/post/requestBody/content/application~1json/schema");
        for example in examples(name) {
            let written = round_trip(example.to_string().as_bytes()).unwrap();
            let written: Value = serde_json::from_slice(&written).unwrap();
            total += equal.compare(&pointer, &example, &written).unwrap();
        }
    }
    println!("equal: webhooks: {total}");
}

#[test]
fn a_moment_is_kept_to_the_nanosecond() {
    let webhook: V1BookingCreated = decoded(&examples("v1.booking.created").remove(0));
    assert_eq!(webhook.timestamp.to_string(), "2026-03-01T08:00:00.123456709Z");
}

#[test]
fn an_event_says_what_happened_to_what() {
    let webhook: V1BookingCreated = decoded(&examples("v1.booking.created").remove(0));
    assert_eq!(webhook.r#type, WebhookEventType::V1BookingCreated);
    assert_eq!(webhook.payload.booking_id.as_str(), "bkg_example_0001");
}

#[test]
fn a_type_that_the_document_does_not_name_is_kept() {
    let mut webhook = examples("v1.booking.created").remove(0);
    webhook["type"] = json!("v1.booking.moved");
    let decoded: V1BookingCreated = decoded(&webhook);
    assert_eq!(decoded.r#type.as_str(), "v1.booking.moved");
}

fn decoded<T: Decode>(webhook: &Value) -> T {
    from_slice(webhook.to_string().as_bytes()).unwrap()
}

fn round_trip<T: Decode + Encode>(came: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let webhook: T = from_slice(came)?;
    Ok(to_vec(&webhook).unwrap())
}

fn examples(name: &str) -> Vec<Value> {
    let document = effective_document();
    let body = &document["webhooks"][name]["post"]["requestBody"];
    let examples = body["content"]["application/json"]["examples"].as_object().unwrap();
    examples.values().map(|example| example["value"].clone()).collect()
}
