//! Events.

use insta::assert_snapshot;

use crate::support::{lines, lowered, reported};

fn about(dump: &str) -> String {
    lines(dump, &["error", "warning", "note", "webhook", "record"])
}

#[test]
fn the_place_with_a_fixed_string_in_every_payload_is_the_tag() {
    let dump = lowered(
        r"
webhooks:
  thing.made:
    post:
      requestBody: { content: { application/json: { schema: { required: [event], properties: { event: { required: [type], properties: { type: { const: thing.made }, api: { const: '1' } } } } } } } }
  thing.lost:
    post:
      requestBody: { content: { application/json: { schema: { required: [event], properties: { event: { required: [type], properties: { type: { enum: [thing.lost] }, api: { const: '1' } } } } } } } }
",
    );
    assert_snapshot!(about(&dump), @r#"
    note OA0606 /webhooks/thing.lost/post: webhooks are told apart by the string at `/event/type`
    webhook tag "/event/type"
    record /webhooks/thing.lost/post/requestBody/content/application~1json/schema (thing lost webhook), response
    record /webhooks/thing.lost/post/requestBody/content/application~1json/schema/properties/event (thing lost webhook event), response
    record /webhooks/thing.made/post/requestBody/content/application~1json/schema (thing made webhook), response
    record /webhooks/thing.made/post/requestBody/content/application~1json/schema/properties/event (thing made webhook event), response
    webhook "thing.lost" @/webhooks/thing.lost/post/requestBody/content/application~1json/schema tag "thing.lost"
    webhook "thing.made" @/webhooks/thing.made/post/requestBody/content/application~1json/schema tag "thing.made"
    "#);
}

#[test]
fn the_name_of_the_event_is_a_better_tag_than_another_string() {
    let dump = lowered(
        r"
webhooks:
  made:
    post:
      requestBody: { content: { application/json: { schema: { required: [a, event], properties: { a: { const: x }, event: { const: made } } } } } }
",
    );
    assert_snapshot!(about(&dump), @r#"
    note OA0606 /webhooks/made/post: webhooks are told apart by the string at `/event`
    webhook tag "/event"
    record /webhooks/made/post/requestBody/content/application~1json/schema (made webhook), response
    webhook "made" @/webhooks/made/post/requestBody/content/application~1json/schema tag "made"
    "#);
}

#[test]
fn a_schema_that_events_share_lists_their_names() {
    let dump = lowered(
        r"
webhooks:
  made: { post: { requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } } } }
  lost: { post: { requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } } } }
components:
  schemas:
    Thing: { required: [t], properties: { t: { type: string, enum: [made, lost, other] } } }
",
    );
    assert_snapshot!(about(&dump), @r#"
    note OA0606 /webhooks/lost/post: webhooks are told apart by the string at `/t`
    webhook tag "/t"
    record Thing (thing), response
    webhook "lost" @Thing tag "lost"
    webhook "made" @Thing tag "made"
    "#);
}

