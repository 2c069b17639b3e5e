//! Whether a body that arrives in pieces still arrives at all.

use std::time::Duration;

/// A body brings a byte a second at least, taken over so long. The rate is that of the stalled stream protection of AWS's
/// SDKs. They take it over 20 s; here each silence may last 30 s, and two of them are no stall yet.
const WINDOW: Duration = Duration::from_secs(60);

/// What has arrived since the pace was good last, while somebody waited for it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    waited: Duration,
    bytes: u64,
}

impl Pace {
    /// Counts a chunk that was waited for so long, and says whether the body goes on fast enough.
    pub(crate) fn is_good_after(&mut self, waited: Duration, bytes: usize) -> bool {
        self.waited = self.waited.saturating_add(waited);
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.waited < WINDOW {
            return true;
        }
        let is_good = self.bytes >= self.waited.as_secs();
        *self = Self::default();
        is_good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many chunks of so many bytes the body is given up, each of which comes after so many seconds.
    fn given_up_after(seconds: u64, bytes: usize) -> Option<usize> {
        let mut pace = Pace::default();
        (1..1_000).find(|_| !pace.is_good_after(Duration::from_secs(seconds), bytes))
    }

    #[test]
    fn less_than_a_byte_a_second_is_given_up() {
        for (seconds, bytes, after) in [(29, 1, 3), (5, 4, 12), (2, 1, 30)] {
            assert_eq!(given_up_after(seconds, bytes), Some(after), "{seconds} s, {bytes} bytes");
        }
    }

    #[test]
    fn a_byte_a_second_is_enough() {
        for (seconds, bytes) in [(1, 1), (29, 29), (0, 1), (5, 5)] {
            assert_eq!(given_up_after(seconds, bytes), None, "{seconds} s, {bytes} bytes");
        }
    }

    #[test]
    fn a_small_body_may_take_its_time() {
        let mut pace = Pace::default();
        assert!((0..2).all(|_| pace.is_good_after(Duration::from_secs(29), 1)));
    }
}
