//! Words for operations.

use specwright_ir::Words;
use specwright_openapi::document::{Method, Operation};

use super::group::is_version;

/// `operationId`, if it has a word in it.
pub(crate) fn stated_id(op: &Operation) -> Option<&str> {
    op.operation_id.as_deref().filter(|id| !Words::split(id).is_empty())
}

/// `operationId`, or the words that stand for it.
pub(super) fn id(op: &Operation, full: &Words) -> String {
    let words = || full.iter().collect::<Vec<_>>().join("_");
    stated_id(op).map_or_else(words, str::to_owned)
}

/// The words of an operation in the whole API: those of its `operationId`, else verb and path.
pub(super) fn full(op: &Operation, template: &str) -> Words {
    match stated_id(op) {
        Some(id) => Words::split(id),
        None => verb(&op.method, template).join(&path_words(template)),
    }
}

/// The words of an operation inside its group: those that its group has not said already; if none
/// is left, what the method does. To get several things is to list them.
pub(super) fn in_group(op: &Operation, template: &str, group: &[Words], full: &Words) -> Words {
    let mut words: Vec<&str> = full.iter().collect();
    let whole: Vec<&str> = group.iter().flat_map(Words::iter).collect();
    if !remove(&mut words, &whole) {
        for part in group {
            remove(&mut words, &part.iter().collect::<Vec<_>>());
        }
    }
    if words.is_empty() {
        return verb(&op.method, template);
    }
    if words == ["get"] && stated_id(op).is_some() && names_several(full) {
        return Words::split("list");
    }
    Words::split(&words.join(" "))
}

/// `get bookings`, beside which there is a `get booking`.
fn names_several(full: &Words) -> bool {
    full.iter().last().is_some_and(|word| singular(word) != word)
}

/// The text parts of a path that are no version.
pub(super) fn path_words(template: &str) -> Words {
    template
        .split('/')
        .filter(|segment| !segment.contains('{') && !is_version(segment))
        .map(Words::split)
        .fold(Words::default(), |words, part| words.join(&part))
}

/// What a method does to a resource: to all of them unless the path ends with a parameter.
fn verb(method: &Method, template: &str) -> Words {
    let is_item = template.ends_with('}');
    Words::split(match method {
        Method::Get if is_item => "get",
        Method::Get => "list",
        Method::Post => "create",
        Method::Put => "replace",
        Method::Patch => "update",
        Method::Delete => "delete",
        Method::Head => "head",
        Method::Options => "options",
        Method::Trace => "trace",
        Method::Other(name) => name,
    })
}

/// Removes the first run of words that says what `said` says. The ends of words may differ
/// (`oauth2` is `o auth 2`), and so may singular and plural.
fn remove(words: &mut Vec<&str>, said: &[&str]) -> bool {
    let target: String = said.iter().copied().map(singular).collect();
    if target.is_empty() {
        return false;
    }
    for start in 0..words.len() {
        let mut run = String::new();
        for end in start..words.len() {
            run.push_str(&words.get(end).copied().map(singular).unwrap_or_default());
            if run == target {
                words.drain(start..=end);
                return true;
            }
            if run.len() > target.len() {
                break;
            }
        }
    }
    false
}

/// A word without the end of its plural. Wrong for some words, but for both sides alike.
fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    let stem = ["sses", "shes", "ches", "xes", "uses"]
        .iter()
        .find(|end| word.ends_with(**end))
        .and_then(|_| word.strip_suffix("es"));
    if let Some(stem) = stem {
        return stem.to_owned();
    }
    let keeps = word.ends_with("ss") || word.ends_with("us") || word.len() < 3;
    word.strip_suffix('s').filter(|_| !keeps).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_things_are_told_from_one() {
        for (full, several) in
            [("get bookings", true), ("get booking", false), ("get status", false), ("get", false)]
        {
            assert_eq!(names_several(&Words::split(full)), several, "{full}");
        }
    }

    #[test]
    fn what_the_group_says_is_not_said_again() {
        for (group, id, left) in [
            ("contacts", "list contacts", "list"),
            ("contacts", "show contact", "show"),
            ("o auth 2", "oauth2 token", "token"),
            ("invoices", "mark invoice as paid", "mark as paid"),
            ("categories", "get category", "get"),
            ("addresses", "create address", "create"),
            ("statuses", "list status", "list"),
            ("news", "list news items", "list items"),
            ("users", "accuse user", "accuse"),
        ] {
            let mut words: Vec<&str> = id.split(' ').collect();
            remove(&mut words, &group.split(' ').collect::<Vec<_>>());
            assert_eq!(words.join(" "), left, "{id} in {group}");
        }
    }
}
