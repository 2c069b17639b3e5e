//! Groups: operations that share a handle.

use std::collections::BTreeMap;

use specwright_ir::{Group, Words};
use specwright_openapi::Document;
use specwright_openapi::document::Operation;

use crate::lowering::docs;

/// The groups that have an operation, sorted. If several tags have the same words, the one that
/// sorts first gives its text.
pub(super) fn groups(document: &Document) -> Vec<Group> {
    let mut groups: BTreeMap<Vec<Words>, Option<&str>> = BTreeMap::new();
    for (template, item) in &document.paths {
        for op in &item.operations {
            let tag = op.tags.first().map(String::as_str).filter(|tag| !words(tag).is_empty());
            let known = groups.entry(path_of(op, template)).or_insert(tag);
            *known = match (*known, tag) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            };
        }
    }
    groups
        .into_iter()
        .map(|(path, tag)| {
            let declared =
                document.tags.iter().find(|declared| Some(declared.name.as_str()) == tag);
            let docs = declared.map(|tag| docs(tag.summary.as_ref(), tag.description.as_ref()));
            Group { path, tag: tag.map(str::to_owned), docs: docs.unwrap_or_default() }
        })
        .collect()
}

/// The path of an operation's group: its first tag, `/` between the parts; else the first part of
/// the path that is text and no version.
pub(super) fn path_of(op: &Operation, template: &str) -> Vec<Words> {
    let by_tag = op.tags.first().map(|tag| words(tag)).unwrap_or_default();
    if !by_tag.is_empty() {
        return by_tag;
    }
    let segment = template
        .split('/')
        .filter(|segment| !segment.contains('{') && !is_version(segment))
        .map(Words::split)
        .find(|words| !words.is_empty());
    vec![segment.unwrap_or_else(|| Words::split("root"))]
}

/// True for `v1`, `v2.1`, `v1beta2`, `2025-09` and `2025-09-30`.
pub(super) fn is_version(segment: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = segment.strip_prefix('v').is_some_and(|rest| {
        let mut parts = rest.split(['.', '_', '-']);
        let stage = |part: &str| {
            let part = part.trim_end_matches(|c: char| c.is_ascii_digit());
            let part = part.strip_suffix("alpha").or_else(|| part.strip_suffix("beta"));
            part.is_some_and(|number| number.is_empty() || is_number(number))
        };
        parts.next().is_some_and(|first| {
            is_number(first) || stage(first) && !first.starts_with('a') && !first.starts_with('b')
        }) && parts.all(|part| is_number(part) || stage(part))
    });
    let mut date = segment.split('-');
    let dated = date.next().is_some_and(|year| year.len() == 4 && is_number(year))
        && (1..=2).contains(&date.clone().count())
        && date.all(|part| part.len() == 2 && is_number(part));
    numbered || dated
}

fn words(tag: &str) -> Vec<Words> {
    tag.split('/').map(Words::split).filter(|words| !words.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_names() {
        for segment in ["v1", "v2.1", "v1beta2", "v1-alpha", "2025-09", "2025-09-30"] {
            assert!(is_version(segment), "{segment}");
        }
        for segment in ["", "v", "video", "vbeta", "contacts", "2025", "20-25", "v1x"] {
            assert!(!is_version(segment), "{segment}");
        }
    }
}
