//! Rate windows, on the sandbox clock, shared by everything that an operator's applications run.

mod counter;
mod foreign;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use crate::account::Account;
use crate::clock::Moment;
use crate::profile::vendor::LimitRules;
use crate::refusal::{Cause, Refusal};
use counter::Counter;
use foreign::ForeignClient;
pub use foreign::ForeignUse;

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

/// When a request no longer counts in a window. Neither vendor says which kind it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WindowKind {
    /// All at once, at each multiple of the window's length since 1970. Around such a moment twice as
    /// many requests as the window allows can get through in no time.
    #[default]
    Fixed,
    /// Each by itself, the window's length after it was let in. No stretch of that length has more
    /// requests than the window allows.
    Sliding,
}

/// Which answers have headers that say how full the windows are. Their names are those of the profile; a
/// vendor that has none sends none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateHeaders {
    /// Those to a request too many, as the vendors document it: the limit, and when it counts anew.
    #[default]
    OnRefusal,
    /// Those to every request that was looked at, with how many requests are left: in the window that
    /// has the fewest. Not those to a request that is refused for its idempotency key.
    OnEveryAnswer,
}

impl Window {
    /// A window of `requests` in `seconds`. `None` if it has no length.
    pub fn new(requests: u64, seconds: u64) -> Option<Self> {
        (seconds > 0).then_some(Self { requests, seconds })
    }

    fn length(self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// How full the windows of each account are.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    windows: Vec<Window>,
    kind: WindowKind,
    headers: RateHeaders,
    rules: LimitRules,
    counters: BTreeMap<Account, Vec<Counter>>,
    foreign: BTreeMap<Account, ForeignClient>,
}

/// The headers of an answer that tell of the windows.
pub(crate) type Told = Vec<(HeaderName, HeaderValue)>;

impl RateLimiter {
    pub(crate) fn new(
        windows: Vec<Window>,
        kind: WindowKind,
        headers: RateHeaders,
        rules: LimitRules,
    ) -> Self {
        Self { windows, kind, headers, rules, counters: BTreeMap::new(), foreign: BTreeMap::new() }
    }

    /// From now on somebody else uses the windows of an account so, or, with `None`, nobody.
    pub(crate) fn set_foreign_use(
        &mut self,
        account: Account,
        using: Option<ForeignUse>,
        now: Moment,
    ) {
        // What was taken up to now stays taken.
        self.let_others_take(&account, now);
        match using {
            Some(using) => self.foreign.insert(account, ForeignClient::new(using, now)),
            None => self.foreign.remove(&account),
        };
    }

    /// Counts a request, and gives what its answer tells of the windows, or refuses it. A refused request
    /// is counted in no window.
    pub(crate) fn count(&mut self, who: &Account, now: Moment) -> Result<Told, Refusal> {
        self.let_others_take(who, now);
        self.take(who, now)
    }

    /// What a refusal tells of a window that allows so many requests, however full those of the account are.
    pub(crate) fn refusal_of(&self, limit: u64, reset: Moment) -> Told {
        let reset = reset.unix_seconds_rounded_up();
        told(&self.rules, self.headers, Fullness { limit, remaining: 0, reset })
    }

    /// Plays what others have sent up to now. It is enough to do so when somebody looks.
    fn let_others_take(&mut self, account: &Account, now: Moment) {
        let memory = self.windows.iter().copied().map(Window::length).max().unwrap_or_default();
        let next = |limiter: &mut Self| limiter.foreign.get_mut(account)?.next(now, memory);
        while let Some(at) = next(self) {
            // They do not care for refusals.
            let _ = self.take(account, at);
        }
    }

