//! Metadata in an update: unchanged, merged or cleared, and never cleared by accident.

use serde_json::{Value, json};
use stora_2025_09::model::{ContactId, ContactUpdate, MetadataUpdate};

use crate::setup::{client, sandbox};

#[tokio::test]
async fn an_update_that_does_not_name_it_sends_nothing_of_it() {
    assert_eq!(sent(ContactUpdate::new().full_name("Ada Holt")).await.get("metadata"), None);
}

#[tokio::test]
async fn a_merge_without_a_change_sends_nothing_of_it() {
    let update = ContactUpdate::new().metadata(MetadataUpdate::default());
    assert_eq!(sent(update).await, json!({}));
}

#[tokio::test]
async fn a_merge_sends_what_changes_alone() {
    let change = MetadataUpdate::default().set("campaign", "spring").remove("crm.id");
    assert_eq!(
        sent(ContactUpdate::new().metadata(change)).await,
        json!({ "metadata": { "campaign": "spring", "crm.id": null } })
    );
}

#[tokio::test]
async fn clearing_sends_an_empty_object() {
    let update = ContactUpdate::new().metadata(MetadataUpdate::Clear);
    assert_eq!(sent(update).await, json!({ "metadata": {} }));
}

#[tokio::test]
async fn a_merge_keeps_what_it_does_not_name() {
    let sandbox = sandbox().await;
    let contacts = client(&sandbox).contacts();
    let id: ContactId = sandbox.seed_contacts(1).remove(0).into();
    for change in [("a", "1"), ("b", "2")] {
        let change = MetadataUpdate::default().set(change.0, change.1);
        contacts.update(&id, ContactUpdate::new().metadata(change)).await.unwrap();
    }
    let keys: Vec<String> = contacts.show(&id).await.unwrap().metadata.into_keys().collect();
    assert_eq!(keys, ["a", "b"]);
}

#[tokio::test]
async fn clearing_drops_every_key() {
    let sandbox = sandbox().await;
    let contacts = client(&sandbox).contacts();
    let id: ContactId = sandbox.seed_contacts(1).remove(0).into();
    for change in [MetadataUpdate::default().set("a", "1"), MetadataUpdate::Clear] {
        contacts.update(&id, ContactUpdate::new().metadata(change)).await.unwrap();
    }
    assert_eq!(contacts.show(&id).await.unwrap().metadata.len(), 0);
}

/// The body of an update as the sandbox got it.
async fn sent(update: ContactUpdate) -> Value {
    let sandbox = sandbox().await;
    let id = sandbox.seed_contacts(1).remove(0);
    client(&sandbox).contacts().update(id, update).await.unwrap();
    sandbox.ledger().requests[0].body.clone().unwrap()
}
