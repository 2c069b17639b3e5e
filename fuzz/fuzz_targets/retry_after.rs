//! Any headers: the wait that they ask for is one that somebody can sleep, or is said to be too long.
//!
//! Input: an answer, as [`Answer::read`] reads it.

#![no_main]

use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use specwright_backoff::hint::{Hint, rate_limit_hint, retry_after};
use specwright_core::security::RateReset;
use specwright_fuzz::{Answer, START};

/// The longest wait that a header may ask for.
const LONGEST: Duration = Duration::from_secs(600);

fuzz_target!(|input: &[u8]| {
    let headers = Answer::read(input).headers;
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    let documented = Duration::from_secs(60);
    for meaning in [RateReset::Undocumented, RateReset::DelaySeconds] {
        for least in [None, Some(documented)] {
            let Some(hint) = rate_limit_hint(&headers, meaning, least, now) else {
                assert_eq!(least, None, "a documented wait is a hint");
                continue;
            };
            match hint {
                Hint::Wait(wait) => assert!(wait <= LONGEST),
                Hint::Documented(wait) => assert_eq!(wait, documented),
                Hint::TooLong(wait) => assert!(wait > Duration::from_secs(90)),
            }
            assert!(least.is_none_or(|least| hint.duration() >= least));
        }
    }
    match retry_after(&headers, now) {
        Some(Hint::Wait(wait)) => assert!(wait <= LONGEST),
        Some(Hint::TooLong(wait)) => assert!(wait > LONGEST),
        Some(Hint::Documented(_)) => panic!("no document was asked"),
        None => {}
    }
});
