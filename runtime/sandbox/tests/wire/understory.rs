//! What Understory does in its own way: tokens, errors, languages, bookings, PUT.

use std::time::Duration;

use serde_json::{Value, json};
use specwright_sandbox::{Api, Fault, Limits, Profile, Sandbox, Target, Window};

use crate::client::{Answer, call, call_with, options, send, understory};

const EXPERIENCE: &str = "GET /v1/experiences/exp_example_0001";
const SUBSCRIPTION: &str = "/v1/webhook-subscriptions/sub_example_0001";

#[tokio::test]
async fn a_token_is_a_bearer_in_lower_case_and_lasts_an_hour() {
    let sandbox = understory().await;
    let answer = token(&sandbox, "&audience=https%3A%2F%2Fapi.understory.io").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        (answer.at("/token_type"), answer.at("/expires_in")),
        (json!("bearer"), json!(3599))
    );
    assert_eq!(answer.at("/created_at"), Value::Null);
}

#[tokio::test]
async fn client_credentials_need_the_audience() {
    let sandbox = understory().await;
    for audience in ["", "&audience=https%3A%2F%2Felsewhere.example"] {
        let answer = token(&sandbox, audience).await;
        assert_eq!((answer.status, answer.at("/error")), (400, json!("invalid_request")));
    }
}

#[tokio::test]
async fn a_token_request_is_a_form() {
    let sandbox = understory().await;
    let json = [("Content-Type", "application/json")];
    let answer = send(&sandbox, "POST /oauth2/token", &json, "{}").await;
    assert_eq!((answer.status, answer.at("/error")), (400, json!("invalid_request")));
}

#[tokio::test]
async fn any_token_shows_whom_it_belongs_to() {
    let sandbox = understory().await;
    let answer = call(&sandbox, "GET /v1/me", "").await;
    assert_eq!(answer.at("/company_id"), "comp_example_0001");
}

#[tokio::test]
async fn every_error_is_a_code_and_a_message() {
    let sandbox = understory().await;
    let answer = call(&sandbox, "GET /v1/orders/ord_none", "").await;
    let expected = json!({
        "code": "EXAMPLE_NOT_FOUND",
        "message": "There is no resource ord_none.",
    });
    assert_eq!((answer.status, answer.json()), (404, expected));
}

#[tokio::test]
async fn a_bad_token_and_a_missing_permission_have_one_code() {
    let profile = Profile::understory().unwrap();
    let options = options().with_profile(profile).with_static_token("fake-token", ["event.read"]);
    let sandbox = Sandbox::start(options).await.unwrap();
    for (bearer, status) in [("Bearer fake-other", 401), ("Bearer fake-token", 403)] {
        let answer = send(&sandbox, "GET /v1/orders", &[("Authorization", bearer)], "").await;
        assert_eq!((answer.status, answer.at("/code")), (status, json!("UNAUTHORIZED")));
    }
}

#[tokio::test]
async fn one_request_too_many_is_answered_without_a_hint() {
    let window = Window::new(1, 60).unwrap();
    let profile = Profile::understory().unwrap();
    let options = options().with_profile(profile).with_limits(Limits::Windows(vec![window]));
    let sandbox = Sandbox::start(options).await.unwrap();
    call(&sandbox, "GET /v1/me", "").await;
    let answer = call(&sandbox, "GET /v1/me", "").await;
    let hint =
        answer.headers.iter().find(|(name, _)| name.contains("limit") || name == "retry-after");
    assert_eq!((answer.status, hint), (429, None));
}

#[tokio::test]
async fn a_failure_of_the_server_comes_by_a_fault() {
    let sandbox = understory().await;
    sandbox.push_fault(Target::Any, Fault::Status(500));
    let answer = call(&sandbox, "GET /v1/me", "").await;
    assert_eq!((answer.status, answer.at("/code")), (500, json!("INTERNAL_SERVER_ERROR")));
}

#[tokio::test]
async fn a_language_must_be_named() {
    let answer = call(&understory().await, EXPERIENCE, "").await;
    assert_eq!((answer.status, answer.at("/code")), (400, json!("EXAMPLE_BAD_REQUEST")));
}

#[tokio::test]
async fn a_language_that_is_not_configured_is_an_error() {
    let sandbox = understory().await;
    let wished = async |languages| {
        call_with(&sandbox, EXPERIENCE, &[("Accept-Language", languages)], "").await.status
    };
    assert_eq!(wished("fr-FR").await, 400);
    assert_eq!(wished("fr-FR; q=1.0, en-GB; q=0.8").await, 200);
}

