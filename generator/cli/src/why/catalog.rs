//! Everything that has a name, by the names that a user may give it.

use std::collections::BTreeSet;

use specwright_ir::lock::Lock;
use specwright_ir::{Api, Place, Shape};
use specwright_source::Pointer;

/// Something with a name, or a place without one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// Index into [`Api::types`].
    Type(usize),
    /// A field, value or alternative of a type, by its name on the wire.
    Member { ty: usize, wire: String },
    /// Index into [`Api::operations`].
    Operation(usize),
    /// A parameter, by its index in the operation's list.
    Param { operation: usize, index: usize },
    /// The modules that lead to a group.
    Group(Vec<String>),
    /// Index into [`Api::webhooks`].
    Event(usize),
    /// A place of the document.
    Place(Pointer),
}

/// What can be asked for by name.
#[derive(Debug)]
pub(super) struct Catalog {
    library: String,
    /// Paths of Rust below the root of the crate; of each item the one that programs write first.
    paths: Vec<(Vec<String>, Item)>,
    /// Names of the document: pointers, operations, `operationId`s, keys of schemas, events.
    names: Vec<(String, Item)>,
}

impl Catalog {
    pub(super) fn of(api: &Api, lock: &Lock, library: &str) -> Self {
        let mut catalog =
            Self { library: library.to_owned(), paths: Vec::new(), names: Vec::new() };
        catalog.types(api, lock);
        catalog.operations(api, lock);
        catalog.groups(lock);
        catalog.events(api, lock);
        catalog
    }

    /// The path of an item as a program writes it.
    pub(super) fn path(&self, item: &Item) -> Option<String> {
        let (path, _) = self.paths.iter().find(|(_, known)| known == item)?;
        Some(path.join("::"))
    }

    /// What a user means. Several things may have one name.
    pub(super) fn find(&self, text: &str) -> Vec<Item> {
        let text = text.trim();
        let text = text.strip_prefix('#').unwrap_or(text);
        let mut found: BTreeSet<&Item> = BTreeSet::new();
        found.extend(self.names.iter().filter(|(name, _)| name == text).map(|(_, item)| item));
        let wanted = self.segments(text);
        // The end of a path will do, but not a member without its type: many are called `id`.
        let fits = |(path, item): &&(Vec<String>, Item)| {
            let member = matches!(item, Item::Member { .. } | Item::Param { .. });
            path.ends_with(&wanted) && wanted.len() > usize::from(member)
        };
        found.extend(self.paths.iter().filter(fits).map(|(_, item)| item));
        found.into_iter().cloned().collect()
    }

    /// At most three names that look like a text, the nearest first.
    pub(super) fn nearest(&self, text: &str) -> Vec<String> {
        let wanted = self.segments(text.trim());
        let shown = wanted.join("::").to_lowercase();
        // As many words of a path as the user wrote; a member is found only together with its type.
        let ends = self.paths.iter().map(|(path, item)| {
            let member = matches!(item, Item::Member { .. } | Item::Param { .. });
            let kept = wanted.len().max(1 + usize::from(member));
            let skipped = path.len().saturating_sub(kept);
            path.iter().skip(skipped).cloned().collect::<Vec<_>>().join("::")
        });
        let names: BTreeSet<String> =
            ends.chain(self.names.iter().map(|(name, _)| name.clone())).collect();
        let mut near: Vec<(f64, String)> = Vec::new();
        for name in names {
            let of_path = strsim::jaro_winkler(&shown, &name.to_lowercase());
            let of_text = strsim::jaro_winkler(&text.to_lowercase(), &name.to_lowercase());
            let likeness = of_path.max(of_text);
            if likeness >= LIKE {
                near.push((likeness, name));
            }
        }
        near.sort_by(|(one, a), (two, b)| two.total_cmp(one).then_with(|| a.cmp(b)));
        near.into_iter().take(3).map(|(_, name)| name).collect()
    }

    /// The parts of a path of Rust, however it was copied: with the crate, `r#`, `client.a().b()`.
    fn segments(&self, text: &str) -> Vec<String> {
        let text = text.replace("()", "").replace('.', "::");
        let parts = text.split("::").map(|part| part.strip_prefix("r#").unwrap_or(part));
        let mut parts: Vec<String> = parts.map(str::to_owned).collect();
        let before = [self.library.as_str(), "crate", "client"];
        if parts.len() > 1 && parts.first().is_some_and(|first| before.contains(&first.as_str())) {
            parts.remove(0);
        }
        parts.retain(|part| !part.is_empty());
        parts
    }

