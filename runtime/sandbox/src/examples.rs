//! The resources that the examples of a document show.
//!
//! Neither vendor lets a client make everything: a site is there or it is not. So an account can be
//! filled with what the document shows. A resource that an example only names is a copy of another
//! one of its kind, so that no reference leads to nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::blanks::Source;
use crate::clock::Moment;
use crate::document::Document;
use crate::ids::Ids;
use crate::operation::{Operation, PageRule};
use crate::profile::Profile;
use crate::profile::collection::{Behavior, CollectionRules, Targets};
use crate::references::{self, id_of};
use crate::store::{Fields, Resource, Store};
use crate::view::View;

/// What the examples show and name, by collection.
#[derive(Debug, Default)]
pub(crate) struct Examples {
    shown: BTreeMap<String, Vec<Resource>>,
    named: BTreeMap<String, BTreeSet<String>>,
}

impl Examples {
    pub(crate) fn of(document: &Document, profile: &Profile) -> Self {
        let mut examples = Self::default();
        // Reading first: its examples show a resource as it is in the end.
        for reads in [true, false] {
            for (name, rules) in &profile.collections {
                for (id, behavior) in &rules.operations {
                    let is_reading = matches!(behavior, Behavior::List | Behavior::Show);
                    if let Some(operation) = document.operation(id)
                        && is_reading == reads
                    {
                        examples.read(profile, name, rules, operation, behavior);
                    }
                }
            }
        }
        for (name, rules) in &profile.collections {
            examples.set_apart(document, profile, name, rules);
        }
        examples
    }

    /// Puts everything into the store that an example shows or names.
    pub(crate) fn put_all(&self, profile: &Profile, store: &mut Store) {
        for (name, resources) in &self.shown {
            for resource in resources {
                self.put(profile, store, name, &resource.id);
            }
        }
        for (name, ids) in &self.named {
            for id in ids {
                self.put(profile, store, name, id);
            }
        }
    }

    /// Adds a new resource that is like the example; `None` if no example shows one. What it refers to
    /// is there as well.
    pub(crate) fn seed(
        &self,
        profile: &Profile,
        store: &mut Store,
        collection: &str,
        ids: &mut Ids,
        now: Moment,
    ) -> Option<String> {
        let rules = profile.collections.get(collection)?;
        let id = ids.resource(&rules.id.prefix);
        let number = Some(store.all(collection).len() + 1);
        let mut fields = self.template(collection)?.fields.clone();
        let source = Source {
            view: View { profile, store },
            collection,
            id: &id,
            fields: &fields,
            body: &Map::new(),
            number,
            now,
        };
        let own = rules.seed.members(&mut |blank| source.fill(blank));
        fields.extend(own);
        for time in [&profile.times.created, &profile.times.updated] {
            // A draft has no time.
            if let Some(value) = fields.get_mut(time).filter(|value| !value.is_null()) {
                *value = json!(now.to_rfc3339());
            }
        }
        self.finish(profile, store, collection, rules, Resource { id: id.clone(), fields });
        Some(id)
    }

    /// Adds the resource with this id, if it is not there yet.
    fn put(&self, profile: &Profile, store: &mut Store, collection: &str, id: &str) {
        if store.get(collection, id).is_some() {
            return;
        }
        let Some(rules) = profile.collections.get(collection) else { return };
        let shown = self.shown.get(collection).into_iter().flatten();
        let shown = shown.clone().find(|resource| resource.id == id);
        let Some(example) = shown.or_else(|| self.template(collection)) else { return };
        let resource = Resource { id: id.to_owned(), fields: example.fields.clone() };
        self.finish(profile, store, collection, rules, resource);
    }

    fn finish(
        &self,
        profile: &Profile,
        store: &mut Store,
        collection: &str,
        rules: &CollectionRules,
        mut resource: Resource,
    ) {
        if let Some(member) =
            rules.id.member.as_ref().filter(|it| resource.fields.contains_key(*it))
        {
            resource.fields.insert(member.clone(), json!(resource.id));
        }
        store.put(collection, resource.clone());
        for (path, targets) in &rules.references {
            for (_, value) in references::at(&resource.fields, path) {
                if let Some((target, id)) = id_of(value).and_then(|id| target(profile, targets, id))
                {
                    self.put(profile, store, target, id);
                }
            }
        }
    }

    fn template(&self, collection: &str) -> Option<&Resource> {
        self.shown.get(collection)?.first()
    }

    fn read(
        &mut self,
        profile: &Profile,
        collection: &str,
        rules: &CollectionRules,
        operation: &Operation,
        behavior: &Behavior,
    ) {
        for body in operation.request_examples() {
            if let Value::Object(body) = body {
                self.name(profile, &rules.references, body);
                if let Behavior::Change(rule) = behavior {
                    self.name(profile, &rule.references, body);
                }
                if let Behavior::Bulk(rule) = behavior {
                    self.name(profile, &rule.references, body);
                }
            }
        }
        let parameter = rules.parameter.as_deref().unwrap_or_default();
        for id in operation.path_examples(parameter).filter_map(Value::as_str) {
            self.named.entry(collection.to_owned()).or_default().insert(id.to_owned());
        }
        // An answer that shows some members only is no example of a resource, nor is a bulk answer.
        let whole = !matches!(behavior, Behavior::Create) || rules.new.shows.is_empty();
        if matches!(behavior, Behavior::Bulk(_) | Behavior::Delete) || !whole {
            return;
        }
        let collection = match behavior {
            Behavior::Members(member) => {
                match rules.references.get(member).map(Targets::as_slice) {
                    Some([target]) => target.as_str(),
                    _ => return,
                }
            }
            _ => collection,
        };
        for example in operation.answer_examples() {
            for resource in resources_of(profile, operation, example) {
                self.show(profile, collection, resource.clone());
            }
        }
    }

