//! What part of a window is ours, when others use it too.
//!
//! It starts as the whole window. Only evidence of foreign use lowers it: a refusal while our own requests do not fill
//! the window, or a server that has less left than we have sent. It then rises by itself: soon to just below the level
//! where the last refusal came, where it stays for a while, so that finding out costs few refusals; and ever faster beyond.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use specwright_core::security::RateWindow;

/// A share never falls below this part of its window: foreign use may end, and nobody would notice.
const FLOOR_ONE_IN: u32 = 10;

/// After a refusal the share is four fifths of what was being sent: the others do not send evenly, and what is on its way
/// when the first one is refused is refused too.
const KEEP: (u32, u32) = (4, 5);

/// How long a share is tried before it grows.
const STEP: Duration = Duration::from_secs(60);

/// For so many steps it stays below the level of the last refusal. Where others use half of a window of 60, and a request is
/// on its way for up to 300 ms, finding out costs one refusal for some 65 requests at worst.
const PLATEAU: u32 = 5;

/// What a server says about the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// 429. The request did not count, as far as anybody knows.
    Refused {
        /// How long it wants to hear nothing.
        wait: Duration,
        /// The limit of the window that was full (`RateLimit-Limit`).
        limit: Option<u32>,
    },
    /// An answer told how much is left.
    Left {
        /// The limit of the window (`RateLimit-Limit`).
        limit: u32,
        /// How many more requests it takes (`RateLimit-Remaining`).
        remaining: u32,
    },
}

/// What part of a window is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Share {
    requests: u32,
    #[serde(with = "super::millis")]
    period: Duration,
    allowed: u32,
    /// Where the last evidence of foreign use came.
    level: u32,
    /// Steps since it reached the level.
    steps: u32,
    #[serde(with = "super::millis")]
    since: Duration,
}

impl Share {
    fn whole(window: RateWindow, now: Duration) -> Self {
        let RateWindow { requests, period } = window;
        Self { requests, period, allowed: requests, level: requests, steps: 0, since: now }
    }

    /// Whether it is a share of this window, and not of one that was documented before.
    pub(super) fn is_of(&self, window: RateWindow) -> bool {
        self.requests == window.requests && self.period == window.period
    }

    /// How many requests of ours the window may hold.
    pub(super) fn allowed(&self) -> u32 {
        self.allowed
    }

    /// Whether it is less than the window.
    pub(super) fn is_low(&self) -> bool {
        self.allowed < self.requests
    }

    /// A moment by which it has grown to the whole window, if nothing more is learned.
    pub(super) fn back_by(&self, now: Duration) -> Duration {
        let mut later = *self;
        // Each step past the plateau is twice the one before, so the end is near.
        while later.is_low() {
            later.grow(later.since.saturating_add(STEP));
        }
        later.since.max(now)
    }

    /// It was not learned in the future: the clock was set back since.
    pub(super) fn bound(&mut self, now: Duration) {
        self.since = self.since.min(now);
    }

    /// The same on a clock that is so much behind.
    pub(super) fn on_clock_behind(&self, behind: Duration) -> Self {
        Self { since: self.since.saturating_sub(behind), ..*self }
    }

    /// The same on a clock that is so much ahead.
    pub(super) fn on_clock_ahead(&self, ahead: Duration) -> Self {
        Self { since: self.since.saturating_add(ahead), ..*self }
    }

    /// Others use the window: of ours it takes no more than `level`.
    fn fall(&mut self, level: u32, now: Duration) {
        let floor = (self.requests / FLOOR_ONE_IN).max(1);
        self.level = level.max(floor);
        let (keep, of) = KEEP;
        self.allowed = (self.level.saturating_mul(keep) / of).max(floor).min(self.allowed);
        (self.steps, self.since) = (0, now);
    }

    /// Grows for every [`STEP`] that went by.
    pub(super) fn grow(&mut self, now: Duration) {
        while self.is_low() && now >= self.since.saturating_add(STEP) {
            let gap = self.level.saturating_sub(self.allowed);
            let by = if gap > 1 {
                gap / 2
            } else {
                self.steps = self.steps.saturating_add(1);
                self.steps
                    .checked_sub(PLATEAU)
                    .map_or(0, |late| 1_u32.checked_shl(late).unwrap_or(u32::MAX))
            };
            self.allowed = self.allowed.saturating_add(by).min(self.requests);
            self.since = self.since.saturating_add(STEP);
        }
    }
}

