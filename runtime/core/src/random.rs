//! Randomness as a trait, so that tests can choose it.

use std::fmt::Debug;

/// The only source of randomness in the runtime: keys, PKCE verifiers, jitter.
pub trait Random: Debug + Send + Sync + 'static {
    /// Fills `bytes` with bytes fit for cryptographic keys.
    fn fill(&self, bytes: &mut [u8]);

    /// A whole number from `0` to `max`, both included, each equally likely.
    ///
    /// A remainder would favor small numbers. So the bits above the highest one of `max` are cut off, and what is still
    /// too large is drawn again; half of all draws succeed at least.
    fn up_to(&self, max: u64) -> u64 {
        let mask = u64::MAX.checked_shr(max.leading_zeros()).unwrap_or(0);
        loop {
            let mut bytes = [0; 8];
            self.fill(&mut bytes);
            let drawn = u64::from_le_bytes(bytes) & mask;
            if drawn <= max {
                return drawn;
            }
        }
    }
}

/// The random source of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    /// # Panics
    ///
    /// If the operating system has no random source. Going on would make guessable keys, and no caller could do better.
    #[expect(
        clippy::panic,
        reason = "a guessable key is worse than a stop, and no input leads here"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system has no random source: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::{OsRandom, Random};

    /// Gives the numbers of a list, one a draw.
    #[derive(Debug)]
    struct Listed(Mutex<Vec<u64>>);

    impl Random for Listed {
        fn fill(&self, bytes: &mut [u8]) {
            let next = self.0.lock().unwrap().remove(0);
            bytes.copy_from_slice(&next.to_le_bytes());
        }
    }

    #[test]
    fn a_draw_beyond_the_maximum_is_thrown_away_and_not_folded_back() {
        let random = Listed(Mutex::new(vec![7, 6, 4]));
        assert_eq!(random.up_to(5), 4);
    }

    #[test]
    fn the_maximum_itself_can_be_drawn() {
        assert_eq!(Listed(Mutex::new(vec![5])).up_to(5), 5);
        assert_eq!(Listed(Mutex::new(vec![u64::MAX])).up_to(u64::MAX), u64::MAX);
    }

    #[test]
    fn up_to_zero_is_zero() {
        assert_eq!(Listed(Mutex::new(vec![u64::MAX])).up_to(0), 0);
    }

    #[test]
    fn two_draws_of_the_operating_system_differ() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        OsRandom.fill(&mut first);
        OsRandom.fill(&mut second);
        assert_ne!(first, second);
    }
}
