//! The time that a field names: so many seconds, or a moment.
//!
//! What is read here is not yet a wait: a moment becomes one only beside the `Date` of the same answer, and a bare number
//! only with what the document says of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::{SignedDuration, Timestamp};
use specwright_core::security::RateReset;

/// A reset below this is a number of seconds, from here on a moment in seconds since 1970 (2001-09-09).
const EPOCH_SECONDS: u64 = 1_000_000_000;

/// From here on a reset is a moment in milliseconds since 1970.
const EPOCH_MILLIS: u64 = 1_000_000_000_000;

/// More digits than the largest 64-bit number has are no number that anyone means.
const MAX_DIGITS: usize = 20;

/// `Date` and a reset are both cut to whole seconds, which can hide almost one of them.
const TRUNCATION: Duration = Duration::from_secs(1);

/// A time as a field names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// So long after the answer.
    In(Duration),
    /// A moment of the server's clock.
    At(SystemTime),
    /// A number of seconds after the answer, or of seconds or milliseconds since 1970.
    Number(Decimal),
}

impl When {
    /// Seconds (`delay-seconds`), or a date in one of the three forms of HTTP (RFC 9110 §5.6.7, §10.2.3).
    ///
    /// The grammar has no fractions. One of zeros says nothing, and is sent (`2.0`: Shopify, "REST Admin API rate limits"); any
    /// other makes the field malformed.
    pub(crate) fn of_retry_after(text: &str) -> Option<Self> {
        match Decimal::read(text) {
            Some(seconds) => seconds.is_whole().then(|| Self::In(seconds.seconds())),
            None => date(text).map(Self::At),
        }
    }

    /// A number; a date of HTTP; a date of RFC 3339, with or without seconds (Atlassian, "Rate limiting"); or a
    /// duration with units, as Go writes it (`6m0s`: `OpenAI`, "Rate limits in headers").
    pub(crate) fn of_reset(text: &str) -> Option<Self> {
        Decimal::read(text)
            .map(Self::Number)
            .or_else(|| date(text).map(Self::At))
            .or_else(|| moment(text))
            .or_else(|| Duration::try_from(text.parse::<SignedDuration>().ok()?).ok().map(Self::In))
    }

    /// As [`Self::of_reset`], by the drafts of `RateLimit-Reset`, whose numbers are `delay-seconds` as in `Retry-After`.
    pub(crate) fn of_draft_reset(text: &str) -> Option<Self> {
        Self::of_reset(text).filter(|when| match when {
            Self::Number(number) => number.is_whole(),
            Self::In(_) | Self::At(_) => true,
        })
    }

    /// The wait until then. A moment that has passed is no wait, never a number of seconds.
    ///
    /// A number below 1,000,000,000 is a delay even where the document promises moments: as a moment it would be of 2001.
    pub(crate) fn wait(self, meaning: RateReset, server_now: SystemTime) -> Duration {
        let number = match self {
            Self::In(wait) => return wait,
            Self::At(moment) => return until(moment, server_now),
            Self::Number(number) => number,
        };
        if number.whole < EPOCH_SECONDS || meaning == RateReset::DelaySeconds {
            return number.seconds();
        }
        let since_1970 =
            if number.whole < EPOCH_MILLIS { number.seconds() } else { number.millis() };
        match UNIX_EPOCH.checked_add(since_1970) {
            Some(moment) => until(moment, server_now),
            None => Duration::MAX,
        }
    }
}

/// A number that is not negative, to the next thousandth upwards: a wait is never shorter than what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    whole: u64,
    thousandths: u16,
}

