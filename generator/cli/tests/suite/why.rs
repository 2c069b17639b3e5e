//! What `specwright why` says of the things that have a name.

use crate::fixture::Fixture;

const CONFIG: &str = "\
package: shop-v1
library: shop_v1
title: Shop
document: openapi.yaml
overlays: [secrets.overlay.yaml, ids.overlay.yaml]
output: generated/shop-v1
";

const DOCUMENT: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: https://shop.example }, { url: https://test.shop.example }]
paths:
  /orders/{id}/line-items:
    get:
      operationId: list_line_items
      tags: [Orders / Line Items]
      security: []
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: sort-by, in: query, schema: { type: string } }
      responses:
        "200":
          description: Items.
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Item" }
            text/csv: { schema: { type: string } }
  /ping:
    get:
      security: []
      responses: { "204": { description: ok } }
webhooks:
  sf:new_order:
    post:
      requestBody:
        content:
          application/json: { schema: { $ref: "#/components/schemas/Item" } }
      responses: { "200": { description: ok } }
components:
  schemas:
    Item:
      type: object
      required: [name]
      properties:
        name: { type: string }
        key: { type: string }
        old: { type: string }
        type:
          type: string
          enum: [big, sf:small]
    ItemId: { type: string }
    Owner:
      oneOf:
        - { type: object, required: [id], properties: { id: { type: string } } }
        - { $ref: "#/components/schemas/Person" }
    Person:
      type: object
      required: [id, email]
      properties: { id: { type: string }, email: { type: string }, client_secret: { type: string } }
    Amount: { oneOf: [{ type: string }, { type: number }] }
"##;

const SECRETS: &str = r#"overlay: 1.0.0
info: { title: Secrets, version: "1" }
actions:
  - target: $.components.schemas.Item.properties.key
    update: { x-specwright-sensitive: true }
  - target: $.components.schemas.Item.properties.old
    remove: true
"#;

const IDS: &str = r#"overlay: 1.0.0
info: { title: Ids, version: "1" }
actions:
  - target: $.components.schemas
    update:
      Item:
        properties:
          size: { type: integer }
"#;

/// What is said of an item, and how the command ended.
fn why(item: &str) -> (Option<i32>, String) {
    why_with_lock(item, "")
}

fn why_with_lock(item: &str, lock: &str) -> (Option<i32>, String) {
    let fixture = Fixture::new("");
    fixture.write("specs/api.yaml", CONFIG);
    fixture.write("specs/openapi.yaml", DOCUMENT);
    fixture.write("specs/secrets.overlay.yaml", SECRETS);
    fixture.write("specs/ids.overlay.yaml", IDS);
    if !lock.is_empty() {
        fixture.write("specs/api.lock", lock);
    }
    let ended = fixture.run(&["why", "specs", item]);
    (ended.code, ended.stdout + &ended.stderr)
}

#[track_caller]
fn told(item: &str) -> String {
    let (code, text) = why(item);
    assert_eq!(code, Some(0), "{text}");
    text
}

