//! When the server says how long to wait.
//!
//! `Retry-After` (RFC 9110 §10.2.3) wins; after it come the fields that tell of rate windows ([`windows`]), of which
//! `RateLimit` is first. A moment is compared with the `Date` of the same answer, so a wrong local clock does no harm;
//! only an answer without `Date` is compared with the local clock. A header that is not of its grammar is as good as
//! absent.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use specwright_core::security::RateReset;

use crate::when::{Decimal, When, date};
use crate::windows;

/// The longest wait that a `Retry-After` may ask for.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(600);

/// The longest wait for a rate window: the largest documented one is 60 s, and half of it again for clocks.
const RESET_CAP: Duration = Duration::from_secs(90);

/// `Retry-After` in milliseconds, in the order in which Azure's clients ask for them (azure-sdk-for-rust#1517). `OpenAI`
/// sends the first of them as well.
const RETRY_AFTER_MILLIS: [HeaderName; 2] =
    [HeaderName::from_static("retry-after-ms"), HeaderName::from_static("x-ms-retry-after-ms")];

/// How long to wait before sending again, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The server: wait so long, then send again.
    Wait(Duration),
    /// The API's document, for every 429. The server itself named no time, so nothing says that it will take the request
    /// then.
    Documented(Duration),
    /// The server: longer than anyone should sleep for (`Retry-After`: 10 min, a rate window: 90 s). Not to be slept; tell the
    /// caller when to come back.
    TooLong(Duration),
}

impl Hint {
    /// The wait.
    pub fn duration(self) -> Duration {
        match self {
            Self::Wait(duration) | Self::Documented(duration) | Self::TooLong(duration) => duration,
        }
    }

    fn capped(wait: Duration, cap: Duration) -> Self {
        if wait > cap { Self::TooLong(wait) } else { Self::Wait(wait) }
    }
}

/// The hint of a 429: `Retry-After`, or else the reset of the rate window, but at least what the API's document states for
/// every 429.
///
/// The documented wait has no cap: it is no number that a server made up for one answer. `local_now` is used only when the
/// answer has no usable `Date`.
pub fn rate_limit_hint(
    headers: &HeaderMap,
    meaning: RateReset,
    documented: Option<Duration>,
    local_now: SystemTime,
) -> Option<Hint> {
    let asked = retry_after(headers, local_now).or_else(|| {
        let wait = windows::wait(headers, meaning, server_now(headers, local_now))?;
        Some(Hint::capped(wait, RESET_CAP))
    });
    match (asked, documented) {
        // A moment that has passed says no more than no hint at all.
        (None | Some(Hint::Wait(Duration::ZERO)), Some(least)) => Some(Hint::Documented(least)),
        (Some(asked), Some(least)) if asked.duration() < least => Some(Hint::Wait(least)),
        (asked, _) => asked,
    }
}

/// The hint of any other answer: `Retry-After` alone, because a reset rides on every answer of some servers and says
/// nothing about a fault.
///
/// The same wait in milliseconds wins, because it is the more exact one.
pub fn retry_after(headers: &HeaderMap, local_now: SystemTime) -> Option<Hint> {
    let millis = RETRY_AFTER_MILLIS
        .iter()
        .find_map(|name| Decimal::read(text(headers, name)?).map(Decimal::millis));
    let wait = match millis {
        Some(wait) => wait,
        None => {
            let when = When::of_retry_after(text(headers, &RETRY_AFTER)?)?;
            when.wait(RateReset::Undocumented, server_now(headers, local_now))
        }
    };
    Some(Hint::capped(wait, RETRY_AFTER_CAP))
}

fn server_now(headers: &HeaderMap, local_now: SystemTime) -> SystemTime {
    text(headers, &DATE).and_then(date).unwrap_or(local_now)
}

