//! Fields that say one thing each of a window: its limit, what is left of it, when it opens.
//!
//! Drafts 00 to 06 of draft-ietf-httpapi-ratelimit-headers made `RateLimit-Limit`, `-Remaining` and `-Reset` of what
//! many servers had long been sending under names of their own. [`FAMILIES`] has those that are in wide use, each with
//! where it is documented.

use std::time::Duration;

use http::HeaderMap;

use crate::when::{Decimal, When};

use super::structured::{self, amounts, list, whole};
use super::{Unit, Window, beside_policies, lines};

/// What each family of fields tells, in the order in which they are believed.
pub(super) fn windows(headers: &HeaderMap) -> impl Iterator<Item = Vec<Window>> {
    FAMILIES.iter().map(|family| family.iter().flat_map(|it| it.windows(headers)).collect())
}

/// The fields of one window. An empty name is a field that does not exist.
#[derive(Clone, Copy, Debug)]
struct Fields {
    limit: &'static str,
    remaining: &'static str,
    /// When it opens: a number, a date or a duration.
    reset: &'static str,
    read_reset: fn(&str) -> Option<When>,
    /// In how many seconds it opens. It wins over `reset`, because it is exact and needs no clock.
    reset_after: &'static str,
    period: Period,
    unit: Unit,
}

