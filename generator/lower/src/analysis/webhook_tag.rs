//! Where a webhook payload says which event it is.

use std::collections::BTreeMap;

use specwright_ir::{Api, Shape, Ty, TypeId, Webhook, WebhookTag};
use specwright_source::{Diagnostic, Pointer, Sink, codes};

/// Members inside members that are looked into. Envelopes have two or three levels.
const MAX_DEPTH: usize = 6;

/// Finds the place at which every payload has one string, a different one in each: a fixed string, or
/// the name of its webhook where a schema that several events share lists the names of them all.
///
/// If there are several, the strings that are the names of the webhooks decide, then the shortest
/// way, then the alphabet. Before: types are there. After: [`Api::webhook_tag`] and the tag of each
/// webhook are set together or not at all.
pub(crate) fn recognise(api: &mut Api, sink: &mut Sink) {
    let found: Vec<BTreeMap<Pointer, String>> =
        api.webhooks.iter().map(|webhook| fixed_strings(api, webhook)).collect();
    let Some(first) = found.first() else {
        return;
    };
    let agreed = first.keys().filter(|pointer| tells_apart(&found, pointer));
    let names = |pointer: &Pointer| {
        let mut pairs = api.webhooks.iter().zip(&found);
        pairs.all(|(webhook, strings)| strings.get(pointer) == Some(&webhook.name))
    };
    let best = agreed.min_by_key(|pointer| (!names(pointer), pointer.tokens().len(), *pointer));
    let Some(pointer) = best.cloned() else {
        return;
    };
    for (webhook, strings) in api.webhooks.iter_mut().zip(&found) {
        webhook.tag = strings.get(&pointer).cloned();
    }
    if let Some(webhook) = api.webhooks.first() {
        sink.report(
            Diagnostic::new(
                &codes::WEBHOOK_TAG,
                format!("webhooks are told apart by the string at `{pointer}`"),
            )
            .label(webhook.origin.span, "")
            .at(webhook.origin.pointer.clone())
            .note("every payload has a string of its own there: a fixed one, or the name of its webhook"),
        );
    }
    api.webhook_tag = Some(WebhookTag { pointer });
}

fn tells_apart(found: &[BTreeMap<Pointer, String>], pointer: &Pointer) -> bool {
    let mut tags: Vec<&String> = found.iter().filter_map(|strings| strings.get(pointer)).collect();
    tags.sort();
    tags.dedup();
    tags.len() == found.len()
}

/// Places of required members with one possible string, or with the name of the webhook among them.
fn fixed_strings(api: &Api, webhook: &Webhook) -> BTreeMap<Pointer, String> {
    let mut found = BTreeMap::new();
    let (payload, name) = (&webhook.payload, &webhook.name);
    collect(api, payload, name, &Pointer::root(), &mut Vec::new(), &mut found);
    found
}

fn collect(
    api: &Api,
    ty: &Ty,
    name: &str,
    at: &Pointer,
    path: &mut Vec<TypeId>,
    found: &mut BTreeMap<Pointer, String>,
) {
    let Ty::Def(id) = ty else {
        return;
    };
    if path.contains(id) || path.len() > MAX_DEPTH {
        return;
    }
    path.push(*id);
    match api.types.get(id.0).map(|def| &def.shape) {
        Some(Shape::Record { fields, .. }) => {
            for field in fields.iter().filter(|f| f.presence.required && !f.presence.nullable) {
                collect(api, &field.ty, name, &at.join(field.wire.as_str()), path, found);
            }
        }
        Some(Shape::Choice { values, base: specwright_ir::Scalar::String, .. }) => {
            let only = if let [only] = values.as_slice() { Some(only) } else { None };
            let own = || values.iter().find(|value| value.wire == name);
            if let Some(value) = only.or_else(own) {
                found.insert(at.clone(), value.wire.clone());
            }
        }
        Some(Shape::Alias(ty)) => collect(api, ty, name, at, path, found),
        Some(
            Shape::Choice { .. }
            | Shape::Union { .. }
            | Shape::Newtype(_)
            | Shape::Expandable { .. }
            | Shape::MergePatch(_),
        )
        | None => {}
    }
    path.pop();
}
