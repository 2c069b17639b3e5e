//! Associations: by their id, whole, or what is left of them.

use specwright_testkit::Sandbox;
use stora_2025_09::Client;
use stora_2025_09::model::{Deal, DealId, DealStageModel, LineItemItem, OrderId};

use crate::setup::{SCOPES, builder, client, grant_of, options, sandbox_with};

#[tokio::test]
async fn an_association_is_an_id_unless_asked_for() {
    let (_sandbox, client, id) = with_a_deal().await;
    let contact = client.deals().show(&id).await.unwrap().contact.unwrap();
    assert!(contact.id().as_str().starts_with("con_") && contact.whole().is_none());
}

#[tokio::test]
async fn an_association_that_was_asked_for_is_whole() {
    let (_sandbox, client, id) = with_a_deal().await;
    let contact = expanded(&client, &id, "contact").await.contact.unwrap();
    assert_eq!(contact.whole().unwrap().id, *contact.id());
}

#[tokio::test]
async fn a_stage_that_was_asked_for_is_whole() {
    let (_sandbox, client, id) = with_a_deal().await;
    let Some(DealStageModel::DealStageRef(stage)) = expanded(&client, &id, "stage").await.stage
    else {
        panic!("another stage")
    };
    assert!(stage.whole().is_some());
}

#[tokio::test]
async fn of_a_deleted_stage_the_name_is_left_and_no_id() {
    let (sandbox, client, id) = with_a_deal().await;
    let Some(DealStageModel::DealStageRef(stage)) = show(&client, &id).await.stage else {
        panic!("another stage")
    };
    assert!(sandbox.delete("deal_stages", stage.id().as_str()));
    let Some(DealStageModel::DeletedDealStage(stage)) = show(&client, &id).await.stage else {
        panic!("another stage")
    };
    assert!(stage.name.ends_with("- (Deleted)"), "{}", stage.name);
}

#[tokio::test]
async fn a_name_with_dots_expands_what_is_inside() {
    let sandbox = sandbox_with(options().with_examples()).await;
    let id: OrderId = sandbox.seed("orders", 1).remove(0).into();
    let orders = client(&sandbox).orders();
    let names = ["line_items".to_owned(), "line_items.item".to_owned()];
    let order = orders.show(id).expand(names).await.unwrap();
    let line_item = order.line_items[0].whole().unwrap();
    assert!(matches!(line_item.item, LineItemItem::UnitType(_)), "{:?}", line_item.item);
}

#[tokio::test]
async fn names_to_expand_are_one_list_with_commas() {
    let (sandbox, client, id) = with_a_deal().await;
    let names = ["contact".to_owned(), "line_items.item".to_owned()];
    client.deals().show(id).expand(names).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].query, "expand=contact,line_items.item");
}

#[tokio::test]
async fn what_is_expanded_needs_a_scope_of_its_own() {
    let (sandbox, _, id) = with_a_deal().await;
    let grant = grant_of(&sandbox, &format!("{SCOPES} public.deal:read"));
    let client = builder(&sandbox).credentials(grant).build().unwrap();
    expanded(&client, &id, "contact").await;
    let error = client.deals().show(&id).expand(["site".to_owned()]).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
}

async fn with_a_deal() -> (Sandbox, Client, DealId) {
    let sandbox = sandbox_with(options().with_examples()).await;
    let client = client(&sandbox);
    let id = sandbox.seed("deals", 1).remove(0).into();
    (sandbox, client, id)
}

async fn show(client: &Client, id: &DealId) -> Deal {
    client.deals().show(id).await.unwrap()
}

async fn expanded(client: &Client, id: &DealId, name: &str) -> Deal {
    client.deals().show(id).expand([name.to_owned()]).await.unwrap()
}
