//! Resources as a client sees them: references followed, expanded, or given as ids.

use serde_json::{Map, Value};

use crate::profile::Profile;
use crate::profile::collection::{CollectionRules, Conditions, Targets};
use crate::references::{self, id_of};
use crate::store::{Fields, Resource, Store};

/// The profile and the resources, to look at.
#[derive(Clone, Copy)]
pub(crate) struct View<'v> {
    pub(crate) profile: &'v Profile,
    pub(crate) store: &'v Store,
}

/// Which references are given whole, and which inside of those.
#[derive(Debug, Default)]
pub(crate) struct Expansion<'v> {
    branches: Vec<Branch<'v>>,
}

#[derive(Debug)]
struct Branch<'v> {
    /// A path in `references`.
    path: &'v str,
    targets: &'v [String],
    inside: Expansion<'v>,
}

impl<'v> View<'v> {
    pub(crate) fn rules(&self, collection: &str) -> Option<&'v CollectionRules> {
        self.profile.collections.get(collection)
    }

    /// The values at `path`; dots go down and on through references. A reference at the end gives
    /// the id.
    pub(crate) fn follow(&self, collection: &str, fields: &Fields, path: &str) -> Vec<Value> {
        let hops = self.rules(collection).map(|rules| &rules.references).into_iter().flatten();
        for (reference, targets) in hops {
            if let Some(rest) = below(path, reference) {
                let found = references::at(fields, reference);
                let values = found.into_iter().map(|(_, value)| value);
                return values.flat_map(|value| self.beyond(targets, value, rest)).collect();
            }
        }
        references::at(fields, path).into_iter().map(|(_, value)| value.clone()).collect()
    }

    /// Whether the fields have, for each condition, one of its values.
    pub(crate) fn fits(&self, collection: &str, fields: &Fields, conditions: &Conditions) -> bool {
        conditions.iter().all(|(path, wanted)| {
            let found = self.follow(collection, fields, path);
            found.iter().any(|value| wanted.as_slice().contains(value))
        })
    }

    /// Reads the names of what shall be given whole; the error is the first that cannot be.
    pub(crate) fn expansion(
        &self,
        collection: &str,
        names: &[&str],
    ) -> Result<Expansion<'v>, String> {
        let mut expansion = Expansion::default();
        for name in names {
            if !self.grow(&mut expansion, &[collection], name) {
                return Err((*name).to_owned());
            }
        }
        Ok(expansion)
    }

    /// The members of a resource that an answer shows.
    pub(crate) fn shown(
        &self,
        collection: &str,
        resource: &Resource,
        expansion: &Expansion<'_>,
    ) -> Fields {
        let mut fields = resource.fields.clone();
        let Some(rules) = self.rules(collection) else { return fields };
        for member in &rules.apart {
            fields.remove(member);
        }
        for (path, targets) in &rules.references {
            references::at_mut(&mut fields, path, &mut |value| self.bury(targets, value));
        }
        for Branch { path, targets, inside } in &expansion.branches {
            references::at_mut(&mut fields, path, &mut |value| {
                let whole = id_of(value).and_then(|id| self.store.find(targets, id));
                if let Some((collection, resource)) = whole {
                    *value = Value::Object(self.shown(collection, resource, inside));
                }
            });
        }
        fields
    }

    fn beyond(&self, targets: &Targets, value: &Value, rest: &str) -> Vec<Value> {
        if rest.is_empty() {
            return vec![id_of(value).map_or(Value::Null, Value::from)];
        }
        let whole = id_of(value).and_then(|id| self.store.find(targets.as_slice(), id));
        whole.map_or_else(Vec::new, |(collection, resource)| {
            self.follow(collection, &resource.fields, rest)
        })
    }

    /// Puts what is left of a deleted resource in the place of a reference to it.
    fn bury(&self, targets: &Targets, value: &mut Value) {
        let Some(id) = id_of(value) else { return };
        let grave = targets.as_slice().iter().find_map(|target| {
            let rest = self.rules(target)?.deleted.as_ref()?;
            let resource = self.store.deleted(target, id)?;
            rest.filled(&mut |blank| match (blank.name.as_str(), blank.arguments.as_slice()) {
                ("its", [member]) => resource.fields.get(member).cloned(),
                _ => None,
            })
        });
        if let Some(grave) = grave {
            *value = grave;
        }
    }

    /// Adds `name`, which starts in one of these collections, to the expansion.
    fn grow(&self, expansion: &mut Expansion<'v>, collections: &[&str], name: &str) -> bool {
        let rules = || collections.iter().filter_map(|collection| self.rules(collection));
        if rules().any(|rules| rules.expands_any_name) {
            return true;
        }
        for (path, targets) in rules().flat_map(|rules| &rules.references) {
            let Some(rest) = below(name, path) else { continue };
            let at = expansion.branches.iter().position(|branch| branch.path == path);
            let at = at.unwrap_or_else(|| {
                let targets = targets.as_slice();
                expansion.branches.push(Branch { path, targets, inside: Expansion::default() });
                expansion.branches.len() - 1
            });
            let Some(branch) = expansion.branches.get_mut(at) else { return false };
            let inside: Vec<&str> = targets.as_slice().iter().map(String::as_str).collect();
            return rest.is_empty() || self.grow(&mut branch.inside, &inside, rest);
        }
        false
    }
}

impl Expansion<'_> {
    /// The collections whose resources are given whole, the deepest too.
    pub(crate) fn collections(&self) -> Vec<&str> {
        let branches = self.branches.iter();
        branches
            .flat_map(|branch| {
                let targets = branch.targets.iter().map(String::as_str);
                targets.chain(branch.inside.collections())
            })
            .collect()
    }
}

/// What is left of `path` below `reference`; empty if it ends there.
fn below<'p>(path: &'p str, reference: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(reference)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// An answer that shows only these members, if any are named.
pub(crate) fn only(mut fields: Map<String, Value>, members: &[String]) -> Map<String, Value> {
    if !members.is_empty() {
        fields.retain(|name, _| members.contains(name));
    }
    fields
}
