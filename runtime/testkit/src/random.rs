//! Randomness that repeats.

use std::sync::atomic::{AtomicU64, Ordering};

use specwright_core::random::Random;

/// The same numbers in every run with the same seed. For tests only: anybody can guess what comes next.
#[derive(Debug)]
pub struct SeededRandom {
    state: AtomicU64,
}

impl SeededRandom {
    /// Numbers that follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    /// The generator `SplitMix64`: a step that never repeats before all numbers are used up, and a mix of its bits.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut bits = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (byte, drawn) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *byte = drawn;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(seed: u64) -> Vec<u64> {
        let random = SeededRandom::new(seed);
        (0..8).map(|_| random.up_to(1_000_000)).collect()
    }

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        assert_eq!(draw(7), draw(7));
    }

    #[test]
    fn two_seeds_give_different_numbers() {
        assert_ne!(draw(7), draw(8));
    }
}
