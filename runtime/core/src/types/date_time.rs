//! An instant.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};

/// An instant with nanoseconds, in the years -9999 to 9999: `format: date-time`.
///
/// Equality, order and hash are those of the instant: `10:00+02:00` equals `08:00Z`. The offset is not kept.
///
/// ```
/// use specwright_core::types::DateTime;
///
/// let time: DateTime = "2025-09-01T10:00:00+02:00".parse()?;
/// assert_eq!(time.to_string(), "2025-09-01T08:00:00Z");
/// # Ok::<(), specwright_core::types::DateTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(Timestamp);

/// Reads RFC 3339 §5.6, `date-time`. The offset must be there, as a text without one names no instant.
impl FromStr for DateTime {
    type Err = DateTimeError;

    fn from_str(text: &str) -> Result<Self, DateTimeError> {
        // A time zone in brackets (RFC 9557) is not part of RFC 3339, and no server may make us look one up.
        if text.contains('[') {
            return Err(DateTimeError(()));
        }
        text.parse().map(Self).map_err(|_| DateTimeError(()))
    }
}

/// Writes RFC 3339 in UTC, with as many digits of the second as are needed: `2025-09-01T08:00:00Z`.
impl fmt::Display for DateTime {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

/// An instant outside the range of [`DateTime`] becomes its nearest end.
impl From<SystemTime> for DateTime {
    fn from(time: SystemTime) -> Self {
        Timestamp::try_from(time).map_or_else(
            |_| Self(if time < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX }),
            Self,
        )
    }
}

/// An instant that the platform's clock cannot hold (on Windows, before the year 1601) becomes the start of 1970.
impl From<DateTime> for SystemTime {
    fn from(time: DateTime) -> Self {
        let since: SignedDuration = time.0.as_duration();
        let distance: Duration = since.unsigned_abs();
        let moved = if since.is_negative() {
            Self::UNIX_EPOCH.checked_sub(distance)
        } else {
            Self::UNIX_EPOCH.checked_add(distance)
        };
        moved.unwrap_or(Self::UNIX_EPOCH)
    }
}

/// The text is not a date-time of RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTimeError(());

impl fmt::Display for DateTimeError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("not a date-time with an offset, as in 2025-09-01T08:00:00Z")
    }
}

impl std::error::Error for DateTimeError {}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::DateTime;

    fn parse(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn equality_is_that_of_the_instant() {
        assert_eq!(parse("2025-09-01T10:00:00+02:00"), parse("2025-09-01T08:00:00Z"));
        assert!(parse("2025-09-01T10:00:00+02:00") < parse("2025-09-01T09:00:00Z"));
    }

    #[test]
    fn writes_utc_with_the_digits_that_are_needed() {
        assert_eq!(parse("2025-09-01T10:00:00.000+02:00").to_string(), "2025-09-01T08:00:00Z");
        assert_eq!(parse("2025-09-01T08:00:00.120Z").to_string(), "2025-09-01T08:00:00.12Z");
        assert_eq!(
            parse("2025-09-01t08:00:00.000000001z").to_string(),
            "2025-09-01T08:00:00.000000001Z"
        );
    }

    #[test]
    fn a_text_that_names_no_instant_is_refused() {
        for text in [
            "2025-09-01T08:00:00",
            "2025-09-01",
            "2025-13-01T08:00:00Z",
            "2025-09-01T25:00:00Z",
            "",
            "2025-09-01T08:00:00+02:00[Europe/Paris]",
        ] {
            assert!(text.parse::<DateTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_clock_of_the_system_comes_back() {
        for time in [UNIX_EPOCH + Duration::new(1_740_242_460, 5), UNIX_EPOCH - Duration::new(1, 1)]
        {
            assert_eq!(SystemTime::from(DateTime::from(time)), time);
        }
    }

    #[test]
    fn a_clock_beyond_the_range_becomes_its_end() {
        let far = UNIX_EPOCH + Duration::from_secs(1 << 40);
        assert_eq!(DateTime::from(far).to_string(), "9999-12-30T22:00:00.999999999Z");
    }
}
