//! `x-specwright-rate-limits`, `x-specwright-rate-limit-reset` and `x-specwright-rate-limit-wait`.

use specwright_ir::{Api, RateWindow, ResetUnit};
use specwright_openapi::Document;
use specwright_openapi::document::{Value, extension};

use super::vocabulary;

/// Gives the API its quotas, sorted by length, the unit of its reset header, and the wait after a
/// refusal.
pub(crate) fn recognise(document: &Document, api: &mut Api) {
    let stated = extension(&document.extensions, vocabulary::RATE_LIMITS);
    let windows = stated.map(|stated| stated.value.items()).unwrap_or_default();
    api.rate_windows = windows.iter().filter_map(window).collect();
    api.rate_windows.sort_by_key(|window| (window.seconds, window.requests));
    let reset = extension(&document.extensions, vocabulary::RATE_LIMIT_RESET);
    api.rate_reset = match reset.and_then(|reset| reset.value.as_str()) {
        Some("epoch-seconds") => ResetUnit::EpochSeconds,
        Some("delta-seconds") => ResetUnit::DeltaSeconds,
        _ => ResetUnit::Unknown,
    };
    let wait = extension(&document.extensions, vocabulary::RATE_LIMIT_WAIT);
    api.rate_limit_wait = wait.and_then(|wait| positive(&wait.value));
}

/// A whole number above zero.
pub(super) fn positive(value: &Value) -> Option<u32> {
    let number = u32::try_from(value.as_number()?.as_u64()?).ok()?;
    (number > 0).then_some(number)
}

fn window(value: &Value) -> Option<RateWindow> {
    let number = |name: &str| value.member(name).and_then(positive);
    Some(RateWindow { requests: number("requests")?, seconds: number("seconds")? })
}
