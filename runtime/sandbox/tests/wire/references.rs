//! References: checked, made on the way, expanded, and what is left of a deleted resource.

use serde_json::{Value, json};
use specwright_sandbox::Sandbox;

use crate::client::{Answer, call, options, send, stora};

const DEAL: &str = "/2025-09/deals/deal_6f2b8e4d0c9a1753";
const ORDER: &str = "/2025-09/orders/order_9c2f6e1b84d0a735";

#[tokio::test]
async fn a_reference_to_nothing_is_refused_by_pointer() {
    let sandbox = stora().await;
    let body = json!({"name": "A", "contact": {"id": "con_none"}});
    let answer = call(&sandbox, "POST /2025-09/deals", &body.to_string()).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_content"));
    assert_eq!(answer.details(), ["/contact/id: there is no such resource"]);
}

#[tokio::test]
async fn a_reference_inside_of_a_list_is_checked_too() {
    let sandbox = stora().await;
    let item = json!({"type": "product", "item": {"id": "prod_none"}});
    let body = json!({ "line_items": [item] });
    let answer = call(&sandbox, "POST /2025-09/orders", &body.to_string()).await;
    assert_eq!(answer.details(), ["/line_items/0/item/id: there is no such resource"]);
    assert_eq!(sandbox.ledger().effects(), []);
}