/// How long the window of some fields is.
#[derive(Clone, Copy, Debug)]
enum Period {
    Untold,
    Fixed(Duration),
    /// The field says so, in seconds.
    Seconds(&'static str),
    /// The field says so, in milliseconds.
    Millis(&'static str),
    /// `RateLimit-Policy` says so, in the form `100;w=60` (draft 06 §3.2).
    Policies,
}

impl Fields {
    /// The windows of these fields.
    ///
    /// A field may be a list. Members at the same place are of one window. Where the limits are more than the rest, the
    /// first are of the windows that the server means, and the others are policies (draft 03 §3.1).
    fn windows(&self, headers: &HeaderMap) -> Vec<Window> {
        let mut limits = amounts(headers, self.limit);
        let remaining = list(headers, self.remaining);
        let opens = self.opens(headers);
        let stated = remaining.len().max(opens.len()).max(limits.len().min(1));
        let mut policies = limits.split_off(limits.len().min(stated));
        if let Period::Policies = self.period {
            policies.extend(structured::policies(headers));
        }
        let period = self.period(headers);
        let windows = (0..stated).map(|at| {
            let limit = limits.get(at).cloned().unwrap_or_default();
            Window {
                period: limit.period.or(period),
                remaining: remaining.get(at).and_then(|item| whole(&item.bare_item)),
                opens: opens.get(at).copied(),
                unit: self.unit,
                ..limit
            }
        });
        beside_policies(windows.collect(), policies)
    }

    fn opens(&self, headers: &HeaderMap) -> Vec<When> {
        let after = times(headers, self.reset_after, |text| {
            Decimal::read(text).map(|seconds| When::In(seconds.seconds()))
        });
        if after.is_empty() { times(headers, self.reset, self.read_reset) } else { after }
    }

    fn period(&self, headers: &HeaderMap) -> Option<Duration> {
        let number = |name| {
            let value = headers.get(name)?.to_str().ok()?;
            Decimal::read(value.trim_matches([' ', '\t']))
        };
        let period = match self.period {
            Period::Untold | Period::Policies => None,
            Period::Fixed(period) => Some(period),
            Period::Seconds(name) => number(name).map(Decimal::seconds),
            Period::Millis(name) => number(name).map(Decimal::millis),
        };
        period.filter(|period| !period.is_zero())
    }
}

/// The times that a field names, in all its lines. Empty if one is malformed.
fn times(headers: &HeaderMap, name: &str, read: impl Fn(&str) -> Option<When>) -> Vec<When> {
    let mut times = Vec::new();
    for line in lines(headers, name) {
        let Ok(line) = line.to_str() else { return Vec::new() };
        // A date has a comma, so the whole line is tried before its parts.
        if let Some(time) = read(line.trim_matches([' ', '\t'])) {
            times.push(time);
            continue;
        }
        for part in line.split(',') {
            let Some(time) = read(part.trim_matches([' ', '\t'])) else { return Vec::new() };
            times.push(time);
        }
    }
    times
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The families. Those that name the period or the kind of a window come first: servers that have them often send a
/// plainer family too, which says less.
const FAMILIES: [&[Fields]; 8] = [
    // Kong, plugin `rate-limiting`, which sends a pair for each window and one `RateLimit-Reset` for all.
    &[
        kong("x-ratelimit-limit-second", "x-ratelimit-remaining-second", 1),
        kong("x-ratelimit-limit-minute", "x-ratelimit-remaining-minute", MINUTE),
        kong("x-ratelimit-limit-hour", "x-ratelimit-remaining-hour", HOUR),
        kong("x-ratelimit-limit-day", "x-ratelimit-remaining-day", DAY),
    ],
    // OpenAI, "Rate limits in headers", and the many servers that are compatible with it.
    &[
        Fields {
            limit: "x-ratelimit-limit-requests",
            remaining: "x-ratelimit-remaining-requests",
            reset: "x-ratelimit-reset-requests",
            ..NONE
        },
        Fields {
            limit: "x-ratelimit-limit-tokens",
            remaining: "x-ratelimit-remaining-tokens",
            reset: "x-ratelimit-reset-tokens",
            unit: Unit::Other,
            ..NONE
        },
    ],
    // Anthropic, "Rate limits, Response headers". The moments are of RFC 3339.
    &[
        Fields {
            limit: "anthropic-ratelimit-requests-limit",
            remaining: "anthropic-ratelimit-requests-remaining",
            reset: "anthropic-ratelimit-requests-reset",
            ..NONE
        },
        Fields {
            limit: "anthropic-ratelimit-tokens-limit",
            remaining: "anthropic-ratelimit-tokens-remaining",
            reset: "anthropic-ratelimit-tokens-reset",
            unit: Unit::Other,
            ..NONE
        },
        Fields {
            limit: "anthropic-ratelimit-input-tokens-limit",
            remaining: "anthropic-ratelimit-input-tokens-remaining",
            reset: "anthropic-ratelimit-input-tokens-reset",
            unit: Unit::Other,
            ..NONE
        },
        Fields {
            limit: "anthropic-ratelimit-output-tokens-limit",
            remaining: "anthropic-ratelimit-output-tokens-remaining",
            reset: "anthropic-ratelimit-output-tokens-reset",
            unit: Unit::Other,
            ..NONE
        },
    ],
    // HubSpot, "API usage guidelines and limits".
    &[
        Fields {
            limit: "x-hubspot-ratelimit-max",
            remaining: "x-hubspot-ratelimit-remaining",
            period: Period::Millis("x-hubspot-ratelimit-interval-milliseconds"),
            ..NONE
        },
        Fields {
            limit: "x-hubspot-ratelimit-daily",
            remaining: "x-hubspot-ratelimit-daily-remaining",
            period: Period::Fixed(Duration::from_secs(DAY)),
            ..NONE
        },
    ],
    // Drafts 00 to 06, §3, and `RateLimit-Policy` alone. Also with moments (Stora, "Requests"; GitLab, "User and IP rate
    // limits"), and with periods in all fields (Docker Hub, "Pull usage and limits": `RateLimit-Remaining: 76;w=21600`).
    &[Fields {
        limit: "ratelimit-limit",
        remaining: "ratelimit-remaining",
        reset: "ratelimit-reset",
        read_reset: When::of_draft_reset,
        period: Period::Policies,
        ..NONE
    }],
    // GitHub, "Rate limits for the REST API": moments. Discord, "Rate Limits": moments with fractions, and `-Reset-After`.
    // Datadog, "Rate Limits": delays, and `-Period`. Envoy, `enable_x_ratelimit_headers`: as draft 03.
    &[Fields {
        limit: "x-ratelimit-limit",
        remaining: "x-ratelimit-remaining",
        reset: "x-ratelimit-reset",
        reset_after: "x-ratelimit-reset-after",
        period: Period::Seconds("x-ratelimit-period"),
        ..NONE
    }],
    // X, "Rate limits"; Okta, "Rate limits": moments. Omnisend, "Rate limit": delays.
    &[Fields {
        limit: "x-rate-limit-limit",
        remaining: "x-rate-limit-remaining",
        reset: "x-rate-limit-reset",
        ..NONE
    }],
    // Brevo, "Rate limit headers": delays.
    &[Fields {
        limit: "x-sib-ratelimit-limit",
        remaining: "x-sib-ratelimit-remaining",
        reset: "x-sib-ratelimit-reset",
        ..NONE
    }],
];

const NONE: Fields = Fields {
    limit: "",
    remaining: "",
    reset: "",
    read_reset: When::of_reset,
    reset_after: "",
    period: Period::Untold,
    unit: Unit::Requests,
};

const fn kong(limit: &'static str, remaining: &'static str, seconds: u64) -> Fields {
    Fields { limit, remaining, period: Period::Fixed(Duration::from_secs(seconds)), ..NONE }
}
