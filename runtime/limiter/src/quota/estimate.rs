//! How long a number of requests takes, if the windows alone decide.

use std::collections::VecDeque;
use std::time::Duration;

use specwright_core::security::RateWindow;

use super::permits::Quota;
use super::window::hold;

/// Beyond so many requests the time is that of the windows' steady rate: nobody can tell the difference.
const COUNTED: u32 = 100_000;

impl Quota {
    /// The time until the last of so many requests can be sent. What is on its way is taken to be answered now, and every
    /// answer to be instant. It is what our share of the windows allows, with the margin for clocks.
    pub(crate) fn estimate(
        &self,
        windows: &[RateWindow],
        requests: u32,
        now: Duration,
    ) -> Duration {
        let counted = requests.min(COUNTED);
        let mut releases: Vec<VecDeque<Duration>> = windows
            .iter()
            .enumerate()
            .map(|(at, window)| self.last_releases(at, *window, now))
            .collect();
        let mut moment = now.max(self.paused_until());
        for _ in 0..counted {
            for ((at, window), full) in windows.iter().enumerate().zip(&mut releases) {
                if full.len() >= self.allowed(at, *window)
                    && let Some(release) = full.pop_front()
                {
                    moment = moment.max(release);
                }
            }
            for (window, full) in windows.iter().zip(&mut releases) {
                full.push_back(moment.saturating_add(hold(*window)));
            }
        }
        let counted_time = moment.saturating_sub(now);
        let rest = requests - counted;
        let slowest = windows
            .iter()
            .enumerate()
            .map(|(at, window)| {
                hold(*window) / u32::try_from(self.allowed(at, *window)).unwrap_or(u32::MAX)
            })
            .max()
            .unwrap_or_default();
        counted_time.saturating_add(slowest.saturating_mul(rest))
    }

    /// The releases that decide about a window: as many as it may hold, in their order.
    fn last_releases(&self, at: usize, window: RateWindow, now: Duration) -> VecDeque<Duration> {
        let answered = now.saturating_add(hold(window));
        let mut releases: Vec<Duration> =
            self.releases(window, now).map(|release| release.min(answered)).collect();
        releases.sort_unstable();
        let surplus = releases.len().saturating_sub(self.allowed(at, window));
        releases.split_off(surplus).into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::permits::{Lane, PermitId, Take};
    use super::*;

    const STORA: [RateWindow; 2] = [
        RateWindow { requests: 10, period: Duration::from_secs(1) },
        RateWindow { requests: 60, period: Duration::from_secs(60) },
    ];

    /// The physical minimum for `n` requests with a fresh quota: `60·⌊(n−1)/60⌋ + ⌊((n−1) mod 60)/10⌋` seconds.
    fn least(requests: u64) -> Duration {
        let before = requests - 1;
        Duration::from_secs(60 * (before / 60) + (before % 60) / 10)
    }

    #[test]
    fn a_fresh_quota_needs_what_the_windows_need_and_a_thousandth() {
        for requests in [1, 10, 11, 60, 61, 100, 300, 6_000] {
            let estimate = Quota::default().estimate(&STORA, requests, Duration::from_secs(7));
            let least = least(u64::from(requests));
            assert!(estimate >= least, "{requests}: {estimate:?}");
            let most = least + least / 900 + Duration::from_millis(10);
            assert!(estimate <= most, "{requests}: {estimate:?} of {least:?}");
        }
    }

    #[test]
    fn what_was_sent_is_waited_out() {
        let (mut quota, now) = (Quota::default(), Duration::from_secs(3));
        for number in 0..10 {
            let permit = PermitId { holder: 0, number };
            assert_eq!(quota.take(permit, &STORA, Lane::Bulk, Duration::ZERO, now), Take::Granted);
        }
        let estimate = quota.estimate(&STORA, 1, now);
        assert_eq!(estimate, Duration::from_millis(1_002));
    }

    #[test]
    fn a_great_number_is_told_at_once_and_grows_evenly() {
        let of = |requests| Quota::default().estimate(&STORA, requests, Duration::ZERO);
        assert!(of(u32::MAX) > of(1_000_000_000));
        assert!(of(100_001) >= of(100_000));
    }

    #[test]
    fn without_windows_nothing_takes_time() {
        assert_eq!(Quota::default().estimate(&[], u32::MAX, Duration::ZERO), Duration::ZERO);
    }
}