#[tokio::test]
async fn a_booking_is_answered_by_its_id_and_status_alone() {
    let sandbox = understory().await;
    let answer = book(&sandbox, "evt_example_0001").await;
    let id = answer.at("/id");
    assert_eq!((answer.status, answer.json()), (201, json!({"id": id, "status": "ACTIVE"})));
}

#[tokio::test]
async fn a_booking_knows_the_experience_of_its_event() {
    let sandbox = understory().await;
    let id = book(&sandbox, "evt_example_0001").await.at("/id");
    let answer = call(&sandbox, &format!("GET /v1/bookings/{}", id.as_str().unwrap()), "").await;
    assert_eq!(answer.at("/experience_id"), "exp_example_0001");
}

#[tokio::test]
async fn an_event_that_is_over_cannot_be_booked() {
    let sandbox = understory().await;
    let answer = book(&sandbox, "evt_example_0002").await;
    assert_eq!((answer.status, answer.at("/code")), (409, json!("EXAMPLE_CONFLICT")));
    assert_eq!(sandbox.ledger().effects(), []);
}

#[tokio::test]
async fn an_unknown_event_cannot_be_booked() {
    assert_eq!(book(&understory().await, "evt_none").await.status, 400);
}

#[tokio::test]
async fn a_replacement_empties_what_it_does_not_name() {
    let sandbox = understory().await;
    let before = call(&sandbox, &format!("GET {SUBSCRIPTION}"), "").await;
    assert_eq!(before.at("/description"), "Feeds the calendar.");
    let body =
        r#"{"url":"https://new.example","event_types":["v1.event.created"],"state":"ENABLED"}"#;
    let after = call(&sandbox, &format!("PUT {SUBSCRIPTION}"), body).await;
    assert_eq!(after.json().get("description"), None);
    assert_eq!(after.at("/created_at"), before.at("/created_at"));
    assert_eq!(after.at("/updated_at"), "2026-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn a_replacement_may_ask_for_a_change_as_well() {
    let change = "{ change: { when: { state: ENABLED }, set: { description: changed } } }";
    let profile = include_str!("../../profiles/understory-v1/profile.yaml")
        .replace("getWebhookSubscription: show", &format!("getWebhookSubscription: {change}"))
        .replace(
            "{ prefix: sub_ }",
            "{ prefix: sub_ }\n    also: { metadata: getWebhookSubscription }",
        );
    let profile = Profile::from_yaml(&profile).unwrap();
    let options = options().with_api(Api::Understory).with_profile(profile).with_examples();
    let sandbox = Sandbox::start(options).await.unwrap();
    let replaced = async |state: &str| {
        let body = json!({
            "url": "https://new.example",
            "event_types": ["v1.event.created"],
            "state": state,
            "metadata": {},
        });
        call(&sandbox, &format!("PUT {SUBSCRIPTION}"), &body.to_string()).await
    };
    assert_eq!(replaced("DISABLED").await.status, 409);
    assert_eq!(sandbox.ledger().effects(), []);
    assert_eq!(replaced("ENABLED").await.at("/description"), "changed");
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let sandbox = understory().await;
    let body =
        r#"{"url":"https://new.example","event_types":["v1.event.created"],"state":"ENABLED"}"#;
    let created = call(&sandbox, "POST /v1/webhook-subscriptions", body).await;
    let secret = created.at("/secret").as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let path = format!("/v1/webhook-subscriptions/{}", created.at("/id").as_str().unwrap());
    sandbox.advance(Duration::from_secs(1));
    for line in [format!("GET {path}"), "GET /v1/webhook-subscriptions".to_owned()] {
        assert!(!call(&sandbox, &line, "").await.text.contains("secret"), "{line}");
    }
    call_with(&sandbox, "GET /v1/me", &[("X-Debug", &secret)], "").await;
    assert!(!json!(sandbox.ledger()).to_string().contains(&secret));
}

async fn book(sandbox: &Sandbox, event: &str) -> Answer {
    let body = json!({
        "event_id": event,
        "customer": { "customer_type": "PRIVATE" },
        "locale": "en",
        "items": [{ "type_id": "var_example_0001", "item_type": "VARIANT", "quantity": 1 }],
    });
    call(sandbox, "POST /v1/bookings", &body.to_string()).await
}

async fn token(sandbox: &Sandbox, more: &str) -> Answer {
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = format!(
        "grant_type=client_credentials&client_id={id}&client_secret={secret}&scope=order.read{more}"
    );
    send(sandbox, "POST /oauth2/token", &form, &body).await
}
