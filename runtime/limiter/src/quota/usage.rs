//! How full the windows are, for people and progress bars.

use std::time::Duration;

use specwright_core::security::RateWindow;

use super::permits::Quota;

/// One window of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// The window, as the API documents it.
    pub window: RateWindow,
    /// How many requests of ours it may hold. Less than the window's own number when others use it too.
    pub allowed: u32,
    /// How many of our requests it holds.
    pub used: u32,
    /// When it takes one more, as a time from now. Zero if it does now.
    pub free_in: Duration,
}

impl Quota {
    /// How full each window is.
    pub(crate) fn usage(&self, windows: &[RateWindow], now: Duration) -> Vec<Usage> {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let usage = |(at, window): (usize, &RateWindow)| {
            let mut releases: Vec<Duration> = self.releases(*window, now).collect();
            releases.sort_unstable();
            let allowed = self.allowed(at, *window);
            let surplus = releases.len().checked_sub(allowed);
            let opens = surplus.and_then(|surplus| releases.get(surplus).copied());
            let free = opens.unwrap_or(now).max(self.paused_until());
            Usage {
                window: *window,
                allowed: number(allowed),
                used: number(releases.len()),
                free_in: free.saturating_sub(now),
            }
        };
        windows.iter().enumerate().map(usage).collect()
    }

    /// The windows, with as many requests as are ours of each.
    pub(crate) fn ours_of(&self, windows: &[RateWindow]) -> Vec<RateWindow> {
        let ours = |(at, window): (usize, &RateWindow)| RateWindow {
            requests: u32::try_from(self.allowed(at, *window)).unwrap_or(u32::MAX),
            ..*window
        };
        windows.iter().enumerate().map(ours).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quota::Evidence;

    const WINDOWS: [RateWindow; 1] = [RateWindow { requests: 60, period: Duration::from_secs(60) }];

    #[test]
    fn a_record_that_knows_nothing_of_others_takes_over_what_another_one_knows() {
        let (mut known, now) = (Quota::beginning(1, Duration::ZERO), Duration::from_secs(100));
        let told = Evidence::Left { limit: 60, remaining: 30 };
        known.learn(&WINDOWS, told, Duration::ZERO, now);
        let mut fresh = Quota::beginning(2, now);
        fresh.absorb(&known.on_clock_behind(now), now);
        let ours = [known, fresh].map(|quota| quota.ours_of(&WINDOWS)[0].requests);
        assert_eq!(ours, [24, 24]);
    }
}
