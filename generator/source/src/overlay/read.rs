//! An overlay document to its actions.

use std::collections::BTreeSet;

use serde_json_path::JsonPath;

use super::{Action, Change, Necessity, Overlay, Query, Version};
use crate::codes;
use crate::diagnostic::{Diagnostic, Sink};
use crate::emit::to_json;
use crate::tree::{NodeRef, Tree};

pub(super) fn read(root: NodeRef<'_>, sink: &mut Sink) -> Option<Overlay> {
    if !root.is_mapping() {
        let message = format!("overlay is {}, not an object", root.kind_name());
        sink.report(malformed(root, message));
        return None;
    }
    let mut text = Tree::new(root.span());
    let copy = text.copy(root);
    text.set_root(copy);
    let version = read_version(root, sink);
    check_keys(root, &["overlay", "info", "extends", "actions"], sink);
    check_info(root, sink);
    check_text(root, "extends", Presence::Optional, sink);
    let actions = read_actions(text.root(), version, sink)?;
    Some(Overlay { version, actions, text })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
}

/// A version that is not known is read as the newest.
fn read_version(root: NodeRef<'_>, sink: &mut Sink) -> Version {
    let Some(text) = check_text(root, "overlay", Presence::Required, sink) else {
        return Version::V1_1;
    };
    let is_patch = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    if text.strip_prefix("1.0.").is_some_and(is_patch) {
        return Version::V1_0;
    }
    if !text.strip_prefix("1.1.").is_some_and(is_patch) {
        let message = format!("overlay version `{text}` is not known");
        let node = root.get("overlay").unwrap_or(root);
        sink.report(malformed(node, message).help("write `overlay: 1.1.0`"));
    }
    Version::V1_1
}

fn check_info(root: NodeRef<'_>, sink: &mut Sink) {
    let Some(info) = root.get("info") else {
        sink.report(malformed(root, "overlay has no `info`"));
        return;
    };
    if !info.is_mapping() {
        let message = format!("`info` is {}, not an object", info.kind_name());
        sink.report(malformed(info, message));
        return;
    }
    check_keys(info, &["title", "version", "description"], sink);
    check_text(info, "title", Presence::Required, sink);
    check_text(info, "version", Presence::Required, sink);
    check_text(info, "description", Presence::Optional, sink);
}

fn read_actions(root: NodeRef<'_>, version: Version, sink: &mut Sink) -> Option<Vec<Action>> {
    let Some(list) = root.get("actions") else {
        sink.report(malformed(root, "overlay has no `actions`"));
        return None;
    };
    if !list.is_sequence() {
        let message = format!("`actions` is {}, not an array", list.kind_name());
        sink.report(malformed(list, message));
        return None;
    }
    if list.items().len() == 0 {
        sink.report(malformed(list, "overlay has no action"));
        return None;
    }
    let mut known = BTreeSet::new();
    let mut actions = Vec::new();
    for (index, node) in list.items().enumerate() {
        if !known.insert(to_json(node)) {
            sink.report(malformed(node, "action is given twice"));
            continue;
        }
        actions.extend(read_action(index, node, version, sink));
    }
    (!actions.is_empty()).then_some(actions)
}

fn read_action(
    index: usize,
    node: NodeRef<'_>,
    version: Version,
    sink: &mut Sink,
) -> Option<Action> {
    if !node.is_mapping() {
        let message = format!("action is {}, not an object", node.kind_name());
        sink.report(malformed(node, message));
        return None;
    }
    match version {
        Version::V1_0 => check_keys(node, &["target", "description", "update", "remove"], sink),
        Version::V1_1 => {
            check_keys(node, &["target", "description", "update", "copy", "remove"], sink);
        }
    }
    check_text(node, "description", Presence::Optional, sink);
    check_text(node, "target", Presence::Required, sink)?;
    let target = read_query(node.get("target")?, sink)?;
    let change = read_change(node, version, sink)?;
    let necessity = if read_flag(node, "x-optional", sink)? {
        Necessity::Optional
    } else {
        Necessity::Required
    };
    Some(Action { index, target, change, necessity })
}

fn read_change(node: NodeRef<'_>, version: Version, sink: &mut Sink) -> Option<Change> {
    let copy = node.get("copy").filter(|_| version == Version::V1_1);
    // A removal makes the other two ineffective (Overlay 1.0.0 and 1.1.0, Action Object).
    if read_flag(node, "remove", sink)? {
        return Some(Change::Remove);
    }
    match (node.get("update"), copy) {
        (None, None) => Some(Change::None),
        (Some(update), None) => Some(Change::Update(update.id())),
        (None, Some(copy)) => {
            check_text(node, "copy", Presence::Required, sink)?;
            Some(Change::Copy(read_query(copy, sink)?))
        }
        (Some(update), Some(copy)) => {
            sink.report(
                malformed(copy, "action has both `update` and `copy`; each makes the other void")
                    .label(update.key_span(), "")
                    .help("make two actions of it"),
            );
            None
        }
    }
}

fn read_query(node: NodeRef<'_>, sink: &mut Sink) -> Option<Query> {
    let text = node.as_str()?;
    match JsonPath::parse(text) {
        Ok(path) => {
            Some(Query { text: text.to_owned(), path, span: node.span(), pointer: node.pointer() })
        }
        Err(error) => {
            let message = format!("`{text}` is not a JSONPath query: {error}");
            sink.report(malformed(node, message).help(
                "queries follow RFC 9535: they start with `$`, and a name with other characters \
                 than letters, digits and `_` is written `['the-name']`",
            ));
            None
        }
    }
}

/// Reads an optional boolean; `None` if it is of another kind, which is reported.
fn read_flag(node: NodeRef<'_>, key: &str, sink: &mut Sink) -> Option<bool> {
    let Some(value) = node.get(key) else { return Some(false) };
    if value.as_bool().is_none() {
        let message = format!("`{key}` is {}, not a boolean", value.kind_name());
        sink.report(malformed(value, message));
    }
    value.as_bool()
}

fn check_text<'t>(
    node: NodeRef<'t>,
    key: &str,
    presence: Presence,
    sink: &mut Sink,
) -> Option<&'t str> {
    let Some(value) = node.get(key) else {
        if presence == Presence::Required {
            sink.report(malformed(node, format!("`{key}` is missing")));
        }
        return None;
    };
    if value.as_str().is_none() {
        let message = format!("`{key}` is {}, not a string", value.kind_name());
        sink.report(malformed(value, message));
    }
    value.as_str()
}

fn check_keys(node: NodeRef<'_>, known: &[&str], sink: &mut Sink) {
    for (key, value) in node.members() {
        if !known.contains(&key) && !key.starts_with("x-") {
            let message = format!("key `{key}` is not known here");
            let help = format!("known are {}, and names that start with `x-`", known.join(", "));
            sink.report(
                Diagnostic::new(&codes::OVERLAY_MALFORMED, message)
                    .label(value.key_span(), "")
                    .at(value.pointer())
                    .help(help),
            );
        }
    }
}

fn malformed(node: NodeRef<'_>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&codes::OVERLAY_MALFORMED, message).label(node.span(), "").at(node.pointer())
}
