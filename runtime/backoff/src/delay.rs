//! How long to wait when no server says so: full jitter.
//!
//! The wait is drawn evenly from nothing to a bound that doubles with each retry. Drawing from the whole range spreads
//! the callers that failed together best. Whole milliseconds and saturating arithmetic: no count of retries overflows.

use std::time::Duration;

use specwright_core::random::Random;

/// The bound of the waits: `min(cap, base · 2ⁿ)` before retry `n`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The bound before the first retry. Default: 500 ms.
    pub base: Duration,
    /// The bound that doubling never exceeds. Default: 20 s.
    pub cap: Duration,
}

/// A server's moment is spread over this much, so that a fleet that was told the same moment does not arrive in it.
const SPREAD: Duration = Duration::from_secs(1);

impl Backoff {
    /// 500 ms doubling up to 20 s.
    pub const DEFAULT: Self =
        Self { base: Duration::from_millis(500), cap: Duration::from_secs(20) };

    /// Draws the wait before retry `n`.
    pub fn delay(self, n: u32, random: &dyn Random) -> Duration {
        up_to(self.bound(n), random)
    }

    /// The longest wait before retry `n`.
    pub fn bound(self, n: u32) -> Duration {
        let factor = 1_u32.checked_shl(n).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A little more than what the server asked for: from 0 to 1 s.
pub fn spread(random: &dyn Random) -> Duration {
    up_to(SPREAD, random)
}

fn up_to(bound: Duration, random: &dyn Random) -> Duration {
    let millis = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random.up_to(millis))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// The generator `SplitMix64` from a fixed seed: the same draws in every run.
    #[derive(Debug, Default)]
    struct Fixed(AtomicU64);

    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
            for chunk in bytes.chunks_mut(8) {
                let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                let word = (z ^ (z >> 31)).to_le_bytes();
                chunk.copy_from_slice(&word[..chunk.len()]);
            }
        }
    }

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let bounds: Vec<u128> = (0..8).map(|n| Backoff::DEFAULT.bound(n).as_millis()).collect();
        assert_eq!(bounds, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    }

    #[test]
    fn no_count_and_no_base_overflows() {
        let vast = Backoff { base: Duration::MAX, cap: Duration::MAX };
        for n in [0, 1, 31, 32, 33, 63, 64, u32::MAX] {
            assert!(Backoff::DEFAULT.delay(n, &Fixed::default()) <= Backoff::DEFAULT.cap);
            assert!(vast.delay(n, &Fixed::default()) <= Duration::from_millis(u64::MAX));
        }
    }

    #[test]
    fn a_bound_of_nothing_is_no_wait() {
        let none = Backoff { base: Duration::ZERO, cap: Duration::ZERO };
        assert_eq!(none.delay(3, &Fixed::default()), Duration::ZERO);
    }

    /// Kolmogorov–Smirnov: the largest distance between the drawn and the even distribution, at 1 % significance.
    #[test]
    fn waits_are_even_over_the_whole_range() {
        const DRAWS: u32 = 10_000;
        let random = Fixed::default();
        let mut waits: Vec<f64> =
            (0..DRAWS).map(|_| Backoff::DEFAULT.delay(6, &random).as_secs_f64() / 20.0).collect();
        waits.sort_by(f64::total_cmp);
        let draws = f64::from(DRAWS);
        let distance = (0..DRAWS)
            .zip(&waits)
            .map(|(rank, wait)| (wait - f64::from(rank) / draws).abs())
            .fold(0.0, f64::max);
        assert!(distance < 1.63 / draws.sqrt(), "distance {distance}");
    }

    #[test]
    fn the_spread_is_at_most_a_second() {
        let random = Fixed::default();
        assert!((0..1_000).all(|_| spread(&random) <= Duration::from_secs(1)));
    }
}