/// The value of a field, without the space around it (RFC 9110 §5.5).
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    Some(headers.get(name)?.to_str().ok()?.trim_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use http::HeaderValue;

    use super::*;

    const DATE_TEXT: &str = "Tue, 10 Mar 2026 08:00:00 GMT";
    /// [`DATE_TEXT`] in seconds since 1970.
    const NOW: u64 = 1_773_129_600;

    fn local(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn hint_at(headers: &[(&'static str, &str)], local_now: SystemTime) -> Option<Hint> {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
            })
            .collect();
        rate_limit_hint(&map, RateReset::Undocumented, None, local_now)
    }

    fn hint(headers: &[(&'static str, &str)]) -> Option<Hint> {
        hint_at(headers, local(NOW))
    }

    #[expect(clippy::unnecessary_wraps, reason = "compared with what `hint` returns")]
    fn wait(seconds: u64) -> Option<Hint> {
        Some(Hint::Wait(Duration::from_secs(seconds)))
    }

    #[test]
    fn retry_after_in_seconds_is_the_wait() {
        assert_eq!(hint(&[("retry-after", "7")]), wait(7));
    }

    #[test]
    fn retry_after_as_a_date_is_compared_with_the_date_of_the_answer() {
        let headers = [("retry-after", "Tue, 10 Mar 2026 08:00:20 GMT"), ("date", DATE_TEXT)];
        assert_eq!(hint_at(&headers, local(NOW - 31_536_000)), wait(21));
    }

    #[test]
    fn the_two_older_date_forms_are_read() {
        for date in ["Tuesday, 10-Mar-26 08:00:20 GMT", "Tue Mar 10 08:00:20 2026"] {
            assert_eq!(hint(&[("retry-after", date), ("date", DATE_TEXT)]), wait(21), "{date}");
        }
    }

    #[test]
    fn a_date_that_has_passed_is_no_wait() {
        let headers = [("retry-after", "Tue, 10 Mar 2026 07:00:00 GMT"), ("date", DATE_TEXT)];
        assert_eq!(hint(&headers), wait(0));
    }

    #[test]
    fn retry_after_wins_over_a_reset() {
        assert_eq!(hint(&[("retry-after", "2"), ("ratelimit-reset", "40")]), wait(2));
    }

    #[test]
    fn what_is_not_digits_is_as_good_as_absent() {
        for value in
            ["inf", "-1", "+3", "1.5", "1.", "1e3", "", "٣", "0x10", "111111111111111111111"]
        {
            assert_eq!(hint(&[("retry-after", value)]), None, "{value}");
            assert_eq!(hint(&[("ratelimit-reset", value)]), None, "{value}");
        }
    }

    #[test]
    fn a_damaged_retry_after_leaves_the_reset_in_charge() {
        assert_eq!(hint(&[("retry-after", "soon"), ("x-ratelimit-reset", "4")]), wait(4));
    }

    #[test]
    fn a_reset_below_a_thousand_million_is_a_number_of_seconds() {
        assert_eq!(hint(&[("ratelimit-reset", "30")]), wait(30));
    }

    #[test]
    fn a_reset_moment_is_compared_with_the_date_of_the_answer_whatever_the_local_clock_says() {
        let reset = (NOW + 30).to_string();
        let headers = [("ratelimit-reset", reset.as_str()), ("date", DATE_TEXT)];
        for wrong in [NOW - 31_536_000, NOW, NOW + 31_536_000] {
            assert_eq!(hint_at(&headers, local(wrong)), wait(31));
        }
    }

    #[test]
    fn a_documented_delay_is_never_read_as_a_moment() {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("ratelimit-reset"),
            HeaderValue::from_static("1773129630"),
        )]);
        let hint = rate_limit_hint(&headers, RateReset::DelaySeconds, None, local(NOW));
        assert_eq!(hint, Some(Hint::TooLong(Duration::from_secs(1_773_129_630))));
    }

    #[test]
    fn a_reset_moment_in_milliseconds_is_understood() {
        let reset = ((NOW + 30) * 1_000).to_string();
        assert_eq!(hint(&[("ratelimit-reset", &reset), ("date", DATE_TEXT)]), wait(31));
    }

    #[test]
    fn a_reset_moment_that_has_passed_is_no_wait() {
        let reset = (NOW - 300).to_string();
        assert_eq!(hint(&[("ratelimit-reset", &reset), ("date", DATE_TEXT)]), wait(0));
    }

    #[test]
    fn without_a_date_the_local_clock_is_used() {
        let reset = (NOW + 30).to_string();
        assert_eq!(hint(&[("ratelimit-reset", &reset)]), wait(31));
    }

    /// The hint of a 429 with this `Retry-After`, of an API whose document states so many seconds.
    fn documented(retry_after: Option<&'static str>, seconds: u64) -> Option<Hint> {
        let field = retry_after.map(|value| (RETRY_AFTER, HeaderValue::from_static(value)));
        let headers = HeaderMap::from_iter(field);
        let documented = Some(Duration::from_secs(seconds));
        rate_limit_hint(&headers, RateReset::Undocumented, documented, local(NOW))
    }

    #[test]
    fn a_documented_wait_is_the_least_that_a_server_can_ask_for() {
        for (asked, seconds) in [("7", 60), ("60", 60), ("61", 61)] {
            assert_eq!(documented(Some(asked), 60), wait(seconds), "{asked}");
        }
    }

    #[test]
    fn a_documented_wait_is_no_word_of_a_server_that_names_no_time() {
        for asked in [None, Some("0"), Some("soon")] {
            let hint = documented(asked, 60);
            assert_eq!(hint, Some(Hint::Documented(Duration::from_secs(60))), "{asked:?}");
        }
    }

    #[test]
    fn a_documented_wait_has_no_cap_and_lifts_none() {
        let hour = Duration::from_secs(3_600);
        assert_eq!(documented(None, 3_600), Some(Hint::Documented(hour)));
        assert_eq!(documented(Some("601"), 60), Some(Hint::TooLong(Duration::from_secs(601))));
    }

    #[test]
    fn a_reset_says_nothing_about_a_fault() {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("ratelimit-reset"),
            HeaderValue::from_static("30"),
        )]);
        assert_eq!(retry_after(&headers, local(NOW)), None);
    }

    #[test]
    fn beyond_the_cap_nobody_sleeps() {
        for (name, value) in [("retry-after", "601"), ("ratelimit-reset", "91")] {
            let hint = hint(&[(name, value)]).unwrap();
            assert!(matches!(hint, Hint::TooLong(_)), "{name}: {hint:?}");
        }
        assert_eq!(hint(&[("retry-after", "600")]), wait(600));
        assert_eq!(hint(&[("ratelimit-reset", "90")]), wait(90));
    }

    #[test]
    fn the_largest_numbers_neither_wrap_nor_panic() {
        for value in ["9223372036854775807", "18446744073709551615", "99999999999999999999"] {
            for name in ["retry-after", "ratelimit-reset"] {
                let hint = hint(&[(name, value), ("date", DATE_TEXT)]).unwrap();
                assert!(matches!(hint, Hint::TooLong(_)), "{name}: {value}: {hint:?}");
            }
        }
    }
}
