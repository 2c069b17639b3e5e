//! The lifetime of a token, as servers really write it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::json::{Decode, DecodeError, Encode, Node, NodeKind, Writer};
use crate::types::Json;

/// `expires_in` of a token answer (RFC 6749 §5.1).
///
/// The RFC wants the number of seconds from now. Servers also send floats, strings, and absolute times: the example in
/// Stora's own document is `1740242460`, which is `created_at` plus 7200. So a number of at least 1,000,000,000 is read as
/// a time (no token lives for 31 years), and one of at least 1,000,000,000,000 as a time in milliseconds.
///
/// What came is written back as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpiresIn {
    raw: Json,
    expiry: Expiry,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expiry {
    After(Duration),
    At(Duration),
}

/// The smallest number of seconds that is a time: 2001-09-09.
const FIRST_EPOCH_SECOND: f64 = 1e9;
/// The smallest number of milliseconds that is a time: 2001-09-09 too. As seconds it would be the year 33658.
const FIRST_EPOCH_MILLISECOND: f64 = 1e12;

impl ExpiresIn {
    /// A lifetime of so many seconds, counted from the answer.
    pub fn seconds(seconds: u32) -> Self {
        Self { raw: seconds.into(), expiry: Expiry::After(Duration::from_secs(seconds.into())) }
    }

    /// When the token expires. `base` is the time just before the token was asked for, so that the error is on the safe
    /// side; an absolute time does not need it.
    ///
    /// A time that the platform's clock cannot hold becomes `base`.
    pub fn expires_at(&self, base: SystemTime) -> SystemTime {
        match self.expiry {
            Expiry::After(delay) => base.checked_add(delay),
            Expiry::At(since_epoch) => UNIX_EPOCH.checked_add(since_epoch),
        }
        .unwrap_or(base)
    }

    /// What the number means. A negative one is a token that is dead on arrival.
    fn expiry(number: f64) -> Option<Expiry> {
        let seconds = |seconds| Duration::try_from_secs_f64(seconds).ok();
        if number >= FIRST_EPOCH_MILLISECOND {
            seconds(number / 1000.0).map(Expiry::At)
        } else if number >= FIRST_EPOCH_SECOND {
            seconds(number).map(Expiry::At)
        } else {
            seconds(number.max(0.0)).map(Expiry::After)
        }
    }
}

impl Decode for ExpiresIn {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let text = if from.kind() == NodeKind::String { from.str() } else { from.number() };
        let number = text.ok().and_then(|text| text.trim().parse::<f64>().ok());
        match number.filter(|number| number.is_finite()).and_then(Self::expiry) {
            Some(expiry) => Ok(Self { raw: from.decode()?, expiry }),
            None => Err(from.error("a number of seconds")),
        }
    }
}

impl Encode for ExpiresIn {
    fn encode(&self, to: &mut Writer) {
        to.value(&self.raw);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::ExpiresIn;
    use crate::json::{from_slice, to_vec};

    /// `created_at` of the example in the vendor's document.
    const CREATED: Duration = Duration::from_secs(1_740_235_260);

    fn expires(text: &str) -> SystemTime {
        from_slice::<ExpiresIn>(text.as_bytes()).unwrap().expires_at(UNIX_EPOCH + CREATED)
    }

    #[test]
    fn the_vendors_absolute_example_and_its_lifetime_are_the_same_time() {
        assert_eq!(expires("7200"), UNIX_EPOCH + Duration::from_secs(1_740_242_460));
        assert_eq!(expires("1740242460"), expires("7200"));
        assert_eq!(expires("1740242460000"), expires("7200"));
    }

    #[test]
    fn floats_and_numeric_strings_are_numbers() {
        for text in ["7200.0", "\"7200\"", "\"7200.0\"", "7.2e3", "\"1740242460\""] {
            assert_eq!(expires(text), expires("7200"), "{text}");
        }
    }

    #[test]
    fn the_border_between_lifetime_and_time_is_a_billion() {
        assert_eq!(expires("999999999"), UNIX_EPOCH + CREATED + Duration::from_secs(999_999_999));
        assert_eq!(expires("1000000000"), UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    }

    #[test]
    fn a_negative_lifetime_is_over_at_once() {
        assert_eq!(expires("-5"), UNIX_EPOCH + CREATED);
    }

    #[test]
    fn what_is_no_number_of_seconds_is_refused() {
        for text in ["\"\"", "\"soon\"", "\"inf\"", "\"NaN\"", "true", "null", "1e300", "{}"] {
            let error = from_slice::<ExpiresIn>(text.as_bytes()).unwrap_err();
            assert_eq!(error.expected(), "a number of seconds", "{text}");
        }
    }

    #[test]
    fn what_came_is_written_back() {
        for text in ["7200", "7200.0", "\"7200\"", "1740242460"] {
            let value: ExpiresIn = from_slice(text.as_bytes()).unwrap();
            assert_eq!(to_vec(&value).unwrap(), text.as_bytes());
        }
        assert_eq!(to_vec(&ExpiresIn::seconds(60)).unwrap(), b"60");
    }
}