#[test]
fn a_type_has_its_place_the_overlays_that_touched_it_and_its_name() {
    insta::assert_snapshot!(told("Item"), @r#"
    type `model::Item`
      record Item (item), response
        field "name" (name): string, required
        field "key" (key): secret, optional
        field "type" (type): @Item/properties/type, optional
        field "size" (size): i64, optional
      document: specs/openapi.yaml:33:5 /components/schemas/Item
      overlay: specs/secrets.overlay.yaml:4:13 (Secrets)
      overlay: specs/secrets.overlay.yaml:6:13 (Secrets)
      overlay: specs/ids.overlay.yaml:8:11 (Ids)
      name: `Item`, after the schema `Item`
      lock: [types] "/components/schemas/Item"; not written yet; generate
    "#);
}

#[test]
fn a_member_has_the_overlay_that_touched_it() {
    insta::assert_snapshot!(told("Item::key"), @r#"
    member `model::Item::key`, on the wire `key`
      field "key" (key): secret, optional
      document: specs/openapi.yaml:38:9 /components/schemas/Item/properties/key
      overlay: specs/secrets.overlay.yaml:4:13 (Secrets)
      name: `key`, after `key`
      lock: [types] "/components/schemas/Item"; not written yet; generate
    "#);
}

#[test]
fn a_member_that_an_overlay_wrote_stands_in_the_overlay() {
    insta::assert_snapshot!(told("model::Item::size"), @r#"
    member `model::Item::size`, on the wire `size`
      field "size" (size): i64, optional
      document: specs/ids.overlay.yaml:8:11 /components/schemas/Item/properties/size
      overlay: specs/ids.overlay.yaml:8:11 (Ids)
      name: `size`, after `size`
      lock: [types] "/components/schemas/Item"; not written yet; generate
    "#);
}

#[test]
fn a_type_inside_another_is_called_after_its_place() {
    insta::assert_snapshot!(told("ItemType"), @r#"
    type `model::ItemType`
      choice Item/properties/type (item type) of string, open, response
        value "big" (big)
        value "sf:small" (sf small)
      document: specs/openapi.yaml:40:9 /components/schemas/Item/properties/type
      name: `ItemType`, after the place of the schema: item type
      lock: [types] "/components/schemas/Item/properties/type"; not written yet; generate
    "#);
}

#[test]
fn a_value_of_a_choice_stands_in_its_list() {
    insta::assert_snapshot!(told("ItemType::SfSmall"), @r#"
    member `model::ItemType::SfSmall`, on the wire `sf:small`
      value "sf:small" (sf small)
      document: specs/openapi.yaml:42:23 /components/schemas/Item/properties/type/enum/1
      name: `SfSmall`, after `sf:small`
      lock: [types] "/components/schemas/Item/properties/type"; not written yet; generate
    "#);
}

#[test]
fn an_operation_is_called_after_its_id_and_tag() {
    insta::assert_snapshot!(told("list_line_items"), @r#"
    operation `orders::line_items::list`, GET /orders/{id}/line-items
      send GET "/orders/{id}/line-items"
      path "id" (id): string, required, simple
      query "sort-by" (sort by): string, optional, form exploded
      case 200
        "application/json" as json: @Item
        "text/csv" as text: string
      document: specs/openapi.yaml:6:5 /paths/~1orders~1{id}~1line-items/get
      name: `list`, after the `operationId` `list_line_items`
      name: `ListLineItems`, after the `operationId` `list_line_items`
      name: `orders::line_items`, after the tag `Orders / Line Items`
      name: `send_csv`, after the media type `text/csv`
      lock: [operations] "GET /orders/{id}/line-items"; not written yet; generate
    "#);
}

#[test]
fn an_operation_without_id_and_tag_says_so() {
    insta::assert_snapshot!(told("GET /ping"), @r#"
    operation `ping::list`, GET /ping
      send GET "/ping"
      case 204 empty
      document: specs/openapi.yaml:21:5 /paths/~1ping/get
      name: `list`, after method and path, because it has no `operationId`
      name: `ListPing`, after method and path, because it has no `operationId`
      name: `ping`, after the path, because it has no tag
      lock: [operations] "GET /ping"; not written yet; generate
      guess: group = ping
        because there is no tag, so the path names the group
        otherwise: give the operation a tag with an overlay
      guess: method = list
        because there is no `operationId`, so method and path name it
        otherwise: give the operation an `operationId` with an overlay, or change the name in api.lock
      guess: request = list ping
        because there is no `operationId`, so method and path name it
        otherwise: give the operation an `operationId` with an overlay, or change the name in api.lock
    "#);
}

/// What is said of the name of an operation's method, if the document gives this `operationId` and tag.
fn reason_of_method(id: &str, tag: &str) -> String {
    let fixture = Fixture::new("");
    let config = CONFIG.replace("overlays: [secrets.overlay.yaml, ids.overlay.yaml]\n", "");
    fixture.write("specs/api.yaml", &config);
    let ping = format!(
        "get:\n      operationId: \"{id}\"\n      tags: [{tag}]\n      security: []\n      responses: {{ \"204\""
    );
    let old = "get:\n      security: []\n      responses: { \"204\"";
    fixture.write("specs/openapi.yaml", &DOCUMENT.replace(old, &ping));
    let ended = fixture.run(&["why", "specs", "GET /ping"]);
    let names = ended.stdout.lines().find(|line| line.trim_start().starts_with("name: "));
    names.unwrap_or(&ended.stderr).trim().to_owned()
}

#[test]
fn a_get_of_several_things_says_why_it_is_a_list() {
    assert_eq!(
        reason_of_method("getPings", "Pings"),
        "name: `list`, after the `operationId` `getPings`: to get several things is to list them"
    );
    assert_eq!(
        reason_of_method("getPing", "Pings"),
        "name: `get`, after the `operationId` `getPing`"
    );
}

#[test]
fn an_id_that_the_group_says_whole_is_told() {
    assert_eq!(
        reason_of_method("pings", "Pings"),
        "name: `list`, after the method, because the group says all of the `operationId` `pings`"
    );
}

#[test]
fn an_id_without_a_word_is_none() {
    for id in ["", "--"] {
        assert_eq!(
            reason_of_method(id, "Pings"),
            "name: `list`, after method and path, because its `operationId` has no word"
        );
    }
}

#[test]
fn a_parameter_is_named_with_its_request() {
    insta::assert_snapshot!(told("ListLineItems::sort_by"), @r#"
    parameter `orders::line_items::ListLineItems::sort_by`
      query "sort-by" (sort by): string, optional, form exploded
      document: specs/openapi.yaml:12:11 /paths/~1orders~1{id}~1line-items/get/parameters/1
      name: `sort_by`, after `sort-by`
      lock: [operations] "GET /orders/{id}/line-items"; not written yet; generate
    "#);
}

#[test]
fn an_event_is_found_by_its_name_on_the_wire() {
    insta::assert_snapshot!(told("sf:new_order"), @r#"
    event `webhooks::SfNewOrder`, on the wire `sf:new_order`
      webhook "sf:new_order" @Item
      document: specs/openapi.yaml:26:5 /webhooks/sf:new_order/post
      name: `SfNewOrder`, after `sf:new_order`
      lock: [events] "sf:new_order"; not written yet; generate
    "#);
}

#[test]
fn a_place_says_what_it_is_in() {
    insta::assert_snapshot!(told("/components/schemas/Item/properties/type/enum/1"), @"
    place /components/schemas/Item/properties/type/enum/1
      document: specs/openapi.yaml:42:23 /components/schemas/Item/properties/type/enum/1
      inside: `model::ItemType`
    ");
}

#[test]
fn a_guess_is_told_with_its_reason_and_the_way_to_decide_otherwise() {
    insta::assert_snapshot!(told("Amount"), @r#"
    type `model::Amount`
      union Amount (amount) by kind, open
        variant (string): string string
        variant (number): f64 number
      document: specs/openapi.yaml:52:5 /components/schemas/Amount
      name: `Amount`, after the schema `Amount`
      lock: [types] "/components/schemas/Amount"; not written yet; generate
      guess: dispatch = by kind: string | number
        because each alternative has a JSON kind of its own
        otherwise: state a `discriminator`, or other alternatives, with an overlay
    "#);
}

#[test]
fn a_guess_about_the_schema_of_a_member_is_told_of_the_member() {
    let text = told("Person::client_secret");
    assert!(text.contains("guess: secret = secret\n"), "{text}");
    assert!(!told("Person::email").contains("guess"));
}

#[test]
fn the_member_that_tells_events_apart_is_a_guess_about_each_event() {
    let fixture = Fixture::new("");
    fixture.write(
        "specs/api.yaml",
        &CONFIG.replace("overlays: [secrets.overlay.yaml, ids.overlay.yaml]\n", ""),
    );
    let event = |name: &str| {
        format!(
            "  {name}:\n    post:\n      requestBody:\n        content:\n          application/json: {{ schema: {{ type: object, required: [kind], properties: {{ kind: {{ const: {name} }} }} }} }}\n      responses: {{ \"200\": {{ description: ok }} }}\n"
        )
    };
    let events = format!("webhooks:\n{}{}", event("opened"), event("closed"));
    let document = format!("openapi: 3.1.0\ninfo: {{ title: Shop, version: \"1\" }}\n{events}");
    fixture.write("specs/openapi.yaml", &document);
    let text = fixture.run(&["why", "specs", "opened"]).stdout;
    let guess = "  guess: webhook_tag = /kind\n    because every payload has a string of its own there\n    otherwise: take the fixed value off this place with an overlay (OA0606)\n";
    assert!(text.ends_with(guess), "{text}");
}

/// A kind that nobody has written an answer for gets a general one.
#[test]
fn every_kind_of_guess_has_its_own_way_to_decide_otherwise() {
    for item in
        ["ItemId", "Owner", "Amount", "Person::client_secret", "GET /ping", "ping", "/servers"]
    {
        let text = told(item);
        assert!(text.contains("otherwise: "), "{text}");
        assert!(!text.contains("otherwise: state it in the document"), "{text}");
    }
}

#[test]
fn a_name_that_the_lock_keeps_is_told_from_what_a_first_run_would_take() {
    let lock = "[types]\n\"/components/schemas/Item\" = { name = \"Thing\", members = { key = \"token\" } }\n";
    let (_, text) = why_with_lock("Thing", lock);
    assert!(
        text.contains("name: `Thing`, kept from an earlier run; a first one would take `Item`, after the schema `Item`\n"),
        "{text}"
    );
    assert!(text.ends_with(
        "lock: [types] \"/components/schemas/Item\"; to rename, change it there and generate\n"
    ));
    let (_, text) = why_with_lock("Thing::token", lock);
    assert!(text.starts_with("member `model::Thing::token`, on the wire `key`\n"), "{text}");
}

#[test]
fn an_item_is_found_however_its_name_was_copied() {
    let operation = told("GET /orders/{id}/line-items");
    for name in [
        "orders::line_items::list",
        "line_items::list",
        "OrdersLineItems::list",
        "orders::line_items::ListLineItems",
        "ListLineItems",
        "shop_v1::orders::line_items::ListLineItems",
        "client.orders().line_items().list()",
        "client.orders().line_items().list().send_csv()",
        "/paths/~1orders~1{id}~1line-items/get",
        "#/paths/~1orders~1{id}~1line-items/get",
    ] {
        assert_eq!(told(name), operation, "{name}");
    }
    let ty = told("Item");
    for name in ["model::Item", "crate::model::Item", "/components/schemas/Item"] {
        assert_eq!(told(name), ty, "{name}");
    }
    assert_eq!(told("Item::r#type"), told("Item::type"));
}

#[test]
fn a_handle_and_its_module_are_one_group() {
    insta::assert_snapshot!(told("line_items"), @r#"
    group `orders::line_items`
      `list`: GET /orders/{id}/line-items
      name: `OrdersLineItems`, after the module `orders::line_items`
      lock: [handles] "orders/line_items"; not written yet; generate
    "#);
    assert_eq!(told("OrdersLineItems"), told("orders::line_items"));
}

#[test]
fn what_nothing_is_called_ends_with_2_and_the_nearest_names() {
    let (code, text) = why("Itme");
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(text, @"
    error: there is nothing called `Itme`
      did you mean `Item`?
      did you mean `ItemId`?
      did you mean `ItemType`?
    ");
    assert_eq!(why("/components/schemas/Nothing").0, Some(2));
}

#[test]
fn a_folder_without_a_configuration_ends_with_3() {
    let ended = Fixture::new("").run(&["why", ".", "Item"]);
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("api.yaml"), "{}", ended.stderr);
}