    fn take(&mut self, account: &Account, now: Moment) -> Result<Told, Refusal> {
        let (windows, kind) = (&self.windows, self.kind);
        let fresh = || windows.iter().map(|window| Counter::new(*window, kind)).collect();
        let counters = self.counters.entry(account.clone()).or_insert_with(fresh);
        for counter in &mut *counters {
            counter.roll(now);
        }
        let full = counters.iter().filter(|counter| counter.remaining() == 0);
        // Of two full windows the one that opens last decides when to come back.
        if let Some(counter) = full.max_by_key(|counter| counter.reset(now)) {
            let headers = told(&self.rules, self.headers, Fullness::of(counter, now));
            return Err(Refusal { headers, ..Refusal::new(Cause::Limit, counter.refusal()) });
        }
        for counter in &mut *counters {
            counter.take(now);
        }
        match self.headers {
            RateHeaders::OnRefusal => Ok(Told::new()),
            RateHeaders::OnEveryAnswer => {
                let place = |counter: &&Counter| (counter.remaining(), Reverse(counter.reset(now)));
                let tightest = counters.iter().min_by_key(place);
                let told = |fullness| told(&self.rules, self.headers, fullness);
                Ok(tightest.map(|counter| told(Fullness::of(counter, now))).unwrap_or_default())
            }
        }
    }
}

/// How full a window is.
#[derive(Clone, Copy, Debug)]
struct Fullness {
    limit: u64,
    remaining: u64,
    /// In seconds since 1970.
    reset: u64,
}

impl Fullness {
    fn of(counter: &Counter, now: Moment) -> Self {
        let (limit, remaining) = (counter.limit(), counter.remaining());
        Self { limit, remaining, reset: counter.reset(now) }
    }
}

fn told(rules: &LimitRules, headers: RateHeaders, fullness: Fullness) -> Told {
    let remaining = match headers {
        RateHeaders::OnRefusal => None,
        RateHeaders::OnEveryAnswer => rules.remaining_header.as_ref(),
    };
    [
        (rules.limit_header.as_ref(), fullness.limit),
        (remaining, fullness.remaining),
        (rules.reset_header.as_ref(), fullness.reset),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name?.clone(), HeaderValue::from(value))))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SandboxClock;

    fn limiter() -> RateLimiter {
        let rules = LimitRules {
            limit_header: None,
            remaining_header: None,
            reset_header: Some(HeaderName::from_static("ratelimit-reset")),
        };
        let windows = vec![Window::new(2, 1).unwrap(), Window::new(3, 60).unwrap()];
        RateLimiter::new(windows, WindowKind::Fixed, RateHeaders::OnRefusal, rules)
    }

    fn resets_at(refusal: &Refusal) -> &str {
        let [(_, value)] = refusal.headers.as_slice() else { panic!("one header was expected") };
        value.to_str().unwrap()
    }

    #[test]
    fn a_full_window_says_when_it_opens() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        limiter.count(&Account::Static, clock.now()).unwrap();
        limiter.count(&Account::Static, clock.now()).unwrap();
        assert_eq!(resets_at(&limiter.count(&Account::Static, clock.now()).unwrap_err()), "601");
    }

    #[test]
    fn the_long_window_outlasts_the_short_one() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        for _ in 0..3 {
            limiter.count(&Account::Static, clock.now()).unwrap();
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(resets_at(&limiter.count(&Account::Static, clock.now()).unwrap_err()), "660");
    }

    #[test]
    fn a_window_opens_again() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        for _ in 0..2 {
            limiter.count(&Account::Static, clock.now()).unwrap();
        }
        clock.advance(Duration::from_secs(1));
        assert!(limiter.count(&Account::Static, clock.now()).is_ok());
    }

    #[test]
    fn one_operator_does_not_use_up_the_windows_of_another() {
        let (mut limiter, clock) = (limiter(), SandboxClock::fixed_at(600));
        limiter.count(&Account::operator("one"), clock.now()).unwrap();
        limiter.count(&Account::operator("one"), clock.now()).unwrap();
        assert!(limiter.count(&Account::operator("one"), clock.now()).is_err());
        assert!(limiter.count(&Account::operator("two"), clock.now()).is_ok());
    }

    /// How many of 60 requests get through, one a second, while somebody else uses the window of 60 a
    /// minute so.
    fn let_in_beside(using: Option<ForeignUse>, kind: WindowKind) -> usize {
        let rules = LimitRules::default();
        let windows = vec![Window::new(60, 60).unwrap()];
        let mut limiter = RateLimiter::new(windows, kind, RateHeaders::OnRefusal, rules);
        let clock = SandboxClock::fixed_at(600);
        limiter.set_foreign_use(Account::Static, using, clock.now());
        let is_let_in = |_: &u64| {
            clock.advance(Duration::from_millis(999));
            limiter.count(&Account::Static, clock.now()).is_ok()
        };
        (0..60).filter(is_let_in).count()
    }

    #[test]
    fn who_shares_the_windows_takes_what_is_left_of_them() {
        for kind in [WindowKind::Fixed, WindowKind::Sliding] {
            assert_eq!(let_in_beside(None, kind), 60);
            let beside = let_in_beside(Some(ForeignUse::new(7, 30)), kind);
            assert!((39..=41).contains(&beside), "{beside}");
        }
    }

    #[test]
    fn whoever_has_stopped_takes_no_more_but_keeps_what_was_taken() {
        let rules = LimitRules::default();
        let windows = vec![Window::new(31, 60).unwrap()];
        let (kind, headers) = (WindowKind::Sliding, RateHeaders::OnRefusal);
        let mut limiter = RateLimiter::new(windows, kind, headers, rules);
        let clock = SandboxClock::fixed_at(600);
        let using = Some(ForeignUse::new(7, 30));
        limiter.set_foreign_use(Account::Static, using, clock.now());
        clock.advance(Duration::from_secs(60));
        limiter.set_foreign_use(Account::Static, None, clock.now());
        assert!(limiter.count(&Account::Static, clock.now()).is_ok());
        assert!(limiter.count(&Account::Static, clock.now()).is_err());
        // A minute later nothing of all that counts: whoever still ran would have taken most of it.
        clock.advance(Duration::from_secs(60));
        let let_in = (0..31).filter(|_| limiter.count(&Account::Static, clock.now()).is_ok());
        assert_eq!(let_in.count(), 31);
    }
}
