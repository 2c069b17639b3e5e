//! How long a token is valid, from what servers write about it.

use std::time::{Duration, SystemTime};

use serde_json::Value;

/// The lifetime when the answer names none, unless the caller knows better. RFC 6749 §5.1 only recommends `expires_in`;
/// "for ever" would mean a token that is never refreshed.
pub(crate) const UNNAMED_LIFETIME: Duration = Duration::from_secs(3_600);

/// The lifetime when the answer says that the token has ended already. It may work all the same, and asking for the
/// next one at once would get the same answer.
const ENDED_LIFETIME: Duration = Duration::from_secs(60);

/// No token is trusted for longer than this without asking again.
const LONGEST_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// From here on `expires_in` is a moment in seconds since 1970 (2001-09-09), not a lifetime of 31 years.
const EPOCH_SECONDS: f64 = 1e9;

/// From here on it is a moment in milliseconds since 1970.
const EPOCH_MILLIS: f64 = 1e12;

/// What a lifetime is reckoned with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reckoning {
    /// `Date` of the answer, if it has a usable one.
    pub(crate) date: Option<SystemTime>,
    /// The local clock.
    pub(crate) local: SystemTime,
    /// The lifetime when the answer names none.
    pub(crate) unnamed: Duration,
}

impl Reckoning {
    /// The lifetime that `expires_in` means: a number or a text, of seconds or of a moment.
    pub(crate) fn lifetime(
        &self,
        expires_in: Option<&Value>,
        created_at: Option<&Value>,
    ) -> Duration {
        let Some(given) = expires_in.and_then(number) else {
            return self.unnamed;
        };
        let seconds = if given < EPOCH_SECONDS {
            given
        } else {
            let moment = if given < EPOCH_MILLIS { given } else { given / 1_000.0 };
            self.until(moment, created_at.and_then(number))
        };
        if seconds <= 0.0 {
            return ENDED_LIFETIME;
        }
        Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_LIFETIME).min(LONGEST_LIFETIME)
    }

    /// Seconds until a moment, by the server's own clock if the answer shows it.
    ///
    /// `Date` is the clock of this very answer. `created_at` is second, because a server that hands out the same token
    /// again keeps its old one; it rescues answers whose moment lies before their `Date`, as stored examples do.
    fn until(&self, moment: f64, created_at: Option<f64>) -> f64 {
        [self.date.map(since_1970), created_at, Some(since_1970(self.local))]
            .into_iter()
            .flatten()
            .map(|now| moment - now)
            .find(|left| *left > 0.0)
            .unwrap_or(0.0)
    }
}

fn since_1970(moment: SystemTime) -> f64 {
    moment.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// A number, or a text that holds one. `inf` and `NaN` are neither.
fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 2025-02-22, the moment of the vendor's example.
    const CREATED: u64 = 1_740_235_260;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn reckoning(date: Option<u64>, local: u64) -> Reckoning {
        Reckoning { date: date.map(at), local: at(local), unnamed: UNNAMED_LIFETIME }
    }

    fn seconds(expires_in: &Value) -> u64 {
        reckoning(Some(CREATED), CREATED).lifetime(Some(expires_in), None).as_secs()
    }

    #[test]
    fn expires_in_is_read_as_number_float_and_text() {
        for form in [json!(7200), json!(7200.0), json!(7.2e3), json!("7200"), json!(" 7200.5 ")] {
            assert_eq!(seconds(&form), 7_200, "{form}");
        }
    }

    #[test]
    fn expires_in_as_a_moment_is_compared_with_the_date_of_the_answer() {
        for form in [json!(1_740_242_460), json!(1_740_242_460_000_u64), json!("1740242460")] {
            assert_eq!(seconds(&form), 7_200, "{form}");
        }
    }

    #[test]
    fn the_vendors_stored_example_is_two_hours_whenever_it_is_served() {
        let later = CREATED + 31_536_000;
        let lifetime = reckoning(Some(later), later)
            .lifetime(Some(&json!(1_740_242_460)), Some(&json!(1_740_235_260)));
        assert_eq!(lifetime, Duration::from_secs(7_200));
    }

    #[test]
    fn without_date_and_creation_a_moment_is_compared_with_the_local_clock() {
        let lifetime = reckoning(None, CREATED).lifetime(Some(&json!(1_740_242_460)), None);
        assert_eq!(lifetime, Duration::from_secs(7_200));
    }

    #[test]
    fn a_lifetime_counts_from_the_request_and_not_from_the_creation() {
        let lifetime = reckoning(Some(CREATED), CREATED)
            .lifetime(Some(&json!(600)), Some(&json!(1_740_230_000)));
        assert_eq!(lifetime, Duration::from_secs(600));
    }

    #[test]
    fn a_missing_or_unreadable_lifetime_is_the_one_that_the_caller_set() {
        let unnamed = Duration::from_secs(7_200);
        let reckoning = Reckoning { unnamed, ..reckoning(None, CREATED) };
        assert_eq!(reckoning.lifetime(None, None), unnamed);
        for form in [json!(null), json!("soon"), json!("inf"), json!("NaN"), json!({}), json!([1])]
        {
            assert_eq!(reckoning.lifetime(Some(&form), None), unnamed, "{form}");
        }
    }

    #[test]
    fn a_lifetime_that_is_over_is_a_minute() {
        for form in [json!(0), json!(-1), json!(-1e300)] {
            assert_eq!(seconds(&form), 60, "{form}");
        }
    }

    #[test]
    fn no_lifetime_is_longer_than_thirty_days() {
        for form in [json!(999_999_999), json!(1e300), json!(99_999_999_999_u64)] {
            assert_eq!(seconds(&form), 2_592_000, "{form}");
        }
    }
}
