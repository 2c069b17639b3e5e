//! Lists: filter, order, cut into pages.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::collection::Collection;
use crate::json::insert;
use crate::operation::PageRule;
use crate::params::Arguments;
use crate::profile::{FilterRule, Keep};

type Resource = Map<String, Value>;

/// One page of a collection: the body of the answer, without the parts every answer has.
pub(crate) fn page(collection: &Collection, rule: &PageRule, arguments: &Arguments) -> Value {
    let mut resources: Vec<&Resource> = collection
        .resources()
        .iter()
        .filter(|resource| kept(resource, collection, arguments))
        .collect();
    order(&mut resources, collection, arguments);

    let number = |name: &str, usual: usize| {
        let given = arguments.query(name).and_then(Value::as_u64);
        given.and_then(|given| usize::try_from(given).ok()).unwrap_or(usual).max(1)
    };
    let (page, limit) = (number(&rule.page, 1), number(&rule.limit, USUAL_LIMIT));
    // A list without items has one empty page.
    let pages = resources.len().div_ceil(limit).max(1);
    let start = (page - 1).saturating_mul(limit);
    let items: Vec<&Resource> = resources.iter().skip(start).take(limit).copied().collect();

    let mut place = json!({
        "count": resources.len(),
        "last": pages,
        "limit": limit,
        "page": page,
        "pages": pages,
        "prev": (page > 1).then(|| page - 1),
    });
    let next = (page < pages).then(|| page + 1);
    insert(&mut place, &format!("/{}", crate::json::escape(&rule.next)), json!(next));
    let mut body = json!({});
    insert(&mut body, &rule.items, json!(items));
    insert(&mut body, &rule.place, place);
    body
}

/// Filters narrow each other.
fn kept(resource: &Resource, collection: &Collection, arguments: &Arguments) -> bool {
    collection.rules.filters.iter().all(|(parameter, filter)| {
        arguments.query(parameter).is_none_or(|wanted| keeps(filter, resource, wanted))
    })
}

fn keeps(filter: &FilterRule, resource: &Resource, wanted: &Value) -> bool {
    let value = resource.get(&filter.field).unwrap_or(&Value::Null);
    match filter.keep {
        Keep::AnyOf => {
            let one = std::slice::from_ref(wanted);
            let wanted = wanted.as_array().map_or(one, Vec::as_slice);
            wanted.iter().any(|wanted| match (&filter.absent, value) {
                (Some(absent), Value::Null) => wanted == absent.as_str(),
                _ => wanted == value,
            })
        }
        Keep::AtOrAfter => instant(value) >= instant(wanted),
        Keep::Before => instant(value) < instant(wanted),
        Keep::Contains => {
            let mut members = wanted.as_object().into_iter().flatten();
            members.all(|(name, wanted)| value.get(name) == Some(wanted))
        }
    }
}

/// Of equal fields the older resource counts as the smaller one.
fn order(resources: &mut [&Resource], collection: &Collection, arguments: &Arguments) {
    let Some(sort) = &collection.rules.sort else { return };
    let Some(field) = arguments.query(&sort.by).and_then(Value::as_str) else { return };
    let key = |resource: &Resource| {
        resource.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let falling = arguments.query(&sort.direction).and_then(Value::as_str) == Some("DESC");
    if falling {
        resources.reverse();
    }
    resources.sort_by(|one, other| {
        let rising = key(one).cmp(&key(other));
        if falling { rising.reverse() } else { rising }
    });
}

/// Moments compare as moments: `+02:00` and `Z` may be the same one.
fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(|text| text.parse().ok())
}

/// Guide "Responses": a page has 50 items unless asked otherwise.
const USUAL_LIMIT: usize = 50;
