//! Cargo features: a program compiles the groups that it calls.
//!
//! A crate of many operations has a feature for each group at the top, one for events, and `all` of
//! them by default. Groups and the types that one feature alone needs are left out without it;
//! types that several need are always there, and so is whatever no operation needs.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToKebabCase;
use specwright_ir::{Api, Ty, TypeId};

use crate::Settings;
use crate::names::{Module, Names};

/// The features of a crate, and what stands under which.
#[derive(Debug, Default)]
pub(crate) struct Features {
    /// Names by the module of the group.
    modules: BTreeMap<String, String>,
    events: Option<String>,
    types: Vec<Option<String>>,
}

impl Features {
    /// Gives a crate its features; none if it has no more operations than the settings say.
    pub(crate) fn decide(api: &Api, settings: &Settings, names: &Names) -> Self {
        if api.operations.len() <= settings.feature_threshold {
            return Self::default();
        }
        let top = names.modules.iter().filter_map(top).collect::<BTreeSet<_>>();
        let modules: BTreeMap<String, String> =
            top.into_iter().map(|module| (module.to_owned(), feature(module))).collect();
        let events = (!api.webhooks.is_empty()).then(|| EVENTS.to_owned());
        let types = of_types(api, names, &modules, events.as_ref());
        Self { modules, events, types }
    }

    /// True if the crate has none.
    pub(crate) fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    /// All of them, sorted.
    pub(crate) fn all(&self) -> BTreeSet<&str> {
        self.modules.values().chain(&self.events).map(String::as_str).collect()
    }

    /// The feature that a module of operations needs.
    pub(crate) fn of_module(&self, module: &Module) -> Option<&str> {
        self.modules.get(top(module)?).map(String::as_str)
    }

    /// The feature that the events need.
    pub(crate) fn of_events(&self) -> Option<&str> {
        self.events.as_deref()
    }

    /// The feature that a type needs; `None` if it is always there.
    pub(crate) fn of_type(&self, id: TypeId) -> Option<&str> {
        self.types.get(id.0)?.as_deref()
    }
}

/// The feature with the events. No module of operations is called as the file of the events.
const EVENTS: &str = "webhooks";

fn top(module: &Module) -> Option<&str> {
    module.path.first().map(crate::names::Name::as_str)
}

/// A module's name as Cargo's users write a feature, unless the manifest has a feature of that name.
fn feature(module: &str) -> String {
    let name = module.to_kebab_case();
    match name.as_str() {
        "all" | "default" | "loopback" | "reqwest" | "stream" => format!("{name}-group"),
        _ => name,
    }
}

/// The feature of each type that one feature alone leads to.
///
/// What nothing leads to is always there and may hold any type, so it counts as one more feature,
/// whose types have none.
fn of_types(
    api: &Api,
    names: &Names,
    modules: &BTreeMap<String, String>,
    events: Option<&String>,
) -> Vec<Option<String>> {
    let mut roots: BTreeMap<&String, Vec<&Ty>> = BTreeMap::new();
    for module in &names.modules {
        let Some(feature) = top(module).and_then(|top| modules.get(top)) else { continue };
        let operations = module.operations.iter().filter_map(|id| api.operations.get(id.0));
        roots
            .entry(feature)
            .or_default()
            .extend(operations.flat_map(|op| op.sent().chain(op.received())));
    }
    if let Some(feature) = events {
        roots.insert(feature, api.webhooks.iter().map(|event| &event.payload).collect());
    }
    let mut needed_by: Vec<BTreeSet<Option<&String>>> = vec![BTreeSet::new(); api.types.len()];
    for (feature, types) in roots {
        for id in reach(api, types.into_iter().filter_map(Ty::definition).collect()) {
            if let Some(needed_by) = needed_by.get_mut(id.0) {
                needed_by.insert(Some(feature));
            }
        }
    }
    let unneeded = (0..api.types.len()).filter(|index| needed_by[*index].is_empty());
    for id in reach(api, unneeded.map(TypeId).collect()) {
        if let Some(needed_by) = needed_by.get_mut(id.0) {
            needed_by.insert(None);
        }
    }
    let one = |needed_by: BTreeSet<Option<&String>>| match needed_by.len() {
        1 => needed_by.into_iter().next().flatten().cloned(),
        _ => None,
    };
    needed_by.into_iter().map(one).collect()
}

/// Everything that some definitions hold, themselves included.
fn reach(api: &Api, mut open: Vec<TypeId>) -> BTreeSet<TypeId> {
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if let Some(def) = api.types.get(id.0)
            && reached.insert(id)
        {
            open.extend(def.shape.parts().into_iter().filter_map(Ty::definition));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_written_as_cargo_features_are() {
        for (module, name) in [
            ("credit_notes", "credit-notes"),
            ("oauth2", "oauth2"),
            ("type", "type"),
            ("stream", "stream-group"),
            ("all", "all-group"),
        ] {
            assert_eq!(feature(module), name);
        }
    }
}
