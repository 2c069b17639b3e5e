//! Changes of one resource or of many: fields that are set, resources that are tied to it, entries of
//! its lists.

use serde_json::{Map, Value, json};

use crate::act::Actor;
use crate::ledger::EffectKind;
use crate::profile::collection::{BulkRule, ChangeRule, CollectionRules, EntryRule, Targets};
use crate::recipe::Recipe;
use crate::references::id_of;
use crate::refusal::{Cause, Refusal};
use crate::store::{Fields, Resource};

impl Actor<'_> {
    /// Changes one resource as `rule` says; gives it as it is now.
    pub(crate) fn change(
        &mut self,
        collection: &str,
        id: &str,
        rule: &ChangeRule,
        body: &Fields,
    ) -> Result<Resource, Refusal> {
        let rules = self.rules(collection)?;
        let mut resource = self.resource(collection, id)?;
        self.check_references(rules, body)?;
        self.check_change(collection, &resource.fields, rule, body)?;
        self.make_change(collection, rules, &mut resource, rule, body);
        Ok(resource)
    }

    /// Refuses a change that a resource with these fields does not permit.
    pub(crate) fn check_change(
        &self,
        collection: &str,
        fields: &Fields,
        rule: &ChangeRule,
        body: &Fields,
    ) -> Result<(), Refusal> {
        self.check_references(&rule.references, body)?;
        if self.view().fits(collection, fields, &rule.when) {
            return Ok(());
        }
        let message = "The resource is in a state that does not permit this.";
        Err(Refusal::new(Cause::Conflict, message))
    }

    /// Changes one resource without looking whether it may be changed.
    pub(crate) fn make_change(
        &mut self,
        collection: &str,
        rules: &CollectionRules,
        resource: &mut Resource,
        rule: &ChangeRule,
        body: &Fields,
    ) {
        for (member, recipe) in &rule.link {
            self.link(collection, rules, resource, member, recipe, body);
        }
        let set = self.filled(collection, resource, &rule.set, body);
        resource.fields.extend(set);
        for (member, entry) in &rule.entries {
            let new = self.filled(collection, resource, &entry.new, body);
            enter(&mut resource.fields, member, entry, &new, body);
        }
        self.keep(collection, rules, resource, EffectKind::Updated);
    }

    /// Changes every resource that fits; gives the answer.
    pub(crate) fn bulk(
        &mut self,
        collection: &str,
        rule: &BulkRule,
        body: &Fields,
    ) -> Result<Value, Refusal> {
        let rules = self.rules(collection)?;
        self.check_references(&rule.references, body)?;
        let fitting: Vec<Resource> = self
            .store
            .all(collection)
            .iter()
            .filter(|resource| {
                let view = self.view();
                let belongs = rule.of.iter().all(|(path, wanted)| {
                    let source = self.source(collection, resource, body);
                    let wanted = wanted.filled(&mut |blank| source.fill(blank));
                    let found = view.follow(collection, &resource.fields, path);
                    wanted.is_some_and(|wanted| found.contains(&wanted))
                });
                belongs && view.fits(collection, &resource.fields, &rule.when)
            })
            .cloned()
            .collect();
        let ids: Vec<String> = fitting.iter().map(|resource| resource.id.clone()).collect();
        for mut resource in fitting {
            let set = self.filled(collection, &resource, &rule.set, body);
            resource.fields.extend(set);
            self.keep(collection, rules, &mut resource, EffectKind::Updated);
        }
        let answer = rule.answer.filled(&mut |blank| match blank.name.as_str() {
            "ids" => Some(json!(ids)),
            "body" => body.get(blank.arguments.first()?).cloned(),
            _ => None,
        });
        Ok(answer.unwrap_or_default())
    }

    /// Changes the resource that `member` refers to, or makes one and refers to it.
    fn link(
        &mut self,
        collection: &str,
        rules: &CollectionRules,
        resource: &mut Resource,
        member: &str,
        recipe: &Recipe,
        body: &Fields,
    ) {
        // `Profile::check` refuses to start if the member refers to no collection, or to several.
        let Some([target]) = rules.references.get(member).map(Targets::as_slice) else { return };
        let Some(linked_rules) = self.profile.collections.get(target) else { return };
        let held = self.filled(collection, resource, recipe, body);
        let id = resource.fields.get(member).and_then(id_of).map(str::to_owned);
        match id.and_then(|id| self.store.get(target, &id).cloned()) {
            Some(mut linked) => {
                linked.fields.extend(held);
                self.keep(target, linked_rules, &mut linked, EffectKind::Updated);
            }
            None => {
                let linked = self.make(target, linked_rules, &held);
                resource.fields.insert(member.to_owned(), json!({ "id": linked.id }));
            }
        }
    }

    fn filled(
        &self,
        collection: &str,
        resource: &Resource,
        recipe: &Recipe,
        body: &Fields,
    ) -> Map<String, Value> {
        let source = self.source(collection, resource, body);
        recipe.members(&mut |blank| source.fill(blank))
    }
}

/// Makes each member of the body an entry of the list, in the place of the one it replaces.
fn enter(fields: &mut Fields, member: &str, rule: &EntryRule, new: &Fields, body: &Fields) {
    let list = fields.entry(member.to_owned()).or_insert_with(|| json!([]));
    let Value::Array(list) = list else { return };
    for (name, value) in body {
        let known = list.iter_mut().filter_map(Value::as_object_mut);
        let mut known = known.filter(|entry| entry.get(&rule.key) == Some(&json!(name)));
        if let Some(entry) = known.next() {
            entry.insert(rule.value.clone(), value.clone());
            continue;
        }
        let mut entry = new.clone();
        entry.insert(rule.key.clone(), json!(name));
        entry.insert(rule.value.clone(), value.clone());
        list.push(Value::Object(entry));
    }
}
