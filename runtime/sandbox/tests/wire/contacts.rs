//! The five operations on contacts.

use std::time::Duration;

use crate::client::{START, call, call_with, options, sandbox};
use serde_json::json;
use specwright_sandbox::{EffectKind, Sandbox};

const SMALLEST: &str = r#"{"email":"grace@attic.example","full_name":"Grace Field"}"#;

#[tokio::test]
async fn a_contact_is_created_with_what_was_sent_and_what_is_usual() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, "POST /2025-09/contacts", SMALLEST).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.at("/contact/email"), "grace@attic.example");
    assert_eq!(answer.at("/contact/status"), "lead");
    assert_eq!(answer.at("/contact/created_at"), "2026-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn an_id_is_the_prefix_and_sixteen_characters() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, "POST /2025-09/contacts", SMALLEST).await;
    let id = answer.at("/contact/id");
    let rest = id.as_str().unwrap().strip_prefix("con_").unwrap();
    assert_eq!(rest.len(), 16);
}

#[tokio::test]
async fn a_created_contact_can_be_shown() {
    let sandbox = sandbox().await;
    let created = call(&sandbox, "POST /2025-09/contacts", SMALLEST).await.at("/contact");
    let id = created["id"].as_str().unwrap();
    let shown = call(&sandbox, &format!("GET /2025-09/contacts/{id}"), "").await;
    assert_eq!((shown.status, shown.at("/contact")), (200, created));
}

#[tokio::test]
async fn an_unknown_contact_is_not_found() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, "GET /2025-09/contacts/con_0", "").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "resource_not_found"));
}

