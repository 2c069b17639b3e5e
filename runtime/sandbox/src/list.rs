//! Lists: filter, order, cut into pages.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::cursor::{Cursors, ListKey};
use crate::json::insert;
use crate::operation::{Operation, PageRule};
use crate::params::Arguments;
use crate::profile::collection::{CollectionRules, End, FilterRule, Keep};
use crate::profile::vendor::{ListRules, OrderRule};
use crate::refusal::{Cause, Refusal};
use crate::store::Resource;
use crate::view::View;

/// What a page is that comes after the last one of its list, which may have become shorter. No vendor says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BeyondTheEnd {
    /// A page without items.
    #[default]
    Empty,
    /// The vendor's 404.
    NotFound,
}

/// One page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// The body of the answer, with everything but the items and the parts every answer has.
    pub(crate) body: Value,
    /// JSON Pointer to the items.
    pub(crate) pointer: String,
    /// The number of the page, if the list has none of it.
    pub(crate) beyond: Option<usize>,
}

/// The resources of a collection that a request asks for, in the order it asks for.
pub(crate) fn asked_for<'r>(
    view: View<'_>,
    collection: &str,
    rules: &CollectionRules,
    resources: impl IntoIterator<Item = &'r Resource>,
    arguments: &Arguments,
) -> Vec<&'r Resource> {
    // Filters narrow each other.
    let kept = |resource: &&Resource| {
        rules.filters.iter().all(|(parameter, filter)| {
            arguments
                .query(parameter)
                .is_none_or(|wanted| keeps(view, collection, filter, resource, wanted))
        })
    };
    let mut resources: Vec<&Resource> = resources.into_iter().filter(kept).collect();
    if let Some(rule) = &view.profile.lists.order {
        order(&mut resources, rule, arguments);
    }
    resources
}

/// Cuts the page that a request asks for out of `items`.
pub(crate) fn page<T>(
    items: Vec<T>,
    operation: &Operation,
    rules: &ListRules,
    end: Option<End>,
    arguments: &Arguments,
    cursors: &mut Cursors,
    now: Moment,
) -> Result<Page<T>, Refusal> {
    let number = |name: &str| {
        let given = arguments.query(name).and_then(Value::as_u64);
        given.and_then(|given| usize::try_from(given).ok())
    };
    let count = items.len();
    match &operation.pages {
        None => {
            let pointer = rules.items.clone().unwrap_or_default();
            Ok(Page { items, body: json!({}), pointer, beyond: None })
        }
        Some(PageRule::Number(rule)) => {
            let (page, limit) =
                (number(&rule.page).unwrap_or(1).max(1), limit(number(&rule.limit)));
            // A list without items has one empty page.
            let pages = count.div_ceil(limit).max(1);
            let start = (page - 1).saturating_mul(limit);
            let place = rules.place.filled(&mut |blank| match blank.name.as_str() {
                "count" => Some(json!(count)),
                "limit" => Some(json!(limit)),
                "page" => Some(json!(page)),
                "pages" => Some(json!(pages)),
                // The first page has none before it, which is said.
                "previous" => Some(json!((page > 1).then(|| page - 1))),
                _ => None,
            });
            let next = (page < pages).then(|| page + 1);
            let mut body = json!({});
            insert(&mut body, &rule.place, place.unwrap_or_default());
            insert(&mut body, &rule.next, json!(next));
            let items = items.into_iter().skip(start).take(limit).collect();
            let beyond = (page > pages).then_some(page);
            Ok(Page { items, body, pointer: rule.items.clone(), beyond })
        }
        Some(PageRule::Cursor(rule)) => {
            let limit = limit(number(&rule.limit));
            let list = ListKey::of(&operation.id, arguments, &[&rule.cursor, &rule.limit]);
            let start = match arguments.query(&rule.cursor).and_then(Value::as_str) {
                None | Some("") => 0,
                Some(cursor) => cursors.place(cursor, &list, now).ok_or_else(|| {
                    let message =
                        "The cursor was not given out for this list, or its time is over.";
                    Refusal::new(Cause::Parameter, message)
                })?,
            };
            let after = start.saturating_add(limit);
            let next = if after < count {
                let until = now.plus(rules.cursor_lifetime());
                Some(json!(cursors.issue(list, after, until)))
            } else {
                match end.unwrap_or(rules.end) {
                    End::Absent => None,
                    End::Empty => Some(json!("")),
                }
            };
            let mut body = json!({});
            if let Some(next) = next {
                insert(&mut body, &rule.next, next);
            }
            let items = items.into_iter().skip(start).take(limit).collect();
            Ok(Page { items, body, pointer: rule.items.clone(), beyond: None })
        }
    }
}

