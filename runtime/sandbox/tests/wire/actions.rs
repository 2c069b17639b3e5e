//! What operations do to one resource, or to many, beside creating and updating.

use serde_json::{Value, json};
use specwright_sandbox::{EffectKind, Profile, Sandbox};

use crate::client::{Answer, call, options, stora};

const NOW: &str = "2026-01-01T00:00:00.000Z";
const DEAL: &str = "/2025-09/deals/deal_6f2b8e4d0c9a1753";

#[tokio::test]
async fn a_deal_is_won_lost_and_opened_again() {
    let sandbox = stora().await;
    let won = call(&sandbox, &format!("POST {DEAL}/win"), "").await;
    assert_eq!(won.at("/deal/status"), "won");
    let body = r#"{"lost_reason":"price_concerns"}"#;
    let lost = call(&sandbox, &format!("POST {DEAL}/lose"), body).await;
    assert_eq!(lost.at("/deal/status"), "lost");
    assert_eq!(lost.at("/deal/lost_reason"), "price_concerns");
    let open = call(&sandbox, &format!("POST {DEAL}/reopen"), "{}").await;
    assert_eq!(open.at("/deal/status"), "open");
    assert_eq!(open.at("/deal/lost_reason"), json!(null));
}

#[tokio::test]
async fn what_a_reopening_does_not_name_stays() {
    let sandbox = stora().await;
    let before = call(&sandbox, &format!("GET {DEAL}"), "").await;
    let after = call(&sandbox, &format!("POST {DEAL}/reopen"), "{}").await;
    assert_eq!(after.at("/deal/assignee"), before.at("/deal/assignee"));
    assert_ne!(after.at("/deal/assignee"), json!(null));
}

#[tokio::test]
async fn an_action_on_nothing_is_not_found() {
    let answer = call(&stora().await, "POST /2025-09/deals/deal_none/win", "").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "resource_not_found"));
}

#[tokio::test]
async fn an_action_is_an_effect() {
    let sandbox = stora().await;
    call(&sandbox, &format!("POST {DEAL}/win"), "").await;
    let effects = sandbox.ledger().effects;
    assert_eq!(effects.len(), 1);
    assert_eq!((effects[0].kind, effects[0].collection.as_str()), (EffectKind::Updated, "deals"));
}

#[tokio::test]
async fn a_finalized_order_can_be_paid() {
    let sandbox = stora().await;
    let id = created(&sandbox, "orders", "order", json!({})).await;
    let body = json!({"finalize": {"cancel_redirect_url": "https://shop.example/back"}});
    let line = format!("POST /2025-09/orders/{id}/finalize");
    let answer = call(&sandbox, &line, &body.to_string()).await;
    assert_eq!(answer.at("/order/status"), "finalized");
    assert_eq!(answer.at("/order/payment_url"), format!("https://pay.example/orders/{id}"));
}

#[tokio::test]
async fn an_order_may_be_finalized_at_once() {
    let sandbox = stora().await;
    let body = json!({
        "emails": {"booking_confirmation": false, "move_in_day": true},
        "finalize": {"cancel_redirect_url": "https://shop.example/back"},
    });
    let answer = call(&sandbox, "POST /2025-09/orders", &body.to_string()).await;
    assert_eq!(answer.at("/order/status"), "finalized");
    // The request calls it by another name than the answer.
    assert_eq!(answer.at("/order/email_notifications/booking_confirmation"), false);
    assert_eq!(answer.at("/order/finalize"), Value::Null);
}

/// A line item and a contact would be made before the order is.
#[tokio::test]
async fn what_may_not_be_done_as_well_leaves_nothing_behind() {
    let sales = include_str!("../../profiles/stora-2025-09/sales.yaml");
    let before = "          set: { status: finalized,";
    assert!(sales.contains(before));
    let sales = sales.replace(before, &format!("          when: {{ status: sent }}\n{before}"));
    let profile = include_str!("../../profiles/stora-2025-09/profile.yaml");
    let topics = [
        include_str!("../../profiles/stora-2025-09/people.yaml"),
        include_str!("../../profiles/stora-2025-09/units.yaml"),
        include_str!("../../profiles/stora-2025-09/billing.yaml"),
        include_str!("../../profiles/stora-2025-09/integrations.yaml"),
        &sales,
    ];
    let profile =
        topics.into_iter().try_fold(Profile::from_yaml(profile).unwrap(), Profile::with_topic);
    let sandbox = Sandbox::start(options().with_profile(profile.unwrap())).await.unwrap();
    let body = json!({
        "contact": {"email": "a@b.example", "full_name": "A"},
        "finalize": {"cancel_redirect_url": "https://shop.example/back"},
    });
    let answer = call(&sandbox, "POST /2025-09/orders", &body.to_string()).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "conflict"), "{}", answer.text);
    assert_eq!(sandbox.ledger().effects(), []);
    assert!(sandbox.ids("orders").is_empty() && sandbox.ids("contacts").is_empty());
}

