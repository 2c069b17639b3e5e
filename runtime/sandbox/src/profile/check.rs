//! Whether a profile fits a document, and what of the document it leaves out.

use std::collections::BTreeMap;

use super::collection::{Behavior, CollectionRules, Targets};
use super::{Play, Profile};
use crate::document::Document;
use crate::error::StartError;
use crate::operation::{Operation, PageRule};
use crate::recipe::Recipe;

impl Profile {
    /// Refuses a profile that names what the document does not have, or that contradicts itself.
    pub(crate) fn check(&self, document: &Document) -> Result<(), StartError> {
        self.errors.check().map_err(StartError::profile)?;
        known("the answer of the token endpoint", &self.tokens.answer, &TOKEN_BLANKS)?;
        known("`every_answer`", &self.every_answer, &["request_id"])?;
        known("`lists.place`", &self.lists.place, &PLACE_BLANKS)?;
        let whole = self.fixed.iter().chain([&self.tokens.operation]);
        for id in whole.chain(&self.tokens.revocation) {
            operation(document, id)?;
        }
        let mut taken = BTreeMap::new();
        for (name, rules) in &self.collections {
            for id in rules.operations.keys() {
                if let Some(other) = taken.insert(id, name) {
                    let reason = format!("`{id}` belongs to `{other}` and to `{name}`");
                    return Err(StartError::profile(reason));
                }
            }
            self.check_collection(document, name, rules)?;
        }
        Ok(())
    }

    /// The operations of the document without behavior, and the query parameters that no behavior
    /// reads, as `operation?parameter`.
    pub(crate) fn unplayed(&self, document: &Document) -> Vec<String> {
        let mut found = Vec::new();
        for operation in &document.operations {
            match self.play(&operation.id) {
                None => found.push(operation.id.clone()),
                Some(Play::Resources(_, rules, _)) => {
                    let read = self.query_read_by(operation, rules);
                    let names = operation.query_names();
                    let unread = names.filter(|name| !read.contains(name));
                    found.extend(unread.map(|name| format!("{}?{name}", operation.id)));
                }
                Some(Play::Token | Play::Revocation | Play::Fixed) => {}
            }
        }
        found
    }

    fn query_read_by<'p>(
        &'p self,
        operation: &'p Operation,
        rules: &'p CollectionRules,
    ) -> Vec<&'p str> {
        let mut read = vec![EXPAND];
        match &operation.pages {
            Some(PageRule::Number(pages)) => read.extend([&*pages.page, &pages.limit]),
            Some(PageRule::Cursor(pages)) => read.extend([&*pages.cursor, &pages.limit]),
            None => {}
        }
        if let Some(order) = &self.lists.order {
            read.push(&order.parameter);
            read.extend(order.direction.as_deref());
        }
        read.extend(rules.filters.keys().map(String::as_str));
        read
    }

    fn check_collection(
        &self,
        document: &Document,
        name: &str,
        rules: &CollectionRules,
    ) -> Result<(), StartError> {
        for (id, behavior) in &rules.operations {
            let operation = operation(document, id)?;
            self.check_behavior(name, rules, operation, behavior)?;
        }
        self.check_targets(name, &rules.references)?;
        for holder in rules.held_by.keys() {
            self.check_collection_is_known(name, holder)?;
        }
        for id in rules.also.values() {
            if !matches!(rules.operations.get(id), Some(Behavior::Change(_))) {
                let reason =
                    format!("`{name}`: `{id}` is no change that a request could do as well");
                return Err(StartError::profile(reason));
            }
        }
        let recipes = [&rules.new.holds, &rules.new.once, &rules.derived, &rules.seed];
        let items = rules.new.each.values();
        for recipe in recipes.into_iter().chain(items).chain(&rules.deleted) {
            known(&format!("`{name}`"), recipe, &RESOURCE_BLANKS)?;
        }
        Ok(())
    }

    fn check_behavior(
        &self,
        name: &str,
        rules: &CollectionRules,
        operation: &Operation,
        behavior: &Behavior,
    ) -> Result<(), StartError> {
        let id = &operation.id;
        let fail = |reason: String| Err(StartError::profile(reason));
        let lists = matches!(behavior, Behavior::List | Behavior::Members(_));
        if lists && operation.pages.is_none() && self.lists.items.is_none() {
            return fail(format!("the list `{id}` has no `x-specwright-pagination`"));
        }
        let of_one = !matches!(behavior, Behavior::List | Behavior::Create | Behavior::Bulk(_));
        let has = |parameter: &String| operation.template.variables().any(|it| it == *parameter);
        if of_one && !rules.parameter.as_ref().is_some_and(has) {
            return fail(format!("the path of `{id}` has no parameter with the id of `{name}`"));
        }
        match behavior {
            Behavior::Change(rule) => {
                self.check_targets(id, &rule.references)?;
                for member in rule.link.keys() {
                    let targets = rules.references.get(member).map(Targets::as_slice);
                    if !matches!(targets, Some([_])) {
                        let reason =
                            format!("`{id}` links `{member}`, which refers to no collection");
                        return fail(reason);
                    }
                }
                let entries = rule.entries.values().map(|entry| &entry.new);
                for recipe in entries.chain(rule.link.values()).chain([&rule.set]) {
                    known(&format!("`{id}`"), recipe, &RESOURCE_BLANKS)?;
                }
                Ok(())
            }
            Behavior::Bulk(rule) => {
                self.check_targets(id, &rule.references)?;
                known(&format!("`{id}`"), &rule.set, &RESOURCE_BLANKS)?;
                known(&format!("`{id}`"), &rule.answer, &["ids", "body"])
            }
            Behavior::List
            | Behavior::Show
            | Behavior::Create
            | Behavior::Update
            | Behavior::Replace
            | Behavior::Delete
            | Behavior::Members(_) => Ok(()),
        }
    }

    fn check_targets(
        &self,
        name: &str,
        references: &BTreeMap<String, Targets>,
    ) -> Result<(), StartError> {
        references
            .values()
            .flat_map(Targets::as_slice)
            .try_for_each(|target| self.check_collection_is_known(name, target))
    }

    fn check_collection_is_known(&self, name: &str, other: &str) -> Result<(), StartError> {
        if self.collections.contains_key(other) {
            return Ok(());
        }
        let reason = format!("`{name}` refers to the collection `{other}`, which is not described");
        Err(StartError::profile(reason))
    }
}

fn operation<'d>(document: &'d Document, id: &str) -> Result<&'d Operation, StartError> {
    document
        .operation(id)
        .ok_or_else(|| StartError::profile(format!("the document has no operation `{id}`")))
}

fn known(place: &str, recipe: &Recipe, blanks: &[&str]) -> Result<(), StartError> {
    match recipe.stranger(blanks) {
        None => Ok(()),
        Some(blank) => {
            Err(StartError::profile(format!("{place} has a blank `{blank}`, which means nothing")))
        }
    }
}

/// The query parameter that asks for whole resources in place of references.
pub(crate) const EXPAND: &str = "expand";

/// The blanks of a resource; see [`crate::blanks`].
const RESOURCE_BLANKS: [&str; 9] =
    ["now", "id", "n", "body", "its", "sum", "product", "hex", "base64"];

const PLACE_BLANKS: [&str; 5] = ["count", "limit", "page", "pages", "previous"];

const TOKEN_BLANKS: [&str; 4] = ["access_token", "expires_in", "scope", "created_at"];