    fn types(&mut self, api: &Api, lock: &Lock) {
        for (index, ty) in api.types.iter().enumerate() {
            let item = Item::Type(index);
            self.name(ty.origin.pointer.to_string(), &item);
            self.name(ty.key.clone(), &item);
            if let Some((before, name)) = ty.key.rsplit_once('/')
                && before == "/components/schemas"
            {
                self.name(name.to_owned(), &item);
            }
            let Some(names) = lock.types.get(&ty.key) else { continue };
            self.path_to(&["model", &names.name], &item);
            if let Shape::Record { fields, .. } = &ty.shape {
                for field in fields {
                    let member = Item::Member { ty: index, wire: field.wire.clone() };
                    self.name(field.origin.pointer.to_string(), &member);
                }
            }
            let plain = names.plain.iter().map(|wire| (wire, wire));
            for (wire, name) in names.members.iter().chain(plain) {
                let member = Item::Member { ty: index, wire: wire.clone() };
                self.path_to(&["model", &names.name, name], &member);
            }
        }
    }

    fn operations(&mut self, api: &Api, lock: &Lock) {
        for (operation_index, operation) in api.operations.iter().enumerate() {
            let item = Item::Operation(operation_index);
            self.name(operation.key.clone(), &item);
            self.name(operation.id.clone(), &item);
            self.name(operation.origin.pointer.to_string(), &item);
            let Some(names) = lock.operations.get(&operation.key) else { continue };
            let group: Vec<&str> = names.group.iter().map(String::as_str).collect();
            let handle = lock.handles.get(&names.group.join("/")).map_or("", String::as_str);
            self.path_to(&[&group[..], &[&names.method]].concat(), &item);
            self.path_to(&[&group[..], &[handle, &names.method]].concat(), &item);
            self.path_to(&[&group[..], &[&names.request]].concat(), &item);
            for name in names.media.values() {
                self.path_to(&[&group[..], &[&names.method, name]].concat(), &item);
            }
            for (index, param) in operation.params.iter().enumerate() {
                let param_item = Item::Param { operation: operation_index, index };
                self.name(param.origin.pointer.to_string(), &param_item);
                let key = param_key(param.place, &param.wire);
                let name = names.params.get(&key).unwrap_or(&param.wire);
                self.path_to(&[&group[..], &[&names.request, name]].concat(), &param_item);
            }
        }
    }

    fn groups(&mut self, lock: &Lock) {
        for (key, handle) in &lock.handles {
            let group: Vec<&str> = key.split('/').collect();
            let is_inside = |path: &Vec<String>| {
                path.len() >= group.len() && path.iter().zip(&group).all(|(one, two)| one == two)
            };
            // The names of handles that are gone stay in the lock.
            if lock.operations.values().any(|names| !names.gone && is_inside(&names.group)) {
                let item = Item::Group(group.iter().map(|name| (*name).to_owned()).collect());
                self.path_to(&group, &item);
                self.path_to(&[&group[..], &[handle]].concat(), &item);
            }
        }
    }

    fn events(&mut self, api: &Api, lock: &Lock) {
        for (index, webhook) in api.webhooks.iter().enumerate() {
            let item = Item::Event(index);
            self.name(webhook.name.clone(), &item);
            self.name(webhook.origin.pointer.to_string(), &item);
            let Some(name) = lock.events.get(&webhook.name) else { continue };
            // Variants of one enum, unless nothing in the payloads tells them apart.
            match api.webhook_tag {
                Some(_) => self.path_to(&["webhooks", "Event", name], &item),
                None => self.path_to(&["webhooks", name], &item),
            }
        }
    }

    fn path_to(&mut self, path: &[&str], item: &Item) {
        self.paths.push((path.iter().map(|name| (*name).to_owned()).collect(), item.clone()));
    }

    fn name(&mut self, name: String, item: &Item) {
        self.names.push((name, item.clone()));
    }
}

/// The key of a parameter in the lock.
pub(super) fn param_key(place: Place, wire: &str) -> String {
    let place = match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    };
    format!("{place}:{wire}")
}

/// Likeness (Jaro-Winkler, 0 to 1) from which on a name may be what was meant.
const LIKE: f64 = 0.8;
