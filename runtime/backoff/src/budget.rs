//! A retry budget: how many of the sends may be retries.
//!
//! Attempts bound one call; a budget bounds all calls together, so that a server in trouble is not met by three times
//! the traffic. There are two: a tenant's own, so that its retries are not eaten up by others, and the host's, so that a thousand
//! tenants do not bring down together what each of them alone would spare. Counts are kept a second at a time over the last
//! minute.

use std::time::Duration;

/// Seconds that are kept.
const KEPT: usize = 60;

/// The retries that are allowed: so many in a short window, or a share of the calls of another one if that is more.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Allowed in [`FLOOR_WINDOW`] whatever the calls: who is quiet must be able to retry at all.
    floor: u32,
    /// One retry for so many calls.
    one_in: u32,
    /// Seconds over which that share is taken.
    window: usize,
}

/// Seconds over which the floor is taken.
const FLOOR_WINDOW: usize = 10;

/// A fifth of a minute's calls: a tenant may have few, and they come in bursts.
const TENANT: Rule = Rule { floor: 3, one_in: 5, window: 60 };

/// A tenth of ten seconds' calls: many tenants together are even, and a host that is down is found out quickly.
const HOST: Rule = Rule { floor: 10, one_in: 10, window: 10 };

/// The retries of one tenant or of all at one host.
///
/// Time is a duration since any fixed moment that never runs backwards; the caller brings it.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    rule: Rule,
    seconds: [Second; KEPT],
}

/// What happened within one second. `at` tells a stale entry of the ring from a live one.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    at: u64,
    calls: u32,
    retries: u32,
}

impl RetryBudget {
    /// A tenant's: at most 3 in 10 s, or one for every five calls of the last minute if that is more.
    pub fn of_tenant() -> Self {
        Self::new(TENANT)
    }

    /// A host's: at most 10 in 10 s, or one for every ten calls of the last 10 s if that is more.
    pub fn of_host() -> Self {
        Self::new(HOST)
    }

    fn new(rule: Rule) -> Self {
        Self { rule, seconds: [Second::default(); KEPT] }
    }

    /// Counts a call, which earns its share of a retry.
    pub fn note_call(&mut self, now: Duration) {
        if let Some(second) = self.second(now.as_secs()) {
            second.calls = second.calls.saturating_add(1);
        }
    }

    /// Spends one retry of this budget and of that of the host, or says no. A refused retry costs nothing.
    #[must_use]
    pub fn try_spend(&mut self, host: &mut Self, now: Duration) -> bool {
        let now = now.as_secs();
        let allowed = self.allows(now) && host.allows(now);
        if allowed {
            for budget in [self, host] {
                if let Some(second) = budget.second(now) {
                    second.retries = second.retries.saturating_add(1);
                }
            }
        }
        allowed
    }

    fn allows(&self, now: u64) -> bool {
        let Rule { floor, one_in, window } = self.rule;
        let share = self.sum(now, window, |second| second.calls) / one_in;
        self.sum(now, FLOOR_WINDOW, |second| second.retries) < floor
            || self.sum(now, window, |second| second.retries) < share
    }

    fn second(&mut self, now: u64) -> Option<&mut Second> {
        let slot = usize::try_from(now % KEPT as u64).ok()?;
        let second = self.seconds.get_mut(slot)?;
        if second.at != now {
            *second = Second { at: now, ..Second::default() };
        }
        Some(second)
    }

    fn sum(&self, now: u64, window: usize, of: impl Fn(&Second) -> u32) -> u32 {
        self.seconds
            .iter()
            .filter(|second| now.saturating_sub(second.at) < window as u64)
            .fold(0, |sum, second| sum.saturating_add(of(second)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// How many of so many retries a tenant has, at a host of which the same is known.
    fn spend(budget: &mut RetryBudget, now: Duration, wanted: u32) -> u32 {
        let mut host = RetryBudget { rule: TENANT, ..budget.clone() };
        (0..wanted).map(|_| u32::from(budget.try_spend(&mut host, now))).sum()
    }

    #[test]
    fn a_quiet_client_has_three_retries_in_ten_seconds() {
        let mut budget = RetryBudget::of_tenant();
        assert_eq!(spend(&mut budget, at(1_000), 10), 3);
        assert_eq!(spend(&mut budget, at(1_009), 10), 0);
    }

    #[test]
    fn the_three_come_back_after_ten_seconds() {
        let mut budget = RetryBudget::of_tenant();
        assert_eq!(spend(&mut budget, at(1_000), 10), 3);
        assert_eq!(spend(&mut budget, at(1_010), 10), 3);
    }

    #[test]
    fn a_busy_client_has_a_retry_for_every_five_calls() {
        let mut budget = RetryBudget::of_tenant();
        for _ in 0..1_000 {
            budget.note_call(at(500));
        }
        assert_eq!(spend(&mut budget, at(501), 1_000), 200);
    }

    #[test]
    fn calls_older_than_a_minute_earn_nothing() {
        let mut budget = RetryBudget::of_tenant();
        for _ in 0..1_000 {
            budget.note_call(at(500));
        }
        assert_eq!(spend(&mut budget, at(560), 1_000), 3);
    }

    #[test]
    fn many_tenants_have_no_more_retries_than_their_host() {
        let (mut host, mut tenants) = (RetryBudget::of_host(), vec![RetryBudget::of_tenant(); 50]);
        let mut spent = 0;
        for tenant in &mut tenants {
            spent += (0..3).map(|_| u32::from(tenant.try_spend(&mut host, at(7)))).sum::<u32>();
        }
        assert_eq!(spent, 10);
    }

    #[test]
    fn what_the_host_refuses_costs_the_tenant_nothing() {
        let (mut host, mut tenant) = (RetryBudget::of_host(), RetryBudget::of_tenant());
        for mut other in vec![RetryBudget::of_tenant(); 4] {
            while other.try_spend(&mut host, at(20)) {}
        }
        assert!(!tenant.try_spend(&mut host, at(25)));
        assert_eq!((0..4).filter(|_| tenant.try_spend(&mut host, at(30))).count(), 3);
    }

    #[test]
    fn ten_minutes_without_an_answer_cost_a_thousand_tenants_at_most_a_fifth_more_sends() {
        let (mut host, mut tenants) =
            (RetryBudget::of_host(), vec![RetryBudget::of_tenant(); 1_000]);
        let (mut calls, mut retries) = (0_u32, 0_u32);
        for second in 0..600_u64 {
            // Each has a call in ten seconds, which wants two retries.
            for tenant in tenants.iter_mut().skip(usize::try_from(second % 10).unwrap()).step_by(10)
            {
                tenant.note_call(at(second));
                host.note_call(at(second));
                calls += 1;
                retries +=
                    (0..2).map(|_| u32::from(tenant.try_spend(&mut host, at(second)))).sum::<u32>();
            }
        }
        assert!(
            retries > 0 && calls + retries <= calls * 12 / 10,
            "{calls} calls, {retries} retries"
        );
    }
}
