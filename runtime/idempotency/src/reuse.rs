//! For how long a server answers a second request as the first.

use std::time::Duration;

use specwright_core::operation::Idempotency;
use specwright_store::StoreTime;

use crate::entry::Doubt;

/// A key is sent again for so long less than its server keeps the answer: for clocks that differ and requests that are on
/// their way.
const MARGIN: Duration = Duration::from_secs(60 * 60);

/// A moment that lies further ahead is of a time before the clock was set back, and nobody knows how long ago that was. It
/// is less than the margin, so a clock that is corrected by less costs nothing.
const SET_BACK: Duration = Duration::from_secs(30 * 60);

/// For how long a server answers a second request as the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// A second request is executed like the first.
    Never,
    /// For so long, counted from the first sending.
    Within(Duration),
    /// It may be sent again at any time: a second execution changes nothing more.
    Always,
}

impl Reuse {
    /// What the document says of an operation. If the API keeps answers no longer than the margin, or does not say how long,
    /// no key is sent twice.
    pub(crate) fn of(operation: Idempotency) -> Self {
        match operation {
            Idempotency::Safe | Idempotency::Idempotent => Self::Always,
            Idempotency::Key { retention_seconds, .. } => {
                let retention = Duration::from_secs(retention_seconds.unwrap_or(0));
                Self::Within(retention.saturating_sub(MARGIN))
            }
            Idempotency::Unsafe => Self::Never,
        }
    }

    /// For how long the server answers a second request as the first, as far as that bounds anything.
    pub(crate) fn retention(self) -> Duration {
        match self {
            Self::Within(window) => window.saturating_add(MARGIN),
            Self::Never | Self::Always => Duration::ZERO,
        }
    }

    /// Whether an attempt that ends then is over while the server still knows the first one, or else why nobody can tell.
    pub(crate) fn allows(
        self,
        first_sent: Option<StoreTime>,
        now: StoreTime,
        end: StoreTime,
    ) -> Result<(), Doubt> {
        match self {
            Self::Never => Err(Doubt::NoKey),
            Self::Within(window) => {
                let of_this_time = first_sent.filter(|moment| !is_of_another_time(*moment, now));
                match of_this_time {
                    Some(moment) if end <= moment.after(window) => Ok(()),
                    _ => Err(Doubt::WindowExpired),
                }
            }
            Self::Always => Ok(()),
        }
    }
}

/// Whether a moment that was written down is of before the clock was set back.
pub(crate) fn is_of_another_time(moment: StoreTime, now: StoreTime) -> bool {
    now.after(SET_BACK) < moment
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60 * 1_000;

    /// Whether a key that was sent first after 100 hours may be sent after so many milliseconds, for a minute.
    fn allows(reuse: Reuse, millis: u64) -> bool {
        let at = StoreTime::from_millis;
        reuse.allows(Some(at(100 * HOUR)), at(millis), at(millis + 60_000)).is_ok()
    }

    fn keyed() -> Reuse {
        Reuse::of(Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) })
    }

    #[test]
    fn a_key_is_used_for_attempts_that_end_within_23_hours_of_its_first_sending() {
        let last = 123 * HOUR - 60_000;
        assert!(allows(keyed(), 100 * HOUR));
        assert!(allows(keyed(), last));
        assert!(!allows(keyed(), last + 1));
    }

    #[test]
    fn a_key_of_before_the_clock_was_set_back_is_not_used() {
        assert!(allows(keyed(), 100 * HOUR - HOUR / 2));
        assert!(!allows(keyed(), 100 * HOUR - HOUR / 2 - 1));
    }

    #[test]
    fn what_has_no_further_effect_is_repeated_at_any_time_and_what_has_one_never() {
        for millis in [0, 100 * HOUR, 1_000 * HOUR] {
            assert!(allows(Reuse::of(Idempotency::Safe), millis));
            assert!(allows(Reuse::of(Idempotency::Idempotent), millis));
            assert!(!allows(Reuse::of(Idempotency::Unsafe), millis));
        }
    }
}
