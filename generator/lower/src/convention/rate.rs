//! `x-specwright-rate-limits` and `x-specwright-rate-limit-reset`.

use specwright_ir::{Api, RateWindow, ResetUnit};
use specwright_openapi::Document;
use specwright_openapi::document::{Value, extension};

use super::vocabulary;

/// Gives the API its quotas, sorted by length, and the unit of its reset header.
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
}

fn window(value: &Value) -> Option<RateWindow> {
    let number = |name: &str| {
        let number = value.member(name).and_then(Value::as_number)?.as_u64()?;
        u32::try_from(number).ok().filter(|number| *number > 0)
    };
    Some(RateWindow { requests: number("requests")?, seconds: number("seconds")? })
}
