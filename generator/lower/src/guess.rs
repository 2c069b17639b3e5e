//! Decisions that the document left open: collected, and compared with those of the lock.

use std::collections::BTreeMap;

use specwright_ir::lock::Lock;
use specwright_ir::{Api, Guess, GuessKind, Origin};
use specwright_openapi::Document;
use specwright_source::{Diagnostic, FileId, Pointer, Sink, codes};

use crate::convention;
use crate::lowering::origin;
use crate::operation::stated_id;

/// Notes what the names and groups of operations were made of where the document gives none, and
/// which of several servers was taken.
pub(crate) fn of_operations(document: &Document, api: &mut Api) {
    let mut guesses = Vec::new();
    for (template, op) in convention::operations(document) {
        let key = format!("{} {template}", op.method.as_str());
        let found = api.operations.binary_search_by(|lowered| lowered.key.cmp(&key));
        let Some(lowered) = found.ok().and_then(|index| api.operations.get(index)) else {
            continue;
        };
        let mut guess = |kind: GuessKind, value: String, because: &str| {
            guesses.push(Guess {
                key: key.clone(),
                kind,
                value,
                because: because.to_owned(),
                origin: origin(&op.at),
            });
        };
        if stated_id(op).is_none() {
            let because = "there is no `operationId`, so method and path name it";
            guess(GuessKind::Method, lowered.hint.to_string(), because);
            guess(GuessKind::Request, lowered.full_hint.to_string(), because);
        }
        let group = api.groups.get(lowered.group.0);
        if let Some(group) = group.filter(|_| op.tags.is_empty()) {
            let path: Vec<String> = group.path.iter().map(ToString::to_string).collect();
            guess(
                GuessKind::Group,
                path.join(" / "),
                "there is no tag, so the path names the group",
            );
        }
    }
    let mut servers = document.servers.iter();
    if let (Some(first), Some(url)) = (servers.next(), &api.server)
        && (servers.next().is_some() || !first.variables.is_empty())
    {
        guesses.push(Guess {
            key: "/servers".to_owned(),
            kind: GuessKind::Server,
            value: url.clone(),
            because: "the first server stands for all, its variables for their defaults".to_owned(),
            origin: origin(&first.at),
        });
    }
    api.guesses.extend(guesses);
}

/// Notes the place that tells webhooks apart.
pub(crate) fn of_webhooks(api: &mut Api) {
    if let (Some(tag), Some(webhook)) = (&api.webhook_tag, api.webhooks.first()) {
        api.guesses.push(Guess {
            key: "/webhooks".to_owned(),
            kind: GuessKind::WebhookTag,
            value: tag.pointer.to_string(),
            because: "every payload has a string of its own there".to_owned(),
            origin: webhook.origin.clone(),
        });
    }
}

/// Sorts the guesses, gives those about types the keys of their types, and reports each that the lock
/// has another answer for: the same document would have given another client before.
///
/// Before: definitions have their last keys. After: [`Api::guesses`] has no key and kind twice.
pub(crate) fn settle(api: &mut Api, lock: &Lock, sink: &mut Sink) {
    let keys: BTreeMap<_, _> = api.types.iter().map(|def| (place(&def.origin), &def.key)).collect();
    api.guesses.retain_mut(|guess| match keys.get(&place(&guess.origin)) {
        Some(key) => {
            guess.key.clone_from(key);
            true
        }
        // A definition that nothing mentions is dropped, and so is what was guessed about it.
        None => !ABOUT_TYPES.contains(&guess.kind),
    });
    api.guesses.sort_by(|one, two| (&one.key, one.kind).cmp(&(&two.key, two.kind)));
    api.guesses.dedup_by(|two, one| one.key == two.key && one.kind == two.kind);
    for guess in &api.guesses {
        let before = lock.guesses.get(&guess.key).and_then(|known| known.get(guess.kind.as_str()));
        if let Some(before) = before.filter(|before| **before != guess.value) {
            report(guess, before, sink);
        }
    }
}

fn report(guess: &Guess, before: &str, sink: &mut Sink) {
    sink.report(
        Diagnostic::new(
            &codes::GUESS_CHANGED,
            format!("the guess at the {} of `{}` has changed", guess.kind.as_str(), guess.key),
        )
        .label(guess.origin.span, "")
        .at(guess.origin.pointer.clone())
        .note(format!("it was {before}"))
        .note(format!("it is {}, because {}", guess.value, guess.because))
        .help("if the new one is right, let `api.lock` be written anew"),
    );
}

fn place(origin: &Origin) -> (Pointer, FileId, u32) {
    (origin.pointer.clone(), origin.span.file, origin.span.start)
}

/// Kinds of guess about a definition.
const ABOUT_TYPES: [GuessKind; 3] =
    [GuessKind::Dispatch, GuessKind::Expandable, GuessKind::Newtype];
