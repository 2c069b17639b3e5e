//! A retry budget: how many of a client's sends may be retries.
//!
//! Attempts bound one call; the budget bounds all calls together, so that a server in trouble is not met by three times
//! the traffic. Counts are kept a second at a time over the last minute.

use std::time::Duration;

/// Seconds over which the share is taken.
const WINDOW: usize = 60;

/// Seconds over which the floor is taken.
const FLOOR_WINDOW: usize = 10;

/// Retries that are always allowed within [`FLOOR_WINDOW`]: a quiet client must be able to retry at all.
const FLOOR: u32 = 3;

/// Retries allowed as a share of the calls in [`WINDOW`]: one in so many.
const ONE_IN: u32 = 5;

/// The retries of one client: at most 3 in 10 s, or one for every five calls of the last minute if that is more.
///
/// Time is a duration since any fixed moment that never runs backwards; the caller brings it.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    seconds: [Second; WINDOW],
}

/// What happened within one second. `at` tells a stale entry of the ring from a live one.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    at: u64,
    calls: u32,
    retries: u32,
}

impl RetryBudget {
    /// A budget of which nothing is spent.
    pub fn new() -> Self {
        Self { seconds: [Second::default(); WINDOW] }
    }

    /// Counts a call, which earns a fifth of a retry.
    pub fn note_call(&mut self, now: Duration) {
        if let Some(second) = self.second(now.as_secs()) {
            second.calls = second.calls.saturating_add(1);
        }
    }

    /// Spends one retry, or says no. A refused retry costs nothing.
    #[must_use]
    pub fn try_spend(&mut self, now: Duration) -> bool {
        let now = now.as_secs();
        let share = self.sum(now, WINDOW, |second| second.calls) / ONE_IN;
        let allowed = self.sum(now, FLOOR_WINDOW, |second| second.retries) < FLOOR
            || self.sum(now, WINDOW, |second| second.retries) < share;
        if allowed && let Some(second) = self.second(now) {
            second.retries = second.retries.saturating_add(1);
        }
        allowed
    }

    fn second(&mut self, now: u64) -> Option<&mut Second> {
        let slot = usize::try_from(now % WINDOW as u64).ok()?;
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

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn spend(budget: &mut RetryBudget, now: Duration, wanted: u32) -> u32 {
        (0..wanted).map(|_| u32::from(budget.try_spend(now))).sum()
    }

    #[test]
    fn a_quiet_client_has_three_retries_in_ten_seconds() {
        let mut budget = RetryBudget::new();
        assert_eq!(spend(&mut budget, at(1_000), 10), 3);
        assert_eq!(spend(&mut budget, at(1_009), 10), 0);
    }

    #[test]
    fn the_three_come_back_after_ten_seconds() {
        let mut budget = RetryBudget::new();
        assert_eq!(spend(&mut budget, at(1_000), 10), 3);
        assert_eq!(spend(&mut budget, at(1_010), 10), 3);
    }

    #[test]
    fn a_busy_client_has_a_retry_for_every_five_calls() {
        let mut budget = RetryBudget::new();
        for _ in 0..1_000 {
            budget.note_call(at(500));
        }
        assert_eq!(spend(&mut budget, at(501), 1_000), 200);
    }

    #[test]
    fn calls_older_than_a_minute_earn_nothing() {
        let mut budget = RetryBudget::new();
        for _ in 0..1_000 {
            budget.note_call(at(500));
        }
        assert_eq!(spend(&mut budget, at(560), 1_000), 3);
    }

    #[test]
    fn ten_minutes_without_an_answer_cost_at_most_a_fifth_more_sends() {
        let mut budget = RetryBudget::new();
        let (mut calls, mut retries) = (0_u32, 0_u32);
        for second in 0..600 {
            for _ in 0..50 {
                budget.note_call(at(second));
                calls += 1;
                retries += spend(&mut budget, at(second), 2);
            }
        }
        assert!(calls + retries <= calls * 12 / 10, "{calls} calls, {retries} retries");
    }
}
