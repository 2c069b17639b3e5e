//! `x-specwright-error-envelope`.

use specwright_ir::{Api, ErrorEnvelope};
use specwright_openapi::Document;
use specwright_openapi::document::{Value, extension};

use super::vocabulary;

/// Tells the API where its errors say what they are.
pub(crate) fn recognise(document: &Document, api: &mut Api) {
    let stated = extension(&document.extensions, vocabulary::ERROR_ENVELOPE);
    api.error_envelope = stated.and_then(|stated| envelope(&stated.value));
}

fn envelope(value: &Value) -> Option<ErrorEnvelope> {
    let text = |name: &str| value.member(name).and_then(Value::as_str).map(str::to_owned);
    let faults = value.member("server_faults").map(Value::items).unwrap_or_default();
    Some(ErrorEnvelope {
        request_id: text("request_id"),
        code: text("code")?,
        server_faults: faults.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}
