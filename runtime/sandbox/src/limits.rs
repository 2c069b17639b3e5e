//! Rate windows: fixed, on the sandbox clock, shared by everything that an operator's applications run.

use std::collections::BTreeMap;

use crate::clock::Moment;
use crate::oauth::Holder;
use crate::profile::vendor::LimitRules;
use crate::refusal::{Cause, Refusal};

/// At most so many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    requests: u64,
    seconds: u64,
}

/// Which windows hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limits {
    /// None. The usual choice for tests that are about something else.
    #[default]
    Off,
    /// Those of the document (`x-specwright-rate-limits`): 10 a second and 60 a minute for Stora.
    Documented,
    /// These, all at once, for each operator.
    Windows(Vec<Window>),
}

impl Window {
    /// A window of `requests` in `seconds`. `None` if it has no length.
    pub fn new(requests: u64, seconds: u64) -> Option<Self> {
        (seconds > 0).then_some(Self { requests, seconds })
    }

    /// Windows start at multiples of their length since 1970.
    fn start(self, now: Moment) -> u64 {
        now.unix_seconds() / self.seconds * self.seconds
    }
}

/// How full the windows of each operator are.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    windows: Vec<Window>,
    counters: BTreeMap<Counted, Vec<Counter>>,
    rules: LimitRules,
}

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counted {
    /// Those with the tokens of one operator, whatever application has them.
    Operator(String),
    /// Those of a program that acts for itself.
    Client(String),
    /// Those with static tokens, which somebody made by hand.
    Static,
}

impl From<Option<&Holder>> for Counted {
    fn from(holder: Option<&Holder>) -> Self {
        match holder {
            Some(Holder { operator: Some(operator), .. }) => Self::Operator(operator.clone()),
            Some(Holder { operator: None, client, .. }) => Self::Client(client.clone()),
            None => Self::Static,
        }
    }
}

#[derive(Debug)]
struct Counter {
    window: Window,
    start: u64,
    requests: u64,
}

impl RateLimiter {
    pub(crate) fn new(windows: &[Window], rules: LimitRules) -> Self {
        Self { windows: windows.to_vec(), counters: BTreeMap::new(), rules }
    }

    /// Counts a request, or refuses it. A refused request is counted in no window.
    pub(crate) fn count(&mut self, who: Counted, now: Moment) -> Result<(), Refusal> {
        let fresh = |window: &Window| Counter { window: *window, start: 0, requests: 0 };
        let windows = &self.windows;
        let counters =
            self.counters.entry(who).or_insert_with(|| windows.iter().map(fresh).collect());
        for counter in &mut *counters {
            let start = counter.window.start(now);
            if start != counter.start {
                counter.start = start;
                counter.requests = 0;
            }
        }
        let full = counters.iter().filter(|counter| counter.requests >= counter.window.requests);
        // Of two full windows the one that opens last decides when to come back.
        if let Some(counter) = full.max_by_key(|counter| counter.start + counter.window.seconds) {
            let Window { requests, seconds } = counter.window;
            let message = format!("There were more than {requests} requests in {seconds} seconds.");
            let mut refusal = Refusal::new(Cause::Limit, message);
            let LimitRules { limit_header, reset_header } = &self.rules;
            for (header, value) in
                [(limit_header, requests), (reset_header, counter.start + seconds)]
            {
                if let Some(header) = header {
                    refusal = refusal.with_header(header.clone(), value);
                }
            }
            return Err(refusal);
        }
        for counter in counters {
            counter.requests += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderName;

    use super::*;
    use crate::clock::SandboxClock;

    fn limiter() -> RateLimiter {
        let rules = LimitRules {
            limit_header: None,
            reset_header: Some(HeaderName::from_static("ratelimit-reset")),
        };
        RateLimiter::new(&[Window::new(2, 1).unwrap(), Window::new(3, 60).unwrap()], rules)
    }

    fn resets_at(refusal: &Refusal) -> &str {
        let [(_, value)] = refusal.headers.as_slice() else { panic!("one header was expected") };
        value.to_str().unwrap()
    }

    #[test]
    fn a_full_window_says_when_it_opens() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        limiter.count(Counted::Static, clock.now()).unwrap();
        limiter.count(Counted::Static, clock.now()).unwrap();
        assert_eq!(resets_at(&limiter.count(Counted::Static, clock.now()).unwrap_err()), "601");
    }

    #[test]
    fn the_long_window_outlasts_the_short_one() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        for _ in 0..3 {
            limiter.count(Counted::Static, clock.now()).unwrap();
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(resets_at(&limiter.count(Counted::Static, clock.now()).unwrap_err()), "660");
    }

    #[test]
    fn a_window_opens_again() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        for _ in 0..2 {
            limiter.count(Counted::Static, clock.now()).unwrap();
        }
        clock.advance(Duration::from_secs(1));
        assert!(limiter.count(Counted::Static, clock.now()).is_ok());
    }

    #[test]
    fn one_operator_does_not_use_up_the_windows_of_another() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        let of = |name: &str| Counted::Operator(name.to_owned());
        limiter.count(of("one"), clock.now()).unwrap();
        limiter.count(of("one"), clock.now()).unwrap();
        assert!(limiter.count(of("one"), clock.now()).is_err());
        assert!(limiter.count(of("two"), clock.now()).is_ok());
    }
}
