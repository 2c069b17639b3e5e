//! What an answer tells of the server's rate windows: how large they are, how much of them is left, when they open.
//!
//! Servers name one window in many ways, and often in several at once. Each way is a source; they are asked in a fixed
//! order, and the first that answers a question wins: the fields of the draft (`structured.rs`), then those with one
//! value each (`separate.rs`). They are never mixed, because nobody can say whether two sources mean the same window.

mod separate;
mod structured;

use std::iter::once_with;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use specwright_core::security::RateReset;

use crate::when::When;

/// A rate window, as an answer tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowTold {
    /// How many requests it takes. Never zero: there are servers that say so where there is no limit.
    pub limit: u32,
    /// How long it is.
    pub period: Option<Duration>,
    /// How many more requests it takes now.
    pub remaining: Option<u32>,
}

/// The windows that an answer tells of. Empty if it tells of none.
///
/// Only windows that count requests: what is left of tokens or bytes says nothing about how many requests may follow.
pub fn windows_told(headers: &HeaderMap) -> Vec<WindowTold> {
    sources(headers)
        .map(|windows| windows.iter().filter_map(Window::told).collect::<Vec<_>>())
        .find(|told| !told.is_empty())
        .unwrap_or_default()
}

/// The window that was full, on an answer that refuses a request because one was (429).
///
/// It is the one of which nothing is left; of several such the longest, because it opens last. A server that does not
/// say what is left names the window that it means. `None` if the answer leaves it open.
pub fn full_window(headers: &HeaderMap) -> Option<WindowTold> {
    let windows =
        sources(headers).find(|windows| windows.iter().any(|window| window.told().is_some()))?;
    let exhausted = windows.iter().filter(|window| window.is_exhausted()).map(Window::told);
    // One that cannot be named, such as one of tokens, may be the one that was full.
    let exhausted = exhausted.collect::<Option<Vec<_>>>()?;
    match exhausted.as_slice() {
        [] => only(windows.iter().filter(|window| window.is_meant()))
            .or_else(|| only(windows.iter()))
            .filter(|window| window.remaining.is_none())
            .and_then(Window::told),
        [one] => Some(*one),
        several if several.iter().all(|window| window.period.is_some()) => {
            several.iter().max_by_key(|window| window.period).copied()
        }
        _ => None,
    }
}

/// How long until the windows take requests again: until the one opens that is exhausted, or the last one if that
/// cannot be told.
pub(crate) fn wait(
    headers: &HeaderMap,
    meaning: RateReset,
    server_now: SystemTime,
) -> Option<Duration> {
    sources(headers).find_map(|windows| {
        let is_known = windows.iter().any(Window::is_exhausted);
        windows
            .iter()
            .filter(|window| !is_known || window.is_exhausted())
            .filter_map(|window| Some(window.opens?.wait(meaning, server_now)))
            .max()
    })
}

/// A window with all that a source may say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Window {
    limit: Option<u64>,
    period: Option<Duration>,
    remaining: Option<u64>,
    opens: Option<When>,
    unit: Unit,
}

/// What a window counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Unit {
    #[default]
    Requests,
    Other,
}

impl Window {
    fn is_exhausted(&self) -> bool {
        self.remaining == Some(0)
    }

    /// Whether the server says how it stands with this window, and not only that there is one.
    fn is_meant(&self) -> bool {
        self.remaining.is_some() || self.opens.is_some()
    }

    /// What it is for somebody who counts requests.
    fn told(&self) -> Option<WindowTold> {
        let limit = u32::try_from(self.limit?).ok().filter(|limit| *limit > 0)?;
        let remaining = self.remaining.and_then(|remaining| u32::try_from(remaining).ok());
        (self.unit == Unit::Requests).then_some(WindowTold {
            limit,
            period: self.period,
            remaining,
        })
    }
}

/// What each source says, in the order in which they are believed.
fn sources(headers: &HeaderMap) -> impl Iterator<Item = Vec<Window>> {
    once_with(|| structured::windows(headers)).chain(separate::windows(headers))
}

/// The windows whose state a server tells, and the policies that it tells beside them. A policy is of the window with the
/// same limit, which no two policies share (draft-ietf-httpapi-ratelimit-headers-07 §3.5), and is no window of its own.
fn beside_policies(mut stated: Vec<Window>, mut policies: Vec<Window>) -> Vec<Window> {
    for window in &mut stated {
        let own = only(policies.iter().filter(|policy| policy.limit == window.limit));
        window.period = window.period.or(own.and_then(|policy| policy.period));
    }
    policies.retain(|policy| stated.iter().all(|window| policy.limit != window.limit));
    stated.append(&mut policies);
    stated
}

/// The one member, if there is exactly one.
fn only<T>(mut members: impl Iterator<Item = T>) -> Option<T> {
    members.next().filter(|_| members.next().is_none())
}

/// The lines of a field. None, if it is absent or too long.
fn lines<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a HeaderValue> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    let length: usize = lines.iter().map(|line| line.len()).sum();
    if length <= MAX_FIELD { lines } else { Vec::new() }
}

/// A field of more bytes is as good as absent: those that servers are known to send have at most a fifth of it. The bound
/// keeps small what an answer can cost, in time and in memory.
const MAX_FIELD: usize = 1_024;

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    /// An answer with one field of so many bytes.
    fn padded(name: &'static str, value: &str, length: usize) -> HeaderMap {
        let value = HeaderValue::from_str(&format!("{value:length$}")).unwrap();
        HeaderMap::from_iter([(HeaderName::from_static(name), value)])
    }

    #[test]
    fn a_field_longer_than_anyone_needs_is_as_good_as_absent() {
        for (name, value) in [("ratelimit-policy", "60;w=60"), ("ratelimit-limit", "60")] {
            assert_eq!(windows_told(&padded(name, value, 1_024)).len(), 1, "{name}");
            assert_eq!(windows_told(&padded(name, value, 1_025)), [], "{name}");
        }
    }

    #[test]
    fn so_is_a_reset() {
        for (length, expected) in [(1_024, Some(Duration::from_secs(30))), (1_025, None)] {
            let headers = padded("ratelimit-reset", "30", length);
            let wait = wait(&headers, RateReset::Undocumented, SystemTime::UNIX_EPOCH);
            assert_eq!(wait, expected, "{length}");
        }
    }
}