impl Decimal {
    /// ASCII digits, and after a point at least one more. No sign, no exponent. What is too large for 64 bits is the largest
    /// number.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = [whole, fraction].iter().all(|digits| {
            (1..=MAX_DIGITS).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
        });
        if !is_number {
            return None;
        }
        let mut digits = fraction.bytes().map(|digit| u16::from(digit - b'0'));
        let thousandths =
            [100, 10, 1].into_iter().map(|weight| weight * digits.next().unwrap_or(0)).sum::<u16>();
        let rest = u16::from(digits.any(|digit| digit > 0));
        Some(Self { whole: whole.parse().unwrap_or(u64::MAX), thousandths: thousandths + rest })
    }

    /// Whether its fraction says nothing.
    fn is_whole(self) -> bool {
        self.thousandths == 0
    }

    /// As a number of seconds.
    pub(crate) fn seconds(self) -> Duration {
        let fraction = Duration::from_millis(self.thousandths.into());
        Duration::from_secs(self.whole).saturating_add(fraction)
    }

    /// As a number of milliseconds.
    pub(crate) fn millis(self) -> Duration {
        let fraction = Duration::from_micros(self.thousandths.into());
        Duration::from_millis(self.whole).saturating_add(fraction)
    }
}

/// A date in one of the three forms of HTTP (RFC 9110 §5.6.7).
pub(crate) fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

/// A date of RFC 3339, with or without seconds.
///
/// One before 1970 is a date that was never set (.NET writes `0001-01-01T00:00:00Z`), and no wait. It is not converted: the
/// clock of Windows begins in 1601, and a conversion to it panics.
fn moment(text: &str) -> Option<When> {
    let since_1970 = text.parse::<Timestamp>().ok()?.as_duration();
    match Duration::try_from(since_1970) {
        Ok(since_1970) => UNIX_EPOCH.checked_add(since_1970).map(When::At),
        Err(_) => Some(When::In(Duration::ZERO)),
    }
}

/// Time until a moment of the server's clock: zero when it has passed, otherwise rounded up for what `Date` cuts off.
fn until(moment: SystemTime, now: SystemTime) -> Duration {
    match moment.duration_since(now) {
        Ok(wait) if !wait.is_zero() => wait.saturating_add(TRUNCATION),
        Ok(_) | Err(_) => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<Duration> {
        Decimal::read(text).map(Decimal::seconds)
    }

    #[test]
    fn a_fraction_is_rounded_up_to_a_thousandth() {
        for (text, millis) in
            [("1.5", 1_500), ("0.0001", 1), ("2.0", 2_000), ("0.9991", 1_000), ("3.1234", 3_124)]
        {
            assert_eq!(seconds(text), Some(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_number_is_none() {
        for text in ["", ".", "1.", ".5", "+1", "-1", "1e3", "1,5", "1.2.3", "inf", "0x10", "٣"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_of_more_than_20_digits_is_none_and_of_20_the_largest() {
        assert_eq!(seconds(&"9".repeat(21)), None);
        assert_eq!(seconds(&"9".repeat(20)), Some(Duration::from_secs(u64::MAX)));
        assert_eq!(seconds(&format!("1.{}", "9".repeat(21))), None);
    }

    #[test]
    fn the_largest_number_with_a_fraction_does_not_overflow() {
        let largest = format!("{}.9999", "9".repeat(20));
        let number = Decimal::read(&largest).unwrap();
        assert!(number.seconds() >= Duration::from_secs(u64::MAX));
        assert!(number.millis() >= Duration::from_millis(u64::MAX));
        let wait = When::Number(number).wait(RateReset::Undocumented, UNIX_EPOCH);
        assert!(wait >= Duration::from_millis(u64::MAX));
    }

    /// Linux can represent the date, so here only its absence among the moments shows that it is never converted.
    #[test]
    fn a_date_before_1970_is_no_wait_and_no_moment() {
        for text in ["0001-01-01T00:00:00Z", "1600-12-31T23:59:59Z", "1969-12-31T23:59:59.999Z"] {
            assert_eq!(When::of_reset(text), Some(When::In(Duration::ZERO)), "{text}");
        }
        assert_eq!(When::of_reset("1970-01-01T00:00:00Z"), Some(When::At(UNIX_EPOCH)));
    }

    #[test]
    fn a_duration_that_is_negative_is_none() {
        assert_eq!(When::of_reset("-6m0s"), None);
        assert_eq!(When::of_reset("6m0s"), Some(When::In(Duration::from_secs(360))));
    }
}
