//! What was found, as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use specwright_ir::{Api, OperationId, Requirement, SchemeId, SchemeKind};

use super::choice::{self, Scopes};
use super::sources::Sources;
use super::surface::EXPAND;
use super::{Answer, Doubt, Found, Place};
use crate::render::visible;

/// The answer to a user.
pub(super) fn answer(api: &Api, sources: &Sources, found: &Found) -> Answer {
    let alternatives: BTreeMap<OperationId, Vec<Scopes>> =
        found.calls.keys().map(|operation| (*operation, alternatives(api, *operation))).collect();
    let chosen = choice::smallest(alternatives.values().map(Vec::as_slice));
    let mut users: BTreeMap<Option<&str>, BTreeSet<OperationId>> = BTreeMap::new();
    for (operation, alternatives) in &alternatives {
        let needed = choice::allowed(alternatives, &chosen).into_iter().flatten();
        let mut needed: Vec<Option<&str>> = needed.map(|scope| Some(scope.as_str())).collect();
        if needed.is_empty() {
            needed.push(None);
        }
        for scope in needed {
            users.entry(scope).or_default().insert(*operation);
        }
    }
    // What needs no scope stands last.
    let free = users.remove(&None);
    let mut text = String::new();
    for (scope, operations) in &users {
        section(&mut text, scope.unwrap_or_default(), operations, api, sources, found);
    }
    if let Some(operations) = free {
        section(&mut text, "no scope", &operations, api, sources, found);
    }
    for (place, names) in &found.expansions {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let names =
            if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        let _ = writeln!(
            text,
            "note: {}: `{EXPAND}`{names}: each resource that is given in full needs the scope that reads it\n",
            written(sources, *place)
        );
    }
    let scopes: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let _ = writeln!(text, "{}", scopes.join(" "));
    let doubts = found.doubts.iter().map(|(place, doubt)| {
        let place = written(sources, *place);
        visible(&format!("{place}: {}", words(api, doubt)))
    });
    Answer { text: visible(&text), doubts: doubts.collect() }
}

/// The scopes of each way to be allowed an operation: of each requirement of `security`, one of which
/// must hold with all its schemes. Those that a token alone satisfies come before those that ask for
/// another credential, with a token beside it or without.
fn alternatives(api: &Api, operation: OperationId) -> Vec<Scopes> {
    let requirements = api.operations.get(operation.0).map(|operation| &operation.security);
    let (by_token, others): (Vec<&Requirement>, Vec<&Requirement>) =
        requirements.into_iter().flatten().partition(|requirement| {
            requirement.schemes.iter().all(|(scheme, _)| takes_token(api, *scheme))
        });
    let counted = if by_token.is_empty() { others } else { by_token };
    let scopes = counted.into_iter().map(|requirement| {
        let granted = requirement.schemes.iter().filter(|(scheme, _)| takes_token(api, *scheme));
        granted.flat_map(|(_, scopes)| scopes.iter().cloned()).collect()
    });
    scopes.collect()
}

/// True if an access token satisfies a scheme, and so what a requirement lists for it are scopes. Since
/// OpenAPI 3.1 other schemes may list names too: roles, which no token is asked for with (Security
/// Requirement Object). With `bearer` they are the scopes of a token that somebody else describes.
fn takes_token(api: &Api, scheme: SchemeId) -> bool {
    match api.schemes.get(scheme.0).map(|scheme| &scheme.kind) {
        Some(SchemeKind::Bearer | SchemeKind::OAuth2(_)) => true,
        Some(SchemeKind::Other { kind }) => kind == "openIdConnect",
        Some(SchemeKind::Basic | SchemeKind::ApiKey { .. }) | None => false,
    }
}

fn section(
    text: &mut String,
    heading: &str,
    operations: &BTreeSet<OperationId>,
    api: &Api,
    sources: &Sources,
    found: &Found,
) {
    let _ = writeln!(text, "{heading}");
    for operation in operations {
        let _ = writeln!(text, "  {}", key(api, *operation));
        // Several on one line are one place to look at.
        let places = found.calls.get(operation).into_iter().flatten();
        let lines: BTreeSet<(usize, usize)> =
            places.map(|place| (place.file, place.line)).collect();
        for (file, line) in lines {
            let name = sources.files.get(file).map_or("", |source| &source.name);
            let _ = writeln!(text, "    {name}:{line}");
        }
    }
    text.push('\n');
}

fn words(api: &Api, doubt: &Doubt) -> String {
    let keys = |candidates: &[OperationId]| {
        let keys: Vec<&str> = candidates.iter().map(|operation| key(api, *operation)).collect();
        keys.join(", ")
    };
    match doubt {
        Doubt::Receiver { method, candidates } => format!(
            "`{method}` is called on something of a type that cannot be told; it may be {}; not counted. \
             State the type where the value begins",
            keys(candidates)
        ),
        Doubt::Names { method, candidates } => format!(
            "`{method}` is called on something of a type that cannot be told; by its names it is {}; \
             counted. State the type where the value begins",
            keys(candidates)
        ),
        Doubt::Request { name, candidates } => format!(
            "`{name}` comes from elsewhere than the client; it may be the request of {}; not counted",
            keys(candidates)
        ),
        Doubt::Sent => {
            "`send` is given a request of a type that cannot be told; not counted".to_owned()
        }
        Doubt::Raw => {
            "`request` reaches what the document does not describe; not counted".to_owned()
        }
        Doubt::File(problem) => format!("the file cannot be read as Rust ({problem}); not counted"),
    }
}

fn key(api: &Api, operation: OperationId) -> &str {
    api.operations.get(operation.0).map_or("", |operation| &operation.key)
}

fn written(sources: &Sources, place: Place) -> String {
    let name = sources.files.get(place.file).map_or("", |source| &source.name);
    format!("{name}:{}:{}", place.line, place.column)
}
