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
}
