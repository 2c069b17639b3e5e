//! When a token is to be replaced, and when it is not to be sent any more.

use std::time::{Duration, SystemTime};

use specwright_core::clock::Clock;
use specwright_core::random::Random;

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
    fn after(start: Now, wait: Duration) -> Self {
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
    /// The moments of a token that is valid for `life` from `issued`, which is before its request was sent.
    ///
    /// The soft moment lies up to a twentieth of the life earlier than it must, at random, so that a fleet that started
    /// together does not refresh together. It is never later than the hard one; of a very short life half is used.
    pub(crate) fn new(issued: Now, life: Duration, margins: &Margins, random: &dyn Random) -> Self {
        let most = life / 2;
        let hard = margins.hard.min(most);
        let least = margins.soft_least.min(margins.soft_most);
        let jitter = random.up_to(u64::try_from((life / 20).as_millis()).unwrap_or(u64::MAX));
        let soft = (life / 10)
            .clamp(least, margins.soft_most)
            .saturating_add(Duration::from_millis(jitter))
            .min(most)
            .max(hard);
        Self {
            soft: Moment::after(issued, life.saturating_sub(soft)),
            hard: Moment::after(issued, life.saturating_sub(hard)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always the same share of the range: 0 is the least, 255 the most.
    #[derive(Debug)]
    struct Share(u8);

    impl Random for Share {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }

        fn up_to(&self, max: u64) -> u64 {
            max / 255 * u64::from(self.0)
        }
    }

    const START: Now =
        Now { wall: SystemTime::UNIX_EPOCH, monotonic: Duration::from_secs(1_000_000) };

    fn later(seconds: u64) -> Now {
        let passed = Duration::from_secs(seconds);
        Now { wall: START.wall + passed, monotonic: START.monotonic + passed }
    }

    fn lifetime(seconds: u64, share: u8) -> Lifetime {
        let life = Duration::from_secs(seconds);
        Lifetime::new(START, life, &Margins::default(), &Share(share))
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
        let lifetime = Lifetime::new(START, Duration::MAX, &Margins::default(), &Share(255));
        assert!(!lifetime.hard.has_come(later(1_000_000)));
    }
}
