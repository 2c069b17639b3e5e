//! The resources of one collection: create, show, update, delete.

use serde_json::{Map, Value, json};

use crate::clock::Moment;
use crate::envelope::Refusal;
use crate::ids::Ids;
use crate::json::escape;
use crate::profile::CollectionRules;
use crate::validate::Violation;

/// The resources, in the order in which they were made.
#[derive(Debug)]
pub(crate) struct Collection {
    pub(crate) rules: CollectionRules,
    resources: Vec<Map<String, Value>>,
}

impl Collection {
    pub(crate) fn new(rules: CollectionRules) -> Self {
        Self { rules, resources: Vec::new() }
    }

    pub(crate) fn resources(&self) -> &[Map<String, Value>] {
        &self.resources
    }

    /// Adds a resource with these fields; gives it as it is now.
    pub(crate) fn create(
        &mut self,
        fields: Map<String, Value>,
        ids: &mut Ids,
        now: Moment,
    ) -> Map<String, Value> {
        let mut resource = self.rules.new.clone();
        resource.extend(fields);
        let now = json!(now.to_rfc3339());
        resource.insert("id".to_owned(), json!(ids.resource(&self.rules.id_prefix)));
        resource.insert("created_at".to_owned(), now.clone());
        resource.insert("updated_at".to_owned(), now);
        self.resources.push(resource.clone());
        resource
    }

    /// Adds `count` resources from the profile's seed; gives their ids.
    pub(crate) fn seed(&mut self, count: usize, ids: &mut Ids, now: Moment) -> Vec<String> {
        let first = self.resources.len() + 1;
        let numbers = first..first.saturating_add(count);
        numbers
            .map(|number| {
                let fields = self.rules.seed.clone();
                let fields =
                    fields.into_iter().map(|(name, value)| (name, numbered(value, number)));
                id_of(&self.create(fields.collect(), ids, now)).to_owned()
            })
            .collect()
    }

    pub(crate) fn show(&self, id: &str) -> Result<Map<String, Value>, Refusal> {
        let resource = self.resources.iter().find(|resource| id_of(resource) == id);
        resource.cloned().ok_or_else(|| unknown(id))
    }

    /// Changes the fields that are given. A field with null is emptied.
    pub(crate) fn update(
        &mut self,
        id: &str,
        changes: Map<String, Value>,
        now: Moment,
    ) -> Result<Map<String, Value>, Refusal> {
        let mut resource = self.show(id)?;
        for (name, change) in changes {
            let value = match (self.rules.merged.get(&name), change) {
                (Some(rule), Value::Object(change)) => {
                    let before = resource.get(&name).and_then(Value::as_object);
                    let merged = merge(before.cloned().unwrap_or_default(), change);
                    if merged.len() > rule.most {
                        let reason = format!("there would be more than {} keys", rule.most);
                        let violation = Violation::new(format!("/{}", escape(&name)), reason);
                        return Err(Refusal::invalid_content(vec![violation]));
                    }
                    Value::Object(merged)
                }
                (_, change) => change,
            };
            resource.insert(name, value);
        }
        resource.insert("updated_at".to_owned(), json!(now.to_rfc3339()));
        if let Some(known) = self.resources.iter_mut().find(|known| id_of(known) == id) {
            known.clone_from(&resource);
        }
        Ok(resource)
    }

    pub(crate) fn delete(&mut self, id: &str) -> Result<(), Refusal> {
        self.show(id)?;
        self.resources.retain(|resource| id_of(resource) != id);
        Ok(())
    }
}

/// The id of a resource of ours.
pub(crate) fn id_of(resource: &Map<String, Value>) -> &str {
    resource.get("id").and_then(Value::as_str).unwrap_or_default()
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

fn numbered(value: Value, number: usize) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("{n}", &number.to_string())),
        other => other,
    }
}

fn unknown(id: &str) -> Refusal {
    Refusal::resource_not_found(format!("There is no resource {id}."))
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