#[tokio::test]
async fn an_update_sets_empties_and_leaves() {
    let sandbox = sandbox().await;
    let id = seeded(&sandbox);
    let line = format!("PATCH /2025-09/contacts/{id}");
    let answer = call(&sandbox, &line, r#"{"full_name":"New","type":null}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.at("/contact/full_name"), "New");
    assert_eq!(answer.at("/contact/type"), json!(null));
    assert_eq!(answer.at("/contact/email"), "contact-1@seed.example");
}

#[tokio::test]
async fn an_update_moves_updated_at_and_not_created_at() {
    let sandbox = sandbox().await;
    let id = seeded(&sandbox);
    sandbox.advance(Duration::from_secs(60));
    let line = format!("PATCH /2025-09/contacts/{id}");
    let answer = call(&sandbox, &line, r#"{"full_name":"New"}"#).await;
    assert_eq!(answer.at("/contact/created_at"), "2026-01-01T00:00:00.000Z");
    assert_eq!(answer.at("/contact/updated_at"), "2026-01-01T00:01:00.000Z");
}

#[tokio::test]
async fn metadata_is_merged_key_by_key() {
    let sandbox = sandbox().await;
    let line = format!("PATCH /2025-09/contacts/{}", seeded(&sandbox));
    call(&sandbox, &line, r#"{"metadata":{"a":"1","b":"2"}}"#).await;
    let answer = call(&sandbox, &line, r#"{"metadata":{"a":null,"c":"3"}}"#).await;
    assert_eq!(answer.at("/contact/metadata"), json!({"b": "2", "c": "3"}));
}

#[tokio::test]
async fn empty_metadata_drops_every_key() {
    let sandbox = sandbox().await;
    let line = format!("PATCH /2025-09/contacts/{}", seeded(&sandbox));
    call(&sandbox, &line, r#"{"metadata":{"a":"1"}}"#).await;
    let answer = call(&sandbox, &line, r#"{"metadata":{}}"#).await;
    assert_eq!(answer.at("/contact/metadata"), json!({}));
}

#[tokio::test]
async fn metadata_holds_at_most_twenty_keys_after_a_merge() {
    let sandbox = sandbox().await;
    let line = format!("PATCH /2025-09/contacts/{}", seeded(&sandbox));
    let keys = |from: usize| -> String {
        let members: Vec<String> =
            (from..from + 11).map(|key| format!(r#""k{key}":"v""#)).collect();
        format!(r#"{{"metadata":{{{}}}}}"#, members.join(","))
    };
    assert_eq!(call(&sandbox, &line, &keys(0)).await.status, 200);
    let answer = call(&sandbox, &line, &keys(11)).await;
    assert_eq!(answer.details(), ["/metadata: there would be more than 20 keys"]);
}

#[tokio::test]
async fn a_deleted_contact_is_gone() {
    let sandbox = sandbox().await;
    let id = seeded(&sandbox);
    let answer = call(&sandbox, &format!("DELETE /2025-09/contacts/{id}"), "").await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    let answer = call(&sandbox, &format!("GET /2025-09/contacts/{id}"), "").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_page_has_fifty_contacts_unless_asked_otherwise() {
    let sandbox = Sandbox::start(options().with_contacts(51)).await.unwrap();
    let answer = call(&sandbox, "GET /2025-09/contacts", "").await;
    assert_eq!(answer.at("/contacts").as_array().unwrap().len(), 50);
    assert_eq!(
        answer.at("/meta/pagination"),
        json!({
            "count": 51, "last": 2, "limit": 50, "next": 2, "page": 1, "pages": 2, "prev": null,
        })
    );
}

#[tokio::test]
async fn following_next_visits_every_contact_once() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let mut seeded = sandbox.seed_contacts(7);
    let (mut seen, mut page) = (Vec::new(), json!(1));
    while let Some(number) = page.as_u64() {
        let line = format!("GET /2025-09/contacts?limit=3&page={number}");
        let answer = call(&sandbox, &line, "").await;
        let contacts = answer.at("/contacts");
        let ids =
            contacts.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned());
        seen.extend(ids);
        page = answer.at("/meta/pagination/next");
    }
    seen.sort();
    seeded.sort();
    assert_eq!(seen, seeded);
}

#[tokio::test]
async fn the_last_page_knows_the_one_before_it() {
    let sandbox = Sandbox::start(options().with_contacts(3)).await.unwrap();
    let answer = call(&sandbox, "GET /2025-09/contacts?limit=2&page=2", "").await;
    assert_eq!(answer.at("/meta/pagination/prev"), 1);
    assert_eq!(answer.at("/meta/pagination/next"), json!(null));
}

#[tokio::test]
async fn an_empty_list_has_one_empty_page() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, "GET /2025-09/contacts", "").await;
    assert_eq!(answer.at("/contacts"), json!([]));
    assert_eq!(answer.at("/meta/pagination/pages"), 1);
}

#[tokio::test]
async fn the_newest_contact_comes_first_unless_asked_otherwise() {
    let sandbox = sandbox().await;
    sandbox.seed_contacts(1);
    sandbox.advance(Duration::from_secs(1));
    sandbox.seed_contacts(1);
    assert_eq!(emails(&sandbox, "").await, ["contact-2@seed.example", "contact-1@seed.example"]);
    let rising = emails(&sandbox, "?sort_direction=ASC").await;
    assert_eq!(rising, ["contact-1@seed.example", "contact-2@seed.example"]);
}

#[tokio::test]
async fn a_filter_with_two_values_keeps_both() {
    let sandbox = Sandbox::start(options().with_contacts(3)).await.unwrap();
    let query = "?email=contact-1@seed.example,contact-3@seed.example&sort_direction=ASC";
    let kept = emails(&sandbox, query).await;
    assert_eq!(kept, ["contact-1@seed.example", "contact-3@seed.example"]);
}

#[tokio::test]
async fn unspecified_keeps_contacts_without_a_type() {
    let sandbox = sandbox().await;
    let line = format!("PATCH /2025-09/contacts/{}", sandbox.seed_contacts(2)[0]);
    call(&sandbox, &line, r#"{"type":null}"#).await;
    assert_eq!(emails(&sandbox, "?type=unspecified,company").await, ["contact-1@seed.example"]);
}

#[tokio::test]
async fn created_after_takes_the_moment_in_and_created_before_leaves_it_out() {
    let sandbox = Sandbox::start(options().with_contacts(1)).await.unwrap();
    let moment = "2026-01-01T01:00:00%2B01:00";
    assert_eq!(emails(&sandbox, &format!("?created_after={moment}")).await.len(), 1);
    assert_eq!(emails(&sandbox, &format!("?created_before={moment}")).await.len(), 0);
}

#[tokio::test]
async fn every_answer_names_its_request_and_its_time() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, "GET /2025-09/contacts", "").await;
    assert_eq!(answer.header("x-request-id"), answer.at("/meta/request_id").as_str());
    assert_eq!(answer.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    assert_eq!(sandbox.clock().unix_seconds(), START);
}

#[tokio::test]
async fn every_change_is_an_effect_and_no_reading_is() {
    let sandbox = sandbox().await;
    let created = call(&sandbox, "POST /2025-09/contacts", SMALLEST).await.at("/contact/id");
    let path = format!("/2025-09/contacts/{}", created.as_str().unwrap());
    call(&sandbox, &format!("GET {path}"), "").await;
    call(&sandbox, &format!("PATCH {path}"), "{}").await;
    call(&sandbox, &format!("DELETE {path}"), "").await;
    let ledger = sandbox.ledger();
    let kinds: Vec<EffectKind> = ledger.effects().iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, [EffectKind::Created, EffectKind::Updated, EffectKind::Deleted]);
    assert!(ledger.effects().iter().all(|effect| effect.id == created));
}

#[tokio::test]
async fn an_image_is_not_to_be_had() {
    let sandbox = sandbox().await;
    let answer = call_with(&sandbox, "GET /2025-09/contacts", &[("Accept", "image/*")], "").await;
    assert_eq!((answer.status, answer.code().as_str()), (406, "invalid_format"));
}

#[tokio::test]
async fn an_unknown_path_is_an_invalid_endpoint() {
    let sandbox = sandbox().await;
    let answer = call(&sandbox, "PUT /2025-09/contacts", "").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "invalid_endpoint"));
}

fn seeded(sandbox: &Sandbox) -> String {
    sandbox.seed_contacts(1).remove(0)
}

async fn emails(sandbox: &Sandbox, query: &str) -> Vec<String> {
    let answer = call(sandbox, &format!("GET /2025-09/contacts{query}"), "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let contacts = answer.at("/contacts");
    let emails = contacts.as_array().unwrap().iter();
    emails.map(|contact| contact["email"].as_str().unwrap().to_owned()).collect()
}
