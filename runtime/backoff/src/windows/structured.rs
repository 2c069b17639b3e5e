//! The fields `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers, which are structured fields
//! (RFC 9651).
//!
//! Two forms are in use. Since draft 08 each window has a name (§3, §4 of draft 11; Cloudflare, "Rate limits"):
//!
//! ```text
//! RateLimit-Policy: "burst";q=10;w=1, "sustained";q=60;w=60
//! RateLimit: "burst";r=9;t=1, "sustained";r=0;t=30
//! ```
//!
//! Draft 07 tells of one window, and knows the others by their limits (§3.1, §3.5; express-rate-limit, `draft-7`):
//!
//! ```text
//! RateLimit-Policy: 10;w=1, 60;w=60
//! RateLimit: limit=60, remaining=0, reset=30
//! ```

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use sfv::{BareItem, Dictionary, Item, List, ListEntry, Parameters, Parser};

use crate::when::When;

use super::{Unit, Window, beside_policies, lines};

const RATE_LIMIT: &str = "ratelimit";
const RATE_LIMIT_POLICY: &str = "ratelimit-policy";

/// The windows that `RateLimit` tells of. Policies without it may belong to `RateLimit-Limit`, so they are read there.
pub(super) fn windows(headers: &HeaderMap) -> Vec<Window> {
    let Some(field) = joined(headers, RATE_LIMIT) else { return Vec::new() };
    if let Ok(members) = Parser::new(&field).parse::<List>() {
        let policies = named_policies(headers);
        return items(&members).filter_map(|item| limit_of_service(item, &policies)).collect();
    }
    let stated = Parser::new(&field).parse::<Dictionary>().ok().and_then(|it| expiring_limit(&it));
    stated.map(|stated| beside_policies(vec![stated], policies(headers))).unwrap_or_default()
}

/// The windows that `RateLimit-Policy` tells of, in either form.
pub(super) fn policies(headers: &HeaderMap) -> Vec<Window> {
    let amounts = amounts(headers, RATE_LIMIT_POLICY);
    if amounts.is_empty() {
        named_policies(headers).into_iter().map(|(_, window)| window).collect()
    } else {
        amounts
    }
}

/// The members of a field that is a list of items, wherever its lines are divided. Empty if it is malformed.
pub(super) fn list(headers: &HeaderMap, name: &str) -> Vec<Item> {
    let list = joined(headers, name).and_then(|field| Parser::new(&field).parse::<List>().ok());
    let items = list.into_iter().flatten().map(|member| match member {
        ListEntry::Item(item) => Some(item),
        // Left out, it would move what follows to the place of another window.
        ListEntry::InnerList(_) => None,
    });
    items.collect::<Option<_>>().unwrap_or_default()
}

/// Windows as amounts with their periods: `100`, `100;w=60` (drafts 00 to 07), or `100;window=60` (WHOOP, "API Rate
/// Limiting"). Empty if one is malformed.
pub(super) fn amounts(headers: &HeaderMap, name: &str) -> Vec<Window> {
    let members = list(headers, name);
    let amounts = members.iter().map(|item| {
        let limit = Some(whole(&item.bare_item)?);
        let period = ["w", "window"].into_iter().find_map(|key| seconds(&item.params, key));
        Some(Window { limit, period, ..Window::default() })
    });
    amounts.collect::<Option<_>>().unwrap_or_default()
}

/// A number that is not negative, without its fraction: some servers count in floats (Reddit: `599.0`).
pub(super) fn whole(item: &BareItem) -> Option<u64> {
    match item {
        BareItem::Integer(number) => u64::try_from(i64::from(*number)).ok(),
        BareItem::Decimal(number) => {
            u64::try_from(i64::from(number.as_integer_scaled_1000()) / 1_000).ok()
        }
        _ => None,
    }
}

/// The lines of a field as one, which is how RFC 9651 §4.2 reads them. `None` if there are none.
fn joined(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let lines: Vec<_> = lines(headers, name).into_iter().map(HeaderValue::as_bytes).collect();
    (!lines.is_empty()).then(|| lines.join(&b", "[..]))
}

/// The members of a list that are items. A list in a list names no window.
fn items(members: &List) -> impl Iterator<Item = &Item> {
    members.iter().filter_map(|member| match member {
        ListEntry::Item(item) => Some(item),
        ListEntry::InnerList(_) => None,
    })
}

/// `"name";r=50;t=30` (draft 11 §4.1). Its limit stands with the policy of that name.
fn limit_of_service(item: &Item, policies: &[(String, Window)]) -> Option<Window> {
    let name = name(&item.bare_item)?;
    let remaining = Some(parameter(&item.params, "r")?);
    let opens = parameter(&item.params, "t").map(|it| When::In(Duration::from_secs(it)));
    let policy = policies.iter().find(|(policy, _)| *policy == name);
    let policy = policy.map(|(_, window)| window.clone()).unwrap_or_default();
    Some(Window { remaining, opens, ..policy })
}

/// `"name";q=100;w=60;qu="requests"` (draft 11 §3.1).
fn named_policies(headers: &HeaderMap) -> Vec<(String, Window)> {
    let members = list(headers, RATE_LIMIT_POLICY);
    let policies = members.iter().filter_map(|item| {
        let name = name(&item.bare_item)?;
        let limit = Some(parameter(&item.params, "q")?);
        let period = seconds(&item.params, "w");
        let unit = match item.params.get("qu") {
            None => Unit::Requests,
            Some(BareItem::String(unit)) if unit.as_str() == "requests" => Unit::Requests,
            Some(_) => Unit::Other,
        };
        Some((name, Window { limit, period, unit, ..Window::default() }))
    });
    policies.collect()
}

/// `limit=100, remaining=50, reset=5` (draft 07 §3.1). The draft requires the limit and the reset; a server that names only
/// the reset has named the wait.
fn expiring_limit(members: &Dictionary) -> Option<Window> {
    let member = |key: &str| match members.get(key) {
        Some(ListEntry::Item(item)) => whole(&item.bare_item),
        Some(ListEntry::InnerList(_)) | None => None,
    };
    let opens = When::In(Duration::from_secs(member("reset")?));
    let [limit, remaining] = ["limit", "remaining"].map(member);
    Some(Window { limit, remaining, opens: Some(opens), ..Window::default() })
}

/// A name is a string; servers of the drafts between 07 and 08 send tokens.
fn name(item: &BareItem) -> Option<String> {
    match item {
        BareItem::String(name) => Some(name.as_str().to_owned()),
        BareItem::Token(name) => Some(name.as_str().to_owned()),
        _ => None,
    }
}

fn parameter(parameters: &Parameters, key: &str) -> Option<u64> {
    whole(parameters.get(key)?)
}

/// A period is at least a second (draft 11 §3.1.3).
fn seconds(parameters: &Parameters, key: &str) -> Option<Duration> {
    parameter(parameters, key).filter(|seconds| *seconds > 0).map(Duration::from_secs)
}
