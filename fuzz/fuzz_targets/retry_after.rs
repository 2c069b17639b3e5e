//! Any headers: the wait that they ask for is one that somebody can sleep, or is said to be too long; and the windows that
//! they tell of are windows.
//!
//! Input: an answer, as [`Answer::read`] reads it.

#![no_main]

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use specwright_backoff::hint::{Hint, rate_limit_hint, retry_after};
use specwright_backoff::windows::{full_window, windows_told};
use specwright_core::security::RateReset;
use specwright_fuzz::{Answer, START};

/// The longest wait that a `Retry-After` may ask for.
const LONGEST: Duration = Duration::from_secs(600);

/// The longest wait that a rate window may ask for.
const LONGEST_WINDOW: Duration = Duration::from_secs(90);

fuzz_target!(|input: &[u8]| {
    let headers = Answer::read(input).headers;
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    let asked = retry_after(&headers, now);
    match asked {
        Some(Hint::Wait(wait)) => assert!(wait <= LONGEST),
        Some(Hint::TooLong(wait)) => assert!(wait > LONGEST),
        Some(Hint::Documented(_)) => panic!("no document was asked"),
        None => {}
    }
    for meaning in [RateReset::Undocumented, RateReset::EpochSeconds, RateReset::DelaySeconds] {
        let hint = rate_limit_hint(&headers, meaning, None, now);
        match (asked, hint) {
            (Some(_), _) => assert_eq!(hint, asked, "`Retry-After` wins"),
            (None, Some(Hint::Wait(wait))) => assert!(wait <= LONGEST_WINDOW),
            (None, Some(Hint::TooLong(wait))) => assert!(wait > LONGEST_WINDOW),
            (None, Some(Hint::Documented(_))) => panic!("no document was asked"),
            (None, None) => {}
        }
        at_least_what_is_documented(&headers, meaning, now);
    }
    let windows = windows_told(&headers);
    assert!(windows.iter().all(|window| window.limit > 0));
    assert!(windows.iter().all(|window| window.period.is_none_or(|period| !period.is_zero())));
    assert!(full_window(&headers).is_none_or(|full| windows.contains(&full)));
});

fn at_least_what_is_documented(headers: &HeaderMap, meaning: RateReset, now: SystemTime) {
    let documented = Duration::from_secs(60);
    let hint = rate_limit_hint(headers, meaning, Some(documented), now);
    match hint.expect("a documented wait is a hint") {
        Hint::Wait(wait) => assert!((documented..=LONGEST).contains(&wait)),
        Hint::Documented(wait) => assert_eq!(wait, documented),
        Hint::TooLong(wait) => assert!(wait > LONGEST_WINDOW),
    }
}
