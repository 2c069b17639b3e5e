//! What operations do to resources: create, update, replace, delete. Changes are in
//! [`crate::change`].
//!
//! Everything is looked at before anything is done: what is refused has no effect.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::blanks::Source;
use crate::clock::Moment;
use crate::ids::Ids;
use crate::json::escape;
use crate::ledger::{EffectKind, Journal, RequestNumber};
use crate::money;
use crate::profile::Profile;
use crate::profile::collection::{Behavior, ChangeRule, CollectionRules, Targets};
use crate::references::{self, id_of};
use crate::refusal::{Cause, Refusal};
use crate::secret::Secret;
use crate::store::{Fields, Resource, Store};
use crate::validate::Violation;
use crate::view::View;

/// One request at work on the resources.
pub(crate) struct Actor<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) store: &'a mut Store,
    pub(crate) ids: &'a mut Ids,
    pub(crate) journal: &'a mut Journal,
    pub(crate) request: RequestNumber,
    pub(crate) key: Option<&'a str>,
    pub(crate) now: Moment,
}

impl<'a> Actor<'a> {
    pub(crate) fn view(&self) -> View<'_> {
        View { profile: self.profile, store: self.store }
    }

    pub(crate) fn resource(&self, collection: &str, id: &str) -> Result<Resource, Refusal> {
        self.store.get(collection, id).cloned().ok_or_else(|| Refusal::no_resource(id))
    }

    /// Makes a resource. What only this answer may show is among its fields, but not in the store.
    pub(crate) fn create(&mut self, collection: &str, body: &Fields) -> Result<Resource, Refusal> {
        let rules = self.rules(collection)?;
        self.check_references(rules, body)?;
        let candidate = self.defaulted(collection, rules, "", shaped(rules, body.clone()), body);
        self.check_needs(collection, rules, &candidate, body)?;
        self.check_also(collection, rules, &candidate, body)?;

        let mut resource = self.make(collection, rules, body);
        self.do_also(collection, rules, &mut resource, body);
        let once = rules
            .new
            .once
            .members(&mut |blank| self.source(collection, &resource, body).fill(blank));
        for (name, secret) in once {
            if let Some(secret) = secret.as_str() {
                self.journal.hide(&Secret::new(secret), format!("[{name} of {}]", resource.id));
            }
            resource.fields.insert(name, secret);
        }
        Ok(resource)
    }

    /// Changes the fields that are given. A field with null is emptied.
    pub(crate) fn update(
        &mut self,
        collection: &str,
        id: &str,
        body: &Fields,
    ) -> Result<Resource, Refusal> {
        let rules = self.rules(collection)?;
        let mut resource = self.resource(collection, id)?;
        self.check_references(rules, body)?;
        let merged = self.merged(&resource.fields, body)?;
        let mut candidate = resource.fields.clone();
        candidate.extend(shaped(rules, merged.clone()));
        self.check_also(collection, rules, &candidate, body)?;

        let merged = self.stored(rules, merged);
        resource.fields.extend(merged);
        self.keep(collection, rules, &mut resource, EffectKind::Updated);
        self.do_also(collection, rules, &mut resource, body);
        Ok(resource)
    }

    /// Changes the fields that are given and empties the others.
    pub(crate) fn replace(
        &mut self,
        collection: &str,
        id: &str,
        body: &Fields,
    ) -> Result<Resource, Refusal> {
        let rules = self.rules(collection)?;
        let before = self.resource(collection, id)?;
        self.check_references(rules, body)?;
        let candidate = self.defaulted(collection, rules, id, shaped(rules, body.clone()), body);
        self.check_also(collection, rules, &candidate, body)?;

        let fields = self.stored(rules, body.clone());
        let fields = self.defaulted(collection, rules, id, fields, body);
        let mut resource = Resource { id: id.to_owned(), fields };
        let created = &self.profile.times.created;
        for name in rules.apart.iter().chain(&rules.id.member).chain([created]) {
            if let Some(value) = before.fields.get(name) {
                resource.fields.insert(name.clone(), value.clone());
            }
        }
        // So that it is set anew below.
        resource.fields.insert(self.profile.times.updated.clone(), Value::Null);
        self.keep(collection, rules, &mut resource, EffectKind::Updated);
        self.do_also(collection, rules, &mut resource, body);
        Ok(resource)
    }

    pub(crate) fn delete(&mut self, collection: &str, id: &str) -> Result<(), Refusal> {
        let rules = self.rules(collection)?;
        self.resource(collection, id)?;
        for (holder, path) in &rules.held_by {
            let held = self.store.all(holder).iter().find(|resource| {
                self.view().follow(holder, &resource.fields, path).iter().any(|value| value == id)
            });
            if let Some(holder) = held {
                let message = format!("The resource {} still needs it.", holder.id);
                return Err(Refusal::new(Cause::Conflict, message));
            }
        }
        self.store.delete(collection, id);
        self.effect(EffectKind::Deleted, collection, id);
        Ok(())
    }

    /// Puts a changed resource back: completes it, sets its time, writes the effect down.
    pub(crate) fn keep(
        &mut self,
        collection: &str,
        rules: &CollectionRules,
        resource: &mut Resource,
        effect: EffectKind,
    ) {
        let derived = rules
            .derived
            .members(&mut |blank| self.source(collection, resource, &Map::new()).fill(blank));
        resource.fields.extend(derived);
        if let Some(rule) = &self.profile.money {
            resource.fields.values_mut().for_each(|value| money::complete(value, rule));
        }
        if let Some(updated) = resource.fields.get_mut(&self.profile.times.updated) {
            *updated = json!(self.now.to_rfc3339());
        }
        self.store.put(collection, resource.clone());
        self.effect(effect, collection, &resource.id);
    }

    /// Refuses a body that refers to what is not there. New resources inside of it count too.
    pub(crate) fn check_references<'r>(
        &self,
        rules: impl Into<References<'r>>,
        body: &Fields,
    ) -> Result<(), Refusal> {
        let mut violations = Vec::new();
        self.missing(rules.into(), body, "", &mut violations);
        if violations.is_empty() { Ok(()) } else { Err(Refusal::content(violations)) }
    }

    pub(crate) fn rules(&self, collection: &str) -> Result<&'a CollectionRules, Refusal> {
        self.profile.collections.get(collection).ok_or_else(|| {
            Refusal::new(Cause::Failure, format!("There is no collection {collection}."))
        })
    }

    pub(crate) fn source<'s>(
        &'s self,
        collection: &'s str,
        resource: &'s Resource,
        body: &'s Fields,
    ) -> Source<'s> {
        let Resource { id, fields } = resource;
        Source { view: self.view(), collection, id, fields, body, number: None, now: self.now }
    }

    /// Makes a resource without looking whether it may be made.
    pub(crate) fn make(
        &mut self,
        collection: &str,
        rules: &'a CollectionRules,
        body: &Fields,
    ) -> Resource {
        let id = self.ids.resource(&rules.id.prefix);
        let fields = self.stored(rules, body.clone());
        let mut fields = self.defaulted(collection, rules, &id, fields, body);
        let now = json!(self.now.to_rfc3339());
        let times = [&self.profile.times.created, &self.profile.times.updated];
        fields.extend(times.map(|name| (name.clone(), now.clone())));
        fields.extend(rules.id.member.iter().map(|name| (name.clone(), json!(id))));
        for member in &rules.apart {
            fields.entry(member.clone()).or_insert_with(|| json!([]));
        }
        let mut resource = Resource { id, fields };
        self.keep(collection, rules, &mut resource, EffectKind::Created);
        resource
    }

    /// The fields with whatever they leave open.
    fn defaulted(
        &self,
        collection: &str,
        rules: &CollectionRules,
        id: &str,
        mut fields: Fields,
        body: &Fields,
    ) -> Fields {
        for (name, recipe) in rules.new.holds.written() {
            if !fields.contains_key(name) {
                let source = Source {
                    view: self.view(),
                    collection,
                    id,
                    fields: &fields,
                    body,
                    number: None,
                    now: self.now,
                };
                let value = recipe.filled(&mut |blank| source.fill(blank));
                fields.extend(value.map(|value| (name.clone(), value)));
            }
        }
        fields
    }

    /// The body as it is stored: with what it holds of other collections made there.
    fn stored(&mut self, rules: &'a CollectionRules, body: Fields) -> Fields {
        let mut body = shaped(rules, body);
        for (path, targets) in &rules.references {
            let [target] = targets.as_slice() else { continue };
            references::at_mut(&mut body, path, &mut |value| {
                let new = value.as_object().filter(|_| id_of(value).is_none()).cloned();
                let rules = self.profile.collections.get(target);
                if let Some((new, rules)) = new.zip(rules) {
                    *value = json!({ "id": self.make(target, rules, &new).id });
                }
            });
        }
        body
    }

    /// The body, with the fields that are merged as they are after the merge.
    fn merged(&self, before: &Fields, body: &Fields) -> Result<Fields, Refusal> {
        let mut body = body.clone();
        for (name, rule) in &self.profile.merged {
            let Some(Value::Object(change)) = body.get_mut(name) else { continue };
            let before = before.get(name).and_then(Value::as_object);
            let merged = merge(before.cloned().unwrap_or_default(), std::mem::take(change));
            if merged.len() > rule.most {
                let reason = format!("there would be more than {} keys", rule.most);
                let violation = Violation::new(format!("/{}", escape(name)), reason);
                return Err(Refusal::content(vec![violation]));
            }
            *change = merged;
        }
        Ok(body)
    }

    fn check_needs(
        &self,
        collection: &str,
        rules: &CollectionRules,
        fields: &Fields,
        body: &Fields,
    ) -> Result<(), Refusal> {
        if !self.view().fits(collection, fields, &rules.new.needs) {
            let message = "What it refers to is in a state that does not permit this.";
            return Err(Refusal::new(Cause::Conflict, message));
        }
        let Some(rule) = &rules.new.fills else { return Ok(()) };
        let names = self.view().follow(collection, fields, &rule.names);
        let given = |name: &str| {
            let inside = body.get(&rule.or_in).and_then(|value| value.get(name));
            body.get(name).or(inside).is_some_and(|value| !value.is_null())
        };
        let missing = names.iter().filter_map(Value::as_str).filter(|name| !given(name));
        let missing: Vec<Violation> = missing
            .map(|name| {
                Violation::new(format!("/{}", escape(&rule.or_in)), format!("`{name}` is needed"))
            })
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(Refusal::content(missing)) }
    }

    /// Refuses a body with a member that asks for a change which the resource, as it is then, does not
    /// permit.
    fn check_also(
        &self,
        collection: &str,
        rules: &CollectionRules,
        fields: &Fields,
        body: &Fields,
    ) -> Result<(), Refusal> {
        let mut asked = asked_for_also(rules, body);
        asked.try_for_each(|rule| self.check_change(collection, fields, rule, body))
    }

    /// Does what members of the body ask for beside the operation itself.
    fn do_also(
        &mut self,
        collection: &str,
        rules: &CollectionRules,
        resource: &mut Resource,
        body: &Fields,
    ) {
        for rule in asked_for_also(rules, body) {
            self.make_change(collection, rules, resource, rule, body);
        }
    }

    fn missing(
        &self,
        references: References<'_>,
        body: &Fields,
        pointer: &str,
        violations: &mut Vec<Violation>,
    ) {
        for (path, targets) in references.0 {
            for (at, value) in references::at(body, path) {
                let at = format!("{pointer}{at}");
                match (id_of(value), value, targets.as_slice()) {
                    (Some(id), _, targets) => {
                        if self.store.find(targets, id).is_none() {
                            let at = if value.is_object() { format!("{at}/id") } else { at };
                            violations.push(Violation::new(at, "there is no such resource"));
                        }
                    }
                    (None, Value::Object(new), [target]) => {
                        if let Some(rules) = self.profile.collections.get(target) {
                            self.missing(rules.into(), new, &at, violations);
                        }
                    }
                    (None, _, _) => {}
                }
            }
        }
    }

    fn effect(&mut self, kind: EffectKind, collection: &str, id: &str) {
        self.journal.effect(self.now, self.request, kind, collection, id, self.key);
    }
}