/// Takes in what a server said. `ours` is how many of our requests each window held then, where that is known.
pub(super) fn learn(
    shares: &mut Vec<Share>,
    windows: &[RateWindow],
    ours: &[Option<u32>],
    evidence: Evidence,
    now: Duration,
) {
    let is_current = shares.len() == windows.len()
        && shares.iter().zip(windows).all(|(share, window)| share.is_of(*window));
    if !is_current {
        *shares = windows.iter().map(|window| Share::whole(*window, now)).collect();
    }
    let Some(at) = meant(windows, evidence) else { return };
    let (Some(share), Some(Some(ours))) = (shares.get_mut(at), ours.get(at)) else { return };
    match evidence {
        // The refused request itself is among ours.
        Evidence::Refused { .. } => {
            let accepted = ours.saturating_sub(1);
            if accepted < share.requests {
                share.fall(accepted, now);
            }
        }
        Evidence::Left { limit, remaining } => {
            let foreign = limit.saturating_sub(remaining).saturating_sub(*ours);
            let level = share.requests.saturating_sub(foreign);
            if foreign > 0 && level < share.allowed {
                share.fall(level, now);
            }
        }
    }
}

/// The window that a server speaks of: the one with its limit, or, if it names none, the longest, whose wait is the
/// longest.
fn meant(windows: &[RateWindow], evidence: Evidence) -> Option<usize> {
    let longest =
        || (0..windows.len()).max_by_key(|at| windows.get(*at).map(|window| window.period));
    let with = |limit: u32| windows.iter().position(|window| window.requests == limit);
    match evidence {
        Evidence::Refused { limit, .. } => limit.and_then(with).or_else(longest),
        Evidence::Left { limit, .. } => with(limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: [RateWindow; 2] = [
        RateWindow { requests: 10, period: Duration::from_secs(1) },
        RateWindow { requests: 60, period: Duration::from_secs(60) },
    ];

    /// What each window allows after a server has said this, where we have sent so many.
    fn allowed(counts: [u32; 2], evidence: Evidence) -> Vec<u32> {
        let mut shares = Vec::new();
        learn(&mut shares, &WINDOWS, &counts.map(Some), evidence, Duration::ZERO);
        shares.iter().map(Share::allowed).collect()
    }

    fn refused(limit: Option<u32>) -> Evidence {
        Evidence::Refused { wait: Duration::ZERO, limit }
    }

    #[test]
    fn a_refusal_lowers_the_window_that_the_server_names() {
        assert_eq!(allowed([4, 31], refused(Some(60))), [10, 24]);
        assert_eq!(allowed([6, 31], refused(Some(10))), [4, 60]);
    }

    #[test]
    fn a_refusal_that_names_no_window_that_we_know_lowers_the_longest() {
        assert_eq!(allowed([4, 31], refused(None)), [10, 24]);
        assert_eq!(allowed([4, 31], refused(Some(7))), [10, 24]);
    }

    #[test]
    fn a_refusal_while_we_fill_the_window_ourselves_is_no_evidence_of_others() {
        assert_eq!(allowed([11, 61], refused(Some(60))), [10, 60]);
    }

    #[test]
    fn a_share_never_falls_below_a_tenth() {
        assert_eq!(allowed([1, 1], refused(Some(60))), [10, 6]);
    }

    #[test]
    fn a_server_that_has_less_left_than_we_have_sent_shows_that_others_send() {
        let left = Evidence::Left { limit: 60, remaining: 20 };
        assert_eq!(allowed([0, 10], left), [10, 24]);
    }

    #[test]
    fn what_is_left_shows_nothing_while_it_is_what_we_have_left() {
        for remaining in [50, 55, 60] {
            let left = Evidence::Left { limit: 60, remaining };
            assert_eq!(allowed([0, 10], left), [10, 60], "{remaining}");
        }
    }

    #[test]
    fn what_is_left_of_a_window_that_nobody_documented_shows_nothing() {
        assert_eq!(allowed([0, 10], Evidence::Left { limit: 100, remaining: 0 }), [10, 60]);
    }
}
