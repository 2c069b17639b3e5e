//! Lists by cursor, walked to both of their ends: `next` empty, and `next` left out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use specwright_testkit::Sandbox;
use understory_v1::runtime::operation::Paginated;
use understory_v1::{Call, Client};
use vendors::walk;

use crate::setup::{document, started};

const EXPERIENCE: &str = "exp_example_0001";

const LANGUAGES: &str = "en-GB";

/// Seeded beside those of the examples, so that each list has several pages of [`LIMIT`] items.
const SEEDS: usize = 7;

const LIMIT: i32 = 3;

#[tokio::test]
async fn every_list_gives_each_item_once_and_in_its_order() {
    let (sandbox, client) = filled().await;
    for (collection, found) in walk_all(&client).await {
        assert_eq!(found, newest_first(&sandbox, collection), "{collection}");
        assert!(found.len() > SEEDS, "{collection} has {found:?}");
    }
}

/// They show no id, and older builds have none.
#[tokio::test]
async fn marketing_consents_are_walked_to_their_end() {
    let (sandbox, client) = filled().await;
    let items = walk(client.marketing_consents().list().limit(LIMIT).items()).await;
    assert_eq!(items.len(), sandbox.resources("marketing_consents").len());
    assert!(items.len() > SEEDS);
}

#[tokio::test]
async fn lists_below_an_experience_come_in_the_order_of_the_example() {
    let (_sandbox, client) = started().await;
    let below = |list: &str| {
        let path = format!("/v1/experiences/{{experienceId}}/{list}");
        let document = document();
        let answer = &document.raw()["paths"][path]["get"]["responses"]["200"];
        let examples = answer["content"]["application/json"]["examples"].as_object().unwrap();
        let items = examples.values().flat_map(|it| it["value"]["items"].as_array().unwrap());
        let mut ids: Vec<String> =
            items.map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        ids.dedup();
        ids
    };
    let [questions, variants] = walk_below(&client).await;
    assert!(questions.len() > 1 && variants.len() > 1, "{questions:?} {variants:?}");
    assert_eq!([questions, variants], [below("information-requests"), below("ticket-variants")]);
}

#[tokio::test]
async fn every_operation_with_pages_is_a_list_that_is_walked() {
    let (sandbox, client) = filled().await;
    walk_all(&client).await;
    walk(client.marketing_consents().list().limit(LIMIT).items()).await;
    walk_below(&client).await;
    let walked: BTreeSet<String> =
        sandbox.ledger().requests.into_iter().filter_map(|request| request.operation).collect();
    assert_eq!(walked, document().lists());
}

#[tokio::test]
async fn a_cursor_that_is_empty_is_the_end() {
    let (sandbox, client) = started().await;
    let ids = sandbox.seed("events", 3);
    let pages = walk(client.events().list().limit(2).pages()).await;
    assert_eq!(pages.last().unwrap().next.as_deref(), Some(""));
    assert!(ids.len() < pages.iter().filter_map(|page| page.items.as_ref()).flatten().count());
}

#[tokio::test]
async fn a_cursor_that_is_left_out_is_the_end() {
    let (sandbox, client) = started().await;
    sandbox.seed("orders", 3);
    let pages = walk(client.orders().list().limit(2).pages()).await;
    assert_eq!(pages.last().unwrap().next, None);
    assert!(pages.len() > 1);
}

#[tokio::test]
async fn every_page_is_asked_for_with_the_same_inputs_and_a_cursor_of_its_own() {
    let (sandbox, client) = started().await;
    sandbox.seed("orders", 3);
    let pages = walk(client.orders().list().limit(2).pages()).await;
    let cursors = pages.iter().filter_map(|page| page.next.as_deref());
    let encoded = |it: &str| it.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let further = cursors.map(|cursor| format!("cursor={}&limit=2", encoded(cursor)));
    let expected: Vec<String> = iter::once("limit=2".to_owned()).chain(further).collect();
    let asked: Vec<String> =
        sandbox.ledger().requests.into_iter().map(|request| request.query).collect();
    assert!(asked.len() > 1, "{asked:?}");
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_list_without_items_has_one_page() {
    let (_sandbox, client) = started().await;
    let list = client.event_availabilities().list("exp_none");
    assert_eq!(walk(list.pages()).await.len(), 1);
}

/// The ids that each list gives, by the collection that it shows.
async fn walk_all(client: &Client) -> BTreeMap<&'static str, Vec<String>> {
    let availabilities = client.event_availabilities().list(EXPERIENCE).limit(LIMIT);
    let experiences = client.experiences().list(LANGUAGES).limit(LIMIT);
    let subscriptions = client.webhook_subscriptions().list().limit(LIMIT);
    BTreeMap::from([
        ("bookings", ids(client.bookings().list().limit(LIMIT), |it| it.id).await),
        ("events", ids(client.events().list().limit(LIMIT), |it| it.id).await),
        ("event_availabilities", ids(availabilities, |it| it.event_id).await),
        ("experiences", ids(experiences, |it| it.id).await),
        ("orders", ids(client.orders().list().limit(LIMIT), |it| it.id).await),
        ("webhook_subscriptions", ids(subscriptions, |it| it.id).await),
    ])
}

/// The ids of the questions and of the kinds of ticket of an experience.
async fn walk_below(client: &Client) -> [Vec<String>; 2] {
    let experiences = client.experiences();
    let questions = experiences.get_information_requests_for(EXPERIENCE, LANGUAGES).limit(1);
    let variants = experiences.get_ticket_variants_for(EXPERIENCE, LANGUAGES).limit(1);
    [ids(questions, |it| it.id).await, ids(variants, |it| it.id).await]
}

/// A sandbox in which each list has several pages.
async fn filled() -> (Sandbox, Client) {
    let (sandbox, client) = started().await;
    let lists = ["bookings", "events", "event_availabilities", "experiences", "orders"];
    for collection in [&lists[..], &["marketing_consents", "webhook_subscriptions"]].concat() {
        assert_eq!(sandbox.seed(collection, SEEDS).len(), SEEDS, "{collection}");
    }
    (sandbox, client)
}

/// The ids of all items that the list gives as a stream.
async fn ids<O: Paginated, I: Into<String>>(call: Call<O>, id: fn(O::Item) -> I) -> Vec<String> {
    walk(call.items()).await.into_iter().map(|item| id(item).into()).collect()
}

/// The ids in a collection. Of two that are equally old, the later one in the sandbox is the newer one.
fn newest_first(sandbox: &Sandbox, collection: &str) -> Vec<String> {
    let id = |index: usize| sandbox.ids(collection)[index].clone();
    let mut there: Vec<_> = sandbox.resources(collection).into_iter().enumerate().collect();
    there.reverse();
    there.sort_by_key(|(_, resource)| Reverse(resource["created_at"].as_str().map(str::to_owned)));
    there.into_iter().map(|(index, _)| id(index)).collect()
}