/// Which members of a body refer to what.
#[derive(Clone, Copy)]
pub(crate) struct References<'r>(&'r BTreeMap<String, Targets>);

impl<'r> From<&'r CollectionRules> for References<'r> {
    fn from(rules: &'r CollectionRules) -> Self {
        Self(&rules.references)
    }
}

impl<'r> From<&'r BTreeMap<String, Targets>> for References<'r> {
    fn from(references: &'r BTreeMap<String, Targets>) -> Self {
        Self(references)
    }
}

/// The changes that members of the body ask for beside the operation itself.
fn asked_for_also<'r>(
    rules: &'r CollectionRules,
    body: &Fields,
) -> impl Iterator<Item = &'r ChangeRule> {
    let asked = rules.also.iter().filter(|(member, _)| body.contains_key(*member));
    asked.filter_map(|(_, operation)| match rules.operations.get(operation) {
        Some(Behavior::Change(rule)) => Some(rule),
        // `Profile::check` refuses to start with anything else.
        _ => None,
    })
}

/// The body with the members of a resource: renamed, completed, and without what asks for something
/// else.
fn shaped(rules: &CollectionRules, mut body: Fields) -> Fields {
    for (sent, kept) in &rules.renamed {
        if let Some(value) = body.remove(sent) {
            body.insert(kept.clone(), value);
        }
    }
    for member in rules.also.keys() {
        body.remove(member);
    }
    for (member, recipe) in &rules.new.each {
        let items = body.get_mut(member).and_then(Value::as_array_mut);
        let items = items.into_iter().flatten().filter_map(Value::as_object_mut);
        for item in items {
            for (name, value) in recipe.members(&mut |_| None) {
                item.entry(name).or_insert(value);
            }
        }
    }
    body
}

/// RFC 7386, but for the vendor's own rule that an empty object drops every key.
fn merge(mut before: Map<String, Value>, change: Map<String, Value>) -> Map<String, Value> {
    if change.is_empty() {
        return Map::new();
    }
    for (key, value) in change {
        match value {
            Value::Null => before.remove(&key),
            value => before.insert(key, value),
        };
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(before: &Value, change: &Value) -> Value {
        let object = |value: &Value| value.as_object().unwrap().clone();
        Value::Object(merge(object(before), object(change)))
    }

    #[test]
    fn a_key_left_out_stays_and_null_drops_one() {
        let after = merged(&json!({"a": "1", "b": "2"}), &json!({"b": null, "c": "3"}));
        assert_eq!(after, json!({"a": "1", "c": "3"}));
    }

    #[test]
    fn an_empty_change_drops_every_key() {
        assert_eq!(merged(&json!({"a": "1"}), &json!({})), json!({}));
    }
}