#[tokio::test]
async fn a_flat_id_is_checked_too() {
    let sandbox = stora().await;
    let unit = sandbox.ids("units").remove(0);
    let line = format!("POST /2025-09/units/{unit}/reserve");
    let answer = call(&sandbox, &line, r#"{"tenancy_id":"ten_none"}"#).await;
    assert_eq!(answer.details(), ["/tenancy_id: there is no such resource"]);
}

#[tokio::test]
async fn a_contact_that_comes_without_an_id_is_made() {
    let sandbox = stora().await;
    let body = json!({"contact": {"full_name": "Grace Field", "email": "grace@new.example"}});
    let answer = call(&sandbox, "POST /2025-09/orders", &body.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let id = answer.at("/order/contact/id");
    assert_eq!(answer.at("/order/contact"), json!({ "id": id }));
    let shown = call(&sandbox, &format!("GET /2025-09/contacts/{}", text(&id)), "").await;
    assert_eq!(shown.at("/contact/email"), "grace@new.example");
}

#[tokio::test]
async fn line_items_are_resources_of_their_own() {
    let sandbox = stora().await;
    let price = json!({"amount": 1250});
    let item =
        json!({"type": "unit_type", "quantity": 2, "price": price, "item": a_unit_type(&sandbox)});
    let body = json!({ "line_items": [item] });
    let order = call(&sandbox, "POST /2025-09/orders", &body.to_string()).await;
    let id = text(&order.at("/order/id"));
    let items = call(&sandbox, &format!("GET /2025-09/orders/{id}/line_items"), "").await;
    assert_eq!(items.at("/line_items/0/id"), order.at("/order/line_items/0/id"));
    let total = json!({"amount": 2500, "currency": "GBP", "formatted": "£25.00"});
    assert_eq!(items.at("/line_items/0/total"), total);
    assert_eq!(order.at("/order/total"), total);
}

#[tokio::test]
async fn a_reference_is_an_id_and_nothing_else() {
    let answer = call(&stora().await, &format!("GET {DEAL}"), "").await;
    assert_eq!(answer.at("/deal/contact"), json!({"id": "con_7d41a0c2e95b38f6"}));
}

#[tokio::test]
async fn an_expanded_reference_comes_whole() {
    let answer = call(&stora().await, &format!("GET {DEAL}?expand=contact,assignee"), "").await;
    assert_eq!(answer.at("/deal/contact/email"), "ada@lock-and-key.example");
    assert_ne!(answer.at("/deal/assignee/name"), Value::Null);
    assert_eq!(answer.at("/deal/site").as_object().map(serde_json::Map::len), Some(1));
}

#[tokio::test]
async fn a_dot_reaches_into_what_is_expanded() {
    let sandbox = stora().await;
    let query = "expand=line_items.item,tenancy.contact";
    let answer = call(&sandbox, &format!("GET {ORDER}?{query}"), "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_ne!(answer.at("/order/line_items/0/price"), Value::Null);
    assert_ne!(answer.at("/order/line_items/0/item/created_at"), Value::Null);
    assert_ne!(answer.at("/order/tenancy/contact/email"), Value::Null);
}

#[tokio::test]
async fn the_items_of_a_list_can_be_expanded() {
    let answer = call(&stora().await, "GET /2025-09/units?expand=site", "").await;
    assert_ne!(answer.at("/units/0/site/name"), Value::Null);
}

#[tokio::test]
async fn the_answer_to_an_action_can_be_expanded() {
    let answer = call(&stora().await, &format!("POST {DEAL}/win?expand=stage"), "").await;
    assert_ne!(answer.at("/deal/stage/name"), Value::Null);
}

#[tokio::test]
async fn a_name_that_cannot_be_expanded_is_refused_before_anything_is_done() {
    let sandbox = stora().await;
    for name in ["colour", "site.colour", "name"] {
        let answer = call(&sandbox, &format!("POST {DEAL}/win?expand={name}"), "").await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_url_param"));
        assert_eq!(answer.details(), [format!("/query/expand: `{name}` cannot be expanded")]);
    }
    assert_eq!(sandbox.ledger().effects(), []);
}

#[tokio::test]
async fn to_expand_takes_the_scope_that_reads() {
    let options = options().with_examples().with_static_token("fake-token", ["public.deal:read"]);
    let sandbox = Sandbox::start(options).await.unwrap();
    let headers = [("Authorization", "Bearer fake-token")];
    let show =
        async |query: &str| send(&sandbox, &format!("GET {DEAL}{query}"), &headers, "").await;
    assert_eq!(show("").await.status, 200);
    for (name, scope) in [("contact", "public.contact:read"), ("assignee", "public.staff:read")] {
        let answer = show(&format!("?expand={name}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"));
        let message = format!("The scope {scope} is needed to expand.");
        assert_eq!(answer.at("/error/message"), message);
    }
}

#[tokio::test]
async fn what_is_left_of_a_deleted_stage_has_no_id() {
    let sandbox = stora().await;
    let stage = text(&call(&sandbox, &format!("GET {DEAL}"), "").await.at("/deal/stage/id"));
    assert!(sandbox.delete("deal_stages", &stage));
    let answer = call(&sandbox, &format!("GET {DEAL}"), "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let left = answer.at("/deal/stage");
    let members: Vec<&String> = left.as_object().unwrap().keys().collect();
    assert_eq!(members, ["created_at", "name", "position", "updated_at"]);
    assert!(text(&left["name"]).ends_with(" - (Deleted)"), "{left}");
}

#[tokio::test]
async fn a_seeded_resource_refers_to_what_is_there() {
    let sandbox = Sandbox::start(options().with_seeds("deals", 2)).await.unwrap();
    let deal = sandbox.resources("deals").remove(1);
    let contact = text(&deal["contact"]["id"]);
    assert!(sandbox.ids("contacts").contains(&contact), "{deal}");
}

#[tokio::test]
async fn template_variables_are_a_field_or_given_by_name() {
    let sandbox = stora().await;
    let template = json!({"id": "aetpl_56e9d1f3a0c7b824"});
    let create = async |more: Value| -> Answer {
        let mut body = json!({"template": template});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call(&sandbox, "POST /2025-09/timeline/events", &body.to_string()).await
    };
    let missing = create(json!({"variables": {"door": "North gate"}})).await;
    assert_eq!(
        (missing.status, missing.details()),
        (422, vec!["/variables: `unit` is needed".to_owned()])
    );
    assert_eq!(create(json!({"variables": {"unit": "UNIT-001"}})).await.status, 201);
    let unit = sandbox.ids("units").remove(0);
    assert_eq!(create(json!({"unit": {"id": unit}})).await.status, 201);
}

fn a_unit_type(sandbox: &Sandbox) -> Value {
    json!({ "id": sandbox.ids("unit_types").remove(0) })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