    /// Takes a resource that an example shows; gives its id. What it shows of others is taken too.
    fn show(&mut self, profile: &Profile, collection: &str, mut fields: Fields) -> Option<String> {
        let rules = profile.collections.get(collection)?;
        for (path, targets) in &rules.references {
            references::at_mut(&mut fields, path, &mut |value| {
                let Some(id) = id_of(value).map(str::to_owned) else { return };
                let whole = value.as_object().filter(|whole| whole.len() > 1).cloned();
                if let Some((whole, (target, _))) = whole.zip(target(profile, targets, &id)) {
                    self.show(profile, target, whole);
                    *value = json!({ "id": id });
                }
            });
        }
        for (name, _) in rules.new.once.written() {
            let held = rules.new.holds.written().iter().find(|(held, _)| held == name);
            match held.and_then(|(_, recipe)| recipe.filled(&mut |_| None)) {
                Some(value) => fields.insert(name.clone(), value),
                None => fields.remove(name),
            };
        }
        let shown = self.shown.entry(collection.to_owned()).or_default();
        if rules.id.member.is_none() && shown.iter().any(|known| known.fields == fields) {
            return None;
        }
        let id = match &rules.id.member {
            Some(member) => fields.get(member)?.as_str()?.to_owned(),
            None => format!("{}{}", rules.id.prefix, shown.len() + 1),
        };
        if !shown.iter().any(|known| known.id == id) {
            shown.push(Resource { id: id.clone(), fields });
        }
        Some(id)
    }

    /// Notes the ids that a body names.
    fn name(&mut self, profile: &Profile, references: &BTreeMap<String, Targets>, body: &Fields) {
        for (path, targets) in references {
            for (_, value) in references::at(body, path) {
                match (id_of(value), value, targets.as_slice()) {
                    (Some(id), _, _) => {
                        if let Some((target, id)) = target(profile, targets, id) {
                            let named = self.named.entry(target.to_owned()).or_default();
                            named.insert(id.to_owned());
                        }
                    }
                    (None, Value::Object(new), [target]) => {
                        if let Some(rules) = profile.collections.get(target) {
                            self.name(profile, &rules.references, new);
                        }
                    }
                    (None, _, _) => {}
                }
            }
        }
    }

    /// Gives each resource what the examples of its own lists show.
    fn set_apart(
        &mut self,
        document: &Document,
        profile: &Profile,
        collection: &str,
        rules: &CollectionRules,
    ) {
        for (id, behavior) in &rules.operations {
            let Behavior::Members(member) = behavior else { continue };
            let Some(operation) = document.operation(id) else { continue };
            if !rules.apart.contains(member) {
                continue;
            }
            let mut items: Vec<Value> = Vec::new();
            for example in operation.answer_examples() {
                for item in resources_of(profile, operation, example) {
                    let item = Value::Object(item.clone());
                    if !items.contains(&item) {
                        items.push(item);
                    }
                }
            }
            for resource in self.shown.get_mut(collection).into_iter().flatten() {
                resource.fields.insert(member.clone(), json!(items));
            }
        }
    }
}

/// The resources in an example of an answer: the items of a list, or the one in the envelope.
fn resources_of<'e>(
    profile: &Profile,
    operation: &Operation,
    example: &'e Value,
) -> Vec<&'e Fields> {
    let envelope = operation.success().and_then(|(_, response)| response.envelope.as_ref());
    let pages = operation.pages.as_ref().map(|pages| match pages {
        PageRule::Number(pages) => pages.items.as_str(),
        PageRule::Cursor(pages) => pages.items.as_str(),
    });
    let items = pages.or(profile.lists.items.as_deref());
    let list = items.and_then(|items| example.pointer(items)).and_then(Value::as_array);
    match (list, envelope) {
        (Some(list), _) => list.iter().filter_map(Value::as_object).collect(),
        (None, Some(envelope)) => {
            example.get(envelope).and_then(Value::as_object).into_iter().collect()
        }
        (None, None) => example.as_object().into_iter().collect(),
    }
}

/// The collection that an id belongs to, by its prefix.
fn target<'t>(profile: &Profile, targets: &'t Targets, id: &'t str) -> Option<(&'t str, &'t str)> {
    let belongs = |target: &&String| {
        profile.collections.get(*target).is_some_and(|rules| id.starts_with(&rules.id.prefix))
    };
    targets.as_slice().iter().find(belongs).map(|target| (target.as_str(), id))
}
