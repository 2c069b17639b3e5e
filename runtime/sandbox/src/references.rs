//! Where a resource refers to others: paths with dots into fields, lists entered on the way.
//!
//! A reference is an id as text (`"contact_id": "con_1"`) or an object with the id
//! (`"contact": {"id": "con_1"}`).

use serde_json::{Map, Value};

use crate::json::escape;

/// The id that a reference names.
pub(crate) fn id_of(reference: &Value) -> Option<&str> {
    reference.as_str().or_else(|| reference.get("id")?.as_str())
}

/// Every value at `path`, with the JSON Pointer to it. A list at the end is entered too.
pub(crate) fn at<'v>(fields: &'v Map<String, Value>, path: &str) -> Vec<(String, &'v Value)> {
    let (first, rest) = split(path);
    let Some(value) = fields.get(first) else { return Vec::new() };
    let mut found = Vec::new();
    gather(value, format!("/{}", escape(first)), rest, &mut found);
    found
}

/// Visits every value at `path`, to change it.
pub(crate) fn at_mut(
    fields: &mut Map<String, Value>,
    path: &str,
    visit: &mut dyn FnMut(&mut Value),
) {
    let (first, rest) = split(path);
    if let Some(value) = fields.get_mut(first) {
        visit_at(value, rest, visit);
    }
}

fn gather<'v>(
    value: &'v Value,
    pointer: String,
    path: Option<&str>,
    found: &mut Vec<(String, &'v Value)>,
) {
    match (value, path) {
        (Value::Array(items), path) => {
            for (at, item) in items.iter().enumerate() {
                gather(item, format!("{pointer}/{at}"), path, found);
            }
        }
        (value, None) => found.push((pointer, value)),
        (Value::Object(members), Some(path)) => {
            let (first, rest) = split(path);
            if let Some(member) = members.get(first) {
                gather(member, format!("{pointer}/{}", escape(first)), rest, found);
            }
        }
        (_, Some(_)) => {}
    }
}

fn visit_at(value: &mut Value, path: Option<&str>, visit: &mut dyn FnMut(&mut Value)) {
    match (value, path) {
        (Value::Array(items), path) => {
            for item in items {
                visit_at(item, path, visit);
            }
        }
        (value, None) => visit(value),
        (Value::Object(members), Some(path)) => at_mut(members, path, visit),
        (_, Some(_)) => {}
    }
}

fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order() -> Map<String, Value> {
        let order = json!({
            "contact": {"id": "con_1"},
            "event_id": "evt_1",
            "items": [{"item": {"id": "a"}}, {"item": null}],
        });
        order.as_object().cloned().unwrap()
    }

    #[test]
    fn both_forms_of_a_reference_name_an_id() {
        let order = order();
        assert_eq!(id_of(&order["contact"]), Some("con_1"));
        assert_eq!(id_of(&order["event_id"]), Some("evt_1"));
        assert_eq!(id_of(&json!({"name": "no id"})), None);
    }

    #[test]
    fn lists_on_the_way_are_entered() {
        let order = order();
        let pointers: Vec<String> = at(&order, "items.item").into_iter().map(|it| it.0).collect();
        assert_eq!(pointers, ["/items/0/item", "/items/1/item"]);
    }

    #[test]
    fn what_is_not_there_is_not_visited() {
        let mut order = order();
        at_mut(&mut order, "contact.owner.id", &mut |_| panic!("there is no owner"));
        assert!(at(&order, "nothing").is_empty());
    }

    #[test]
    fn every_value_can_be_changed() {
        let mut order = order();
        at_mut(&mut order, "items.item", &mut |item| *item = json!(1));
        assert_eq!(order["items"], json!([{"item": 1}, {"item": 1}]));
    }
}
