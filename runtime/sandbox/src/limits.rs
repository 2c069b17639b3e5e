//! Rate windows: fixed, on the sandbox clock, shared by everything the operator runs.

use crate::clock::Moment;
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
    /// These, all at once.
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

/// How full the windows are.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    counters: Vec<Counter>,
    rules: LimitRules,
}

#[derive(Debug)]
struct Counter {
    window: Window,
    start: u64,
    requests: u64,
}

impl RateLimiter {
    pub(crate) fn new(windows: &[Window], rules: LimitRules) -> Self {
        let counter = |window: &Window| Counter { window: *window, start: 0, requests: 0 };
        Self { counters: windows.iter().map(counter).collect(), rules }
    }

    /// Counts a request, or refuses it. A refused request is counted in no window.
    pub(crate) fn count(&mut self, now: Moment) -> Result<(), Refusal> {
        for counter in &mut self.counters {
            let start = counter.window.start(now);
            if start != counter.start {
                counter.start = start;
                counter.requests = 0;
            }
        }
        let full =
            self.counters.iter().filter(|counter| counter.requests >= counter.window.requests);
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
        for counter in &mut self.counters {
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
        limiter.count(clock.now()).unwrap();
        limiter.count(clock.now()).unwrap();
        assert_eq!(resets_at(&limiter.count(clock.now()).unwrap_err()), "601");
    }

    #[test]
    fn the_long_window_outlasts_the_short_one() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        for _ in 0..3 {
            limiter.count(clock.now()).unwrap();
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(resets_at(&limiter.count(clock.now()).unwrap_err()), "660");
    }

    #[test]
    fn a_window_opens_again() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        for _ in 0..2 {
            limiter.count(clock.now()).unwrap();
        }
        clock.advance(Duration::from_secs(1));
        assert!(limiter.count(clock.now()).is_ok());
    }
}
