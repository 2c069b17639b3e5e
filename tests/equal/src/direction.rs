//! Which components are sent, and which only come.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Whether a schema can be part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// It only comes: nobody can send null there, so null says no more than nothing does.
    Answers,
    /// It is sent: null and absent mean different things.
    Requests,
}

/// Every component that a parameter or a body of an operation reaches.
pub(crate) fn sent_components(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = Vec::new();
    for path in members(&document["paths"]) {
        waiting.push(&path["parameters"]);
        for operation in members(path) {
            waiting.extend([&operation["parameters"], &operation["requestBody"]]);
        }
    }
    while let Some(value) = waiting.pop() {
        if let Some(pointer) = target(value) {
            if component(pointer).is_some() && !found.insert(pointer.to_owned()) {
                continue;
            }
            waiting.extend(document.pointer(pointer));
        }
        match value {
            Value::Object(members) => waiting.extend(members.values()),
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    found
}

/// Where `$ref` leads within the document.
pub(crate) fn target(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix('#')
}

/// The name of the component that a pointer names.
pub(crate) fn component(pointer: &str) -> Option<&str> {
    pointer.strip_prefix(COMPONENTS)
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(Map::values)
}

/// Before the name of each component.
pub(crate) const COMPONENTS: &str = "/components/schemas/";