#[test]
fn payloads_that_share_their_strings_have_no_tag() {
    let dump = lowered(
        r"
webhooks:
  made: { post: { requestBody: { content: { application/json: { schema: { required: [t], properties: { t: { const: x } } } } } } } }
  lost: { post: { requestBody: { content: { application/json: { schema: { required: [t], properties: { t: { const: x } } } } } } } }
",
    );
    assert_snapshot!(about(&dump), @r#"
    record /webhooks/lost/post/requestBody/content/application~1json/schema (lost webhook), response
    record /webhooks/made/post/requestBody/content/application~1json/schema (made webhook), response
    webhook "lost" @/webhooks/lost/post/requestBody/content/application~1json/schema
    webhook "made" @/webhooks/made/post/requestBody/content/application~1json/schema
    "#);
}

#[test]
fn an_event_without_a_body_holds_nothing() {
    assert_snapshot!(about(&lowered("webhooks: { ping: { post: {} } }")), @r#"webhook "ping" nothing"#);
}

#[test]
fn a_signature_that_all_webhooks_share_is_that_of_the_api() {
    for (stated, expected) in [
        (
            "{ header: X-Sig, scheme: stora-v1, id: /event/id }",
            "webhook signature in \"X-Sig\", id at \"/event/id\"",
        ),
        (
            "{ header: webhook-signature, scheme: standard-webhooks }",
            "webhook signature of the standard",
        ),
    ] {
        let dump = lowered(&signed(stated, stated));
        assert!(dump.contains(expected), "{stated}\n{dump}");
        assert!(!dump.contains("OA0602"), "{dump}");
    }
}

#[test]
fn webhooks_that_are_signed_in_different_ways_have_no_signature_and_that_is_reported() {
    let one = "{ header: X-Sig, scheme: stora-v1, id: /event/id }";
    for other in [
        "{ header: X-Other, scheme: stora-v1, id: /event/id }",
        "{ header: webhook-signature, scheme: standard-webhooks }",
        "null",
    ] {
        for document in [signed(one, other), signed(other, one)] {
            let dump = lowered(&document);
            assert!(!dump.contains("webhook signature"), "{other}\n{dump}");
            assert_eq!(dump.matches("OA0612").count(), 1, "{other}\n{dump}");
        }
    }
}

#[test]
fn both_places_are_shown_where_signatures_differ() {
    let one = "{ header: X-Sig, scheme: stora-v1, id: /event/id }";
    let other = "{ header: X-Other, scheme: stora-v1, id: /event/id }";
    assert_snapshot!(reported("OA0612", &signed(one, other)), @"
    `x-specwright-webhook-signature` of `made` is not that of `lost`
    a signature here: { header: X-Sig, scheme: stora-v1, id: /event/id }
    another one here: { header: X-Other, scheme: stora-v1, id: /event/id }
    ");
}

#[test]
fn a_webhook_without_the_key_is_shown_beside_one_that_has_it() {
    let document = "
webhooks:
  made: { post: {} }
  lost: { post: { x-specwright-webhook-signature: { header: webhook-signature, scheme: standard-webhooks } } }
";
    assert_snapshot!(reported("OA0612", document), @"
    `x-specwright-webhook-signature` of `lost` is not that of `made`
    a signature here: { header: webhook-signature, scheme: standard-webhooks }
    none here: {}
    ");
}

#[test]
fn webhooks_without_any_signature_agree() {
    let dump = lowered("webhooks: { made: { post: {} }, lost: { post: {} } }");
    assert!(!dump.contains("OA0612"), "{dump}");
}

#[test]
fn a_signature_of_no_known_form_is_reported_and_has_no_effect() {
    for stated in [
        "{ header: X-Sig, scheme: stora-v1 }",
        "{ header: X-Sig, scheme: stora-v1, id: event }",
        "{ header: X-Sig, scheme: stora-v1, id: /a~ }",
        "{ header: 'X Sig', scheme: stora-v1, id: /event/id }",
        "{ header: X-Sig, scheme: stora-v1, id: /event/id, key: hex }",
        "{ header: X-Sig, scheme: standard-webhooks }",
        "{ header: X-Sig, scheme: other, id: /event/id }",
        "{ scheme: standard-webhooks }",
        "standard-webhooks",
    ] {
        let dump = lowered(&signed(stated, stated));
        assert!(dump.contains("OA0602"), "{stated}\n{dump}");
        assert!(!dump.contains("webhook signature"), "{stated}\n{dump}");
    }
}

/// A document with two webhooks and what they say of their signatures.
fn signed(one: &str, other: &str) -> String {
    format!(
        "
webhooks:
  made: {{ post: {{ x-specwright-webhook-signature: {one} }} }}
  lost: {{ post: {{ x-specwright-webhook-signature: {other} }} }}
"
    )
}
