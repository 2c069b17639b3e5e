//! When a token is to be replaced, and when it is not to be sent any more.

use std::time::{Duration, SystemTime};

use specwright_core::clock::Clock;

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) wall: SystemTime,
    pub(crate) monotonic: Duration,
}

impl Now {
    pub(crate) fn read(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), monotonic: clock.monotonic() }
    }
}

/// A moment on both clocks. It has come as soon as one of them says so: the wall clock notices a suspended machine
/// where the monotonic one does not, and the monotonic one notices a wall clock that was set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    wall: Option<SystemTime>,
    monotonic: Duration,
}

impl Moment {
    pub(crate) fn after(start: Now, wait: Duration) -> Self {
        Self {
            // A moment beyond the range of the wall clock never comes on it.
            wall: start.wall.checked_add(wait),
            monotonic: start.monotonic.saturating_add(wait),
        }
    }

    pub(crate) fn has_come(self, now: Now) -> bool {
        now.monotonic >= self.monotonic || self.wall.is_some_and(|wall| now.wall >= wall)
    }
}

/// How long before its end a token is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Margins {
    /// A token with less time than this is not sent: it could end on the way. Default: 30 s.
    pub hard: Duration,
    /// The least time before the end at which a refresh starts. Default: 60 s.
    pub soft_least: Duration,
    /// The most. Default: 15 min. Between the two it is a tenth of the lifetime.
    pub soft_most: Duration,
}

impl Default for Margins {
    fn default() -> Self {
        Self {
            hard: Duration::from_secs(30),
            soft_least: Duration::from_secs(60),
            soft_most: Duration::from_secs(15 * 60),
        }
    }
}

/// The two moments in the life of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// From here on the token is served, and the next one is fetched.
    pub(crate) soft: Moment,
    /// From here on the token is not served.
    pub(crate) hard: Moment,
}

impl Lifetime {
    /// The moments of a token of which `left` is left of a life of `life`.
    ///
    /// The soft moment lies up to a twentieth of the life earlier than it must, and is the same for everybody who draws
    /// the same `lot`: a fleet does not renew all its grants at once, and agrees on when to renew each. It is never later
    /// than the hard one; of a very short life half is used.
    pub(crate) fn new(
        now: Now,
        life: Duration,
        left: Duration,
        margins: &Margins,
        lot: u64,
    ) -> Self {
        let most = life / 2;
        let hard = margins.hard.min(most);
        let least = margins.soft_least.min(margins.soft_most);
        let jitter = lot.checked_rem(most_jitter(life).saturating_add(1)).unwrap_or(lot);
        let soft = (life / 10)
            .clamp(least, margins.soft_most)
            .saturating_add(Duration::from_millis(jitter))
            .min(most)
            .max(hard);
        Self {
            soft: Moment::after(now, left.saturating_sub(soft)),
            hard: Moment::after(now, left.saturating_sub(hard)),
        }
    }
}

/// A twentieth of a life, in milliseconds.
fn most_jitter(life: Duration) -> u64 {
    u64::try_from((life / 20).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Now =
        Now { wall: SystemTime::UNIX_EPOCH, monotonic: Duration::from_secs(1_000_000) };

    fn later(seconds: u64) -> Now {
        let passed = Duration::from_secs(seconds);
        Now { wall: START.wall + passed, monotonic: START.monotonic + passed }
    }

    /// A lifetime with this share of the jitter: 0 is none, 255 the most.
    fn lifetime(seconds: u64, share: u8) -> Lifetime {
        let life = Duration::from_secs(seconds);
        let lot = most_jitter(life) / 255 * u64::from(share);
        Lifetime::new(START, life, life, &Margins::default(), lot)
    }

    fn comes_at(moment: Moment) -> u64 {
        (0..1_000_000).find(|seconds| moment.has_come(later(*seconds))).unwrap()
    }

    #[test]
    fn two_hours_are_refreshed_twelve_minutes_ahead_and_end_thirty_seconds_ahead() {
        let lifetime = lifetime(7_200, 0);
        assert_eq!(comes_at(lifetime.soft), 7_200 - 720);
        assert_eq!(comes_at(lifetime.hard), 7_200 - 30);
    }

    #[test]
    fn jitter_moves_the_refresh_ahead_by_at_most_a_twentieth_of_the_life() {
        let soft = comes_at(lifetime(7_200, 255).soft);
        assert!((7_200 - 720 - 360..7_200 - 720).contains(&soft), "{soft}");
    }

    #[test]
    fn a_token_that_was_read_late_ends_when_it_ends() {
        let (life, left) = (Duration::from_secs(7_200), Duration::from_secs(3_600));
        let lifetime = Lifetime::new(START, life, left, &Margins::default(), 0);
        assert_eq!(comes_at(lifetime.soft), 3_600 - 720);
        assert_eq!(comes_at(lifetime.hard), 3_600 - 30);
    }

    #[test]
    fn a_long_life_is_refreshed_fifteen_minutes_ahead() {
        assert_eq!(comes_at(lifetime(86_400, 0).soft), 86_400 - 900);
    }

    #[test]
    fn a_short_life_is_used_for_half_of_it() {
        let lifetime = lifetime(20, 0);
        assert_eq!(comes_at(lifetime.soft), 10);
        assert_eq!(comes_at(lifetime.hard), 10);
    }

    #[test]
    fn the_refresh_never_starts_after_the_token_is_withheld_whatever_the_jitter() {
        for seconds in [0, 1, 29, 30, 59, 60, 61, 90, 119, 600, 3_600, 2_592_000] {
            for share in [0, 1, 127, 254, 255] {
                let lifetime = lifetime(seconds, share);
                assert!(
                    lifetime.soft.monotonic <= lifetime.hard.monotonic,
                    "{seconds} s, share {share}"
                );
            }
        }
    }

    #[test]
    fn a_suspended_machine_notices_by_the_wall_clock() {
        let woken = Now { wall: later(10_800).wall, monotonic: later(5).monotonic };
        assert!(lifetime(7_200, 0).hard.has_come(woken));
    }

    #[test]
    fn a_wall_clock_that_was_set_back_does_not_prolong_a_token() {
        let set_back = Now { wall: SystemTime::UNIX_EPOCH, monotonic: later(7_200).monotonic };
        assert!(lifetime(7_200, 0).hard.has_come(set_back));
    }

    #[test]
    fn a_life_beyond_the_clock_neither_wraps_nor_panics() {
        let lifetime =
            Lifetime::new(START, Duration::MAX, Duration::MAX, &Margins::default(), u64::MAX);
        assert!(!lifetime.hard.has_come(later(1_000_000)));
    }
}
