//! A day and a time of day, at a place that is known from elsewhere.

use std::fmt;
use std::str::FromStr;

use jiff::civil;

use crate::types::Date;

/// A day with a time of day and nanoseconds, without a zone: `format: date-time-local`.
///
/// It is what a clock on the wall shows, as for the start of a guided tour. It names no instant, so there is no
/// conversion to [`DateTime`](crate::types::DateTime): take the zone from where the API says it, and use a library of
/// time zones.
///
/// ```
/// use specwright_core::types::LocalDateTime;
///
/// let start: LocalDateTime = "2026-03-10T09:30:00".parse()?;
/// assert_eq!((start.date().to_string().as_str(), start.hour(), start.minute()), ("2026-03-10", 9, 30));
/// # Ok::<(), specwright_core::types::LocalDateTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime(civil::DateTime);

impl LocalDateTime {
    /// A time of a day: hours from 0 to 23, minutes and seconds from 0 to 59.
    pub fn new(date: Date, hour: u8, minute: u8, second: u8) -> Result<Self, LocalDateTimeError> {
        let part = |number: u8| i8::try_from(number).map_err(|_| LocalDateTimeError(()));
        civil::Time::new(part(hour)?, part(minute)?, part(second)?, 0)
            .map(|time| Self(date.civil().to_datetime(time)))
            .map_err(|_| LocalDateTimeError(()))
    }

    /// The day.
    pub fn date(self) -> Date {
        Date::from_civil(self.0.date())
    }

    /// The hour, from 0 to 23.
    pub fn hour(self) -> u8 {
        self.0.hour().unsigned_abs()
    }

    /// The minute, from 0 to 59.
    pub fn minute(self) -> u8 {
        self.0.minute().unsigned_abs()
    }

    /// The second, from 0 to 59.
    pub fn second(self) -> u8 {
        self.0.second().unsigned_abs()
    }

    /// The nanosecond within the second, from 0 to 999,999,999.
    pub fn nanosecond(self) -> u32 {
        self.0.subsec_nanosecond().unsigned_abs()
    }
}

/// Reads `full-date "T" partial-time` of RFC 3339 §5.6, with at most nine digits of the second's fraction.
///
/// A text with an offset is refused: to drop it would move the time. A second 60 is read as 59, as in
/// [`DateTime`](crate::types::DateTime).
impl FromStr for LocalDateTime {
    type Err = LocalDateTimeError;

    fn from_str(text: &str) -> Result<Self, LocalDateTimeError> {
        if !is_local_date_time(text.as_bytes()) {
            return Err(LocalDateTimeError(()));
        }
        text.parse().map(Self).map_err(|_| LocalDateTimeError(()))
    }
}

/// Whether `text` has the form of RFC 3339. The parser takes others too: blanks for the `T`, weeks, signed years.
fn is_local_date_time(text: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let Some((whole, fraction)) = text.split_at_checked(FORM.len()) else { return false };
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte.eq_ignore_ascii_case(form),
    };
    let digits = match fraction.split_first() {
        None => return whole.iter().zip(FORM).all(fits),
        Some((b'.', digits)) => digits,
        Some(_) => return false,
    };
    whole.iter().zip(FORM).all(fits)
        && (1..=9).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
}

/// Writes `YYYY-MM-DDThh:mm:ss` with as many digits of the second as are needed.
impl fmt::Display for LocalDateTime {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

/// The text is not a local date-time, or no clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDateTimeError(());

impl fmt::Display for LocalDateTimeError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("not a date-time without an offset, as in 2025-09-01T08:00:00")
    }
}

impl std::error::Error for LocalDateTimeError {}

#[cfg(test)]
mod tests {
    use super::LocalDateTime;
    use crate::json::{from_slice, to_vec};
    use crate::operation::{ParamValue, ToParam};
    use crate::types::Date;

    fn parse(text: &str) -> LocalDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn reads_and_writes_the_same_text() {
        for text in [
            "2026-03-10T09:30:00",
            "0000-01-01T00:00:00",
            "9999-12-31T23:59:59.999999999",
            "2026-03-10T09:30:00.000000001",
            "2026-03-10T09:30:00.12",
        ] {
            assert_eq!(parse(text).to_string(), text);
        }
    }

    #[test]
    fn zeros_that_say_nothing_are_not_written() {
        assert_eq!(parse("2026-03-10t09:30:00.500000000").to_string(), "2026-03-10T09:30:00.5");
        assert_eq!(parse("2026-03-10T09:30:00.000").to_string(), "2026-03-10T09:30:00");
    }

    #[test]
    fn a_leap_second_is_the_second_before_it() {
        assert_eq!(parse("2016-12-31T23:59:60"), parse("2016-12-31T23:59:59"));
    }

    #[test]
    fn a_time_is_made_of_its_parts_and_gives_them_back() {
        let date = Date::new(2026, 3, 10).unwrap();
        let time = LocalDateTime::new(date, 9, 30, 15).unwrap();
        assert_eq!(time, parse("2026-03-10T09:30:15"));
        let time = parse("2026-03-10T23:59:58.000000007");
        assert_eq!(time.date(), date);
        assert_eq!((time.hour(), time.minute(), time.second(), time.nanosecond()), (23, 59, 58, 7));
        for (hour, minute, second) in [(24, 0, 0), (0, 60, 0), (0, 0, 60), (255, 0, 0)] {
            assert!(LocalDateTime::new(date, hour, minute, second).is_err(), "{hour}");
        }
    }

    #[test]
    fn order_is_that_of_the_calendar_and_the_clock() {
        assert!(parse("2026-03-10T09:30:00") < parse("2026-03-10T09:30:00.1"));
        assert!(parse("2026-03-10T23:00:00") < parse("2026-03-11T01:00:00"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "2026-03-10T09:30:00Z",
            "2026-03-10T09:30:00+01:00",
            "2026-03-10T09:30:00[Europe/Paris]",
            "2026-03-10 09:30:00",
            "2026-03-10T09:30",
            "2026-03-10",
            "2026-02-29T09:30:00",
            "2026-03-10T24:00:00",
            "2026-03-10T09:60:00",
            "2026-03-10T09:30:61",
            "2026-03-10T09:30:00.",
            "2026-03-10T09:30:00.1234567890",
            "2026-03-10T09:30:00,5",
            "+02026-03-10T09:30:00",
            "2026-W11-2T09:30:00",
            "20260310T093000",
            "2026-03-10T09:30:0\u{0660}",
            "",
        ] {
            assert!(text.parse::<LocalDateTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_text_in_json_and_in_parameters() {
        let text = br#""2026-03-10T09:30:00""#;
        let time: LocalDateTime = from_slice(text).unwrap();
        assert_eq!(to_vec(&time).unwrap(), text);
        assert!(time.to_param() == ParamValue::scalar("2026-03-10T09:30:00"));
        let error = from_slice::<LocalDateTime>(br#""2026-03-10T09:30:00Z""#).unwrap_err();
        assert_eq!(error.expected(), "a date-time without an offset (RFC 3339)");
    }
}