fn keeps(
    view: View<'_>,
    collection: &str,
    filter: &FilterRule,
    resource: &Resource,
    wanted: &Value,
) -> bool {
    let values = view.follow(collection, &resource.fields, &filter.field);
    let first = values.first().unwrap_or(&Value::Null);
    match filter.keep {
        Keep::AnyOf => {
            let one = std::slice::from_ref(wanted);
            let wanted = wanted.as_array().map_or(one, Vec::as_slice);
            let empty = values.iter().all(Value::is_null);
            wanted.iter().filter_map(Value::as_str).any(|wanted| match &filter.absent {
                Some(absent) if empty => wanted == absent,
                _ => {
                    let wanted = filter.spelled.get(wanted).map_or(wanted, String::as_str);
                    values.iter().any(|value| value == wanted)
                }
            })
        }
        // What has no time is neither before nor after one.
        Keep::AtOrAfter => instant(first).is_some_and(|first| Some(first) >= instant(wanted)),
        Keep::Before => instant(first).is_some_and(|first| Some(first) < instant(wanted)),
        Keep::LocallyAtOrAfter | Keep::LocallyBefore => {
            let zone = filter.zone.as_deref().unwrap_or_default();
            let zone = view.follow(collection, &resource.fields, zone).into_iter().next();
            let local = local_time(first, zone.as_ref().unwrap_or(&Value::Null));
            let wanted = wanted.as_str().and_then(|text| text.parse::<DateTime>().ok());
            let kept = local.zip(wanted).map(|(local, wanted)| match filter.keep {
                Keep::LocallyBefore => local < wanted,
                _ => local >= wanted,
            });
            kept.unwrap_or(false)
        }
        Keep::Contains => {
            let mut members = wanted.as_object().into_iter().flatten();
            members.all(|(name, wanted)| first.get(name) == Some(wanted))
        }
    }
}

/// Of equal fields the older resource counts as the smaller one.
fn order(resources: &mut [&Resource], rule: &OrderRule, arguments: &Arguments) {
    let asked = arguments.query(&rule.parameter).and_then(Value::as_str);
    let (field, falling) = match &rule.direction {
        Some(direction) => {
            let direction = arguments.query(direction).and_then(Value::as_str);
            (asked.unwrap_or(&rule.field), direction != Some("ASC"))
        }
        None => match asked.map(|asked| (asked, asked.strip_prefix(['+', '-']))) {
            None => (rule.field.as_str(), true),
            Some((asked, None)) => (asked, false),
            Some((asked, Some(field))) => (field, asked.starts_with('-')),
        },
    };
    if falling {
        resources.reverse();
    }
    resources.sort_by(|one, other| {
        let rising = compared(one.fields.get(field), other.fields.get(field));
        if falling { rising.reverse() } else { rising }
    });
}

/// Numbers by value, texts by their characters; what is not there comes first.
fn compared(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let texts = (text(one), text(other));
    number(one).cmp(&number(other)).then_with(|| match (instants(&texts), texts) {
        (Some(instants), _) => instants,
        (None, (one, other)) => one.cmp(&other),
    })
}

/// Moments compare as moments: `+02:00` and `Z` may be the same one.
fn instants(texts: &(Option<String>, Option<String>)) -> Option<Ordering> {
    let instant = |text: &Option<String>| text.as_ref()?.parse::<Timestamp>().ok();
    Some(instant(&texts.0)?.cmp(&instant(&texts.1)?))
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(|text| text.parse().ok())
}

/// What a clock on the wall shows at this moment.
fn local_time(moment: &Value, zone: &Value) -> Option<DateTime> {
    let zone = TimeZone::get(zone.as_str()?).ok()?;
    Some(instant(moment)?.to_zoned(zone).datetime())
}

fn limit(given: Option<usize>) -> usize {
    given.unwrap_or(USUAL_LIMIT).max(1)
}

/// Where neither the request nor the document names one.
const USUAL_LIMIT: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;
    use crate::store::{Fields, Store};

    #[test]
    fn a_moment_is_read_on_a_clock_of_its_zone() {
        let local = local_time(&json!("2026-07-01T22:30:00Z"), &json!("Europe/Copenhagen"));
        assert_eq!(local, "2026-07-02T00:30:00".parse().ok());
    }

    #[test]
    fn moments_of_different_offsets_are_compared_as_moments() {
        let (one, other) = (json!("2026-01-01T01:00:00+02:00"), json!("2026-01-01T00:00:00Z"));
        assert_eq!(compared(Some(&one), Some(&other)), Ordering::Less);
    }

    #[test]
    fn what_has_no_time_is_neither_before_nor_after_one() {
        let (profile, store) = (Profile::stora().unwrap(), Store::default());
        let view = View { profile: &profile, store: &store };
        let fields = Fields::from_iter([("created_at".to_owned(), Value::Null)]);
        let draft = Resource { id: "con_1".to_owned(), fields };
        for parameter in ["created_before", "created_after"] {
            let filter = &profile.collections["contacts"].filters[parameter];
            let wanted = json!("2026-01-01T00:00:00Z");
            assert!(!keeps(view, "contacts", filter, &draft, &wanted), "{parameter}");
        }
    }

    #[test]
    fn numbers_are_compared_by_value() {
        assert_eq!(compared(Some(&json!(10)), Some(&json!(9))), Ordering::Greater);
    }

    #[test]
    fn what_is_not_there_comes_first() {
        assert_eq!(compared(Some(&Value::Null), Some(&json!("2026"))), Ordering::Less);
    }
}
