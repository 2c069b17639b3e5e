//! `x-specwright-idempotency-key`: the header that makes repetition safe.

use specwright_ir::{Api, IdempotencyKey, Place};
use specwright_openapi::Document;
use specwright_openapi::document::{Value, extension};
use specwright_source::Number;

use super::{lowered, operations, vocabulary};

/// Gives operations the key header that the document states, and takes a parameter of that name
/// from the caller: the runtime writes the header, once for all attempts.
pub(crate) fn recognise(document: &Document, api: &mut Api) {
    for (template, op) in operations(document) {
        let Some(stated) = extension(&op.extensions, vocabulary::IDEMPOTENCY_KEY) else {
            continue;
        };
        let Some(header) = stated.value.member("header").and_then(Value::as_str) else {
            continue;
        };
        let retention = stated.value.member("retention_seconds").and_then(Value::as_number);
        if let Some(op) = lowered(api, template, op) {
            op.params.retain(|param| {
                param.place != Place::Header || !param.wire.eq_ignore_ascii_case(header)
            });
            op.idempotency = Some(IdempotencyKey {
                header: header.to_owned(),
                retention_seconds: retention.and_then(Number::as_u64),
            });
        }
    }
}