#[tokio::test]
async fn an_order_may_start_now() {
    let sandbox = stora().await;
    let id = created(&sandbox, "orders", "order", json!({})).await;
    let answer =
        call(&sandbox, &format!("PATCH /2025-09/orders/{id}"), r#"{"starts_at":"now"}"#).await;
    assert_eq!(answer.at("/order/starts_at"), "now");
}

#[tokio::test]
async fn a_task_is_opened_again() {
    let sandbox = stora().await;
    let done = sandbox.resources("tasks").into_iter().find(|task| task["status"] == "completed");
    let id = text(&done.unwrap()["id"]);
    let answer = call(&sandbox, &format!("POST /2025-09/tasks/{id}/open"), "").await;
    assert_eq!(answer.at("/task/status"), "open");
    assert_eq!(answer.at("/task/completed_at"), json!(null));
}

#[tokio::test]
async fn a_disabled_endpoint_says_since_when() {
    let sandbox = stora().await;
    let id = created(&sandbox, "webhook_endpoints", "endpoint", endpoint()).await;
    let line = format!("POST /2025-09/webhook_endpoints/{id}/disable");
    let answer = call(&sandbox, &line, "").await;
    assert_eq!(answer.at("/endpoint/status"), "disabled");
    assert_eq!(answer.at("/endpoint/disabled_at"), NOW);
}

#[tokio::test]
async fn the_secret_of_an_endpoint_is_shown_once() {
    let sandbox = stora().await;
    let body = endpoint().to_string();
    let answer = call(&sandbox, "POST /2025-09/webhook_endpoints", &body).await;
    let secret = text(&answer.at("/endpoint/secret"));
    assert_eq!((secret.len(), secret.bytes().all(|it| it.is_ascii_hexdigit())), (64, true));
    let list = call(&sandbox, "GET /2025-09/webhook_endpoints", "").await;
    let endpoints = list.at("/endpoints");
    assert!(endpoints.as_array().unwrap().iter().all(|endpoint| endpoint["secret"].is_null()));
}

#[tokio::test]
async fn a_reserved_unit_has_an_allocation() {
    let sandbox = stora().await;
    let (unit, tenancy) = (free_unit(&sandbox), sandbox.ids("tenancies").remove(0));
    let answer = act(&sandbox, &unit, "reserve", &tenancy).await;
    assert_eq!(answer.at("/unit/status"), "reserved");
    let allocation = text(&answer.at("/unit/unit_allocation/id"));
    let shown = call(&sandbox, &format!("GET /2025-09/unit_allocations/{allocation}"), "").await;
    assert_eq!(shown.at("/unit_allocation/reserved_at"), NOW);
    assert_eq!(shown.at("/unit_allocation/granted_access_at"), json!(null));
    assert_eq!(shown.at("/unit_allocation/tenancy/id"), tenancy);
    assert_eq!(shown.at("/unit_allocation/unit/id"), unit);
}

#[tokio::test]
async fn granting_access_dates_the_allocation_that_is_there() {
    let sandbox = stora().await;
    let (unit, tenancy) = (free_unit(&sandbox), sandbox.ids("tenancies").remove(0));
    let reserved = act(&sandbox, &unit, "reserve", &tenancy).await;
    let granted = act(&sandbox, &unit, "grant_access", &tenancy).await;
    assert_eq!(granted.at("/unit/status"), "occupied");
    let allocation = granted.at("/unit/unit_allocation/id");
    assert_eq!(allocation, reserved.at("/unit/unit_allocation/id"));
    let line = format!("GET /2025-09/unit_allocations/{}", text(&allocation));
    assert_eq!(call(&sandbox, &line, "").await.at("/unit_allocation/granted_access_at"), NOW);
}

#[tokio::test]
async fn a_deallocated_unit_is_free() {
    let sandbox = stora().await;
    let (unit, tenancy) = (free_unit(&sandbox), sandbox.ids("tenancies").remove(0));
    act(&sandbox, &unit, "grant_access", &tenancy).await;
    let answer = call(&sandbox, &format!("POST /2025-09/units/{unit}/deallocate"), "").await;
    assert_eq!(answer.at("/unit/status"), "available");
    assert_eq!(answer.at("/unit/unit_allocation"), json!(null));
}

#[tokio::test]
async fn the_units_of_a_contact_are_overlocked_and_let_go() {
    let sandbox = stora().await;
    let tenancy = sandbox.resources("tenancies").remove(0);
    let contact = text(&tenancy["contact"]["id"]);
    let unit = free_unit(&sandbox);
    act(&sandbox, &unit, "grant_access", &text(&tenancy["id"])).await;
    let body = json!({ "contact_id": contact }).to_string();

    let locked = call(&sandbox, "POST /2025-09/units/overlock", &body).await;
    assert_eq!(locked.status, 200, "{}", locked.text);
    assert!(locked.at("/meta/unit_ids").as_array().unwrap().contains(&json!(unit)));
    assert_ne!(locked.at("/success/message"), json!(null));
    assert_ne!(locked.at("/meta/request_id"), json!(null));
    let status = async || {
        let shown = call(&sandbox, &format!("GET /2025-09/units/{unit}"), "").await;
        text(&shown.at("/unit/status"))
    };
    assert_eq!(status().await, "overlocked");
    // The filter spells it in another way.
    let found = call(&sandbox, "GET /2025-09/units?status=overlock", "").await;
    assert!(found.each("/units", "id").contains(&unit));

    call(&sandbox, "POST /2025-09/units/remove_overlock", &body).await;
    assert_eq!(status().await, "occupied");
}

#[tokio::test]
async fn the_units_of_others_are_left_alone() {
    let sandbox = stora().await;
    let free =
        created(&sandbox, "contacts", "contact", json!({"email": "a@b.example", "full_name": "A"}))
            .await;
    let body = json!({ "contact_id": free }).to_string();
    let answer = call(&sandbox, "POST /2025-09/units/overlock", &body).await;
    assert_eq!((answer.status, answer.at("/meta/unit_ids")), (200, json!([])));
    assert!(sandbox.ledger().effects().iter().all(|effect| effect.collection != "units"));
}

#[tokio::test]
async fn a_base_price_is_an_entry_by_its_period() {
    let sandbox = stora().await;
    let id = sandbox.ids("unit_types").remove(0);
    let line = format!("POST /2025-09/unit_types/{id}/base_price");
    call(&sandbox, &line, r#"{"weekly":{"amount":900},"monthly":{"amount":3000}}"#).await;
    let answer = call(&sandbox, &line, r#"{"weekly":{"amount":950}}"#).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let mut prices: Vec<(String, i64)> = answer
        .at("/unit_type/prices")
        .as_array()
        .unwrap()
        .iter()
        .map(|price| (text(&price["billing_period"]), price["price"]["amount"].as_i64().unwrap()))
        .collect();
    prices.sort();
    assert_eq!(prices, [("monthly".to_owned(), 3000), ("weekly".to_owned(), 950)]);
}

#[tokio::test]
async fn a_contact_who_rents_cannot_be_deleted() {
    let sandbox = stora().await;
    let contact = text(&sandbox.resources("tenancies").remove(0)["contact"]["id"]);
    let answer = call(&sandbox, &format!("DELETE /2025-09/contacts/{contact}"), "").await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "conflict"));
    assert!(sandbox.ids("contacts").contains(&contact));
}

async fn act(sandbox: &Sandbox, unit: &str, action: &str, tenancy: &str) -> Answer {
    let body = json!({ "tenancy_id": tenancy }).to_string();
    call(sandbox, &format!("POST /2025-09/units/{unit}/{action}"), &body).await
}

async fn created(sandbox: &Sandbox, path: &str, envelope: &str, body: Value) -> String {
    let answer = call(sandbox, &format!("POST /2025-09/{path}"), &body.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    text(&answer.at(&format!("/{envelope}/id")))
}

fn endpoint() -> Value {
    let url = "https://crm.example/hooks";
    json!({"api_version": "2025-09", "event_types": ["contact.created"], "name": "CRM", "url": url})
}

fn free_unit(sandbox: &Sandbox) -> String {
    let free = sandbox.resources("units").into_iter().find(|unit| unit["status"] == "available");
    text(&free.unwrap()["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
