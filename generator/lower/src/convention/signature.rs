//! `x-specwright-webhook-signature`.

use specwright_ir::{Api, WebhookSignature};
use specwright_openapi::Document;
use specwright_openapi::document::{Operation, Place, Value, extension};
use specwright_source::{Diagnostic, Sink, codes};

use super::vocabulary::WEBHOOK_SIGNATURE;
use super::wire;

/// Tells the API how it signs what it sends: the same for every webhook, or nothing, which is reported.
///
/// A receiver has one endpoint for all webhooks, and cannot know which one arrives before it has verified it.
///
/// Before: nothing. Cost: one look at each webhook.
pub(crate) fn recognise(document: &Document, api: &mut Api, sink: &mut Sink) {
    let webhooks = document.webhooks.iter();
    let webhooks: Vec<Webhook<'_>> =
        webhooks.filter_map(|(name, item)| Some(webhook(name, item.operations.first()?))).collect();
    let Some(first) = webhooks.iter().find(|webhook| webhook.signature.is_some()) else {
        return;
    };
    match webhooks.iter().find(|other| other.signature != first.signature) {
        Some(other) => sink.report(disagreement(first, other)),
        None => api.webhook_signature.clone_from(&first.signature),
    }
}

struct Webhook<'d> {
    name: &'d str,
    signature: Option<WebhookSignature>,
    /// The key that states the signature; the operation if none does.
    at: &'d Place,
}

fn webhook<'d>(name: &'d str, op: &'d Operation) -> Webhook<'d> {
    let stated = extension(&op.extensions, WEBHOOK_SIGNATURE);
    match stated.and_then(|stated| Some((read(&stated.value)?, &stated.at))) {
        Some((signature, at)) => Webhook { name, signature: Some(signature), at },
        None => Webhook { name, signature: None, at: &op.at },
    }
}

fn disagreement(first: &Webhook<'_>, other: &Webhook<'_>) -> Diagnostic {
    let (one, two) = (first.name, other.name);
    let there = match &other.signature {
        Some(_) => "another one here",
        None => "none here",
    };
    Diagnostic::new(
        &codes::SIGNATURES_DIFFER,
        format!("`{WEBHOOK_SIGNATURE}` of `{one}` is not that of `{two}`"),
    )
    .label(first.at.span, "a signature here")
    .label(other.at.span, there)
    .at(first.at.pointer.clone())
    .note("no signature is taken: a receiver cannot know which webhook arrives before it has verified it")
    .help("state the same signature for every webhook")
}

/// The signature that a value of the key describes.
pub(super) fn read(value: &Value) -> Option<WebhookSignature> {
    let text = |name: &str| value.member(name).and_then(Value::as_str);
    let known =
        |names: &[&str]| value.members().iter().all(|(name, _)| names.contains(&name.as_str()));
    match text("scheme")? {
        "stora-v1" if known(&["header", "id", "scheme"]) => Some(WebhookSignature::Timestamped {
            header: text("header").filter(|name| wire::is_field_name(name))?.to_owned(),
            id: text("id").filter(|id| wire::is_pointer(id))?.to_owned(),
        }),
        "standard-webhooks" if known(&["header", "scheme"]) => {
            (text("header")? == "webhook-signature").then_some(WebhookSignature::Standard)
        }
        _ => None,
    }
}
