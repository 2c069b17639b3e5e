//! `x-specwright-webhook-signature`.

use specwright_ir::{Api, WebhookSignature};
use specwright_openapi::Document;
use specwright_openapi::document::{Operation, Value, extension};

use super::vocabulary;

/// Tells the API how it signs what it sends: the same for every webhook, or nothing.
///
/// A receiver has one endpoint for all webhooks, and cannot know which one arrives before it has verified it.
pub(crate) fn recognise(document: &Document, api: &mut Api) {
    let mut stated =
        document.webhooks.iter().filter_map(|(_, item)| item.operations.first()).map(signature);
    let first = stated.next().flatten();
    api.webhook_signature = first.filter(|first| stated.all(|other| other.as_ref() == Some(first)));
}

fn signature(op: &Operation) -> Option<WebhookSignature> {
    let stated = extension(&op.extensions, vocabulary::WEBHOOK_SIGNATURE)?;
    read(&stated.value)
}

/// The signature that a value of the key describes.
pub(super) fn read(value: &Value) -> Option<WebhookSignature> {
    let text = |name: &str| value.member(name).and_then(Value::as_str);
    let known =
        |names: &[&str]| value.members().iter().all(|(name, _)| names.contains(&name.as_str()));
    match text("scheme")? {
        "stora-v1" if known(&["header", "id", "scheme"]) => Some(WebhookSignature::Timestamped {
            header: text("header")?.to_owned(),
            id: text("id").filter(|id| id.starts_with('/'))?.to_owned(),
        }),
        "standard-webhooks" if known(&["header", "scheme"]) => {
            (text("header")? == "webhook-signature").then_some(WebhookSignature::Standard)
        }
        _ => None,
    }
}
