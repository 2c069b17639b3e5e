//! A day of the calendar.

use std::fmt;
use std::str::FromStr;

use jiff::civil;

/// A day of the Gregorian calendar, without a time and without a place: `format: date`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// The day, if the calendar has it. Years run from -9999 to 9999.
    pub fn new(year: i16, month: u8, day: u8) -> Result<Self, DateError> {
        let (month, day) = (i8::try_from(month), i8::try_from(day));
        match (month, day) {
            (Ok(month), Ok(day)) => {
                civil::Date::new(year, month, day).map(Self).map_err(|_| DateError(()))
            }
            _ => Err(DateError(())),
        }
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, from 1 to 12.
    pub fn month(self) -> u8 {
        self.0.month().unsigned_abs()
    }

    /// The day of the month, from 1 to 31.
    pub fn day(self) -> u8 {
        self.0.day().unsigned_abs()
    }

    pub(super) fn from_civil(date: civil::Date) -> Self {
        Self(date)
    }

    pub(super) fn civil(self) -> civil::Date {
        self.0
    }
}

/// Reads `YYYY-MM-DD` (RFC 3339 §5.6, `full-date`) and nothing else.
impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let mut parts = text.splitn(3, '-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u16>().ok())?
        };
        match (number(4), number(2), number(2)) {
            (Some(year), Some(month), Some(day)) => Self::new(
                i16::try_from(year).map_err(|_| DateError(()))?,
                u8::try_from(month).map_err(|_| DateError(()))?,
                u8::try_from(day).map_err(|_| DateError(()))?,
            ),
            _ => Err(DateError(())),
        }
    }
}

/// Writes `YYYY-MM-DD`.
impl fmt::Display for Date {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

/// The calendar has no such day, or the text is not `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateError(());

impl fmt::Display for DateError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("not a day of the calendar as YYYY-MM-DD")
    }
}

impl std::error::Error for DateError {}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn reads_and_writes_the_same_text() {
        for text in ["2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "2025-02-29",
            "2025-9-01",
            "20250901",
            "2025-09-01T00:00:00Z",
            "+025-09-01",
            "2025-09-01-",
            "",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
