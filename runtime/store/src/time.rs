//! Moments that are written down.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A moment of the store's clock, in milliseconds since 1970 (UTC).
///
/// Whatever is written into a record is in this clock, and every process reads how much time is left by the same clock.
/// So a process whose own clock is wrong neither renews too early nor believes a dead token.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct StoreTime(u64);

impl StoreTime {
    /// The moment so many milliseconds after 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// A moment later. The range of the clock is never left.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(millis(wait)))
    }

    /// A moment earlier. There is none before 1970.
    #[must_use]
    pub fn before(self, lead: Duration) -> Self {
        Self(self.0.saturating_sub(millis(lead)))
    }

    /// Time from this moment until `later`; zero if that has passed.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }
}

impl From<SystemTime> for StoreTime {
    fn from(moment: SystemTime) -> Self {
        Self(moment.duration_since(SystemTime::UNIX_EPOCH).map_or(0, millis))
    }
}

impl From<StoreTime> for SystemTime {
    /// A moment beyond the range of the system's clock is the start of 1970, which is before everything.
    fn from(moment: StoreTime) -> Self {
        let since = Duration::from_millis(moment.0);
        Self::UNIX_EPOCH.checked_add(since).unwrap_or(Self::UNIX_EPOCH)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_arithmetic_leaves_the_range() {
        let end = StoreTime::from_millis(u64::MAX);
        assert_eq!(end.after(Duration::MAX), end);
        assert_eq!(StoreTime::default().before(Duration::MAX), StoreTime::default());
        assert_eq!(end.until(StoreTime::default()), Duration::ZERO);
    }

    #[test]
    fn a_moment_before_1970_is_1970() {
        let moment = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(StoreTime::from(moment), StoreTime::default());
    }
}
