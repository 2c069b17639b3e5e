//! Lists with numbered pages: order and filters beyond those of contacts.

use serde_json::{Value, json};
use specwright_sandbox::{BeyondTheEnd, Sandbox};

use crate::client::{Answer, call, options, stora};

#[tokio::test]
async fn numbers_are_ordered_by_value() {
    let sandbox = stora().await;
    let line = "GET /2025-09/deals/stages?sort_by=position&sort_direction=ASC";
    let answer = call(&sandbox, line, "").await;
    let stages = answer.at("/stages");
    let positions =
        stages.as_array().unwrap().iter().map(|stage| stage["position"].as_i64().unwrap());
    let positions: Vec<i64> = positions.collect();
    assert!(positions.len() > 1 && positions.is_sorted(), "{positions:?}");
}

#[tokio::test]
async fn a_fixed_segment_is_no_id() {
    let answer = call(&stora().await, "GET /2025-09/deals/stages", "").await;
    assert!(answer.at("/stages").is_array(), "{}", answer.text);
}

#[tokio::test]
async fn a_list_without_a_field_to_order_by_can_be_turned_round() {
    let sandbox = Sandbox::start(options().with_seeds("sites", 3)).await.unwrap();
    let ids = sandbox.ids("sites");
    let oldest_first = call(&sandbox, "GET /2025-09/sites?sort_direction=ASC", "").await;
    assert_eq!(oldest_first.each("/sites", "id"), ids);
    let newest_first = call(&sandbox, "GET /2025-09/sites", "").await;
    let turned: Vec<String> = ids.into_iter().rev().collect();
    assert_eq!(newest_first.each("/sites", "id"), turned);
}

#[tokio::test]
async fn a_page_after_the_last_one_is_empty_or_not_found_as_chosen() {
    for (choice, expected) in [(BeyondTheEnd::Empty, 200), (BeyondTheEnd::NotFound, 404)] {
        let options = options().with_seeds("sites", 3).with_beyond_the_end(choice);
        let sandbox = Sandbox::start(options).await.unwrap();
        for (page, expected) in [(1, 200), (2, 200), (3, expected), (9, expected)] {
            let line = format!("GET /2025-09/sites?limit=2&page={page}");
            assert_eq!(call(&sandbox, &line, "").await.status, expected, "page {page}");
        }
    }
}

#[tokio::test]
async fn a_list_without_items_has_a_first_page() {
    let options = options().with_beyond_the_end(BeyondTheEnd::NotFound);
    let sandbox = Sandbox::start(options).await.unwrap();
    assert_eq!(call(&sandbox, "GET /2025-09/sites", "").await.status, 200);
}

#[tokio::test]
async fn a_filter_by_id_looks_into_the_reference() {
    let sandbox = stora().await;
    let unit = sandbox.resources("units").remove(0);
    let site = unit["site"]["id"].as_str().unwrap();
    let found = async |site: &str| {
        call(&sandbox, &format!("GET /2025-09/units?site_id={site}"), "").await.each("/units", "id")
    };
    assert!(found(site).await.contains(&unit["id"].as_str().unwrap().to_owned()));
    assert!(found("site_none").await.is_empty());
}

#[tokio::test]
async fn a_filter_by_contact_goes_over_the_tenancy() {
    let sandbox = stora().await;
    let allocation = sandbox.resources("unit_allocations").remove(0);
    let tenancies = sandbox.resources("tenancies");
    let tenancy = tenancies.iter().find(|tenancy| tenancy["id"] == allocation["tenancy"]["id"]);
    let contact = tenancy.unwrap()["contact"]["id"].as_str().unwrap();
    let found = async |contact: &str| {
        let line = format!("GET /2025-09/unit_allocations?contact_id={contact}");
        call(&sandbox, &line, "").await.each("/unit_allocations", "id")
    };
    let id = allocation["id"].as_str().unwrap().to_owned();
    assert!(found(contact).await.contains(&id));
    assert!(found("con_none").await.is_empty());
}

#[tokio::test]
async fn a_filter_by_metadata_wants_every_member() {
    let sandbox = stora().await;
    let found = async |query: &str| {
        let line = format!("GET /2025-09/webhook_endpoints?{query}");
        count(&call(&sandbox, &line, "").await, "/endpoints")
    };
    assert_eq!(found("metadata%5Bteam%5D=sales").await, 1);
    assert_eq!(found("metadata%5Bteam%5D=sales&metadata%5Bowner%5D=ada").await, 0);
}

#[tokio::test]
async fn a_draft_without_a_date_is_the_last_of_the_newest() {
    let answer = call(&stora().await, "GET /2025-09/invoices", "").await;
    let invoices = answer.at("/invoices");
    let dates: Vec<&Value> =
        invoices.as_array().unwrap().iter().map(|invoice| &invoice["created_at"]).collect();
    assert!(dates.len() > 1 && dates[0].is_string(), "{dates:?}");
    assert_eq!(dates.last(), Some(&&json!(null)));
}

fn count(answer: &Answer, pointer: &str) -> usize {
    answer.at(pointer).as_array().unwrap().len()
}
