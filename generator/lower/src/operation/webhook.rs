//! Events that the API sends.

use specwright_ir::{Api, Ty, Webhook, Words};
use specwright_openapi::document::Operation;
use specwright_source::codes;

use super::{media, section};
use crate::lowering::{Lowering, docs, origin};
use crate::schema::use_of;
use crate::unsupported::unsupported;

/// Says how schemas inside the bodies are called.
pub(super) fn add_hints(lowering: &mut Lowering<'_>) {
    for (name, item) in &lowering.document.webhooks {
        if let Some(body) = item.operations.first().and_then(|op| op.request_body.as_ref()) {
            let own = section(&body.at, "requestBodies").unwrap_or(Words::split(name));
            let words = own.join(&Words::split("webhook"));
            media::add_hints(lowering, &body.content, &words);
        }
    }
}

/// Reads the webhooks, sorted by name. What an event is depends on the body alone; method and
/// parameters are the business of whoever receives it.
pub(crate) fn lower_webhooks(lowering: &mut Lowering<'_>, api: &mut Api) {
    for (name, item) in &lowering.document.webhooks {
        let Some(op) = item.operations.first() else {
            continue;
        };
        let webhook = webhook(lowering, name, op);
        api.webhooks.push(webhook);
    }
    api.webhooks.sort_by(|one, two| one.name.cmp(&two.name));
}

fn webhook(lowering: &mut Lowering<'_>, name: &str, op: &Operation) -> Webhook {
    let content = op.request_body.as_ref().map(|body| body.content.as_slice()).unwrap_or_default();
    let json = content.iter().find(|(range, _)| media::is_json(range));
    if json.is_none() && !content.is_empty() {
        lowering.sink.report(unsupported(
            &codes::MEDIA_UNSUPPORTED,
            &op.at,
            "a webhook whose body is not JSON",
            "read as any JSON value",
        ));
    }
    let payload = match json {
        Some((_, media)) => media.schema.map_or(Ty::Json, |id| use_of(lowering, id).in_place()),
        None if content.is_empty() => Ty::Nothing,
        None => Ty::Json,
    };
    Webhook {
        name: name.to_owned(),
        tag: None,
        payload,
        docs: docs(op.summary.as_ref(), op.description.as_ref()),
        origin: origin(&op.at),
    }
}
